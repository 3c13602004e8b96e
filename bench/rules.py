"""The page format's rules, read a second time: is a page still true of what was observed?

Written apart from pagelab.match and in another way, so that a mistake there is not repeated here. Both
sides are masked (each volatile value becomes the name of its shape), then compared as they are. The
table of shapes in pagelab.normalize is shared: it is the format's definition, not its implementation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from pagelab.model import Match, Observation, Step
from pagelab.normalize import SHAPES, plain, tokens

Pair = tuple[str, str]  # an identity as shown, and as observed
Readings = tuple[str, str]  # an observed line, masked: see `readings`
_GAP = re.compile(r"(?<=\S)(?:\s{2,}|\t)(?=\S)")
_VALUE = re.compile("\x00([^=]+)=([^\x02]*)\x02")
_IDENTITIES = {shape.name for shape in SHAPES if shape.identity}
_PLAINER = {shape.name: shape.seen for shape in SHAPES if shape.seen}
_EMPTY_LISTS = ('    "items": [],', '    "items": []', "items: []")  # as JSON and YAML have them
_TRIES = 2000  # alignments looked at before an output with many elisions is given up


def true_pairs(step: Step, seen: Observation, authored: str) -> Iterator[tuple[Pair, ...]]:
    """For every way in which the shown output is true of the observed one: the identities it equates."""
    if says_nothing(step, seen):
        return
    if step.options.hidden_output and not step.expected:
        yield ()
        return
    shown, observed = lines_of(step.expected), lines_of(seen.output.decode(errors="backslashreplace"))
    if step.options.match is Match.EXACT:
        yield from [()] if shown == observed else []
        return
    masked = [readings(line, authored) for line in observed]
    if step.options.match is Match.CONTAINS:
        shown = ["...", *shown, "..."]
    if step.options.match is Match.LINES:
        found = _any_order([line for line in shown if line.strip() != "..."], masked, authored)
        yield from islice(found, _TRIES) if "..." in shown or len(shown) == len(masked) else ()
        return
    yield from islice(_in_order(shown, masked, authored), _TRIES)


def says_nothing(step: Step, seen: Observation) -> bool:
    """Whether kubectl was asked, alone on its line, for what is there or what was said, and had no answer to show."""
    words = step.command.replace("\\\n", " ").split()
    while len(words) > 2 and words[1].startswith("-"):
        del words[1 : 2 if "=" in words[1] else 3]
    asked = words[1] if words[:1] == ["kubectl"] and len(words) > 1 else ""
    if asked not in ("get", "logs") or set(step.command) & set("|&;<>`"):
        return False
    shown = [line for line in lines_of(step.expected) if line.strip() != "..."]
    said = lines_of(seen.output.decode(errors="backslashreplace"))
    if not (shown or said):
        return True
    for none in ("No resources found", "items"):
        empty = [line for line in said if none in line and (none != "items" or line in _EMPTY_LISTS)]
        if asked == "get" and empty and not any(none in line for line in shown):
            return True
    return False


def lines_of(text: str) -> list[str]:
    """The lines that are compared."""
    return plain(text).split("\n") if plain(text) else []


@lru_cache(50_000)
def mask(line: str, authored: str) -> str:
    """The line with its volatile values named by shape."""
    parts = ((token.shape, token.text) for token in tokens(line, authored))
    return "".join(f"\0{shape.name}={text}\2" if shape else text for shape, text in parts)


def readings(line: str, authored: str) -> Readings:
    """The masked line, as it is and with gaps as narrow as they can be: their width never counts, but tells

    what two columns are: `sha256sum` puts exactly two spaces behind what else would be an id.
    """
    return mask(line, authored), mask(narrow(line), authored)


def narrow(line: str) -> str:
    """The line with its column gaps two spaces wide."""
    return _GAP.sub("  ", line)


def squeezed(line: str, authored: str) -> str:
    """The masked line with its column gaps all alike."""
    return _GAP.sub("\3", mask(line, authored))


@lru_cache(50_000)
def values(line: str, authored: str) -> tuple[Pair, ...]:
    """The volatile values of the line: (shape, value)."""
    return tuple((token.shape.name, token.text) for token in tokens(line, authored) if token.shape)


@dataclass(slots=True)
class Equations:
    """Which shown identity is which observed one; one to one."""

    there: dict[str, str]
    back: dict[str, str]

    def with_pairs(self, pairs: Iterable[Pair]) -> Equations | None:
        """These and the pairs; None if they contradict each other."""
        there, back = dict(self.there), dict(self.back)
        for pair in pairs:
            for a, b in _forms(*pair):
                if there.setdefault(a, b) != b or back.setdefault(b, a) != a:
                    return None
        return Equations(there, back)


def _forms(shown: str, seen: str) -> Iterator[Pair]:
    """The pair without the name of its digest, and for a whole id its short form: the first twelve digits."""
    shown, seen = shown.removeprefix("sha256:"), seen.removeprefix("sha256:")
    yield shown, seen
    if re.fullmatch("[0-9a-f]{64}", shown):
        yield shown[:12], seen[:12]


def _in_order(shown: list[str], masked: list[Readings], authored: str) -> Iterator[tuple[Pair, ...]]:
    if not shown:
        yield from [()] if not masked else []
    elif shown[0].strip() == "...":
        for taken in range(len(masked) + 1):
            yield from _in_order(shown[1:], masked[taken:], authored)
    elif masked and (first := _line(shown[0], masked[0], authored)) is not None:
        yield from (first + rest for rest in _in_order(shown[1:], masked[1:], authored))


def _any_order(shown: list[str], masked: list[Readings], authored: str) -> Iterator[tuple[Pair, ...]]:
    if not shown:
        yield ()
        return
    for n, line in enumerate(masked):
        first = _line(shown[0], line, authored)
        if first is not None:
            yield from (first + rest for rest in _any_order(shown[1:], masked[:n] + masked[n + 1 :], authored))


def _line(shown: str, masked: Readings, authored: str) -> tuple[Pair, ...] | None:
    """The identities that one line equates; None where it does not say the same."""
    parts, names = [], []
    end = 0
    text = squeezed(shown, authored)
    for found in _VALUE.finditer(text):
        parts.append(_literal(text[end : found.start()]))
        plainer = _PLAINER.get(found[1], "(?!)")  # of the same shape, but nothing that a page would be read by
        parts.append(f"(?:\0{found[1]}=([^\2]*)\2|({plainer}))")
        names.append(found[2] if found[1] in _IDENTITIES else "")
        end = found.end()
    pattern = "".join([*parts, _literal(text[end:])])
    found_in = (same for reading in masked if (same := re.fullmatch(pattern, reading)))
    same = next(found_in, None)
    if not same:
        return None
    groups = same.groups()
    values_seen = [one or other for one, other in zip(groups[::2], groups[1::2], strict=True)]
    return tuple((name, value) for name, value in zip(names, values_seen, strict=True) if name)


def _literal(text: str) -> str:
    return ".*".join(re.escape(part).replace("\3", r"(?:\s{2,}|\t)") for part in text.split("..."))
