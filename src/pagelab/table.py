"""Lines of a table → the columns of its header under which their cells start."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAME = r"[A-Z][A-Z0-9()%/.:_-]*(?: [A-Z0-9()%/.:_-]+)*"
_HEADER = re.compile(rf"\s*{_NAME}(?: {{2,}}{_NAME})+\s*")
_CELL = re.compile(r"\S+(?: \S+)*")
Columns = tuple[int, ...]


def columns(lines: list[str]) -> Iterator[Columns]:
    """For each line the columns, from 0, that its cells start under; none where one starts elsewhere, or in no table.

    A table is what follows a line of upper-case names with gaps, up to an empty line. Right-aligned cells start
    elsewhere, and so does what stands behind an elision.
    """
    names: list[int] = []
    for line in lines:
        starts = [cell.start() for cell in _CELL.finditer(line)]
        if not starts or _HEADER.fullmatch(line):
            names = starts
        yield tuple(map(names.index, starts)) if set(starts) <= set(names) and "..." not in line else ()


def contradict(shown: Columns, seen: Columns) -> bool:
    """Whether the cells of a shown line stand under other names than those of the seen line."""
    return bool(shown and seen and shown != seen)
