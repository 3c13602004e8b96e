"""Ctrl-C: heard even where the exception that it raises gets lost, and put off while a lab is cleared away."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MANY = 3  # so many during a clearing stop it, too
_heard: list[int] = []


def listen() -> None:
    """From now on remember every Ctrl-C. It still raises KeyboardInterrupt, which a library may lose on its way."""
    _heard.clear()
    if _raises():
        signal.signal(signal.SIGINT, _hear)


def check() -> None:
    """Raise KeyboardInterrupt if there was a Ctrl-C."""
    if _heard:
        raise KeyboardInterrupt


@contextmanager
def put_off() -> Iterator[None]:
    """Let what is inside come to its end; a Ctrl-C during it counts afterwards, the third one at once."""
    if threading.current_thread() is not threading.main_thread() or not _raises():
        yield
        return
    waiting: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        waiting.append(number)
        if len(waiting) >= MANY:
            _hear(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        _hear(waiting[0], None)


def _raises() -> bool:
    """Whether a Ctrl-C raises an exception here, as Python's own handler or this module's does."""
    return signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _hear)


def _hear(number: int, _: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt
