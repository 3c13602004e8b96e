"""Recordings → what became of each mutant: caught, equivalent by a rule, or neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.equivalence import Truth
from bench.mutants import Change, Page, changes
from bench.recording import Judged, Recording, finish, judge_all
from bench.rules import lines_of
from pagelab.errors import Location, PageError
from pagelab.model import Ending, Failure, Kind, Observation, Session, Step
from pagelab.page import parse_page
from pagelab.session import merge_languages


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mutant and what became of it."""

    kind: str
    where: str  # path:line
    change: str  # what was there → what stands there now
    caught: bool
    equivalent: str = ""  # the rule by which the page is still true
    hint: str = ""  # for a survivor: what may have let it pass


def attempts(recordings: list[Recording], seed: int, worker: int, workers: int) -> list[Attempt]:
    """This worker's share of all mutants of all recordings."""
    found: list[Attempt] = []
    number = 0
    for recording in recordings:
        judged = Judged.of(recording)
        truth = Truth.of(judged)
        for index in range(len(judged.steps)):
            number += 1
            if number % workers == worker:
                found += _of_step(recording, truth, index, seed)
        number += 1
        if number % workers == worker:
            found += _of_text(recording)
            found += _of_languages(recording)
    return found


def _of_step(recording: Recording, truth: Truth, index: int, seed: int) -> Iterator[Attempt]:
    step, seen = truth.judged.steps[index], truth.judged.seen[index]
    if seen is None:
        return
    name = f"{seed} {recording.session.document} {step.key}"
    authored = truth.judged.authored
    shown = Page.of(tuple(step.expected for step in truth.judged.steps if step.expected), authored)
    for change in changes(tuple(step.expected.split("\n")) if step.expected else (), shown, name):
        yield _text(truth, index, replace(step, expected="\n".join(change.lines)), seen, change, "page")
    if not step.options.hidden_output:
        lines = lines_of(seen.output.decode(errors="backslashreplace"))
        outputs = (o.output.decode(errors="backslashreplace").strip("\n") for o in truth.judged.seen if o and o.output)
        observed = Page.of(tuple(outputs), authored)
        for change in changes(tuple(lines), observed, f"observed {name}"):
            other = replace(seen, output="\n".join(change.lines).encode())
            yield _text(truth, index, step, other, change, "observed")
    yield from _of_statuses(truth, index, step, seen)
    if recording.local:
        yield from _of_command(recording, index, step)


def _text(truth: Truth, index: int, step: Step, seen: Observation, change: Change, side: str) -> Attempt:
    """Judge the document with other text on one side, and see what the rules say of it."""
    caught = truth.judged.wrong_at(index, step, seen) is not None
    holds = truth.holds(index, step, seen)
    reason = truth.reason(index, step, seen) if holds else ""
    line = step.output[0] + min(change.row, max(0, step.output[1] - step.output[0] - 1)) if side == "page" else 0
    where = Location(step.location.path, line) if line else step.location
    old, old_seen = truth.judged.steps[index], truth.judged.seen[index]
    assert old_seen is not None
    before = old.expected.split("\n") if side == "page" else lines_of(old_seen.output.decode(errors="backslashreplace"))
    was = before[change.row] if change.row < len(before) else ""
    now = change.lines[change.row] if change.row < len(change.lines) else ""
    hint = "the rules, read a second time, refuse it" if not holds else "no rule is known that allows it"
    return Attempt(f"{side}: {change.kind}", str(where), f"{was!r} → {now!r}", caught, reason, hint)


