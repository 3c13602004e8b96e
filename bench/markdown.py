"""Mistakes in the Markdown around commands, made in every language alike, judged on the recorded outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.attempt import Attempt
from bench.recording import Recording, judge_all
from pagelab.errors import PageError
from pagelab.model import Observation, Step
from pagelab.page import parse_page
from pagelab.session import merge_languages


def of_text(recording: Recording) -> Iterator[Attempt]:
    """What becomes of every such mistake in the recording's pages."""
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
        if step.file:
            continue
        if (texts := _edited(recording, rows, r"[$#] ", "")) is not None:
            yield _reparsed(recording, texts, "markdown: prompt dropped", str(step.location))
        for kind, pattern, other in (
            ("markdown: kubectl without a time limit", r"(\brollout status .*) --timeout[= ]\S+", r"\1"),
            ("markdown: kubectl without end", r"(\bkubectl .*) --timeout[= ]\S+", r"\1 --timeout=-1s"),
            ("markdown: kubectl asks no server", r"--dry-run=server", "--dry-run=client"),
        ):
            if "without end" in kind:
                applies = re.search(r"\bkubectl (?:-\S+ \S+ )?wait\b", step.command) is not None
            else:  # what prints a manifest may be of use without a server
                applies = "asks no server" not in kind or " -o" not in step.command
            if applies and (texts := _edited(recording, rows, pattern, other)) is not None:
                yield _refused(recording, texts, kind, str(step.location))


def _refused(recording: Recording, texts: list[str], kind: str, where: str) -> Attempt:
    """Read the edited pages, which are to be refused before anything of them runs."""
    try:
        for (path, _), text in zip(recording.texts, texts, strict=True):
            parse_page(path, text)
    except PageError:
        return Attempt(kind, where, "", True)
    return Attempt(kind, where, "", False, hint="a command that cannot prove anything is taken for a right one")


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
