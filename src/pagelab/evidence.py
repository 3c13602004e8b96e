"""Outcomes ↔ JSON: one file per document, keyed by the content that ran."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pagelab.model import Ending, Kind, Observation, Outcome, Record, Session, Step
from pagelab.saved import save

SCHEMA = 1
ENGINES = "engines"  # folder below the evidence, with one folder for each engine that is not the default one
SCHEMA_FILE = Path(__file__).with_name("evidence.schema.json")  # what a record looks like, as JSON Schema

_HELD = {Kind.PASSED.value, Kind.SKIPPED.value}
_VERSION = re.compile(r"\d+(\.\d+)*")


def evidence_path(folder: Path, document: str) -> Path:
    """Where a document's evidence is kept, and below which address the site publishes it."""
    return folder / f"{document}.json"


def engine_folder(folder: Path, version: str) -> Path:
    """Where the evidence of an engine is kept: that of the default one, which has no version here, in the folder."""
    return folder / ENGINES / version if version else folder


def other_engines(folder: Path) -> tuple[str, ...]:
    """The versions, oldest first, of which there is evidence beside the default engine's."""
    found = [path.name for path in (folder / ENGINES).glob("*") if _VERSION.fullmatch(path.name)]
    return tuple(sorted(found, key=lambda version: [int(part) for part in version.split(".")]))


def to_json(record: Record) -> dict[str, Any]:
    """A run as JSON: document, key, times, lab, images, and each step's outcome."""
    facts = record.facts
    return {
        "schema": SCHEMA,
        "document": record.session.document,
        "key": record.session.key,
        "lab_key": record.lab_key,
        "started": record.started,
        "finished": record.finished,
        "pages": {language: page.path for language, page in record.session.pages},
        "lab": None if facts is None else {"provider": facts.provider, "engine": facts.engine, **dict(facts.details)},
        "images": [asdict(image) for image in facts.images] if facts else [],
        "steps": [_step(outcome) for outcome in record.outcomes],
    }


def _step(outcome: Outcome) -> dict[str, Any]:
    step, seen = outcome.step, outcome.observation
    return {
        "block": step.block,
        "number": step.number,
        "command": "" if step.file else step.command,
        "file": step.file,
        "expected": step.expected,
        "hidden": step.hidden,
        "outcome": outcome.kind.value,
        "reason": outcome.reason,
        "started": outcome.started,
        "status": seen.status if seen else None,
        "duration": round(seen.duration, 3) if seen else None,
        "output": seen.output.decode(errors="backslashreplace") if seen else None,
        "ending": seen.ending.value if seen else None,
        "failures": [{"status": f.status, "command": f.command, "late": f.late} for f in seen.failures] if seen else [],
        "piped": list(seen.piped) if seen else [],
        "jobs": list(seen.jobs) if seen else [],
        "detail": outcome.detail,
        "advice": outcome.advice,
        "level": outcome.level,
    }


def write_evidence(folder: Path, record: Record) -> Path:
    """Write the record in one move, so that a killed run leaves the old record or the new one.

    Returns its path. Raises LabError when it cannot be written.
    """
    path = evidence_path(folder, record.session.document)
    save(path, json.dumps(to_json(record), ensure_ascii=False, indent=1) + "\n", f"the evidence {path}")
    return path


def restore(folder: Path, session: Session, lab_key: str) -> tuple[Outcome, ...] | None:
    """The outcomes of the last run, if that run would go the same again: same content, same lab, nothing wrong."""
    record = _read(evidence_path(folder, session.document))
    if not lab_key or (record.get("key"), record.get("lab_key")) != (session.key, lab_key):
        return None
    try:
        known = {(step["block"], step["number"]): step for step in record["steps"]}
        outcomes = tuple(_outcome(step, known[step.key]) for step in session.steps)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return outcomes if all(outcome.kind in (Kind.PASSED, Kind.SKIPPED) for outcome in outcomes) else None


def _outcome(step: Step, record: dict[str, Any]) -> Outcome:
    seen = None
    if record["output"] is not None:
        seen = Observation(
            record["output"].encode(),
            record["status"],
            Ending.RETURNED,
            record["duration"],
            jobs=tuple(record["jobs"]),
        )
    started, level = record["started"], record["level"]
    reason = step.options.skip or record["reason"]  # which is prose, and may have been reworded
    return Outcome(step, Kind(record["outcome"]), reason, observation=seen, started=started, level=level)


def judge_key() -> str:
    """A digest of pagelab itself: after a change of how pages are run or judged, no earlier run is as good."""
    digest = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


def last_duration(folder: Path, document: str) -> float:
    """Seconds that the document's steps took when they last ran; infinite when that is not known."""
    steps = _read(evidence_path(folder, document)).get("steps")
    try:
        return sum(step["duration"] or 0.0 for step in steps) if steps else float("inf")
    except (KeyError, TypeError):
        return float("inf")


def _read(path: Path) -> dict[str, Any]:
    """The record as it was written; empty when there is none, or none of this format."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and record.get("schema") == SCHEMA else {}


@dataclass(frozen=True, slots=True)
class StepProof:
    """What the evidence says of one step; `outcome` is a value of pagelab.model.Kind."""

    outcome: str
    reason: str
    started: str  # UTC, ISO 8601; empty when it did not run
    status: int | None
    duration: float | None  # seconds
    output: str | None
    jobs: tuple[str, ...] = ()  # background jobs that still ran after it
    level: str = ""  # on a cluster: how far it was tried, as pagelab.model.Outcome says


@dataclass(frozen=True, slots=True)
class Proof:
    """What the site may say of a document. `state`: current, stale (the page changed since), or missing."""

    state: str
    finished: str = ""
    lab: tuple[tuple[str, str], ...] = ()  # provider, engine, kernel …
    images: tuple[tuple[str, str, str], ...] = ()  # name, digest, origin
    steps: tuple[tuple[tuple[str, int], StepProof], ...] = ()
    expected: int = 0  # how many steps the document has now

    def step(self, block: str, number: int) -> StepProof | None:
        """The step's proof, None when nothing current is known of it."""
        return dict(self.steps).get((block, number)) if self.state == "current" else None

    @property
    def verified(self) -> bool:
        """True when every step passed, or is skipped with its reason, on the content shown now; and one passed."""
        outcomes = {proof.outcome for _, proof in self.steps}
        return self.state == "current" and len(self.steps) == self.expected and {"passed"} <= outcomes <= _HELD


def read_proof(folder: Path, session: Session) -> Proof:
    """The proof for a document as its pages are now. An unreadable record is a missing one."""
    record = _read(evidence_path(folder, session.document))
    try:
        known = {(step["block"], step["number"]): _proof(step) for step in record["steps"]}
        return Proof(
            "current" if record["key"] == session.key else "stale",
            record["finished"],
            tuple((record["lab"] or {}).items()),
            tuple((image["name"], image["digest"], image["origin"]) for image in record["images"]),
            tuple(known.items()),
            len(session.steps),
        )
    except (KeyError, TypeError, AttributeError):
        return Proof("missing")


def _proof(step: dict[str, Any]) -> StepProof:
    return StepProof(
        step["outcome"],
        step["reason"],
        step["started"],
        step["status"],
        step["duration"],
        step["output"],
        tuple(step.get("jobs", ())),
        step.get("level", ""),
    )
