"""A right page → wrong ones: one change each, the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pagelab.normalize import tokens

PER_LINE = 4  # at most that many places of a line are changed, for each kind
STATES = (
    ("running", "exited"), ("Running", "Exited"), ("Up ", "Exited (1) "), ("Created", "Up"), ("healthy", "unhealthy"),
    ("true", "false"), ("tcp", "udp"), ("UP", "DOWN"), ("enabled", "disabled"), ("rw", "ro"), ("yes", "no"),
    ("200", "404"), ("OK", "Not Found"), ("0.0.0.0", "127.0.0.1"), ("bridge", "host"), ("MB", "GB"), ("kB", "MB"),
    ("LISTEN", "ESTAB"), ("local", "global"), ("root", "nobody"), ("failed", "succeeded"), ("not ", ""),
)  # fmt: skip
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Change:
    """Other lines in place of a step's output."""

    kind: str
    row: int  # index of the first line that differs, for the report
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What mutations draw from: all outputs of the document, and its identities by shape."""

    outputs: tuple[str, ...]
    words: tuple[str, ...]
    identities: dict[str, tuple[str, ...]]
    authored: str

    @classmethod
    def of(cls, outputs: tuple[str, ...], authored: str) -> Page:
        found: dict[str, dict[str, None]] = {}
        for line in "\n".join(outputs).split("\n"):
            for token in tokens(line, authored):
                if token.shape and token.shape.identity:
                    found.setdefault(token.shape.name, {})[token.text] = None
        words = dict.fromkeys(re.findall("[A-Za-z]{3,}", " ".join(outputs)))
        return cls(outputs, tuple(words), {shape: tuple(texts) for shape, texts in found.items()}, authored)


def changes(lines: tuple[str, ...], page: Page, seed: str) -> Iterator[Change]:
    """Every change of one output, each once; what changes nothing is left out."""
    known = {lines}
    for change in _changes(lines, page, random.Random(seed)):
        if change.lines not in known:
            known.add(change.lines)
            yield change


def _changes(lines: tuple[str, ...], page: Page, draw: random.Random) -> Iterator[Change]:
    yield from _whole(lines, page, draw)
    for row, line in enumerate(lines):
        before, after = lines[:row], lines[row + 1 :]
        yield Change("line dropped", row, before + after)
        yield Change("line duplicated", row, (*before, line, line, *after))
        yield Change("line added", row, (*before, line, draw.choice(page.words or ("word",)), *after))
        yield Change(
            "line of another output added", row, (*before, draw.choice(page.outputs).split("\n")[0], line, *after)
        )
        if after:
            yield Change("blank line added", row, (*before, line, "", *after))
            yield Change("neighbouring lines swapped", row, (*before, after[0], line, *after[1:]))
        for kind, other in _line(line, page, draw):
            yield Change(kind, row, (*before, other, *after))


def _whole(lines: tuple[str, ...], page: Page, draw: random.Random) -> Iterator[Change]:
    others = [output for output in page.outputs if tuple(output.split("\n")) != lines]
    if lines:
        yield Change("all output dropped", 0, ())
        yield Change("blank line added at the start", 0, ("", *lines))
        yield Change("blank line added at the end", len(lines) - 1, (*lines, ""))
    else:
        yield Change("line added", 0, (draw.choice(page.words or ("word",)),))
    if others:
        yield Change("another step's output", 0, tuple(draw.choice(others).split("\n")))
    mine = [t.text for line in lines for t in tokens(line, page.authored) if t.shape and t.shape.identity]
    for a, b in _pairs(list(dict.fromkeys(mine))):
        if len(a) == len(b):
            swap = {a: b, b: a}
            turned = tuple(re.sub(f"{re.escape(a)}|{re.escape(b)}", lambda f: swap[f[0]], line) for line in lines)  # noqa: B023 - used at once
            yield Change("ids swapped", next((n for n, x in enumerate(lines) if x != turned[n]), 0), turned)


def _pairs(items: list[str]) -> Iterator[tuple[str, str]]:
    return ((a, b) for n, a in enumerate(items) for b in items[n + 1 :])


def _line(line: str, page: Page, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Every change within one line: (kind, the other line)."""
    yield from _replace("digit changed", line, r"\d", lambda text: draw.choice("0123456789".replace(text, "")), draw)
    yield from _replace("number changed", line, r"\d+", lambda text: _other_number(text, draw), draw)
    yield from _replace("word changed", line, "[A-Za-z]{3,}", lambda text: _other_word(text, page, draw), draw)
    yield from _replace("case changed", line, "[A-Za-z]", str.swapcase, draw)
    yield from _replace("character dropped", line, r"\S", lambda _: "", draw)
    yield from _replace("punctuation changed", line, r"[^\w\s]", lambda text: "," if text != "," else ";", draw)
    yield from _replace("space dropped", line, r"(?<=\S) (?=\S)", lambda _: "", draw)
    yield from _replace("gap width changed", line, r"(?<=\S)  +(?=\S)", lambda text: text + " ", draw)
    yield "indentation changed", f"  {line}"
    yield "line cut short", line[: len(line) // 2]
    for state, other in STATES:
        if state in line:
            yield "status text changed", line.replace(state, other, 1)
    yield from _identities(line, page, draw)


def _replace(
    kind: str, line: str, pattern: str, other: Callable[[str], str], draw: random.Random
) -> Iterator[tuple[str, str]]:
    """The line with one match of the pattern replaced, at up to PER_LINE places."""
    places = [(found.start(), found.end()) for found in re.finditer(pattern, line)]
    for start, end in sorted(draw.sample(places, min(PER_LINE, len(places)))):
        yield kind, line[:start] + other(line[start:end]) + line[end:]


def _other_number(text: str, draw: random.Random) -> str:
    number = int(text)
    other = draw.choice([number + 1, number * 10 or 7, max(number - 1, 0), number + 100])
    return f"{other:0{len(text) if text.startswith('0') else 1}d}"


def _other_word(text: str, page: Page, draw: random.Random) -> str:
    others = [word for word in page.words if word != text]
    return draw.choice(others) if others else text[::-1]


def _identities(line: str, page: Page, draw: random.Random) -> Iterator[tuple[str, str]]:
    start = 0
    long_ids = page.identities.get("id", ())
    for token in tokens(line, page.authored):
        end = start + len(token.text)
        if token.shape and token.shape.identity:
            before, after = line[:start], line[end:]
            others = [text for text in page.identities.get(token.shape.name, ()) if text != token.text]
            if others:
                yield "another id of the page", before + draw.choice(others) + after
            short = [text[:12] for text in long_ids if text[:12] != token.text]
            if token.shape.name == "short-id" and short:
                yield "another id's short form", before + draw.choice(short) + after
            yield "one occurrence of an id changed", before + _fresh(token.text, draw) + after
        start = end


def _fresh(text: str, draw: random.Random) -> str:
    """Another value that looks alike: the last third of its digits (or letters, in a name) drawn anew."""
    at = [n for n, letter in enumerate(text) if letter in _HEX]
    if "_" in text:
        return f"{text}x"
    chosen = at[-max(1, len(at) // 3) :]
    digits = "0123456789" if text.isdigit() else _HEX
    return "".join(draw.choice(digits.replace(c, "")) if n in chosen else c for n, c in enumerate(text))
