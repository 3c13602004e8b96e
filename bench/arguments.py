"""Words of the measurements' command lines, refused at once where the end of a long run would be lost to them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path


def result_file(text: str) -> Path:
    """A file that can be written when all is measured."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder: name a file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path.parent} is no folder: make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{path} may not be written by you")
    return path


def at_least(least: int) -> Callable[[str], int]:
    """What reads a whole number that is no smaller."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} on")
        return int(text)

    return number
