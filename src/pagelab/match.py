"""Lines that a page shows and lines that were observed: do they agree, and which shown id stands for which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pagelab.normalize import is_authored, tokens
from pagelab.table import Columns, columns, contradict

ELISION = "..."
MOST_TRIES = 20_000  # pairings of lines in any order before giving up: a page with that many choices says too little
MOST_ROWS = 100  # of an output in which contradictions are looked for
_COLUMNS = r"(?:\s{2,}|\t)"  # a gap between the columns of a table: its width is set by the widest cell
_GAP = re.compile(_COLUMNS)
_Row = tuple[str, Columns]  # a line, and the columns that its cells stand under


@dataclass(frozen=True, slots=True)
class Bindings:
    """Which shown value stands for which observed value, one to one over a document."""

    forward: Mapping[str, str] = field(default_factory=dict)
    backward: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)  # shown value → where the page first shows it

    def bind(self, shown: str, seen: str) -> Bindings | None:
        """The bindings with one pair more, short forms of ids included; None if it contradicts them."""
        forward, backward = dict(self.forward), dict(self.backward)
        for a, b in _forms(shown, seen):
            if forward.setdefault(a, b) != b or backward.setdefault(b, a) != a:
                return None
        return Bindings(forward, backward, self.origins)

    def contradiction(self, shown: str, seen: str) -> Contradiction | None:
        """What stands against the pair, None when nothing does."""
        for a, b in _forms(shown, seen):
            if self.forward.get(a, b) != b:
                return Contradiction(a, b, a, self.forward[a], self.origins.get(a, ""))
            if (first := self.backward.get(b, a)) != a:
                return Contradiction(a, b, first, b, self.origins.get(first, ""))
        return None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A shown value that was another one, or an observed one that the page shows as another one."""

    shown: str
    seen: str
    first_shown: str
    first_seen: str
    origin: str  # where the page showed it first; empty for the same output


def _forms(shown: str, seen: str) -> Iterator[tuple[str, str]]:
    """The pair itself, and for a long id its first twelve digits as well."""
    yield shown, seen
    shown_hex, seen_hex = shown.removeprefix("sha256:"), seen.removeprefix("sha256:")
    if len(shown_hex) == len(seen_hex) == 64:
        yield shown_hex[:12], seen_hex[:12]


