"""A place on a page → text that teaches: what runs there, on what, and how it is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from pagelab.evidence import Proof, StepProof
from pagelab.expectation import MODES, expectation
from pagelab.listing import when
from pagelab.model import Block, Options, Page, Step
from pagelab.place import Place, block_lines, headline
from pagelab.requirements import SECRET
from pagelab.secret import placeholder

WIDTH = 100
BEFORE = 4  # commands before the step that are named; more are counted


@dataclass(frozen=True, slots=True)
class Scene:
    """What an explanation draws on besides the page: where its steps run, and what is known of them."""

    lab: tuple[str, ...]  # sentences about the lab
    proof: Proof


def lab_words(provider: str, images: tuple[str, ...], step: Step | None) -> tuple[str, ...]:
    """Sentences about the lab that the provider makes, and the images that can be pulled in it."""
    if provider == "local":
        return ("A scratch directory on this machine, as yourself (provider local); it is removed afterwards.",)
    command = step.command if step else ""
    named = [image for image in images if re.search(rf"(?<![\w-]){re.escape(image.partition(':')[0])}\b", command)]
    return (
        "A Docker host that is made for this document and gone afterwards: an engine of its own, nested in a container "
        "(provider docker), with a network of its own and no way out.",
        f"Images it can pull: {', '.join(images) or 'none'}. " + (f"Named here: {', '.join(named)}." if named else ""),
    )


def explain(page: Page, place: Place, scene: Scene) -> str:
    """The explanation, ready to print."""
    if place.step:
        return "\n".join(_step(page, place.step, place.line, scene))
    if place.block:
        return "\n".join(_block(page, place.block))
    where = f"{page.path}:{place.line}"
    advice = [f"  → {place.advice}"] if place.advice else []
    return "\n".join([f"{where}: {place.why_not}", *advice])


def _block(page: Page, block: Block) -> Iterator[str]:
    """A block as a whole: for its fence, and lines that are no step."""
    lines = block_lines(block)
    steps = [step for step in page.steps if step.block == block.id]
    kind = "hidden steps" if block.hidden else f"`{block.language}` block"
    yield f"{block.location}: {kind} `{block.id}`, lines {lines[0]} to {lines[-1]}, {_count(len(steps), 'step')}"
    yield from _section("Options", _stated(block.options))
    yield from _section("Steps", [_row(step) for step in steps])
    yield from _section("More", [f"pagelab explain {step.location}" for step in steps[:1]])


def _step(page: Page, step: Step, line: int, scene: Scene) -> Iterator[str]:
    here = [other for other in page.steps if other.block == step.block]
    number = page.steps.index(step)
    yield (
        f"{step.location}: step {step.number} of {len(here)} in block `{step.block}`"
        f" (step {number + 1} of {len(page.steps)} on the page)"
    )
    if line >= step.output[0] > 0:
        yield f"Line {line} is output that the page shows for it."
    if step.options.skip:
        yield from _section("Skipped", [f"It does not run, and the page tells readers why: {step.options.skip}"])
        return
    yield from _section("What runs" if not step.file else "What happens", _what(step))
    yield from _section("Where", [*_host(page, step), *scene.lab, *_requires(step)])
    yield from _section("Before it", _before(page, number))
    if not step.file:
        yield from _section("How it must end", _end(step.options))
        yield from _section("What it must print", expectation(page, step))
    yield from _section("Last outcome", _outcome(scene.proof, step))


def _section(title: str, lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    """A title and its lines, long prose folded; lines that start with two spaces stay as they are."""
    yield f"\n{title}"
    for line in lines:
        folded = [line] if line.startswith("  ") else wrap(line, WIDTH - 2) or [""]
        yield from (f"  {part}".rstrip() for part in folded)


def _what(step: Step) -> list[str]:
    if step.file:
        count = _count(step.command.count("\n"), "line")
        return [f"The block's text ({count}) is written to `{step.file}` in the session's directory."]
    rows = [f"  {'$' if n == 0 else '>'} {line}" for n, line in enumerate(step.command.split("\n"))]
    return [*rows, "", *_session(step)]


def _session(step: Step) -> list[str]:
    note = ["Readers do not see this step; the page says that hidden steps exist."] if step.hidden else []
    return [
        *note,
        "It runs in the page's one bash on its host: directory, variables and functions are those that the steps "
        "before it left. Its standard input is empty, and there is no terminal.",
    ]


def _host(page: Page, step: Step) -> list[str]:
    if len(page.hosts) == 1 and not page.cluster:
        return []
    which = step.options.host or page.hosts[0]
    if page.cluster:
        nodes = _count(page.cluster.nodes, "node")
        where = f"On the cluster's `{which}`" if which in page.cluster.names else f"On `{which}`, with kubectl,"
        return [f"{where} in a lab with a Kubernetes cluster of {nodes}, made for this page."]
    return [f"On `{which}`, one of the hosts {', '.join(page.hosts)}; each has a shell of its own."]


def _requires(step: Step) -> list[str]:
    secrets = [text.removeprefix(SECRET) for text in step.options.requires if text.startswith(SECRET)]
    said = [
        f"It can use ${name}, whose value comes from the environment of whoever runs the page. Wherever it is printed, "
        f"{placeholder(name)} stands in its place. Where {name} is not set, the step is skipped with that reason."
        for name in secrets
    ]
    if len(secrets) == len(step.options.requires):
        return said
    needed = ", ".join(text for text in step.options.requires if not text.startswith(SECRET))
    lacking = "Where the lab lacks that, it is skipped with the reason, unless the run insists (--require)."
    return [f"It needs {needed}. {lacking}", *said]


def _before(page: Page, number: int) -> list[str]:
    before = page.steps[:number]
    if not before:
        return ["Nothing: it is the first step, in a new lab."]
    named = before[-BEFORE:]
    more = [f"{_count(len(before) - len(named), 'step')} from {before[0].location} on, then:"]
    rows = [f"  {_row(step)}" for step in named]
    return [*(more if len(before) > len(named) else []), *rows]


def _row(step: Step) -> str:
    said = headline(step)
    short = said if len(said) <= WIDTH - 20 else f"{said[: WIDTH - 21]}…"
    return f"{step.location.line}: {short}{' (skipped)' if step.options.skip else ''}"


def _end(options: Options) -> list[str]:
    """How a step must end, in words."""
    status = f' (exit="{options.exit}" on its block speaks of the last command).' if options.exit else "."
    limit = f' (timeout="{options.timeout:g}").' if options.timeout != Options().timeout else ", which is the default."
    said = [
        f"With exit status {options.exit}{status}",
        "Every other command on its lines, and inside pipelines, must succeed, unless the line itself looks at the "
        "status (if, !, &&, ||).",
        f"Within {options.timeout:g} s{limit}",
    ]
    if options.eventually:
        again = f"{options.eventually:g}"
        said.append(f'Until it matches, it is repeated, for up to {again} s (eventually="{again}").')
    return said


def _stated(options: Options) -> list[str]:
    """What a block states beyond the defaults, in words."""
    usual = Options()
    said = {
        f"Its last command must end with status {options.exit}.": options.exit,
        f"Each command has {options.timeout:g} s.": options.timeout != usual.timeout,
        f"Each command is repeated for up to {options.eventually:g} s until it matches.": options.eventually,
        MODES[options.match]: options.match is not usual.match,
        "Its commands may print what they like.": options.hidden_output,
        f"Its text is written to the file `{options.file}`.": options.file,
        f"Nothing of it runs: {options.skip}": options.skip,
        f"It runs on the host `{options.host}`.": options.host,
        f"It needs {', '.join(options.requires)}; where the lab lacks that, it is skipped.": options.requires,
    }
    return [words for words, holds in said.items() if holds] or ["None: the defaults hold."]


def _outcome(proof: Proof, step: Step) -> list[str]:
    if proof.state == "missing":
        return ["Unknown: there is no evidence of a run."]
    known = dict(proof.steps).get(step.key)
    if known is None:
        return [f"Unknown: the run of {when(proof.finished)} did not have this step."]
    stale = (
        ["The page has changed since: this says nothing about the page as it is now."] if proof.state == "stale" else []
    )
    return [*_said(known, proof), *stale]


def _said(known: StepProof, proof: Proof) -> list[str]:
    lab = dict(proof.lab)
    where = f" on Docker Engine {lab['engine']}" if lab.get("engine") else ""
    took = f" in {known.duration:g} s" if known.duration is not None else ""
    status = f", exit status {known.status}" if known.status else ""
    reason = f": {known.reason}" if known.reason else ""
    left = [f"Background jobs that still ran after it: {', '.join(known.jobs)}."] if known.jobs else []
    return [f"{known.outcome}{took}{status}, {when(known.started or proof.finished)}{where}{reason}", *left]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
