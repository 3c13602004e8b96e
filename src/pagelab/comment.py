"""Markdown's HTML comments: which hold hidden steps, where the others end, and those that only look as if they ran."""

from __future__ import annotations

import difflib
import re

from pagelab.errors import Location, PageError

MARK = r"<!--\s*pagelab\b(?!:\s*\S)"  # how hidden steps begin, in letters of any case; a note about pagelab does not
HIDDEN = re.compile(rf"{MARK}\s*(?P<rest>.*?)\s*$", re.IGNORECASE)
_NAME = "pagelab"
_OPENED = re.compile(r"(?<!\\)<!--")
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_WORD = re.compile(r"[^\w<]*_*(?P<word>[\w-]+)(?!\s*:)(?![\w-])")
_STEP = re.compile(r"\$ \S")
_CLOSE = 0.82  # of difflib's ratio: pagelap, paglab and page-lab are meant for us; pageable and pages are not


def end_of_comment(path: str, lines: list[str], start: int) -> int:
    """The index of the line that ends the comment which starts that line. Raises PageError where none does, and for
    one that looks like hidden steps.
    """
    opened = lines[start].index("<!--")
    if "-->" in lines[start][opened + 2 :]:  # <!--> is a whole comment, as CommonMark has it
        refuse_look_alikes(path, lines, start, lines[start][opened:])
        return start
    end = next((n for n in range(start + 1, len(lines)) if "-->" in lines[n]), None)
    if end is None:
        raise PageError(
            Location(path, start + 1), "the comment is never closed, so it hides the rest of the page", "Write `-->`."
        )
    refuse_look_alikes(path, lines, start, lines[start][opened:])
    refuse_look_alikes(path, lines, end, lines[end].partition("-->")[2])
    return end


def refuse_look_alikes(path: str, lines: list[str], index: int, text: str) -> None:
    """Raise PageError for a comment that starts inside the text, which is of that line, and whose steps would not run.

    Its first word is nearly `pagelab`, or is that where it does not count; or a step stands below its first line.
    """
    text = _CODE.sub("", text)
    for found in _OPENED.finditer(text):
        first, closed, _ = text[found.end() :].partition("-->")
        if _looks_hidden(first, [] if closed or text.startswith("-->", found.end() - 2) else lines[index + 1 :]):
            raise PageError(
                Location(path, index + 1),
                "this comment looks like hidden steps, and is none, so nothing of it would run",
                "Hidden steps start with `<!-- pagelab` and nothing before it on its line. A note about pagelab starts "
                "with `pagelab:`; no comment has `$ ` at the start of its second line.",
            )


def _looks_hidden(first: str, following: list[str]) -> bool:
    """Whether a comment seems to have steps: one that starts with that text and goes on with these lines."""
    below = next((line.lstrip(" \t>") for line in following if line.strip(" \t>")), "")
    if _STEP.match(below):
        return True
    named = _WORD.match(first if first.strip() else below)
    return bool(named and _is_nearly_the_name(named["word"]) and (below or _STEP.search(first)))


def _is_nearly_the_name(word: str) -> bool:
    plain = re.sub(r"[\W_]", "", word).lower()
    return difflib.SequenceMatcher(None, plain, _NAME).ratio() >= _CLOSE
