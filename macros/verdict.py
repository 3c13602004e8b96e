"""Block + proof → verdict: the one thing that the site says of a block."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pagelab.evidence import Proof, StepProof
from pagelab.model import Block, Kind, Page, Step


class State(StrEnum):
    """What a reader may think of a block. Also the CSS class, after `lab-`."""

    VERIFIED = "verified"
    FAILED = "failed"
    ERROR = "error"
    BLOCKED = "blocked"
    STALE = "stale"
    NEVER = "never"
    SKIPPED = "skipped"


_OF_STEP = {
    Kind.FAILED.value: State.FAILED,
    Kind.ERROR.value: State.ERROR,
    Kind.BLOCKED.value: State.BLOCKED,
    Kind.SKIPPED.value: State.SKIPPED,
    Kind.PASSED.value: State.VERIFIED,
}
_WORST_FIRST = (State.FAILED, State.ERROR, State.BLOCKED, State.NEVER, State.SKIPPED, State.VERIFIED)
_OF_DOCUMENT = {"missing": State.NEVER, "stale": State.STALE}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A block's state, the state of its worst step, with what is known of each step."""

    state: State
    steps: tuple[tuple[Step, StepProof | None], ...]

    @property
    def worst(self) -> tuple[Step, StepProof] | None:
        """The first step that gave the block its state."""
        for step, proof in self.steps:
            if proof is not None and state_of(proof) is self.state:
                return step, proof
        return None

    @property
    def started(self) -> str:
        """When its first command ran, UTC in ISO 8601; empty when none did."""
        return next((proof.started for _, proof in self.steps if proof is not None and proof.started), "")

    @property
    def duration(self) -> float:
        """Seconds that its commands took together."""
        return sum(proof.duration or 0.0 for _, proof in self.steps if proof is not None)

    @property
    def ran(self) -> bool:
        return any(proof is not None and proof.output is not None for _, proof in self.steps)


def judge_block(page: Page, block: Block, proof: Proof) -> Verdict:
    """The verdict on one block of the page. A step of which the evidence says nothing has never run."""
    steps = tuple((step, proof.step(*step.key)) for step in page.steps if step.block == block.id)
    if proof.state in _OF_DOCUMENT:
        return Verdict(_OF_DOCUMENT[proof.state], steps)
    known = {state_of(found) if found else State.NEVER for _, found in steps}
    return Verdict(next((state for state in _WORST_FIRST if state in known), State.NEVER), steps)


def state_of(proof: StepProof) -> State:
    """One step's state; an outcome that we do not know counts as not run."""
    return _OF_STEP.get(proof.outcome, State.NEVER)
