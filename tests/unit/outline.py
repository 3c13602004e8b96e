"""Two languages of a document → where they do not say the same: headings, claims, figures, boxes, tables, sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.unit.flaws import prose_lines

_BOX = re.compile(r"^(\s*)(!!!|\?\?\?\+?|===!?)\s+([\w-]+)?")
_HEADING = re.compile(r"^(#{1,6})\s+.*?(?:\{[:]?\s*#([\w.-]+)[^}]*\})?\s*$")
_CLAIM = re.compile(r"""\{=\s*claim\(\s*["']([^"']+)["']\s*\)\s*=\}""")
_FIGURE = re.compile(r"!\[[^]]*\]\(\s*([^)\s]+)|<img[^>]*\ssrc=\"([^\"]+)\"|^\s*--8<--\s+\"([^\"]+)\"")
_PLOT = re.compile(r"""\{=\s*plot\(\s*["']([^"']+)""")
_LANGUAGE = re.compile(r"\b(?:en|zh-Hant)\b")  # in the name of a figure that has words in it
_SOURCE = re.compile(r"https?://[^\s)>\"\]（）、，。；：]+")
_ROW = re.compile(r"^\s*\|(.*)\|\s*$")
_RULE = re.compile(r"[\s:|-]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that every language of a page has: what kind, which one, where."""

    kind: str
    value: str
    line: int


def outline(text: str) -> tuple[Mark, ...]:
    """What a page has beside its prose and its blocks, in order."""
    return tuple(_marks(text))


def differences(path: str, text: str, other_path: str, other: str) -> Iterator[str]:
    """One message for each kind of thing in which two languages differ, at the first difference."""
    mine, theirs = outline(text), outline(other)
    for kind in dict.fromkeys(mark.kind for mark in (*mine, *theirs)):
        here, there = _of(kind, mine), _of(kind, theirs)
        if kind == "source":  # sentences differ, and so may the order in which they cite
            here, there = sorted(here, key=lambda mark: mark.value), sorted(there, key=lambda mark: mark.value)
        if [mark.value for mark in here] == [mark.value for mark in there]:
            continue
        n = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a.value != b.value), None)
        n = min(len(here), len(there)) if n is None else n
        yield (
            f"{_place(path, here, n)}: {kind} {_value(here, n)}\n"
            f"{_place(other_path, there, n)}: {kind} {_value(there, n)}\n"
            "  Both languages of a document have the same of these. Make them equal."
        )


def _marks(text: str) -> Iterator[Mark]:
    columns = 0
    for number, line in prose_lines(text):
        if heading := _HEADING.match(line):
            yield Mark("heading", f"{heading[1]} {{#{heading[2] or ''}}}", number)
        elif box := _BOX.match(line):
            yield Mark("box", f"{len(box[1])} {box[2]} {box[3] or ''}".strip(), number)
        yield from (Mark("claim", found, number) for found in _CLAIM.findall(line))
        figures = (*map("".join, _FIGURE.findall(line)), *_PLOT.findall(line))
        yield from (Mark("figure", _LANGUAGE.sub("*", found), number) for found in figures)
        yield from (Mark("source", found, number) for found in _SOURCE.findall(line))
        row = _ROW.match(line)
        if row and not _RULE.fullmatch(row[1]):
            columns = re.sub(r"`[^`]*`|\\\|", "", row[1]).count("|") + 1
            yield Mark("table row", f"of {columns} cells", number)


def _of(kind: str, marks: tuple[Mark, ...]) -> list[Mark]:
    return [mark for mark in marks if mark.kind == kind]


def _place(path: str, marks: list[Mark], n: int) -> str:
    return f"{path}:{marks[n].line if n < len(marks) else marks[-1].line if marks else 1}"


def _value(marks: list[Mark], n: int) -> str:
    return f"“{marks[n].value}”" if n < len(marks) else "is missing"
