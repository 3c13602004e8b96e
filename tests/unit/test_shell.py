"""What a page's shell prints, in pieces of any size, is taken apart the same."""

from pagelab.model import Ending
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
