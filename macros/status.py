"""Verdict → HTML: the line below a block, with the raw output behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from macros.verdict import State, Verdict, state_of
from macros.words import Words
from pagelab.evidence import Proof, StepProof
from pagelab.model import Step
from pagelab.place import first_line
from pagelab.requirements import parse_requirement

_UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")
Fact = str  # a piece of HTML


def status_html(
    verdict: Verdict, proof: Proof, words: Words, evidence: str, note: Fact = "", elsewhere: str = ""
) -> str:
    """One line, never by colour alone; it opens when there is output to show. `evidence` is the record's address.

    Of other engines, `note` goes into the line, `elsewhere` below the output.
    """
    told = (_scope(verdict, words), *_facts(verdict, proof, words), note)
    facts = "".join(f'<span class="lab-fact">{fact}</span>' for fact in told if fact)
    line = f'<span class="lab-icon" aria-hidden="true"></span><strong>{words.state(verdict.state)}</strong>{facts}'
    if not verdict.ran and not note:
        return f'<p class="lab-status" data-search-exclude>{line}</p>'
    steps = "".join(_step(step, found, words) for step, found in verdict.steps)
    link = f'<p class="lab-evidence"><a href="{escape(evidence)}">{words.evidence}</a></p>'
    opened = " open" if verdict.state is State.FAILED else ""
    return (
        f'<details class="lab-status" data-search-exclude{opened}>'
        f'<summary>{line}<span class="lab-more">{words.raw}</span></summary>'
        f'<div class="lab-raw">{steps}{link}{elsewhere}</div></details>'
    )


def moment(iso: str) -> str:
    """A time of the evidence as readers see it: date and minutes, UTC."""
    if not iso:
        return "–"
    shown = iso[:16].replace("T", " ")
    return f'<time datetime="{escape(iso)}">{escape(shown)} UTC</time>'


def engine(proof: Proof, words: Words) -> str:
    """Which engine ran the commands."""
    version = dict(proof.lab).get("engine", "")
    return f"Docker Engine {escape(version)}" if version else words.no_engine


def cluster(verdict: Verdict, proof: Proof, words: Words) -> Fact:
    """On which cluster, and how far, the block was tried; empty where no cluster had a part in it."""
    levels = {found.level for _, found in verdict.steps if found} - {""}
    lab = dict(proof.lab)
    if not levels or "kubernetes" not in lab:
        return ""
    least = next(level for level in ("schema", "api-server", "nodes") if level in levels)
    version = escape(lab["kubernetes"])
    told = {"schema": words.schema_checked, "api-server": words.api_server_only, "nodes": words.ran_on_nodes}[least]
    return (
        f'<span class="lab-level lab-level-{least}">{told.format(version=version, nodes=escape(lab["nodes"]))}</span>'
    )


def image(name: str, origin: str, words: Words) -> str:
    """An image with its origin."""
    return f"<code>{escape(name.removesuffix(':latest'))}</code> {escape(words.origin(origin))}"


def _facts(verdict: Verdict, proof: Proof, words: Words) -> Iterator[Fact]:
    match verdict.state:
        case State.VERIFIED:
            yield moment(verdict.started)
            yield cluster(verdict, proof, words) or engine(proof, words)
            if file := verdict.steps[0][0].file:
                yield words.wrote.format(file=f"<code>{escape(file)}</code>")
            else:
                yield from (image(name, origin, words) for name, origin in _named(verdict, proof))
                yield words.seconds.format(number=_rounded(verdict.duration))
        case State.STALE:
            yield words.stale_why.format(when=moment(proof.finished))
        case State.NEVER:
            yield words.never_some if verdict.ran else words.never_why
        case _ if verdict.worst:
            step, found = verdict.worst
            if verdict.state is State.FAILED:
                yield f"<code>{escape(first_line(step))}</code>"
            yield why(step, found, words) or words.ran_on.format(engine=engine(proof, words))
            if found.started:
                yield moment(found.started)
                yield engine(proof, words)


def why(step: Step, found: StepProof, words: Words) -> Fact:
    """Why the step is not verified; empty where the engine is another one than it is for, as the line says already."""
    if step.options.skip:
        return escape(step.options.skip)  # the page's words, in its language
    versions = tuple(f"{text} " for text in step.options.requires if parse_requirement(text).version)
    return "" if versions and found.reason.startswith(versions) else _told(found.reason, words)


def _told(reason: str, words: Words) -> str:
    """A reason of the run's: what a lab lacks in the page's language, as far as that has words for it."""
    what, required, lacking = reason.partition(" is required: ")
    if not required:
        return f'<span lang="en">{escape(reason)}</span>'
    why_not = words.lacking.get(lacking) or f'<span lang="en">{escape(lacking)}</span>'
    return words.required.format(what=escape(what), lacking=why_not)


def _scope(verdict: Verdict, words: Words) -> Fact:
    """The Docker versions that the block is for; empty when it does not say."""
    required = [parse_requirement(text) for step, _ in verdict.steps[:1] for text in step.options.requires]
    return words.listed([words.versions(each.comparison, each.numbers) for each in required if each.version])


def _named(verdict: Verdict, proof: Proof) -> Iterator[tuple[str, str]]:
    """The images that the block's commands name, in the evidence's order."""
    typed = set(re.split(r"[\s'\"=]+", " ".join(step.command for step, _ in verdict.steps)))
    for name, _, origin in proof.images:
        if {name, name.removesuffix(":latest")} & typed:
            yield name, origin


def _step(step: Step, found: StepProof | None, words: Words) -> str:
    state = state_of(found) if found else State.NEVER
    head = f"<code>{escape(step.file or '$ ' + first_line(step))}</code>"
    if found is None or found.output is None:
        reason = f": {_told(found.reason, words)}" if found and found.reason else ""
        return f'<div class="lab-step"><p>{head}<span class="lab-fact">{words.not_run}{reason}</span></p></div>'
    facts = [words.status.format(status="?" if found.status is None else found.status)]
    facts.append(words.seconds.format(number=_rounded(found.duration or 0.0)))
    notes = "".join(f'<span class="lab-fact">{fact}</span>' for fact in facts)
    body = output_html(found.output, words)
    if state is State.FAILED:
        body = (
            f'<p class="lab-reason" lang="en">{escape(found.reason)}</p>'
            f"<p>{words.expected}</p>{output_html(step.expected, words)}<p>{words.observed}</p>{body}"
        )
    return f'<div class="lab-step"><p>{head}{notes}</p>{body}</div>'


def output_html(text: str, words: Words) -> str:
    """Text as a terminal would leave it, without colours and control characters; the record has it whole."""
    clean = _UNPRINTABLE.sub("", text).rstrip("\n")
    return f'<pre tabindex="0">{escape(clean)}</pre>' if clean else f'<p class="lab-none">{words.no_output}</p>'


def _rounded(seconds: float) -> str:
    """Three figures at most; below a tenth of a second in the record's milliseconds, and never none."""
    return f"{max(seconds, 0.001):.{1 if seconds >= 10 else 2 if seconds >= 0.1 else 3}f}"
