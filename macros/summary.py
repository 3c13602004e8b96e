"""Page + proof → the line below the title."""

from __future__ import annotations

from collections import Counter
from html import escape

from macros.engines import Elsewhere, stand_ins, summary_facts
from macros.status import engine, image, moment
from macros.verdict import State, state_of
from macros.words import Words
from pagelab.evidence import Proof
from pagelab.model import BUILT_HERE, Page


def summary_html(
    page: Page, proof: Proof, words: Words, evidence: str, others: tuple[Elsewhere, ...] = (), settled: str = ""
) -> str:
    """How much of the page is verified, where and when, and what it settles; empty for a page without commands."""
    steps = [step for step in page.steps if not step.file]
    if not steps:
        return ""
    found = [known for step in steps if (known := proof.step(*step.key))]
    counts = Counter(state_of(known) for known in found) + Counter({State.NEVER: len(steps) - len(found)})
    told = stand_ins(page, proof, others)
    elsewhere = sum(step.block in told for step in steps)
    counts += Counter({State.VERIFIED: elsewhere})
    counts -= Counter({State.SKIPPED: elsewhere})
    state, text = _verdict(counts, len(steps), proof, words)
    facts = [f"<strong>{text}</strong>"]
    if elsewhere:
        facts.append(words.elsewhere.format(number=elsewhere))
    if found:
        facts += [_count(state, counts[state], words) for state in _NOTED if counts[state]]
        lab = dict(proof.lab)
        if "kubernetes" in lab:
            kind, version, nodes = (escape(lab[name]) for name in ("cluster", "kubernetes", "nodes"))
            facts.append(words.cluster.format(kind=kind, version=version, nodes=nodes))
        facts += [engine(proof, words), moment(proof.finished)]
        # What the page builds, it shows being built: only what came from elsewhere needs a word.
        facts += [image(name, origin, words) for name, _, origin in proof.images if origin != BUILT_HERE]
        facts.append(f'<a href="{evidence}">{words.evidence}</a>')
        facts += summary_facts(page, others, words)
    facts += [settled] if settled else []
    spans = "".join(f'<span class="lab-fact">{fact}</span>' for fact in facts)
    return (
        f'<p class="lab-summary lab-{state}" data-search-exclude>'
        f'<span class="lab-icon" aria-hidden="true"></span>{spans}</p>'
    )


_NOTED = (State.FAILED, State.ERROR, State.BLOCKED, State.NEVER, State.SKIPPED)


def _verdict(counts: Counter[State], total: int, proof: Proof, words: Words) -> tuple[State, str]:
    if proof.state == "missing":
        return State.NEVER, words.summary_never.format(total=total)
    if proof.state == "stale":
        return State.STALE, words.summary_stale.format(when=moment(proof.finished))
    passed = counts[State.VERIFIED]
    ran = _NOTED[:-1] if passed else _NOTED  # what is skipped takes nothing from a page of which something ran
    worst = next((state for state in ran if counts[state]), State.VERIFIED)
    text = words.summary if worst is State.VERIFIED else words.summary_some
    return worst, text.format(passed=passed, total=total)


def _count(state: State, number: int, words: Words) -> str:
    return words.count.format(number=number, state=words.state(state).lower())
