"""A step's shown output → words: how it is compared, and what may differ on each line and why."""

from __future__ import annotations

from collections.abc import Iterator

from pagelab.match import ELISION
from pagelab.model import Match, Page, Step
from pagelab.normalize import CLUSTER, Token, plain, tokens

MODES = {
    Match.SHAPE: "Line by line what is shown; only values that are new in every run may differ.",
    Match.EXACT: "Exactly what is shown: no value may differ, and `...` is only a text.",
    Match.CONTAINS: "The shown lines, one after the other, somewhere in what it prints.",
    Match.LINES: "The shown lines in any order, each as often as it is shown.",
    Match.JSON: "JSON that has everything shown; more may be there.",
}


def expectation(page: Page, step: Step) -> list[str]:
    """Lines to print: the rule, then the shown output with notes below each line that may differ."""
    if not step.expected:
        hidden = step.options.hidden_output
        return ["Whatever it likes: its output is not compared." if hidden else "Nothing: the page shows no output."]
    mode = step.options.match
    stated = "" if mode is Match.SHAPE else f' (match="{mode}")'
    authored = page.authored
    rows = [f"{MODES[mode]}{stated}", ""]
    for line in plain(step.expected).split("\n"):
        rows.append(f"  | {line}")
        if mode is not Match.EXACT:
            rows += [f"      {note}" for note in _notes(page, step, line, authored)]
    return rows


def _notes(page: Page, step: Step, line: str, authored: str) -> Iterator[str]:
    """What may differ on one shown line, and what looks as if it might but may not."""
    if line.strip() == ELISION:
        yield "any lines, or none" if step.options.match is not Match.JSON else "more may be here"
        return
    if ELISION in line:
        yield "... is any text"
    volatile = [token for token in tokens(line, authored) if token.shape]
    for token in dict.fromkeys(volatile):
        yield _volatile(page, step, token)
    varies = {token.text for token in volatile}
    for token in dict.fromkeys(tokens(line, CLUSTER if CLUSTER in authored else "")):
        if token.shape and token.text not in varies:
            yield f"{_short(token.text)}: a command of the page says it, so it must be the same"


def _volatile(page: Page, step: Step, token: Token) -> str:
    """What may stand in the place of one value."""
    assert token.shape is not None
    name, value = token.shape.name, _short(token.text)
    if not token.shape.identity:
        return f"{value}: any {name} ({token.shape.why})"
    first = next(other for other in page.steps if other is step or token.text in plain(other.expected))
    if first is step:
        return f"{value}: any {name} ({token.shape.why}), then the same one wherever the page shows it"
    return f"{value}: the {name} that the step at line {first.location.line} printed in the same run"


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:19]}…"
