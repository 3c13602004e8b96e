"""Pages with what was observed when they ran, and the judging of such a pair again, without running anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pagelab.documents import Documentation
from pagelab.errors import PageError
from pagelab.evidence import evidence_path
from pagelab.local import LocalProvider
from pagelab.match import Bindings
from pagelab.model import Ending, Kind, Observation, Session, Step
from pagelab.run import Run
from pagelab.verdict import judge


@dataclass(frozen=True, slots=True)
class Recording:
    """A right page: its session, and for each step what was observed (None where nothing ran)."""

    session: Session
    seen: tuple[Observation | None, ...]
    texts: tuple[tuple[str, str], ...]  # (path as messages name it, Markdown), one for each language
    local: bool = False  # it may be run again on this machine


class RecordingError(Exception):
    """What is missing before the measurement can be made."""


def recorded_documents(
    root: Path, languages: tuple[str, ...], leave_out: Callable[[str], None] | None = None
) -> Iterator[Recording]:
    """Every document of root/docs that runs, with the evidence of its last run. Raises RecordingError.

    One without current evidence is told, and left out, when `leave_out` is there to be told.
    """
    documentation = Documentation(root / "docs", languages, root)
    for document, file in documentation.documents():
        session = documentation.session_of(file)
        if session.steps:
            try:
                seen = _observed(root / "evidence", session)
            except RecordingError as error:
                if leave_out is None:
                    raise
                leave_out(str(error))
                continue
            yield Recording(session, seen, _texts(root, session))
            continue
        assert not session.pages[0][1].runs, document


def _observed(folder: Path, session: Session) -> tuple[Observation | None, ...]:
    try:
        record = json.loads(evidence_path(folder, session.document).read_text(encoding="utf-8"))
    except OSError:
        raise RecordingError(f"{session.document} has no evidence: run `pytest docs` first") from None
    if record["key"] != session.key or any(step["outcome"] not in ("passed", "skipped") for step in record["steps"]):
        raise RecordingError(f"the evidence of {session.document} is stale or not right: run `pytest docs` first")
    return tuple(
        None
        if step["file"] or step["output"] is None
        else Observation(step["output"].encode(), step["status"], Ending.RETURNED, step["duration"])
        for step in record["steps"]
    )


def _texts(root: Path, session: Session) -> tuple[tuple[str, str], ...]:
    return tuple((page.path, (root / page.path).read_text(encoding="utf-8-sig")) for _, page in session.pages)


def run_here(root: Path, page: Path) -> Recording | None:
    """The page with what its commands do in the local provider; None where the page is not wholly right."""
    documentation = Documentation(page.parent, (), root)
    try:
        session = documentation.session_of(page)
    except PageError:
        return None
    outcomes = finish(session)
    if not outcomes or any(kind is not Kind.PASSED for kind, _ in outcomes):
        return None
    seen = tuple(None if step.file else seen for step, (_, seen) in zip(session.steps, outcomes, strict=True))
    return Recording(session, seen, _texts(root, session), local=True)


def finish(session: Session) -> list[tuple[Kind, Observation | None]]:
    """What becomes of each step in the local provider."""
    run = Run(session, LocalProvider(), now=lambda: "")
    run.finish()
    return [(outcome.kind, outcome.observation) for outcome in run.outcomes]


@dataclass(frozen=True, slots=True)
class Judged:
    """A recording with the bindings before each step: where judging can start in the middle."""

    steps: tuple[Step, ...]
    seen: tuple[Observation | None, ...]
    authored: str
    before: tuple[Bindings, ...]

    @classmethod
    def of(cls, recording: Recording) -> Judged:
        """Judge the whole recording once. Raises RecordingError if it is not right as it stands."""
        steps, seen = recording.session.steps, recording.seen
        authored = "\n".join(step.command for step in steps)
        before = [Bindings()]
        for step, observation in zip(steps, seen, strict=True):
            wrong, after = _judge(step, observation, before[-1], authored)
            if wrong:
                raise RecordingError(f"{step.location}: judged wrong without any change; run `pytest docs` again")
            before.append(after)
        return cls(steps, seen, authored, tuple(before))

    def wrong_at(self, index: int, step: Step, observation: Observation | None) -> int | None:
        """The first step judged wrong when one step, or what was observed in it, is replaced; None if none is."""
        now = self.before[index]
        for n in range(index, len(self.steps)):
            changed = n == index
            wrong, now = _judge(
                step if changed else self.steps[n], observation if changed else self.seen[n], now, self.authored
            )
            if wrong:
                return n
            if now.forward == self.before[n + 1].forward and now.backward == self.before[n + 1].backward:
                return None  # from here on all is as it was
        return None


def judge_all(steps: tuple[Step, ...], seen: tuple[Observation | None, ...]) -> bool:
    """Whether any of the steps is judged wrong."""
    now, authored = Bindings(), "\n".join(step.command for step in steps)
    for step, observation in zip(steps, seen, strict=True):
        wrong, now = _judge(step, observation, now, authored)
        if wrong:
            return True
    return False


def _judge(step: Step, seen: Observation | None, now: Bindings, authored: str) -> tuple[bool, Bindings]:
    if seen is None:
        return False, now
    outcome, after = judge(step, seen, now, authored)
    return outcome.kind is not Kind.PASSED, after
