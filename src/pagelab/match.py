"""Lines that a page shows and lines that were observed: do they agree, and which shown id stands for which."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pagelab.normalize import tokens

ELISION = "..."
_COLUMNS = r"(?:\s{2,}|\t)"  # a gap between the columns of a table: its width is set by the widest cell
_GAP = re.compile(_COLUMNS)


@dataclass(frozen=True, slots=True)
class Bindings:
    """Which shown value stands for which observed value, one to one over a document."""

    forward: Mapping[str, str] = field(default_factory=dict)
    backward: Mapping[str, str] = field(default_factory=dict)

    def bind(self, shown: str, seen: str) -> Bindings | None:
        """The bindings with one pair more, short forms of ids included; None if it contradicts them."""
        forward, backward = dict(self.forward), dict(self.backward)
        for a, b in _forms(shown, seen):
            if forward.setdefault(a, b) != b or backward.setdefault(b, a) != a:
                return None
        return Bindings(forward, backward)


def _forms(shown: str, seen: str) -> Iterator[tuple[str, str]]:
    """The pair itself, and for a long id its first twelve digits as well."""
    yield shown, seen
    shown_hex, seen_hex = shown.removeprefix("sha256:"), seen.removeprefix("sha256:")
    if len(shown_hex) == len(seen_hex) == 64:
        yield shown_hex[:12], seen_hex[:12]


def match_lines(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Bindings | None:
    """Align all shown lines with all seen lines; an elision takes any number of them, the fewest first."""
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
        elif j < len(seen):
            after = match_line(shown[i], seen[j], now, authored)
            if after is not None:
                stack.append((i + 1, j + 1, after))
    return None


def match_multiset(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Bindings | None:
    """Pair every shown line with a seen line of its own, in any order; an elision takes what is left over."""
    wanted = [line for line in shown if line.strip() != ELISION]
    if len(wanted) != len(seen) and len(wanted) == len(shown):
        return None
    return _pair_off(wanted, seen, bindings, authored)


def _pair_off(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> Bindings | None:
    if not shown:
        return bindings
    for index, line in enumerate(seen):
        after = match_line(shown[0], line, bindings, authored) if line not in seen[:index] else None
        if after is None:
            continue
        rest = _pair_off(shown[1:], seen[:index] + seen[index + 1 :], after, authored)
        if rest is not None:
            return rest
    return None


def match_line(shown: str, seen: str, bindings: Bindings, authored: str) -> Bindings | None:
    """The bindings after one line, or None where it does not match."""
    if shown == seen and ELISION not in shown:
        pieces = [token.text for token in tokens(shown, authored) if token.shape and token.shape.identity]
        return _bind_all(bindings, [(text, text) for text in pieces])
    pattern, names = _pattern(shown, bindings, authored)
    found = re.fullmatch(pattern, seen)
    if not found:
        return None
    return _bind_all(bindings, [(text, found[group]) for group, text in names.items()])


def _bind_all(bindings: Bindings, pairs: list[tuple[str, str]]) -> Bindings | None:
    now: Bindings | None = bindings
    for shown, seen in pairs:
        now = now.bind(shown, seen) if now is not None else None
    return now


def _pattern(shown: str, bindings: Bindings, authored: str) -> tuple[str, dict[str, str]]:
    """A regular expression for the shown line, and which group holds which shown value."""
    parts: list[str] = []
    names: dict[str, str] = {}
    groups: dict[str, str] = {}
    for token in tokens(shown, authored):
        if token.shape is None:
            parts.append(_literal(token.text, starts_line=not parts))
        elif not token.shape.identity:
            parts.append(f"(?:{token.shape.seen or token.shape.pattern})")
        elif token.text in bindings.forward:
            parts.append(re.escape(bindings.forward[token.text]))
        elif token.text in groups:
            parts.append(f"(?P={groups[token.text]})")
        else:
            name = f"v{len(names)}"
            groups[token.text] = name
            names[name] = token.text
            parts.append(f"(?P<{name}>{token.shape.seen or token.shape.pattern})")
    return "".join(parts), names


def _literal(text: str, starts_line: bool) -> str:
    """The text itself, where `...` is any text and a gap between columns is a gap of any width."""
    indent = len(text) - len(text.lstrip()) if starts_line else 0
    pieces = (_COLUMNS.join(map(re.escape, _GAP.split(part))) for part in text[indent:].split(ELISION))
    return re.escape(text[:indent]) + ".*?".join(pieces)
