"""Why a changed page is still true: the reason by the format's rules, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bench.recording import Judged
from bench.rules import Equations, Pair, lines_of, narrow, squeezed, true_pairs, values
from pagelab.match import ELISION
from pagelab.model import Match, Observation, Step
from pagelab.normalize import SHAPES

_BY_NAME = {shape.name: shape for shape in SHAPES}


@dataclass(frozen=True, slots=True)
class Truth:
    """A right document as the rules read it: which identities each step equates."""

    judged: Judged
    others: tuple[Equations, ...]  # for each step: what all the other steps equate

    @classmethod
    def of(cls, judged: Judged) -> Truth:
        """Raises ValueError where the rules, read a second time, refuse what pagelab accepts as it stands."""
        pairs: list[tuple[Pair, ...]] = []
        now: Equations | None = Equations({}, {})
        for step, seen in zip(judged.steps, judged.seen, strict=True):
            assert now is not None
            ways = true_pairs(step, seen, judged.authored) if seen else iter([()])
            way = next((way for way in ways if now.with_pairs(way)), None)
            if way is None:
                raise ValueError(f"{step.location}: the rules, read a second time, say that this is not true")
            now = now.with_pairs(way)
            pairs.append(way)
        return cls(judged, tuple(cls._without(n, pairs) for n in range(len(pairs))))

    @staticmethod
    def _without(index: int, pairs: list[tuple[Pair, ...]]) -> Equations:
        rest = Equations({}, {}).with_pairs(pair for n, some in enumerate(pairs) if n != index for pair in some)
        assert rest is not None  # a part of what is consistent
        return rest

    def holds(self, index: int, step: Step, seen: Observation) -> bool:
        """Whether the document is still true with that step, or that observation, in place of its own."""
        ways = set(true_pairs(step, seen, self.judged.authored))
        return any(self.others[index].with_pairs(way) is not None for way in ways)

    def reason(self, index: int, step: Step, seen: Observation) -> str:
        """Which rule makes the change none; empty when no rule does, whatever `holds` says."""
        old, old_seen, authored = self.judged.steps[index], self.judged.seen[index], self.judged.authored
        assert old_seen is not None
        before = _sides(old, old_seen)
        after = _sides(step, seen)
        if before == after:
            same = [_opening(side) for side in (old.expected, old_seen.output)] == [
                _opening(side) for side in (step.expected, seen.output)
            ]
            return "the same once trailing white space is taken out" if same else ""
        if _each(before, narrow) == _each(after, narrow):
            return "width of a gap between columns"
        if _each(before, lambda line: _kinds(line, authored)) == _each(after, lambda line: _kinds(line, authored)):
            return _volatile(before, after, authored)
        if step.options.match is Match.LINES and _each(before, str, sort=True) == _each(after, str, sort=True):
            return 'match="lines": order does not count'
        if step.options.match is Match.CONTAINS or any(ELISION in line for line in after[0] + before[0]):
            what = (
                "the page shows less, and its elision covers it"
                if before[0] != after[0]
                else "the page elides that part"
            )
            return f"covered by an elision: {what}"
        return ""


Sides = tuple[list[str], list[str]]


def _sides(step: Step, seen: Observation) -> Sides:
    return lines_of(step.expected), lines_of(seen.output.decode(errors="backslashreplace"))


def _opening(output: str | bytes) -> bool:
    """Whether an output starts with a blank line, which is no trailing white space."""
    return bool(output) and not (output.splitlines() or [""])[0].strip()


def _each(sides: Sides, reading: Callable[[str], str], sort: bool = False) -> list[list[str]]:
    read = [[reading(line) for line in side] for side in sides]
    return [sorted(side) for side in read] if sort else read


def _kinds(line: str, authored: str) -> str:
    """The line with volatile values reduced to the names of their shapes."""
    text = squeezed(line, authored)
    for shape, value in values(line, authored):
        text = text.replace(f"\0{shape}={value}\2", f"\0{shape}\2", 1)
    return text


def _volatile(before: Sides, after: Sides, authored: str) -> str:
    """The rule for values that differ in every run, with the shapes that changed."""
    one, two = (
        Counter(v for side in sides for line in side for v in values(line, authored)) for sides in (before, after)
    )
    shapes = sorted({shape for shape, _ in (one - two) + (two - one)})
    once = any(_BY_NAME[shape].identity for shape in shapes)
    how = "a value that the document shows once" if once or not shapes else "a time, which differs in every run"
    return f"{how} ({', '.join(shapes) or 'two of them swapped'})"
