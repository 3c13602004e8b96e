"""Framing: command → bytes for a page's shell, and bytes from it → observation. Touches nothing itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pagelab.model import Ending, Failure, Observation

_MARK = "\x1e"  # ASCII record separator, which no tool prints
_BASH_LINE = re.compile(rb"^bash: (?:eval: )?line \d+: ", re.MULTILINE)

# What the page's bash is told first, over its standard input, so that no process list shows it. From
# then on it reads NUL-ended commands from descriptor 7 and evaluates each in
# this one shell, so that directory, variables and functions last over the page. Every command that
# fails is reported as it happens (ERR trap, which follows `set -e`'s rules: a status that `if`,
# `!`, `&&` or `||` looks at is no failure). `$?` is what a reader's shell would have. What does not
# parse (it cannot become a function's body) is evaluated alone, so that bash's message is the page's.
_DRIVER = r"""
exec 7<&0 0</dev/null 8>&1 2>&1
set -o errtrace
__pagelab_return() { return "$__pagelab_last"; }
__pagelab_failed() {
  [[ $2 == *__pagelab_* ]] || printf '\036%s failed %s %s\036' NONCE "$1" "$2" >&8
}
__pagelab_pipe=(0)
while IFS= read -r -d '' -u 7 __pagelab_command; do
  __pagelab_last=${__pagelab_pipe[0]} __pagelab_pipe=
  __pagelab_tail=$'\n''__pagelab_pipe=("$?" "${PIPESTATUS[@]}")'
  eval "__pagelab_parses() { $__pagelab_command"$'\n'"}" 2>/dev/null || __pagelab_tail=
  trap '__pagelab_failed "$?" "$BASH_COMMAND"' ERR
  __pagelab_return
  eval "$__pagelab_command$__pagelab_tail"
  [[ -n $__pagelab_pipe ]] || __pagelab_pipe=("$?")
  printf '\036%s end %s\036' NONCE "${__pagelab_pipe[*]}" >&8
done
"""


ARGV = ("bash", "--noprofile", "--norc", "-c", 'IFS= read -r -d "" REPLY; eval "$REPLY"', "bash")


def driver(nonce: str) -> bytes:
    """What a shell started with ARGV must read first; `nonce` marks its frames."""
    return frame(_DRIVER.replace("NONCE", nonce))


def frame(command: str) -> bytes:
    """The bytes that make the shell run the command."""
    return command.encode() + b"\0"


@dataclass(slots=True)
class Reader:
    """Collects what one command printed until its end frame arrives, at most `limit` bytes."""

    nonce: str
    limit: int
    _data: bytearray
    _scanned: int = 0

    @classmethod
    def start(cls, nonce: str, limit: int) -> Reader:
        return cls(nonce, limit, bytearray())

    def feed(self, data: bytes) -> bool:
        """Take bytes from the shell; True when the command has ended or printed too much."""
        self._data += data
        start = max(0, self._scanned - 256)
        self._scanned = len(self._data)
        return bool(self._end.search(self._data, start)) or len(self._data) > self.limit

    def observation(self, duration: float, ending: Ending | None = None, status: int | None = None) -> Observation:
        """What was seen so far; `ending` when no end frame came."""
        found = self._end.search(self._data)
        raw = bytes(self._data[: found.start()] if found else self._data)
        failures = tuple(
            Failure(int(f[1]), f[2].decode(errors="replace")) for f in self._frame(rb"failed (\d+) (.*?)").finditer(raw)
        )
        output = _BASH_LINE.sub(b"bash: ", self._frame(rb"failed (\d+) (.*?)").sub(b"", raw))
        if found and ending is None:
            codes = tuple(int(code) for code in found[1].split())
            return Observation(output, codes[0], Ending.RETURNED, duration, codes[1:], failures)
        too_much = len(self._data) > self.limit and ending is None
        kept = output[: self.limit]
        return Observation(kept, status, Ending.TOO_MUCH if too_much else ending or Ending.SHELL_ENDED, duration)

    @property
    def _end(self) -> re.Pattern[bytes]:
        return self._frame(rb"end ([\d ]+)")

    def _frame(self, body: bytes) -> re.Pattern[bytes]:
        mark = re.escape(_MARK.encode())
        return re.compile(mark + self.nonce.encode() + b" " + body + mark, re.DOTALL)
