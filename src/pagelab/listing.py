"""Project → rows: what each document holds, and what its evidence says of it now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from pagelab.errors import PageError
from pagelab.evidence import Proof, read_proof
from pagelab.model import Kind, Session
from pagelab.project import Project

HEAD = ("DOCUMENT", "LANGUAGES", "BLOCKS", "STEPS", "STATE")
LEVELS_HEAD = ("DOCUMENT", "STEPS", "PASSED", "NODES", "API-SERVER", "SCHEMA", "SKIPPED")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many steps passed, how far those with a part in a cluster were tried, and how many were skipped."""

    passed: int = 0
    nodes: int = 0
    api_server: int = 0
    schema: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One document. `state`: verified, skipped, wrong, could not be run, stale, never run, nothing to run, broken."""

    document: str
    languages: tuple[str, ...]
    blocks: int
    steps: int
    state: str
    detail: str = ""  # since when, or what is wrong where
    finished: str = ""  # UTC, ISO 8601; empty when there is no evidence
    tally: Tally | None = None  # of its current evidence


def list_documents(project: Project, paths: tuple[Path, ...]) -> tuple[Row, ...]:
    """A row for each document that the paths mean. Raises PageError for a path that means none."""
    return tuple(_row(project, file) for file in project.pages(paths))


def _row(project: Project, file: Path) -> Row:
    try:
        session = project.documentation.session_of(file)
    except PageError as error:
        detail = f"{error.location}: {error.problem}"
        return Row(project.documentation.name_of(file), (), 0, 0, "broken", detail)
    languages = tuple(language for language, _ in session.pages if language)
    blocks = len({step.block for step in session.steps})
    proof = read_proof(project.evidence, session)
    state, detail = _state(session, proof)
    return Row(session.document, languages, blocks, len(session.steps), state, detail, proof.finished, _tally(proof))


def _tally(proof: Proof) -> Tally | None:
    if proof.state != "current":
        return None
    passed = Counter(step.level for _, step in proof.steps if step.outcome == Kind.PASSED)
    skipped = sum(step.outcome == Kind.SKIPPED for _, step in proof.steps)
    return Tally(passed.total(), passed["nodes"], passed["api-server"], passed["schema"], skipped)


def _state(session: Session, proof: Proof) -> tuple[str, str]:
    """The state in a word or two, and its detail."""
    if not session.steps:
        return "nothing to run", "the page says `lab: none`"
    if proof.state == "missing":
        return "never run", ""
    if proof.state == "stale":
        return "stale", f"changed since its run of {when(proof.finished)}"
    if proof.verified:
        skipped = sum(step.outcome == Kind.SKIPPED for _, step in proof.steps)
        return "verified", when(proof.finished) + (f", {skipped} skipped" if skipped else "")
    counts = Counter(step.outcome for _, step in proof.steps)
    counted = ", ".join(f"{counts[kind]} {kind.value}" for kind in Kind if counts[kind])
    if counts.keys() == {Kind.SKIPPED}:
        return "skipped", f"all {len(proof.steps)}, {when(proof.finished)}"
    bad = next((key for key, step in proof.steps if step.outcome in (Kind.FAILED, Kind.ERROR)), None)
    where = next((f", first at {step.location}" for step in session.steps if step.key == bad), "")
    state = "wrong" if counts[Kind.FAILED] else "could not be run"
    return state, f"{counted}{where}, {when(proof.finished)}"


def when(moment: str) -> str:
    """An ISO 8601 time of the evidence as people read it."""
    return moment.replace("T", " ")[:16] + " UTC" if moment else "an unknown time"


def to_table(rows: tuple[Row, ...]) -> str:
    """The rows as aligned columns with a head and a last line that sums them up."""
    cells = [HEAD, *((r.document, " ".join(r.languages) or "-", *_counts(r), _words(r)) for r in rows)]
    return "\n".join([*_aligned(cells), "", _summary(rows)])


def to_levels(rows: tuple[Row, ...]) -> str:
    """The rows' tallies as aligned columns, with a row for all of them."""
    cells = [(row.document, str(row.steps), *_numbers(row.tally)) for row in rows]
    every = [sum(int(row[n]) for row in cells if row[n].isdecimal()) for n in range(1, len(LEVELS_HEAD))]
    return "\n".join([*_aligned([LEVELS_HEAD, *cells, ("all", *map(str, every))]), "", _summary(rows)])


def _numbers(tally: Tally | None) -> tuple[str, ...]:
    return tuple(map(str, astuple(tally))) if tally else ("-",) * len(fields(Tally))


def _aligned(cells: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(_pad(*cell) for cell in zip(row, widths, strict=True)).rstrip() for row in cells]


def _summary(rows: tuple[Row, ...]) -> str:
    states = Counter(row.state for row in rows)
    total = ", ".join(f"{number} {state}" for state, number in states.items()) or "none"
    return f"{len(rows)} document{'' if len(rows) == 1 else 's'}: {total}"


def to_json(rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    """The rows as JSON values, one object for each document."""
    return [asdict(row) for row in rows]


def _counts(row: Row) -> tuple[str, str]:
    return ("-", "-") if row.state == "broken" else (str(row.blocks), str(row.steps))


def _words(row: Row) -> str:
    return row.state + (f": {row.detail}" if row.detail else "")


def _width(text: str) -> int:
    """How many columns a terminal needs; East Asian characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
