"""Signals during work that must not stop half-way: none is forgotten, whoever listens, whatever comes of the work."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from pagelab import interrupt
from pagelab.errors import LabError
from pagelab.terminal import Leave


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in interrupt.SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt.listen()
    yield
    interrupt.listen()
    for number, handler in before.items():
        signal.signal(number, handler)


def work(number: signal.Signals, times: int, done: list[str]) -> None:
    """Work that must not stop half-way, during which the signal comes so often."""
    with interrupt.put_off():
        for _ in range(times):
            signal.raise_signal(number)
        done.append("removed")


def fail(number: signal.Signals) -> None:
    with interrupt.put_off():
        signal.raise_signal(number)
        raise LabError("the lab cannot be removed")


@pytest.mark.parametrize("handler", [None, signal.default_int_handler], ids=["pagelab's", "Python's"])
def test_what_fails_says_so_and_the_ctrl_c_during_it_is_heard_next(handler: object) -> None:
    if handler:
        signal.signal(signal.SIGINT, handler)  # type: ignore[arg-type]  # a parameter has no better type
    with pytest.raises(LabError):
        fail(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupt.check()


@pytest.mark.parametrize("number", interrupt.SIGNALS)
def test_who_leaves_a_shell_waits_until_its_lab_is_removed(number: signal.Signals) -> None:
    leave, done = Leave(), list[str]()
    leave.listen()
    with pytest.raises(KeyboardInterrupt):
        work(number, 2, done)
    assert done
    assert leave.asked
    assert signal.getsignal(number) == leave._hear


def test_a_shell_that_fails_to_end_still_knows_that_it_was_asked_to() -> None:
    leave = Leave()
    leave.listen()
    with pytest.raises(LabError):
        fail(signal.SIGTERM)
    assert leave.asked


def test_who_was_asked_to_leave_before_is_not_stopped_by_more() -> None:
    leave, done = Leave(asked=True), list[str]()
    leave.listen()
    work(signal.SIGINT, interrupt.MANY, done)
    assert done


def test_every_ctrl_c_counts_towards_the_one_that_stops_all() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(signal.SIGINT, interrupt.MANY - 1, done)
    assert done
    with pytest.raises(KeyboardInterrupt):
        work(signal.SIGINT, 1, done)
    assert len(done) == 1, "the third one stops it"


def test_a_signal_that_nobody_here_handles_does_what_it_does() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with interrupt.put_off():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