def _of_statuses(truth: Truth, index: int, step: Step, seen: Observation) -> Iterator[Attempt]:
    """Other ends than the page's."""
    assert seen.status is not None
    wanted = step.options.exit
    pages = {"page: other exit status": [0, wanted + 1] if wanted else [1, 125]}
    for kind, statuses in pages.items():
        for status in statuses:
            other = replace(step, options=replace(step.options, exit=status))
            yield _plain(truth, index, other, seen, kind, f"exit {wanted} → {status}")
    ends = {
        "observed: other exit status": replace(seen, status=seen.status + 1),
        "observed: success instead of failure": replace(seen, status=0),
        "observed: out of time": replace(seen, status=None, ending=Ending.TIMEOUT),
        "observed: shell ended": replace(seen, ending=Ending.SHELL_ENDED),
        "observed: too much output": replace(seen, ending=Ending.TOO_MUCH),
        "observed: failure inside the line": replace(seen, failures=(Failure(wanted + 1, "other"), *seen.failures)),
        "observed: failure inside the line, same status": replace(
            seen, failures=(Failure(wanted, "other"), Failure(wanted, step.command))
        ),
        "observed: failure inside a pipeline": replace(seen, piped=(1,)),
    }
    for kind, other_seen in ends.items():
        if other_seen == seen or (not wanted and ("same status" in kind or "instead" in kind)):
            continue
        yield _plain(truth, index, step, other_seen, kind, step.command.split("\n")[0])
    if step.options.hidden_output and not step.expected:
        bare = replace(step, options=replace(step.options, hidden_output=False))
        silent = "" if seen.output.strip() else "the command prints nothing, so there is nothing to hide"
        yield replace(_plain(truth, index, bare, seen, "page: hidden output not said", "output"), equivalent=silent)


def _plain(truth: Truth, index: int, step: Step, seen: Observation, kind: str, change: str) -> Attempt:
    caught = truth.judged.wrong_at(index, step, seen) is not None
    return Attempt(
        kind, str(step.location), change, caught, hint="the end of the command is not looked at closely enough"
    )


COMMANDS = {
    "command: replaced by true": "true",
    "command: replaced by false": "false",
    "command: replaced by another": "echo mutant",
    "command: misspelt": "x{0}",
    "command: ends with another status": "{0}\n(exit 3)",
    "command: fails before it works": "false; {0}",
    "command: a pipeline fails before it works": "false | cat; {0}",
    "command: says more": "{0}\necho mutant",
    "command: says more on stderr": "{0}\necho mutant >&2",
    "command: leaves the shell": "{0}\nexit 0",
}


def _of_command(recording: Recording, index: int, step: Step) -> Iterator[Attempt]:
    """Other commands, really run."""
    before = [(seen.status, seen.output) if seen else None for seen in recording.seen]
    for kind, pattern in COMMANDS.items():
        command = pattern.format(step.command)
        if command == step.command:
            continue
        steps = list(recording.session.steps)
        steps[index] = replace(step, command=command)
        outcomes = finish(_with_steps(recording.session, steps))
        caught = any(kind is not Kind.PASSED for kind, _ in outcomes)
        after = [(seen.status, seen.output) if seen else None for _, seen in outcomes]
        after = [None if old is None else new for old, new in zip(before, after, strict=True)]
        same = "the other command does the same: every step printed and ended as before" if after == before else ""
        change = f"{step.command!r} → {command!r}"
        yield Attempt(kind, str(step.location), change, caught, "" if caught else same, "the page is run, and passes")


def _with_steps(session: Session, steps: list[Step]) -> Session:
    language, page = session.pages[0]
    return replace(session, pages=((language, replace(page, steps=tuple(steps))), *session.pages[1:]))


def _of_languages(recording: Recording) -> Iterator[Attempt]:
    """Changes in one language only, which no run can see."""
    if len(recording.session.pages) < 2:
        return
    language, page = recording.session.pages[1]
    for index, step in enumerate(page.steps):
        others = {
            "one language: command": replace(step, command=f"{step.command} "),
            "one language: output": replace(step, expected=f"{step.expected}x"),
            "one language: exit status": replace(step, options=replace(step.options, exit=step.options.exit + 1)),
            "one language: id of the block": replace(step, block=f"{step.block}x"),
        }
        for kind, other in others.items():
            steps = (*page.steps[:index], other, *page.steps[index + 1 :])
            yield _merged(recording, language, steps, kind, step)
        yield _merged(
            recording, language, page.steps[:index] + page.steps[index + 1 :], "one language: step missing", step
        )


