"""Secrets: values from the environment of whoever runs a page, and output in which a placeholder stands for each."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

LEAST = 8  # characters: a shorter value occurs by chance, and what is replaced would tell it
_EDGE = 4  # bytes of a value at the edge of an output that count as a cut value
_LONGEST = 12  # bytes that one character may take, however it is encoded
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]")
# What may stand between two characters of a value without anybody seeing it: colours, and what terminals ignore.
_UNSEEN = rb"(?:\x1b\[[0-9;]*[A-Za-z]|[\x00\x07\x0e\x0f\x7f])*"


def placeholder(name: str) -> str:
    """What is shown, compared and kept in the place of the secret's value."""
    return f"‹{name}›"


@dataclass(frozen=True)
class Secrets:
    """The values of some names. Hides them in all that a page prints."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)  # name → why its value cannot be used

    def hide(self, data: bytes, *, edges: bool = True) -> bytes:
        """The bytes with a placeholder for each value: as it is, escaped, URL-encoded, or inside base64.

        With `edges`, also for the end of a value that the bytes start with, and the start of one that they end with.
        """
        if not self.values:
            return data
        hidden, end = bytearray(), 0
        for start, stop, name in _merged([*self._found(data), *(self._cut(data) if edges else ())]):
            hidden += data[end:start] + placeholder(name).encode()
            end = stop
        return bytes(hidden + data[end:])

    def hide_text(self, text: str) -> str:
        """The same for text."""
        return self.hide(text.encode(errors="surrogateescape"), edges=False).decode(errors="surrogateescape")

    def written(self, text: str) -> Iterator[tuple[int, str]]:
        """Where a text holds a value: the number of the line, from 1, and the secret's name."""
        data = text.encode(errors="surrogateescape")
        for start, _, name in self._found(data):
            yield data.count(b"\n", 0, start) + 1, name

    def held_back(self, data: bytes, *, moment: bool) -> int:
        """How many of the last bytes may be the start of a value, of which the rest is yet to come.

        For a `moment` that is the whole last word, as a value may be encoded in it; then only what is clear.
        """
        cut = max((len(data) - start for start, _, _ in self._cut_ends(data, least=1 if moment else _EDGE)), default=0)
        longest = _LONGEST * max((len(value) for value in self.values.values()), default=0)
        word = len(data) - 1 - max(data.rfind(space) for space in (b" ", b"\n", b"\t")) if moment else 0
        return max(cut, word if word <= longest else 0)

    @cached_property
    def _forms(self) -> tuple[tuple[str, bytes, re.Pattern[bytes], bool], ...]:
        """Each secret's name with bytes that give it away, as a pattern, and whether they are base64."""
        forms = []
        for name, value in self.values.items():
            parts = dict.fromkeys((value, *(line for line in value.splitlines() if len(line) >= LEAST)))
            for part in parts:
                forms.append((name, part.encode(), re.compile(_UNSEEN.join(map(_character, part))), False))
            for core in dict.fromkeys(_cores(value.encode())):
                broken = rb"(?:\r?\n)?".join(re.escape(bytes([byte])) for byte in core)
                forms.append((name, core, re.compile(broken), True))
        return tuple(forms)

    def _found(self, data: bytes) -> Iterator[tuple[int, int, str]]:
        for name, _, pattern, encoded in self._forms:
            for found in pattern.finditer(data):
                yield (*(_word(data, *found.span()) if encoded else found.span()), name)

    def _cut(self, data: bytes) -> Iterator[tuple[int, int, str]]:
        """A value that the start or the end of the bytes cuts."""
        yield from self._cut_ends(data)
        for name, form, _, _ in self._forms:
            sizes = range(min(len(form) - 1, len(data)), _EDGE - 1, -1)
            if size := next((size for size in sizes if data.startswith(form[-size:])), 0):
                yield 0, size, name

    def _cut_ends(self, data: bytes, least: int = _EDGE) -> Iterator[tuple[int, int, str]]:
        for name, form, _, _ in self._forms:
            sizes = range(min(len(form) - 1, len(data)), least - 1, -1)
            if size := next((size for size in sizes if data.endswith(form[:size])), 0):
                yield len(data) - size, len(data), name


NONE = Secrets()


def read_secrets(names: tuple[str, ...], environment: Mapping[str, str]) -> Secrets:
    """The secrets of those names. What is not set has no value; what is no use has a problem and no value."""
    given = {name: environment[name] for name in names if name in environment}
    problems = {name: problem for name, value in given.items() if (problem := _problem(value))}
    return Secrets({name: value for name, value in given.items() if name not in problems}, problems)


def _problem(value: str) -> str:
    if len(value.strip()) < LEAST:
        return f"its value has fewer than {LEAST} characters, and so could not be hidden"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "its value is not UTF-8"
    return ""


def _character(character: str) -> bytes:
    """A pattern for a character as it is, behind a backslash, as JSON writes it, or encoded for a URL."""
    raw = character.encode()
    ways = [rb"\\?" + re.escape(raw), b"".join(b"%%(?i:%02x)" % byte for byte in raw)]
    units = character.encode("utf-16-be").hex()
    ways.append(b"".join(rb"\\u(?i:" + units[n : n + 4].encode() + b")" for n in range(0, len(units), 4)))
    more = {" ": [rb"\+"], "\n": [rb"\r\n", rb"\\n"], "\t": [rb"\\t"], "'": [rb"'\\''", rb"'\"'\"'"], "+": [rb"\+"]}
    return b"(?:" + b"|".join([*more.get(character, []), *ways]) + b")"


def _cores(value: bytes) -> Iterator[bytes]:
    """What of the value's base64 does not depend on what stands before and after it, at each of three alignments."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + value)
        first = (before * 8 + 5) // 6  # the characters that also hold bits of what stands before
        core = whole[first : (before + len(value)) * 8 // 6]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _word(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The whole base64 text around a part of it: its edges hold some bits of the value, too."""
    while start and _BASE64.match(data, start - 1):
        start -= 1
    while end < len(data) and _BASE64.match(data, end):
        end += 1
    while end < len(data) and data[end : end + 1] == b"=":
        end += 1
    return start, end


def _merged(spans: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The spans in order; what overlaps is one, with the name of the longest that starts first."""
    now: tuple[int, int, str] | None = None
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        if now and start < now[1]:
            now = now[0], max(now[1], end), now[2]
            continue
        if now:
            yield now
        now = start, end, name
    if now:
        yield now
