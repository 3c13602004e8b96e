"""Block + proofs of other engines → on which Docker versions it holds, and what is different where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from macros.status import first_line, moment, output_html
from macros.verdict import State, Verdict, judge_block, state_of
from macros.words import Words
from pagelab.evidence import Proof
from pagelab.model import Block, Page


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A document's current proof on another engine than the one that the site rests on."""

    version: str  # as 20.10
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


def note_html(state: State, judged: tuple[Judged, ...], words: Words) -> str:
    """A few words for the status line, empty where the other engines bring no news to a reader of it."""
    news = {State.VERIFIED: (State.FAILED, words.differs_on), State.SKIPPED: (State.VERIFIED, words.holds_on)}
    wanted, text = news.get(state, (None, ""))
    versions = [each.there.version for each in judged if each.verdict.state is wanted]
    return text.format(versions=words.listed(versions)) if versions else ""


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
    """On another engine a failed step is no fault of the page: it differs."""
    return words.differs if state is State.FAILED else words.state(state).lower()


def _engine(judged: Judged, words: Words) -> Iterator[str]:
    verdict, there = judged.verdict, judged.there
    version = dict(there.proof.lab).get("engine") or there.version
    facts = [_state(verdict.state, words)]
    if verdict.worst and verdict.state in (State.SKIPPED, State.BLOCKED, State.ERROR):
        step, proof = verdict.worst
        own = step.options.skip  # the page's, in its language
        facts.append(escape(own) if own else f'<span lang="en">{escape(proof.reason)}</span>')
    if verdict.started:
        facts.append(moment(verdict.started))
    facts.append(f'<a href="{escape(there.record)}">{words.evidence}</a>')
    notes = "".join(f'<span class="lab-fact">{fact}</span>' for fact in facts)
    yield f"<p>Docker Engine {escape(version)}{notes}</p>"
    for step, found in verdict.steps:
        if found is not None and state_of(found) is State.FAILED:
            yield f"<p><code>{escape(step.file or '$ ' + first_line(step))}</code></p>"
            yield f'<p class="lab-reason" lang="en">{escape(found.reason)}</p>{output_html(found.output or "", words)}'
