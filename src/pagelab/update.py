"""Observed output → the pages: rewrites the shown output of steps, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import Path

from pagelab.match import Bindings, match_line
from pagelab.model import Match, Page
from pagelab.normalize import plain


def update_text(text: str, page: Page, outputs: Mapping[tuple[str, int], str]) -> str:
    """The page's text with new shown output for the steps in `outputs`; line ends are kept."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(ending)
    authored = "\n".join(step.command for step in page.steps)
    for step in sorted(page.steps, key=lambda step: step.output, reverse=True):
        if step.key not in outputs:
            continue
        start, end = step.output
        shown = step.expected.split("\n") if step.expected else []
        new = _keep(shown, plain(outputs[step.key]).split("\n"), authored, step.options.match)
        lines[start - 1 : end - 1] = [(step.prefix + line).rstrip() for line in new if new != [""]]
    return ending.join(lines)


def _keep(shown: list[str], seen: list[str], authored: str, mode: Match) -> list[str]:
    """The seen lines, but the authored line wherever it still matches, so that diffs stay small."""
    if mode is Match.EXACT:
        return seen
    twins = {b: a for a in shown for b in seen if a != "..." and match_line(a, b, Bindings(), authored) is not None}
    same = [twins.get(line, line) for line in seen]
    kept: list[str] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, shown, same, autojunk=False).get_opcodes():
        kept += shown[i:i_end] if tag == "equal" else seen[j:j_end]
    return kept


def update_file(path: Path, page: Page, outputs: Mapping[tuple[str, int], str]) -> bool:
    """Rewrite the page's file; whether anything changed."""
    old = path.read_bytes().decode("utf-8")
    new = update_text(old, page, outputs)
    if new != old:
        path.write_bytes(new.encode())
    return new != old
