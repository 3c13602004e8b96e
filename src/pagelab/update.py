"""Observed output → the pages: rewrites the shown output of steps, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import partial
from pathlib import Path

from pagelab.errors import LabError
from pagelab.match import ELISION, Bindings, match_line, match_lines
from pagelab.model import Match, Page, Step
from pagelab.normalize import plain, tokens
from pagelab.saved import digest_of, save
from pagelab.subset import match_json, revised
from pagelab.table import columns, contradict

_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*")
_DIGEST = "sha256:"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def update_text(text: str, page: Page, outputs: Mapping[tuple[str, int], str], bindings: Bindings) -> str:
    """The page's text with new shown output for the steps in `outputs`.

    Each line's end is kept, and so is what the author wrote where it still holds: lines that match by shape,
    elisions between them, and the shown form of every id that is bound to an observed one.
    """
    lines = text.split("\n")  # as the page was read; each keeps the carriage return that it has
    authored = page.authored
    written_for: list[tuple[Step, list[str]]] = []
    for step in (step for step in page.steps if step.key in outputs):
        shown, bindings = _new(step, plain(outputs[step.key]), bindings, authored) or (None, bindings)
        if shown is not None:
            written_for.append((step, shown))
    for step, shown in sorted(written_for, key=lambda pair: pair[0].output, reverse=True):
        start, end = step.output
        command = lines[step.location.line - 1]
        prompt = command[len(step.prefix) :][:2]
        new = [_harmless(line, prompt, n == 0, step.hidden) for n, line in enumerate(shown)]
        kept = {line.rstrip(): line for line in lines[start - 1 : end - 1]}
        ending = "\r" if command.endswith("\r") else ""
        written = [(step.prefix + line).rstrip() for line in new if new != [""]]
        lines[start - 1 : end - 1] = [kept.get(line, line + ending) for line in written]
    return "\n".join(lines)


def _in_the_pages_words(bindings: Bindings, authored: str, line: str) -> str:
    """The observed line with the page's value for every observed id that stands for one."""
    return "".join(
        _page_value(token.text, bindings) if token.shape else token.text
        for token in tokens(line, authored, bindings.backward)
    )


def _page_value(seen: str, bindings: Bindings) -> str:
    """What stands for the observed value on the page. Where that shows only the short form of a long id, the long
    one begins with it: any other would be the id of something else.
    """
    if seen in bindings.backward:
        return bindings.backward[seen]
    digits = seen.removeprefix(_DIGEST)
    prefix = seen.removesuffix(digits)
    if len(digits) != 64:
        return seen
    other = bindings.backward.get(digits if prefix else f"{_DIGEST}{digits}")
    if other:
        return prefix + other.removeprefix(_DIGEST)
    return prefix + bindings.backward.get(digits[:12], digits[:12]) + digits[12:]


def _new(step: Step, output: str, bindings: Bindings, authored: str) -> tuple[list[str], Bindings] | None:
    """What to show for the output, and the bindings with that; None where only the author knows which part of it."""
    seen = output.split("\n")
    match step.options.match:
        case Match.JSON if step.expected:
            new = revised(step.expected, output, bindings, authored, partial(_in_the_pages_words, bindings, authored))
            return (new[0].split("\n"), new[1]) if new else None
        case Match.JSON if match_json(output, output, bindings, authored) is None:
            return None
        case Match.CONTAINS if step.expected:
            seen = _most_alike(step.expected.split("\n"), seen)
        case Match.LINES if ELISION in step.expected.split("\n"):
            return None
    return _keep(step, seen, bindings, authored) if seen else None


def _most_alike(shown: list[str], seen: list[str]) -> list[str]:
    """As many seen lines as are shown, which are most like them; none where none are."""
    runs = {"\n".join(run): run for run in (seen[n : n + len(shown)] for n in range(len(seen) - len(shown) + 1))}
    best = get_close_matches("\n".join(shown), runs, n=1) if ELISION not in shown else []
    return runs[best[0]] if best else []


def _keep(step: Step, seen: list[str], bindings: Bindings, authored: str) -> tuple[list[str], Bindings]:
    """What to show for the seen lines, and the bindings with what that shows.

    It is the authored line wherever it still holds, ids and what they stand for included, so that diffs stay small;
    none of them where cells would then stand under other names, as below a header of other widths.
    """
    shown = step.expected.split("\n") if step.expected and step.options.match is not Match.EXACT else []
    kept, after = _kept(shown, seen, bindings, authored)
    holds = match_lines(kept, seen, after, authored) is not None
    return (kept, after) if holds else _kept([], seen, bindings, authored)


def _kept(shown: list[str], seen: list[str], bindings: Bindings, authored: str) -> tuple[list[str], Bindings]:
    """The seen lines, each as the shown line that holds for it, else in the page's words; and the bindings after."""
    under = dict(zip(shown, columns(shown), strict=True))
    lines: list[str] = []
    for line, place in zip(seen, columns(seen), strict=True):
        words = _in_the_pages_words(bindings, authored, line)
        for candidate in (*(old for old in shown if old != ELISION and not contradict(under[old], place)), words):
            if after := match_line(candidate, line, bindings, authored):
                words, bindings = candidate, after
                break
        lines.append(words)
    kept: list[str] = []
    for tag, i, i_end, j, j_end in SequenceMatcher(None, shown, lines, autojunk=False).get_opcodes():
        kept += shown[i:i_end] if tag == "equal" or shown[i:i_end] == [ELISION] else lines[j:j_end]
    return kept, bindings


def _harmless(line: str, prompt: str, first: bool, comment: bool) -> str:
    """The line, or an elision where pagelab would read it as a command or the block's end, or no editor shows it."""
    reads_as_command = line.startswith(prompt) or (first and (line == ">" or line.startswith("> ")))
    ends_block = _FENCE.fullmatch(line) or (comment and "-->" in line)
    return ELISION if reads_as_command or ends_block or _CONTROL.search(line) else line


def can_show(step: Step, output: str) -> bool:
    """Whether it is clear what a page would show of the output to be right."""
    return _new(step, plain(output), Bindings(), "") is not None


def update_files(files: Mapping[Path, Page], outputs: Mapping[tuple[str, int], str], bindings: Bindings) -> None:
    """Rewrite the pages of a document. Raises LabError, before any is, when one is not what was read and run."""
    texts = {path: _unchanged(path, page) for path, page in files.items()}
    for path, old in texts.items():
        new = update_text(old, files[path], outputs, bindings)
        if new != old:
            save(path, new, f"the page {files[path].path}")


def _unchanged(path: Path, page: Page) -> str:
    """The text of the page's file, its byte order mark included."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    if digest_of(text.removeprefix("\ufeff")) != page.digest:
        raise LabError(f"{page.path} was changed while it ran, so its output is not taken over", "Run again.")
    return text