def match_lines(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Bindings | None:
    """Align all shown lines with all seen lines; an elision takes any number of them, the fewest first.

    Cells of a table stand under the same names of its header.
    """
    under, over = list(columns(shown)), list(columns(seen))
    stack: list[tuple[int, int, Bindings]] = [(0, 0, bindings)]
    tried: set[tuple[int, int, tuple[tuple[str, str], ...]]] = set()
    while stack:
        i, j, now = stack.pop()
        state = (i, j, tuple(now.forward.items()))
        if state in tried:
            continue
        tried.add(state)
        if i == len(shown):
            if j == len(seen):
                return now
            continue
        if shown[i].strip() == ELISION:
            if j < len(seen):
                stack.append((i, j + 1, now))
            stack.append((i + 1, j, now))
        elif j < len(seen) and not contradict(under[i], over[j]):
            after = match_line(shown[i], seen[j], now, authored)
            if after is not None:
                stack.append((i + 1, j + 1, after))
    return None


def match_multiset(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Bindings | None:
    """Pair every shown line with a seen line of its own, in any order; an elision takes what is left over."""
    wanted = [(line, under) for line, under in zip(shown, columns(shown), strict=True) if line.strip() != ELISION]
    if len(wanted) != len(seen) and len(wanted) == len(shown):
        return None
    return _pair_off(wanted, list(zip(seen, columns(seen), strict=True)), bindings, authored)


def _pair_off(shown: list[_Row], seen: list[_Row], bindings: Bindings, authored: str) -> Bindings | None:
    """The bindings when every shown line has a seen line of its own; equal lines are paired first."""
    equal = Counter(shown) & Counter(row for row in seen if ELISION not in row[0])
    shown, seen = list((Counter(shown) - equal).elements()), list((Counter(seen) - equal).elements())
    for line, _ in equal.elements():
        after = match_line(line, line, bindings, authored)
        if after is None:
            return None
        bindings = after
    stack: list[tuple[int, frozenset[int], Bindings]] = [(0, frozenset(), bindings)]
    for _ in range(MOST_TRIES):
        if not stack:
            return None
        i, used, now = stack.pop()
        if i == len(shown):
            return now
        for j in reversed(range(len(seen))):
            if j in used or contradict(shown[i][1], seen[j][1]):
                continue
            if (after := match_line(shown[i][0], seen[j][0], now, authored)) is not None:
                stack.append((i + 1, used | {j}, after))
    return None


def match_line(shown: str, seen: str, bindings: Bindings, authored: str) -> Bindings | None:
    """The bindings after one line, or None where it does not match."""
    if shown == seen and ELISION not in shown:
        pieces = tokens(shown, authored, bindings.forward)
        return _bind_all(bindings, [(p.text, p.text) for p in pieces if p.shape and p.shape.identity])
    pattern, names = _pattern(shown, seen, bindings, authored)
    found = re.fullmatch(pattern, seen)
    if not found or any(
        found[group] != text and is_authored(found[group], authored) for group, (text, _) in names.items()
    ):
        return None
    return _bind_all(bindings, [(text, found[group]) for group, (text, identity) in names.items() if identity])


def contradictions(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Iterator[Contradiction]:
    """Values of shown lines that would match but for what was bound before."""
    for row, line in enumerate(shown[:MOST_ROWS]):
        if not any(token.shape and token.shape.identity for token in tokens(line, authored)):
            continue
        near = [*seen[row : row + 1], *seen[:MOST_ROWS]]  # the line at the same place is the likeliest
        after = next((found for x in near if (found := match_line(line, x, bindings, authored)) is not None), None)
        if after is not None:
            bindings = after
            continue
        alone = next(
            (found for x in near if (found := match_line(line, x, Bindings(), authored)) is not None), Bindings()
        )
        pairs = [(a, b) for a, b in alone.forward.items() if a in line]
        against = (bindings.contradiction(a, b) for a, b in pairs if len(a) > 12 or not _is_short_form(a, pairs))
        yield from (found for found in against if found)


def _is_short_form(value: str, pairs: list[tuple[str, str]]) -> bool:
    """Whether a long id among the pairs brings the value with it."""
    return any(len(other) > len(value) and other.removeprefix("sha256:").startswith(value) for other, _ in pairs)


def _bind_all(bindings: Bindings, pairs: list[tuple[str, str]]) -> Bindings | None:
    now: Bindings | None = bindings
    for shown, seen in pairs:
        now = now.bind(shown, seen) if now is not None else None
    return now


def _pattern(shown: str, seen: str, bindings: Bindings, authored: str) -> tuple[str, dict[str, tuple[str, bool]]]:
    """A regular expression for the shown line; which group holds which shown value, and whether that is an identity."""
    parts = [""]  # one for each piece between elisions
    names: dict[str, tuple[str, bool]] = {}
    groups: dict[str, str] = {}  # shown identity → the group that holds what stands for it
    for token in tokens(shown, authored, bindings.forward):
        if token.shape is None:
            first, *more = _literals(token.text, starts_line=parts == [""])
            parts[-1] += first
            parts += more
        elif token.shape.identity and token.text in bindings.forward:
            parts[-1] += re.escape(bindings.forward[token.text])
        elif token.text in groups:
            parts[-1] += f"(?P={groups[token.text]})"
        else:
            name, pattern = f"v{len(names)}", token.shape.seen or token.shape.pattern
            names[name] = token.text, token.shape.identity
            if token.shape.identity and ELISION in shown:
                taken = [f"(?P={group})" for group in groups.values()]
                pattern = _free([*taken, *_others(token.text, pattern, seen, bindings, authored)], pattern)
            if token.shape.identity:
                groups[token.text] = name
            parts[-1] += f"(?P<{name}>{pattern})"
    return _joined(parts), names


def _others(shown: str, pattern: str, seen: str, bindings: Bindings, authored: str) -> Iterator[str]:
    """A pattern for each value in the seen line that stands for another one than the shown value, or for itself."""
    for value in dict.fromkeys(found[0] for found in re.finditer(pattern, seen)):
        if bindings.contradiction(shown, value) or (value != shown and is_authored(value, authored)):
            yield re.escape(value)


def _free(taken: list[str], pattern: str) -> str:
    """The pattern for what none of those patterns matches: an elision reaches over these."""
    return f"(?={pattern})(?!(?:{'|'.join(taken)})(?!\\w)){pattern}" if taken else pattern


def _joined(parts: list[str]) -> str:
    """The pieces with any text between them. The first place where a piece fits is good enough for all but the last,

    so none of them is tried again elsewhere: the time is that of one walk along the line.
    """
    first, *rest = parts
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>.*?{piece})" for piece in middle) + ".*" + last


def _literals(text: str, starts_line: bool) -> list[str]:
    """The text's pieces between elisions, where a gap between columns is a gap of any width."""
    indent = len(text) - len(text.lstrip()) if starts_line else 0
    pieces = [_COLUMNS.join(map(re.escape, _GAP.split(piece))) for piece in text[indent:].split(ELISION)]
    return [re.escape(text[:indent]) + pieces[0], *pieces[1:]]
