"""Ctrl-C: heard even where the exception that it raises gets lost, and put off while a lab is cleared away."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
    """Let what is inside come to its end; a signal that has a handler here is heard afterwards, the third one at once.

    An exception from inside goes on all the same: of the signal, `check` or the handler's own memory tells.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: before for number in SIGNALS if callable(before := signal.getsignal(number))}
    waiting: list[int] = []

    def hear_all() -> list[KeyboardInterrupt]:
        heard = [_heard_by(handlers[signal.Signals(number)], number) for number in waiting]
        waiting.clear()
        return [error for error in heard if error]

    def note(number: int, _: FrameType | None) -> None:
        waiting.append(number)
        if len(waiting) + len(_heard) >= MANY:
            for error in hear_all():
                raise error

    for number in handlers:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        errors = hear_all()
    for error in errors:
        raise error


def _heard_by(handler: Handler, number: int) -> KeyboardInterrupt | None:
    """What the handler raises when it hears the signal. Python's own would remember nothing."""
    try:
        (_hear if handler is signal.default_int_handler else handler)(number, None)
    except KeyboardInterrupt as error:
        return error
    return None


def _raises() -> bool:
    """Whether a Ctrl-C raises an exception here, as Python's own handler or this module's does."""
    return signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _hear)


def _hear(number: int, _: FrameType | None) -> None:
    _heard.append(number)
    if len(_heard) == 1 or len(_heard) >= MANY:
        raise KeyboardInterrupt
