"""Shell text → the same with a mark where it goes on after `A && B`, whose failure bash shows to no trap. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MARK = "__pagelab_list"  # a function of the page's shell: it ends with the status that it finds
_MARK = re.compile(rf"{MARK} ('(?:[^'\n]|'\"'\"')*'|\S+) \"\$_\"(?:; )?")
_GROUPS = ("subshell", "compound_statement")  # `(…)` and `{ …; }`
_LOOPS = ("for_statement", "c_style_for_statement", "while_statement")
_SILENT = ("list", "redirected_statement", "if_statement", "case_statement", *_GROUPS, *_LOOPS)  # may end so unseen


def marked(command: str) -> str:
    """The command with a mark behind each statement that has an `&&`, is judged by nobody, and is not the last.

    These are statements of the command itself and of its groups: what a function, a loop or a condition holds is left
    as it is. So is what does not parse, or looks at PIPESTATUS, which a mark would change.
    """
    if "&&" not in command or not re.search(r"[;\n]", command) or "PIPESTATUS" in command:
        return command
    text = command.encode()
    tree = _parser().parse(text)
    if tree.root_node.has_error:
        return command
    done, parts = 0, []
    for statement, following in _followed(tree.root_node):
        said = shlex.quote(text[statement.start_byte : statement.end_byte].decode().split("\n")[0])  # LINENO stays
        parts += [text[done : following.start_byte], f'{MARK} {said} "$_"; '.encode()]
        done = following.start_byte
    return b"".join([*parts, text[done:]]).decode()


def unmarked(text: str) -> str:
    """The text of a command without its marks."""
    return _MARK.sub("", text)


def _followed(node: Node) -> Iterator[tuple[Node, Node]]:
    """Statements with an `&&` that others follow, with the first of these, in the order of the text.

    What is left in the background is none: `jobs` shows its text.
    """
    parts = [part for part in node.children if part.type != "comment"]
    for place, part in enumerate(parts):
        ended = parts[place + 1 : place + 2]
        if part.type not in _SILENT or (ended and ended[0].type == "&"):
            continue
        if part.type in _GROUPS:
            yield from _followed(part)
        after = next((other for other in parts[place + 1 :] if other.is_named), None)
        if after and b"&&" in (part.text or b""):
            yield part, after


@cache
def _parser() -> Parser:
    import tree_sitter  # few commands need it, and a start should not wait for it
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
