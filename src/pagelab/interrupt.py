"""Ctrl-C: heard even where the exception that it raises gets lost, and put off while a lab is cleared away."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MANY = 3  # so many stop even what clears away
_heard: list[int] = []


def listen() -> None:
    """From now on remember every Ctrl-C. The first one raises KeyboardInterrupt, which a library may lose on its way.

    The second one does nothing, so that labs are cleared away after the first; the third one raises again.
    """
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
        if len(waiting) + len(_heard) >= MANY:
            _heard.extend(waiting)
            _hear(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    for number in waiting:
        _hear(number, None)


def _raises() -> bool:
    """Whether a Ctrl-C raises an exception here, as Python's own handler or this module's does."""
    return signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _hear)


def _hear(number: int, _: FrameType | None) -> None:
    _heard.append(number)
    if len(_heard) == 1 or len(_heard) >= MANY:
        raise KeyboardInterrupt
