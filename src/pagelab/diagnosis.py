"""Findings about a machine, and the verdict: data, JSON and text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """What was found. Only what is absent and needed keeps pages from running."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: its state, what was seen, and how to get it when it is absent."""

    name: str
    state: State
    seen: str = ""
    advice: str = ""
    needed: bool = False  # without it no page runs


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings: of the machine, and of what pages may require."""

    checks: tuple[Finding, ...]
    requirements: tuple[Finding, ...]

    @property
    def able(self) -> bool:
        """Whether pages can be run here."""
        return not any(finding.needed and finding.state is State.ABSENT for finding in self.checks)


def to_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """The diagnosis as a JSON value."""
    return {"able": diagnosis.able, **asdict(diagnosis)}


def to_text(diagnosis: Diagnosis) -> str:
    """The diagnosis for people: a line for each finding, advice below what is absent, the verdict last."""
    rows = [*_rows("This machine", diagnosis.checks), "", *_rows("What pages may require", diagnosis.requirements), ""]
    blocking = [f.name for f in diagnosis.checks if f.needed and f.state is State.ABSENT]
    verdict = "Pages can be run here." if diagnosis.able else f"Pages cannot be run here yet: {', '.join(blocking)}."
    return "\n".join([*rows, verdict])


_SIGNS = {State.PRESENT: "yes", State.ABSENT: "no", State.UNKNOWN: "?"}


def _rows(title: str, findings: tuple[Finding, ...]) -> Iterator[str]:
    yield title
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        yield f"  {_SIGNS[finding.state]:3}  {finding.name:{width}}  {finding.seen}".rstrip()
        if finding.advice and finding.state is not State.PRESENT:
            yield f"  {'':3}  {'':{width}}  → {finding.advice}"
