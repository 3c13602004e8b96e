"""What a page's shell prints, in pieces of any size, is taken apart the same."""

import time

import pytest

from pagelab import shell
from pagelab.lab import Shell
from pagelab.local import LocalProvider
from pagelab.model import Ending, Failure, Observation
from pagelab.shell import _TRAPS, Reader


def test_an_end_that_names_many_jobs_may_come_in_pieces() -> None:
    jobs = "".join(f"[{n}]   Running                 sleep {n}\n" for n in range(1, 99))
    whole = f"out\n\x1eabc end 0 hBET \n{jobs}\x1eabc over\x1e".encode()
    reader = Reader("abc", 10**6)
    heard = [reader.feed(bytes([byte])) for byte in whole]
    assert heard == [*[False] * (len(whole) - 1), True]
    seen = reader.observation(0.1)
    assert (seen.ending, seen.status, seen.output) == (Ending.RETURNED, 0, b"out\n")


def test_what_a_job_prints_inside_the_end_comes_with_the_next_command() -> None:
    mark = "\x1eabc"
    lines = [f"{trap}" for trap in _TRAPS]
    reader = Reader("abc", 10**6)
    reader.feed(f"out\n{mark} end 0 hBET {lines[0]}late\n{lines[1]}{mark} failed 1 3 1 kill -9 1\x1e".encode())
    assert reader.feed(f"{lines[2]}[1]+  Running                 sleep 9\n{mark} over\x1e".encode())
    seen = reader.observation(0.1)
    assert (seen.ending, seen.output, seen.watched, seen.jobs) == (Ending.RETURNED, b"out\n", True, ("sleep 9",))
    assert [(failure.status, failure.command) for failure in seen.failures] == [(3, "kill -9 1")]
    assert reader.feed(f"{mark} end 0 hBET {''.join(lines[1:])}{mark} over\x1e".encode())
    seen = reader.observation(0.1)
    assert (seen.output, seen.watched) == (b"late\n", False), "a trap that is gone is noticed"


def _observed(data: str) -> Observation:
    reader = Reader("abc", 10**6)
    reader.feed(f"{data}\x1eabc end 0 hBET {''.join(_TRAPS)}\x1eabc over\x1e".encode())
    return reader.observation(0.1)


def test_a_job_of_several_lines_is_named_whole() -> None:
    jobs = (
        "[1]-  Running                 ( while :; do\n    sleep 1;\ndone ) &\n[2]+  Running                 sleep 2 &\n"
    )
    reader = Reader("abc", 10**6)
    reader.feed(f"\x1eabc end 0 hBET {''.join(_TRAPS)}{jobs}late\n\x1eabc over\x1e".encode())
    assert reader.observation(0.1).jobs == ("( while :; do\n    sleep 1;\ndone ) &", "sleep 2 &")
    reader.feed(b"\x1eabc end 0 hBET \x1eabc over\x1e")
    assert reader.observation(0.1).output == b"late\n"


def test_a_failure_after_which_something_else_ran_says_so() -> None:
    seen = _observed("\x1eabc failed 1 1 1 false\x1e\x1eabc failed 1 1 0 f\x1e\x1eabc went-on 1 1 1 false\x1e")
    assert [(failure.command, failure.went_on) for failure in seen.failures] == [("false", True), ("f", False)]


def test_the_end_of_a_job_is_a_failure_of_the_step_that_runs_then() -> None:
    seen = _observed("\x1eabc job 1 127 0 server &\x1e\x1eabc job 0 3 0 other &\x1e")
    assert seen.failures == (
        Failure(127, "server &", job=True),
        Failure(3, "other &", late=True, job=True),
    )


def test_a_job_that_runs_is_not_waited_for_where_there_is_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "_DRIVER", shell._DRIVER.replace("/proc/", "/nonexistent/"))
    with LocalProvider().lab("no-proc") as lab:
        page = Shell.open(lab)
        began = time.monotonic()
        assert page.run("sleep 5 & (sleep 0.3; exit 3) &", 10).failures == ()
        assert time.monotonic() - began < 3
        kill = page.run("kill %1; wait", 10)
        assert [(failure.status, failure.job) for failure in kill.failures] == [(3, True)]
