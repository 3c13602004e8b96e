"""Outcome → text that starts with path:line and says what was expected, what happened, what to do."""

from __future__ import annotations

from pagelab.errors import Location
from pagelab.model import Kind, Outcome, Session

TITLES = {
    Kind.PASSED: "passed",
    Kind.FAILED: "the page is wrong",
    Kind.ERROR: "could not be run",
    Kind.BLOCKED: "not run",
    Kind.SKIPPED: "skipped",
}


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
    return "\n".join([head, *command, *legend, *detail, *advice])


def _shown(outcome: Outcome) -> list[str]:
    if outcome.step.file:
        return [f"(writes the file {outcome.step.file})"]
    return outcome.step.command.split("\n")


def locations(session: Session, key: tuple[str, int]) -> tuple[Location, ...]:
    """Where each language has the step."""
    return tuple(step.location for _, page in session.pages for step in page.steps if step.key == key)


def summary(kinds: dict[Kind, int]) -> str:
    """One line that counts steps by outcome, in a fixed order, without those that did not occur."""
    return ", ".join(f"{kinds[kind]} {kind.value}" for kind in Kind if kinds.get(kind)) or "nothing ran"
