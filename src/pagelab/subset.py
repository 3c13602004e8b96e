"""JSON that a page shows ⊆ JSON that was observed: what is shown must be there, more may be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from pagelab.match import ELISION, Bindings, match_line

_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_LINE_END = re.compile(r"[ \t]*\n\s*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_ELIDED = {"[": f'"{ELISION}",', "{": f'"{ELISION}": 0,', "": f'"{ELISION}"'}  # by the bracket around it
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def match_json(shown: str, seen: str, bindings: Bindings, authored: str) -> Bindings | None:
    """The bindings afterwards, or None when it does not hold or one side is not JSON: a value, or several on lines.

    Objects may have more members than are shown. Lists must have the same elements, unless `...` stands for
    some. Strings are compared as lines are: exact, but for values that every run draws anew, and `...`.
    """
    try:
        return next(_elements(_values(_readable(shown), once=True), _values(seen), bindings, authored), None)
    except (ValueError, RecursionError):
        return None


def not_json(shown: str, seen: str) -> tuple[str, ...]:
    """A note for each side that is not JSON, and why."""
    notes = []
    for side, text in (("what the page shows", _readable(shown)), ("the output", seen)):
        try:
            _values(text, once=True)
        except (ValueError, RecursionError) as error:
            notes.append(f"  ({side} is not JSON: {error})")
    return tuple(notes)


def _values(text: str, once: bool = False) -> list[Any]:
    """The JSON values in the text, each on lines of its own. Raises ValueError; of members shown twice, if asked."""
    decoder = json.JSONDecoder(object_pairs_hook=_members_once if once else None)
    values: list[Any] = []
    text = text.strip()
    end = 0
    while end < len(text) or not values:
        value, end = decoder.raw_decode(text, end)
        values.append(value)
        gap = _LINE_END.match(text, end)
        if end < len(text) and not gap:
            raise json.JSONDecodeError("Extra data", text, end)
        end = gap.end() if gap else end
    return values


def _readable(text: str) -> str:
    """The shown text as JSON: a line `...` becomes an element "..." of a list, a member "..." of an object, a value."""
    rows: list[str] = []
    opened: list[str] = []
    for row in text.split("\n"):
        if row.strip().rstrip(",") == ELISION:
            rows.append(_ELIDED[opened[-1] if opened else ""])
            continue
        for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", row)):
            opened.append(bracket) if bracket in "[{" else opened and opened.pop()
        rows.append(row)
    return _TRAILING_COMMA.sub(r"\1", "\n".join(rows))


def _members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len([name for name, _ in pairs if name != ELISION]) + (ELISION in members):
        raise ValueError("a member is shown twice")
    return members


def _matches(shown: Any, seen: Any, bindings: Bindings, authored: str) -> Iterator[Bindings]:
    """Every way in which the values can agree, as the bindings after it."""
    if shown == ELISION:
        yield bindings
    elif isinstance(shown, dict) and isinstance(seen, dict):
        if shown or not seen:  # {} is an empty object, not any object
            yield from _members([pair for pair in shown.items() if pair[0] != ELISION], seen, bindings, authored)
    elif isinstance(shown, list) and isinstance(seen, list):
        yield from _elements(shown, seen, bindings, authored)
    elif isinstance(shown, str) and isinstance(seen, str):
        if (after := match_line(shown, seen, bindings, authored)) is not None:
            yield after
    elif type(shown) is type(seen) and shown == seen:
        yield bindings


def _members(
    shown: list[tuple[str, Any]], seen: dict[str, Any], bindings: Bindings, authored: str
) -> Iterator[Bindings]:
    if not shown:
        yield bindings
        return
    (name, value), *rest = shown
    for key in seen:
        # A member's name may be an id too, as in `docker network inspect`.
        for named in _matches(name, key, bindings, authored):
            for after in _matches(value, seen[key], named, authored):
                yield from _members(rest, {other: seen[other] for other in seen if other != key}, after, authored)


def _elements(shown: list[Any], seen: list[Any], bindings: Bindings, authored: str) -> Iterator[Bindings]:
    if not shown:
        if not seen:
            yield bindings
        return
    if shown[0] == ELISION:
        for skipped in range(len(seen) + 1):
            yield from _elements(shown[1:], seen[skipped:], bindings, authored)
    elif seen:
        for after in _matches(shown[0], seen[0], bindings, authored):
            yield from _elements(shown[1:], seen[1:], after, authored)


def revised(
    shown: str, seen: str, bindings: Bindings, authored: str, words: Callable[[str], str]
) -> tuple[str, Bindings] | None:
    """The shown text with observed values, in the page's `words`, where its own do not match; and the bindings then.

    None where that would not make it match: a member is gone, a list has other elements.
    """
    try:
        tokens = _TOKEN.finditer(f"[{shown}]")
        for token, value in reversed(list(_pairs(next(tokens), tokens, _values(seen)))):
            if next(_matches(json.loads(token[0]), value, bindings, authored), None) is None:
                new = words(json.dumps(value, ensure_ascii=False))
                shown = shown[: token.start() - 1] + new + shown[token.end() - 1 :]
    except (LookupError, ValueError, RecursionError, TypeError):
        return None
    after = match_json(shown, seen, bindings, authored)
    return (shown, after) if after is not None else None


def _pairs(token: re.Match[str], tokens: Iterator[re.Match[str]], seen: Any) -> Iterator[tuple[re.Match[str], Any]]:
    """Each string, number or word of the shown value that starts with the token, and what was observed in its place.

    Raises LookupError or TypeError where nothing was.
    """
    if token[0] == "{":
        for name in tokens:
            if name[0] == "}":
                break
            if name[0] not in (",", ELISION):
                next(tokens, None)  # the colon
                yield from _pairs(next(tokens, name), tokens, seen[json.loads(name[0])])
    elif token[0] == "[":
        at = 0
        for element in tokens:
            if element[0] == "]":
                break
            if element[0] != ",":
                yield from _pairs(element, tokens, seen[at])
                at += 1
    else:
        yield token, seen
