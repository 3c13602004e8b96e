"""A page in Traditional Chinese → where its prose is not written as this site writes, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HAN = r"[\u3400-\u9fff]"
_FENCE = re.compile(r"^[\s>]*(`{3,}|~{3,})")
_SPANS = (("<!--", "-->"), ("{=", "=}"))  # what may go over lines without being prose
_LATIN = r"[A-Za-z0-9]"
_RULES = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (rf"{_HAN}{_LATIN}|[A-Za-z0-9%]{_HAN}", "Put a space between Chinese and Latin letters, digits or code."),
        (rf"{_HAN}\s*[,;:!?]|(?<=[^\s,;:!?])[,;:!?]\s*{_HAN}", "Write full-width punctuation: ，；：！？"),
        (rf"{_HAN}\s*\.(?!\.)|(?<=[\w)])\.\s*{_HAN}", "Write the full-width stop: 。"),
        (rf"{_HAN}\s*[()]|[()]\s*{_HAN}", "Write full-width parentheses: （）"),
        (
            rf"""{_HAN}\s*["'\u2018-\u201f]|["'\u2018-\u201f]\s*{_HAN}""",
            "Write the quotation marks 「」, inside them 『』.",
        ),
        (
            r"\s[。，、；：？！）」』]|[（「『]\s|[。，、；：？！）」』（「『]\s+(?=\S)",
            "No space beside full-width punctuation.",
        ),
        (rf"{_HAN}\s+{_HAN}", "No space between Chinese characters."),
        (rf"{_HAN}\.\.\.|\.\.\.{_HAN}|(?<!…)…(?!…)", "Write the ellipsis as ……"),
        (r"\d\s+%", "No space before the per cent sign: 30%"),
        (r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]", "Write Latin letters and digits half-width."),
    )
)
_MARKUP = (
    (re.compile(r"\s*\{=\s*claim\(.*?=\}\s*"), ""),
    (re.compile(r"\{=.*?=\}"), "0"),
    (re.compile(r"<!--.*?-->|\{[:#][^}]*\}|\[\^[^]]+\]:?"), ""),
    (re.compile(r"(`+)(.+?)\1"), "x"),
    (re.compile(r"!?\[([^]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r'<(\w+) lang="zh-Hans">.*?</\1>'), ""),
    (re.compile(r"<https?://[^>]+>|https?://\S+"), "x"),
    (re.compile(r"</?[a-z][^>]*>"), ""),
    (re.compile(r"(?<=[。，、；：？！）」』])(\*+)\s"), r"\1"),  # there Markdown needs the space
    (re.compile(r"\*+"), ""),
    (re.compile(r"^[\s>]*(?:(?:[-+]|\d+\.|:)\s+)*"), ""),
)
_TITLED = re.compile(r'^\s*(?:!!!|\?\?\?\+?|===!?)\s+(?:[\w-]+\s+)*(?:"(.*)")?\s*$')
_MATTER = re.compile(r"^(?:title|description|skip):\s*")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place that a careful reader would mark."""

    path: str
    line: int
    found: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: “{self.found}”\n  {self.advice}"


def flaws(path: str, text: str, refused: Mapping[str, str], allowed: frozenset[str] = frozenset()) -> Iterator[Flaw]:
    """What is wrong with the prose of one page.

    `refused` maps words to what to write instead; inside a longer word of `allowed` they are right.
    """
    for line, written in prose_lines(text):
        for seen in read_aloud(written):
            for rule, advice in _RULES:
                yield from (Flaw(path, line, _around(seen, found), advice) for found in rule.finditer(seen))
            for word in refused:
                if word in _without(seen, [longer for longer in allowed if word in longer and word != longer]):
                    yield Flaw(path, line, word, f"Taiwan says: {refused[word]}")
            if strange := "".join(sorted({char for char in re.findall(_HAN, seen) if not _is_traditional(char)})):
                yield Flaw(path, line, strange, "Write Traditional characters as Taiwan uses them.")


def prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a page that are not code, not a comment, not settings; with their numbers from 1."""
    fence, until, matter = "", "", text.startswith("---\n")
    for number, line in enumerate(text.split("\n"), 1):
        if matter:
            matter = number == 1 or line.rstrip() != "---"
            if found := _MATTER.match(line):
                yield number, line[found.end() :].strip("\"'")
            continue
        opened = _FENCE.match(line)
        if fence:
            fence = "" if opened and opened[1].startswith(fence) and not line.strip(" >`~") else fence
        elif until:
            until = "" if until in line else until
        elif opened:
            fence = opened[1]
        else:
            until = next((end for start, end in _SPANS if start in line and end not in line.rpartition(start)[2]), "")
            if line.strip() and not until:
                yield number, line


def read_aloud(line: str) -> tuple[str, ...]:
    """The line as a reader sees it, without markup, code as `x`; a row of a table as its cells."""
    if titled := _TITLED.match(line):
        line = titled[1] or ""
    for pattern, plain in _MARKUP:
        line = pattern.sub(plain, line)
    cells = line.strip().strip("|").split("|") if line.strip().startswith("|") else [line]
    return tuple(cell.strip() for cell in cells)


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 6) : found.end() + 6]


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


def _is_traditional(char: str) -> bool:
    """Whether Taiwan's character set has it: Simplified forms are not in Big5."""
    try:
        char.encode("cp950")
    except UnicodeEncodeError:
        return False
    return True
