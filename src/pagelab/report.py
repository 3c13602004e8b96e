"""Outcome → text that starts with path:line and says what was expected, what happened, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pagelab.errors import Location
from pagelab.model import Kind, Outcome

TITLES = {
    Kind.PASSED: "passed",
    Kind.FAILED: "the page is wrong",
    Kind.ERROR: "could not be run",
    Kind.BLOCKED: "not run",
    Kind.SKIPPED: "skipped",
}
_PLACED = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): *(?P<text>.*)")


def describe(outcome: Outcome, location: Location) -> str:
    """The message for one step, at its place in the language the reader looks at."""
    head = f"{location}: {TITLES[outcome.kind]}: {outcome.reason}"
    if outcome.kind is Kind.BLOCKED:
        return head
    command = [f"  {'$' if n == 0 else '>'} {line}" for n, line in enumerate(_shown(outcome))]
    legend = []
    if any(line.startswith(("- ", "+ ")) for line in outcome.detail.split("\n")):
        legend = ["  (- the page shows, + was observed)"]
    detail = [f"  {line}" for line in outcome.detail.split("\n")] if outcome.detail else []
    advice = [f"  → {line}" for line in outcome.advice.split("\n")] if outcome.advice else []
    jobs = outcome.observation.jobs if outcome.observation else ()
    running = [f"  (still running in the background: {', '.join(f'`{job}`' for job in jobs)})"] if jobs else []
    return "\n".join([head, *command, *legend, *detail, *running, *advice])


def describe_end(problem: str, location: Location) -> str:
    """The message for what went wrong after a page's last step, which is there."""
    return f"{location}: the run did not end well: {problem}"


def _shown(outcome: Outcome) -> list[str]:
    if outcome.step.file:
        return [f"(writes the file {outcome.step.file})"]
    return outcome.step.command.split("\n")


def summary(kinds: Mapping[Kind, int]) -> str:
    """One line that counts steps by outcome, in a fixed order, without those that did not occur."""
    return ", ".join(f"{kinds[kind]} {kind.value}" for kind in Kind if kinds.get(kind)) or "nothing ran"


def annotation(message: str) -> str:
    """The message as a GitHub workflow command, which shows it at the line of a change that it starts with, if any."""
    head, _, rest = message.partition("\n")
    placed = _PLACED.fullmatch(head)
    if placed is None:
        return f"::error::{_escaped(message)}"
    title = _escaped(placed["text"], more={",": "%2C", ":": "%3A"})
    return f"::error file={placed['path']},line={placed['line']},title={title}::{_escaped(rest or placed['text'])}"


def _escaped(text: str, more: Mapping[str, str] | None = None) -> str:
    """The text as GitHub's workflow commands want it."""
    for character, code in {"%": "%25", "\r": "%0D", "\n": "%0A", **(more or {})}.items():
        text = text.replace(character, code)
    return text


def job_summary(documents: Mapping[str, Mapping[Kind, int]], messages: Iterable[str]) -> str:
    """Markdown for a job's page on GitHub: a row for each document, and what is wrong."""
    rows = [f"| {name} | {summary(kinds)} |" for name, kinds in sorted(documents.items())]
    wrong = [f"\n```text\n{message}\n```" for message in messages]
    return "\n".join(["### Pages", "", "| document | steps |", "| --- | --- |", *rows, *wrong]) + "\n"
