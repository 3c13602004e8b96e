"""Observed output → the pages: rewrites the shown output of steps, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import Path

from pagelab.match import ELISION, Bindings, match_line
from pagelab.model import Match, Page, Step
from pagelab.normalize import plain, tokens

_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def update_text(text: str, page: Page, outputs: Mapping[tuple[str, int], str], bindings: Bindings) -> str:
    """The page's text with new shown output for the steps in `outputs`.

    Each line's end is kept, and so is what the author wrote where it still holds: lines that match by shape,
    elisions between them, and the shown form of every id that is bound to an observed one.
    """
    lines = text.split("\n")  # as the page was read; each keeps the carriage return that it has
    authored = "\n".join(step.command for step in page.steps)
    for step in sorted(page.steps, key=lambda step: step.output, reverse=True):
        if step.key not in outputs:
            continue
        start, end = step.output
        command = lines[step.location.line - 1]
        prompt = command[len(step.prefix) :][:2]
        seen = [_in_the_pages_words(line, bindings, authored) for line in plain(outputs[step.key]).split("\n")]
        kept_lines = enumerate(_keep(step, seen, authored))
        new = [_harmless(line, prompt, first=n == 0, comment=step.hidden) for n, line in kept_lines]
        kept = {line.rstrip(): line for line in lines[start - 1 : end - 1]}
        ending = "\r" if command.endswith("\r") else ""
        written = [(step.prefix + line).rstrip() for line in new if new != [""]]
        lines[start - 1 : end - 1] = [kept.get(line, line + ending) for line in written]
    return "\n".join(lines)


def _in_the_pages_words(line: str, bindings: Bindings, authored: str) -> str:
    """The observed line with the page's value for every observed id that stands for one."""
    return "".join(
        bindings.backward.get(token.text, token.text) if token.shape else token.text
        for token in tokens(line, authored, bindings.backward)
    )


def _keep(step: Step, seen: list[str], authored: str) -> list[str]:
    """The seen lines, but the authored line wherever it still holds, so that diffs stay small."""
    if step.options.match is Match.EXACT or not step.expected:
        return seen
    shown = step.expected.split("\n")
    twins = {b: a for a in shown for b in seen if a != ELISION and match_line(a, b, Bindings(), authored) is not None}
    same = [twins.get(line, line) for line in seen]
    kept: list[str] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, shown, same, autojunk=False).get_opcodes():
        kept += shown[i:i_end] if tag == "equal" or shown[i:i_end] == [ELISION] else seen[j:j_end]
    return kept


def _harmless(line: str, prompt: str, first: bool, comment: bool) -> str:
    """The line, or an elision where pagelab would read it as a command or the block's end, or no editor shows it."""
    reads_as_command = line.startswith(prompt) or (first and (line == ">" or line.startswith("> ")))
    ends_block = _FENCE.fullmatch(line) or (comment and "-->" in line)
    return ELISION if reads_as_command or ends_block or _CONTROL.search(line) else line


def update_file(path: Path, page: Page, outputs: Mapping[tuple[str, int], str], bindings: Bindings) -> bool:
    """Rewrite the page's file; whether anything changed."""
    old = path.read_bytes().decode("utf-8")
    new = update_text(old, page, outputs, bindings)
    if new != old:
        path.write_bytes(new.encode())
    return new != old
