"""Markdown's containers (lists, quotes, admonitions, tabs, definitions, footnotes): what a line holds inside them."""

from __future__ import annotations

import re

_ITEM = r"(?:[-*+]|\d+[.)])(?:[ ](?=[ ]{4,}(?:```|~~~))|[ ]+|$)"  # a fence five spaces after it is indented code
_CONTAINER = re.compile(rf"(?P<quote>>[ ]?)|(?P<item>{_ITEM})|(?P<body>:[ ]{{1,3}}(?=\S)|\[\^[^\]\s]+\]:[ ]*)")
# Blocks whose body is indented by four: admonitions, collapsed ones, tabs.
_INDENTED_BODY = re.compile(r"""(?:!!!|\?\?\?\+?)\s*\S|===[!+]{0,2}\s+["']""")
_STEP = 4  # columns: Python-Markdown's indentation, and the most that hides a block


def enter(line: str, containers: list[str]) -> tuple[str, list[str]]:
    """What the line holds inside its containers, and the containers open after it, as the text each takes."""
    if not line.strip():
        return "", containers
    rest, count, column = inside(line, containers)
    rest, open_now = " " * column + rest, containers[:count]
    rest = rest.expandtabs(_STEP)[column:]
    while (found := _CONTAINER.match(rest.lstrip(" "))) and (lead := width(rest)) < _STEP:
        text = rest.lstrip(" ")
        if found["quote"]:
            open_now.append(found["quote"])
            rest = text[found.end() :]
        elif found["item"]:
            written = found.end() if text[found.end() :] else len(found["item"].rstrip()) + 1  # of an empty item
            taken = min(written, _STEP)
            open_now.append(" " * (lead + taken))
            rest = text[taken:]
        else:
            open_now.append(" " * _STEP)
            rest = text[found.end() :]
    if width(rest) < _STEP and _INDENTED_BODY.match(rest.lstrip(" ")):
        open_now.append(" " * (width(rest) + _STEP))
        rest = ""
    return rest, open_now


def inside(line: str, containers: list[str]) -> tuple[str, int, int]:
    """The line without the prefixes of its containers, how many of them hold it, and the column it starts at."""
    rest, column = line, 0
    for count, prefix in enumerate(containers):
        if prefix.startswith(">"):
            if not rest.startswith(">"):
                return rest, count, column
            rest, column = outdent(rest[1:], 1, column + 1)
        else:
            inner, new = outdent(rest, len(prefix), column)
            if new - column < len(prefix) and inner.strip():
                return rest, count, column
            rest, column = inner, new
    return rest, len(containers), column


def outdent(text: str, columns: int, start: int = 0) -> tuple[str, int]:
    """The text, which starts at a column, without up to so many columns of white space; the column it then starts at.

    A tab reaches to the next multiple of four; what it reaches too far is left as spaces.
    """
    column, end = start, start + columns
    for index, char in enumerate(text):
        if column >= end or char not in " \t":
            return " " * max(column - end, 0) + text[index:], min(column, end)
        column += 1 if char == " " else _STEP - column % _STEP
    return " " * max(column - end, 0), min(column, end)


def width(text: str) -> int:
    """The spaces that the text starts with."""
    return len(text) - len(text.lstrip(" "))
