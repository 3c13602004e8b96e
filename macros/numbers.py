"""The whole site's evidence → the few numbers that a page may quote."""

from __future__ import annotations

from dataclasses import dataclass

from macros.engines import Elsewhere, stand_ins
from macros.site import Site
from pagelab.errors import PageError


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counted over current evidence only."""

    commands: int  # on all pages
    verified: int  # on the engine that runs the page, or on another one that a block is for
    documents: int  # with commands
    engines: tuple[str, ...]  # versions, in order
    last_run: str  # UTC, ISO 8601; empty when nothing ran


def count(site: Site) -> Numbers:
    """The numbers of all documents; one that cannot be read counts for nothing here: its own page says so."""
    commands = verified = documents = 0
    engines: set[str] = set()
    finished = [""]
    for _, path in site.documentation.documents():
        try:
            session = site.documentation.session_of(path)
        except PageError:
            continue
        steps = [step for step in session.steps if not step.file]
        proof = site.proof_of(session)
        documents += bool(steps)
        commands += len(steps)
        found = [known for step in steps if (known := proof.step(*step.key))]
        verified += sum(known.outcome == "passed" for known in found)
        page, others = session.pages[0][1], site.proofs_elsewhere(session)
        told = stand_ins(page, proof, tuple(Elsewhere(version, there, "") for version, there in others))
        verified += sum(step.block in told for step in steps)
        if found:
            finished.append(proof.finished)
            everywhere = (proof, *(there for _, there in others))
            engines |= {dict(each.lab).get("engine", "") for each in everywhere}
    return Numbers(commands, verified, documents, tuple(sorted(engines - {""})), max(finished))
