"""Claim + evidence of the blocks that it names → where the claim stands in this build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from macros.register import Claim, Register
from macros.site import Site
from macros.verdict import State, judge_block
from pagelab.errors import PageError


class Standing(StrEnum):
    """What the site says of a claim. Also the CSS class, after `claim-`."""

    PROVEN = "proven"  # every block that it names passed
    UNPROVEN = "unproven"  # the register says proven, and a block does not bear it out
    PENDING = "pending"  # the register says proven, and the page that will prove it is not written
    CITED = "cited"
    CORRECTED = "corrected"
    SHOWN = "shown"  # corrected, and every block that shows it passed
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Shown:
    """A block that a claim names. `state` is None where there is no such block."""

    document: str
    block: str
    title: str  # of the page, in the language of the site
    state: State | None
    started: str = ""  # UTC, ISO 8601

    @property
    def reference(self) -> str:
        return f"{self.document}#{self.block}"

    @property
    def passed(self) -> bool:
        return self.state is State.VERIFIED


@dataclass(frozen=True, slots=True)
class Judgement:
    """A claim with what became of its blocks."""

    claim: Claim
    standing: Standing
    blocks: tuple[Shown, ...]

    @property
    def by_experiment(self) -> bool:
        """Whether running something settled it."""
        return self.standing in (Standing.PROVEN, Standing.SHOWN)


Blocks = Callable[[str], Shown]  # document#block → what is known of it


def judge_claim(register: Register, claim: Claim, blocks: Blocks) -> Judgement:
    """The claim's standing. It is never better than that of the worst block it names."""
    found = tuple(blocks(reference) for reference in claim.proof)
    passed = bool(found) and all(block.passed for block in found)
    return Judgement(claim, _standing(register, claim, found, passed), found)


def _standing(register: Register, claim: Claim, found: tuple[Shown, ...], passed: bool) -> Standing:
    match claim.status:
        case "proven" if passed:
            return Standing.PROVEN
        case "proven":
            return Standing.PENDING if not found and register.is_pending(claim.page) else Standing.UNPROVEN
        case "corrected":
            return Standing.SHOWN if passed else Standing.CORRECTED
        case status:
            return Standing(status)


def blocks_of(site: Site) -> Blocks:
    """Looks blocks up in the evidence of the whole site; each document is read when it is first asked for."""
    paths = dict(site.documentation.documents())
    known: dict[str, dict[str, Shown]] = {}

    def blocks(reference: str) -> Shown:
        document, _, block = reference.partition("#")
        if document not in known:
            known[document] = _shown(site, document, paths)
        return known[document].get(block) or Shown(document, block, document, None)

    return blocks


def _shown(site: Site, document: str, paths: dict[str, Path]) -> dict[str, Shown]:
    """The document's blocks by id; none of one that is not there or cannot be read: its own page says why."""
    try:
        session = site.documentation.session_of(paths[document])
    except (KeyError, PageError):
        return {}
    page, proof = dict(session.pages)[site.language], site.proof_of(session)
    verdicts = {block.id: judge_block(page, block, proof) for block in page.blocks}
    return {name: Shown(document, name, page.title, each.state, each.started) for name, each in verdicts.items()}
