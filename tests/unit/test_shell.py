"""What a page's shell prints, in pieces of any size, is taken apart the same."""

from pagelab.model import Ending
from pagelab.shell import Reader


def test_an_end_that_names_many_jobs_may_come_in_pieces() -> None:
    jobs = "".join(f"[{n}]   Running                 sleep {n}\n" for n in range(1, 99))
    whole = f"out\n\x1eabc end 0 hBET \n{jobs}\x1e".encode()
    reader = Reader("abc", 10**6)
    heard = [reader.feed(bytes([byte])) for byte in whole]
    assert heard == [*[False] * (len(whole) - 1), True]
    seen = reader.observation(0.1)
    assert (seen.ending, seen.status, seen.output) == (Ending.RETURNED, 0, b"out\n")
