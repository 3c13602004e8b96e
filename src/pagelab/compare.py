"""Expected and observed output → do they agree, and if not, where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from pagelab.match import ELISION, Bindings, Contradiction, contradictions, match_line, match_lines, match_multiset
from pagelab.model import Match
from pagelab.normalize import plain
from pagelab.subset import match_json, not_json
from pagelab.table import columns, contradict


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result: `bindings` as they are afterwards when it matched, else where it went wrong."""

    matched: bool
    bindings: Bindings
    detail: str = ""  # both sides, differing lines marked; empty when matched
    contradictions: tuple[Contradiction, ...] = ()  # with what was bound before


def compare(expected: str, observed: str, mode: Match, bindings: Bindings, authored: str) -> Comparison:
    """Compare shown with observed output. `authored` is all text of the page's commands."""
    shown, seen = _lines(expected), _lines(observed)
    match mode:
        case Match.EXACT:
            after = bindings if shown == seen else None
        case Match.JSON:
            after = match_json(plain(expected), plain(observed), bindings, authored)
        case Match.LINES:
            after = match_multiset(shown, seen, bindings, authored)
        case Match.CONTAINS if not shown:
            after = None if seen else bindings
        case Match.CONTAINS:
            after = match_lines([ELISION, *shown, ELISION], seen, bindings, authored)
        case _:
            after = match_lines(shown, seen, bindings, authored)
    if after is not None:
        return Comparison(True, after)
    notes = not_json(plain(expected), plain(observed)) if mode is Match.JSON else ()
    detail = "\n".join([*notes, side_by_side(shown, seen, bindings, authored)])
    against = () if mode is Match.EXACT else tuple(dict.fromkeys(contradictions(shown, seen, bindings, authored)))
    return Comparison(False, bindings, detail, against)


def _lines(text: str) -> list[str]:
    shown = plain(text)
    return shown.split("\n") if shown else []


def side_by_side(
    shown: list[str], seen: list[str], bindings: Bindings | None = None, authored: str = "", most: int = 40
) -> str:
    """Both sides as `- shown` and `+ seen` lines, equal lines once, at most `most` rows."""
    rows: list[str] = []
    for row in _diff(shown, seen, bindings or Bindings(), authored):
        if len(rows) == most:
            rows.append(f"  … ({max(len(shown), len(seen))} lines in all)")
            break
        rows.append(row)
    return "\n".join(rows)


def _diff(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Iterator[str]:
    """The rows, aligned so that a line too many does not shift all that follow."""
    if Counter(shown) == Counter(seen) and shown != seen:
        yield "  (the same lines in another order)"
    under, over = list(columns(shown)), list(columns(seen))
    twins = {
        a: b
        for a, b, x, y in zip(shown, seen, under, over, strict=False)
        if not contradict(x, y) and match_line(a, b, bindings, authored) is not None
    }  # what matches by shape counts as the same line
    same = [twins.get(line, line) for line in shown]
    for tag, i, i_end, j, j_end in SequenceMatcher(None, same, seen, autojunk=False).get_opcodes():
        if tag == "equal":
            for a, b, x, y in zip(shown[i:i_end], seen[j:j_end], under[i:i_end], over[j:j_end], strict=True):
                yield from _pair(a, b) if contradict(x, y) else (f"  {b}",)
            continue
        for a, b in zip_longest(shown[i:i_end], seen[j:j_end]):
            yield from _pair(a, b)


def _pair(shown: str | None, seen: str | None) -> Iterator[str]:
    if shown is not None:
        yield f"- {shown}"
    if seen is not None:
        yield f"+ {seen}"
    if shown is not None and seen is not None:
        yield f"  {_marker(shown, seen)}"


def _marker(shown: str, seen: str) -> str:
    """Carets below the part of `seen` that differs from `shown`; words where they differ only in their tables."""
    if shown == seen:
        return "(its cells stand under other names of the header)"
    start = next((n for n, (x, y) in enumerate(zip(shown, seen, strict=False)) if x != y), min(len(shown), len(seen)))
    tail = next((n for n, (x, y) in enumerate(zip(shown[::-1], seen[::-1], strict=False)) if x != y), 0)
    width = max(1, len(seen) - start - tail)
    return " " * start + "^" * min(width, 60)
