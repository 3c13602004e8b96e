"""Block + proofs of other engines → on which Docker versions it holds, and what is different where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from macros.status import moment, output_html, why
from macros.verdict import State, Verdict, judge_block, state_of
from macros.words import Words
from pagelab.evidence import Proof
from pagelab.model import Block, Page
from pagelab.place import first_line


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A document's proof on one engine, for a block that is told by another."""

    version: str  # as 20.10; empty where no engine ran it
    proof: Proof
    record: str  # address of the evidence, relative to the page


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one block there."""

    there: Elsewhere
    verdict: Verdict


def judge_elsewhere(page: Page, block: Block, others: tuple[Elsewhere, ...]) -> tuple[Judged, ...]:
    """The block's verdict on each other engine."""
    return tuple(Judged(there, judge_block(page, block, there.proof)) for there in others)


def stand_ins(page: Page, proof: Proof, others: tuple[Elsewhere, ...]) -> dict[str, Judged]:
    """By id, each block that the page's own engine left out and another one verified: the newest that did."""
    found: dict[str, Judged] = {}
    for block in page.blocks:
        if judge_block(page, block, proof).state is State.SKIPPED:
            judged = judge_elsewhere(page, block, others)
            found.update((block.id, each) for each in judged if each.verdict.state is State.VERIFIED)
    return found


def note_html(state: State, judged: tuple[Judged, ...], words: Words) -> str:
    """A few words for the status line of a verified block, empty where it holds on the other engines, too."""
    versions = [each.there.version for each in judged if each.verdict.state is State.FAILED]
    return words.differs_on.format(versions=words.listed(versions)) if versions and state is State.VERIFIED else ""


def engines_html(judged: tuple[Judged, ...], words: Words) -> str:
    """For the opened details: each other engine with the block's state there, and the steps that differ."""
    if not judged:
        return ""
    engines = "".join(f'<div class="lab-step">{"".join(_engine(each, words))}</div>' for each in judged)
    return f'<div class="lab-engines"><p><strong>{words.other_engines}</strong></p>{engines}</div>'


def summary_facts(page: Page, others: tuple[Elsewhere, ...], words: Words) -> Iterator[str]:
    """For the line below the title: each other engine with the number of commands in each state there."""
    steps = [step for step in page.steps if not step.file]
    for there in others:
        found = [there.proof.step(*step.key) for step in steps]
        counts = Counter(state_of(proof) if proof else State.NEVER for proof in found)
        numbers = [words.count.format(number=counts[state], state=_state(state, words)) for state in State]
        told = [number for number, state in zip(numbers, State, strict=True) if counts[state]]
        link = f'<a href="{escape(there.record)}">Docker {escape(there.version)}</a>'
        yield words.engine_numbers.format(engine=link, numbers=words.listed(told))


def _state(state: State, words: Words) -> str:
    """On another engine a failed step is no fault of the page: it differs; and what is left out is so there."""
    return {State.FAILED: words.differs, State.SKIPPED: words.left_out}.get(state, words.state(state).lower())


def _engine(judged: Judged, words: Words) -> Iterator[str]:
    verdict, there = judged.verdict, judged.there
    version = dict(there.proof.lab).get("engine") or there.version
    facts = [_state(verdict.state, words)]
    if verdict.worst and verdict.state in (State.SKIPPED, State.BLOCKED, State.ERROR):
        facts.append(why(*verdict.worst, words) or words.not_meant)
    if verdict.started:
        facts.append(moment(verdict.started))
    facts.append(f'<a href="{escape(there.record)}">{words.evidence}</a>')
    notes = "".join(f'<span class="lab-fact">{fact}</span>' for fact in facts)
    yield f"<p>{f'Docker Engine {escape(version)}' if version else words.no_engine}{notes}</p>"
    for step, found in verdict.steps:
        if found is not None and state_of(found) is State.FAILED:
            yield f"<p><code>{escape(step.file or '$ ' + first_line(step))}</code></p>"
            yield f'<p class="lab-reason" lang="en">{escape(found.reason)}</p>{output_html(found.output or "", words)}'