def _merged(recording: Recording, language: str, steps: tuple[Step, ...], kind: str, step: Step) -> Attempt:
    pages = dict(recording.session.pages)
    pages[language] = replace(pages[language], steps=steps)
    try:
        merge_languages(recording.session.document, pages)
    except PageError:
        return Attempt(kind, str(step.location), step.command.split("\n")[0], True)
    return Attempt(
        kind, str(step.location), step.command.split("\n")[0], False, hint="languages are not compared closely"
    )


def _of_text(recording: Recording) -> Iterator[Attempt]:
    """Mistakes in the Markdown around commands, made in every language alike, judged on the recorded outputs."""
    first = recording.session.pages[0][1]
    blocks = {block.id: [page.blocks[n] for _, page in recording.session.pages] for n, block in enumerate(first.blocks)}
    for block in first.blocks:
        if not any(step.block == block.id for step in first.steps):
            continue
        lines = [twin.location.line - 1 for twin in blocks[block.id]]
        closing = [n + 1 + twin.text.count("\n") for n, twin in zip(lines, blocks[block.id], strict=True)]
        where = str(block.location)
        language = block.language
        for kind, pattern, other, rows in (
            ("markdown: language of a block misspelt", rf"(?<=[`~]){language}\b", language[:-1], lines),
            ("markdown: option misspelt", r"\b(\w+)=", r"\1x=", lines),
            ("markdown: braces dropped", r"\{(.*)\}", r"\1", lines),
            ("markdown: closing fence dropped", r"[`~]{3,}\s*$", "", closing),
            ("markdown: first prompt dropped", r"[$#] ", "", [n + 1 for n in lines]),
        ):
            if (texts := _edited(recording, rows, pattern, other)) is not None:
                yield _reparsed(recording, texts, kind, where)
    for step, seen in zip(first.steps, recording.seen, strict=True):
        if seen is None:  # another Docker version runs it, and judges it then
            continue
        twins = [next(s for s in page.steps if s.key == step.key) for _, page in recording.session.pages]
        rows = [twin.location.line - 1 for twin in twins]
        if not step.file and (texts := _edited(recording, rows, r"[$#] ", "")) is not None:
            yield _reparsed(recording, texts, "markdown: prompt dropped", str(step.location))


def _ran(step: Step) -> tuple[object, ...]:
    """All that a step is, but for its place."""
    return step.key, step.command, step.expected, step.options, step.file, step.hidden


def _edited(recording: Recording, rows: list[int], pattern: str, other: str) -> list[str] | None:
    """Each language's text with one line edited; None where the pattern is not there."""
    texts = []
    for (_, text), row in zip(recording.texts, rows, strict=True):
        lines = text.replace("\r\n", "\n").split("\n")
        edited = re.sub(pattern, other, lines[row], count=1)
        if edited == lines[row]:
            return None
        texts.append("\n".join([*lines[:row], edited, *lines[row + 1 :]]))
    return texts


def _reparsed(recording: Recording, texts: list[str], kind: str, where: str) -> Attempt:
    """Read the edited pages, and judge the steps they still have on what those commands printed."""
    names = [language for language, _ in recording.session.pages]
    try:
        pages = {
            language: parse_page(path, text)
            for language, (path, _), text in zip(names, recording.texts, texts, strict=True)
        }
        session = merge_languages(recording.session.document, pages)
    except PageError:
        return Attempt(kind, where, "", True)
    seen: list[Observation | None] = []
    left = list(zip(recording.session.steps, recording.seen, strict=True))
    for step in session.steps:
        while left and left[0][0].command != step.command:
            left.pop(0)
        if not left:
            return Attempt(kind, where, "", True)  # another command, which does not exist on this page
        seen.append(left.pop(0)[1])
    missing = len(recording.session.steps) - len(session.steps)
    if not missing and [_ran(step) for step in session.steps] == [_ran(step) for step in recording.session.steps]:
        return Attempt(kind, where, "", False, "the language of a file, which only colours it: every step is the same")
    caught = judge_all(session.steps, tuple(seen))
    return Attempt(
        kind, where, f"{missing} steps no longer run", caught, hint="shown, but no longer run, and nothing says so"
    )
