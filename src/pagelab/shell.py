"""Framing: command → bytes for a page's shell, and bytes from it → observation. Touches nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from pagelab.model import Ending, Failure, Observation
from pagelab.statement import MARK, marked, unmarked

# The driver's own lines have numbers that no other shell's have, so that bash's messages can be told apart.
_FIRST_LINE = 9000
_BASH_LINE = re.compile(rb"^bash: (?:eval: )?line 9\d{3}: ", re.MULTILINE)
_JOB = re.compile(rb"^\[\d+\][+-]?\s+Running\s+((?:.*\n)*?.*&|.*)\n", re.MULTILINE)  # of one line or more, then `&`

_ON_ERR = '__pagelab_failed "$?" "$BASH_COMMAND" "$_"'
_ON_DEBUG = '__pagelab_next "${PIPESTATUS[@]}" "$_"'
_TRAPS = (f"trap -- '{_ON_ERR}' ERR\n", f"trap -- '{_ON_DEBUG}' DEBUG\n", "trap -- ':' RETURN\n")

# NONCE, MARK, SECRETS, ON_ERR and ON_DEBUG in it stand for what `driver` puts there.
_DRIVER = Path(__file__).with_name("driver.bash").read_text(encoding="utf-8")

ARGV = ("bash", "--noprofile", "--norc", "-c", 'IFS= read -r -d "" REPLY; eval "$REPLY"', "bash")


def driver(nonce: str, environment: Mapping[str, str] | None = None) -> bytes:
    """What a shell started with ARGV must read first; `nonce` marks its frames.

    `environment` is what the page's commands find beside what the lab gives them: no process list shows it.
    """
    exports = "\n".join(f"export {name}={quote(value)}" for name, value in (environment or {}).items())
    text = _DRIVER.replace("NONCE", nonce).replace("MARK", MARK)
    text = text.replace("ON_ERR", _ON_ERR).replace("ON_DEBUG", _ON_DEBUG)
    return ("\n" * _FIRST_LINE + text.replace("SECRETS", exports)).encode() + b"\0"


def frame(command: str) -> bytes:
    """The bytes that make the shell run the command."""
    return marked(command).encode() + b"\0"


@dataclass(slots=True)
class Reader:
    """Takes apart what a page's shell prints: what belongs to one command, and what comes after its end."""

    nonce: str
    limit: int  # bytes that one command may print
    _data: bytearray = field(default_factory=bytearray)
    _scanned: int = 0
    _number: int = 0  # of the command that runs, from 1
    _frames: dict[str, re.Pattern[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mark = b"\x1e" + self.nonce.encode()
        over = mark + b" over"
        bodies = {
            "end": rb" end (\d+) (\S*) (.*?)" + over,
            "failed": rb" (failed|went-on|job) (\d+) (\d+) (\d+) (.*?)",
            "piped": rb" piped (\d+) (\d+)",
        }
        self._frames = {name: re.compile(mark + body + b"\x1e", re.DOTALL) for name, body in bodies.items()}

    def feed(self, data: bytes = b"") -> bool:
        """Take bytes from the shell; True when the command has ended or printed too much."""
        self._data += data
        mark = b"\x1e" + self.nonce.encode() + b" end "
        start = self._data.find(mark, max(0, self._scanned - len(mark)))
        self._scanned = len(self._data) if start < 0 else start  # a frame that names many jobs comes in pieces
        ended = start >= 0 and self._frames["end"].search(self._data, start)
        return bool(ended) or len(self._data) > self.limit

    def observation(self, duration: float, ending: Ending | None = None, status: int | None = None) -> Observation:
        """What was seen of the command; `ending` when no end frame came. What follows the end stays for the next."""
        data = bytes(self._data)
        found = self._frames["end"].search(data) if ending is None else None
        # The shell writes the end in pieces, and a job in the background may write between them.
        raw = data[: found.start()] if found else data
        between = found[3] if found else b""
        del self._data[: found.end() if found else len(data)]
        self._scanned = 0
        self._number += 1
        failures = tuple(self._failures(raw + between))
        pipes = [(int(p[2]), int(p[1]) < self._number) for p in self._frames["piped"].finditer(raw + between)]
        failures += tuple(Failure(status, "", late=True) for status, late in pipes if late)
        piped = tuple(status for status, late in pipes if not late)
        for name in ("failed", "piped"):
            raw, between = (self._frames[name].sub(b"", part) for part in (raw, between))
        output = _BASH_LINE.sub(b"bash: ", raw)[: self.limit]
        if found:
            watched = {b"E", b"T"} <= {bytes([flag]) for flag in found[2]}
            for trap in map(str.encode, _TRAPS):
                watched &= trap in between
                between = between.replace(trap, b"", 1)
            names = tuple(job.decode(errors="replace") for job in _JOB.findall(between))
            self._data[:0] = _JOB.sub(b"", between)  # what a job printed there comes with the next command
            return Observation(output, int(found[1]), Ending.RETURNED, duration, piped, failures, watched, names)
        ending = ending or (Ending.TOO_MUCH if len(raw) > self.limit else Ending.SHELL_ENDED)
        return Observation(output, status, ending, duration, piped, failures)

    def _failures(self, data: bytes) -> Iterator[Failure]:
        """The commands that failed, in order; each says whether something else ran after it at the same depth."""
        frames = [frame.groups() for frame in self._frames["failed"].finditer(data)]
        went_on = {frame[1:] for frame in frames if frame[0] == b"went-on"}
        told: tuple[bytes, ...] = ()  # of the failure before: its command's number, status and depth
        for kind, number, status, depth, command in frames:
            if kind == b"went-on":
                continue
            text = command.decode(errors="replace")
            if not text.startswith(f"{MARK} ") or told != (number, status, depth):
                yield Failure(
                    int(status),
                    unmarked(text).removeprefix(f"{MARK} "),
                    int(depth),
                    late=int(number) < self._number,
                    job=kind == b"job",
                    went_on=(number, status, depth, command) in went_on,
                )
            told = (number, status, depth)
