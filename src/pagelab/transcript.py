"""Block → steps: reads a console transcript as commands with the output shown below each."""

from __future__ import annotations

import re
from dataclasses import replace

from pagelab.errors import Location, PageError
from pagelab.model import Block, Step

PROMPTS = ("$ ", "# ")
_HEREDOC = re.compile(r"(?<!<)<<(?!<)(?P<dash>-?)\s*(?P<quote>['\"\\]?)(?P<word>\w+)")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.")


def parse_steps(block: Block) -> tuple[Step, ...]:
    """The block's steps in order; a script or a file is one step. Raises PageError."""
    if block.options.file:
        return (_whole(block, file=block.options.file),)
    if block.language in ("bash", "sh"):
        return (_whole(replace(block, options=replace(block.options, hidden_output=True))),)
    return _transcript(block)


def _whole(block: Block, file: str = "") -> Step:
    """The block's whole text as one step."""
    if not block.text.strip() and not file:
        raise PageError(block.location, "the script is empty", "Write a command, or remove the block.")
    place = Location(block.location.path, block.location.line + 1)
    return Step(place, block.id, 1, block.text.rstrip("\n") if not file else block.text, "", block.options, file)


def _transcript(block: Block) -> tuple[Step, ...]:
    """The steps of a console block; its first line decides which prompt the block uses."""
    lines = block.text.split("\n")[:-1]
    first = block.location.line + 1
    prompt = lines[0][:2] if lines else ""
    if prompt not in PROMPTS:
        raise PageError(
            Location(block.location.path, first if lines else block.location.line),
            "a console block starts with a command, a line that begins with `$ `",
            "Put `$ ` before the command, or make it a `text` block if it is not meant to run.",
        )
    steps: list[Step] = []
    index = 0
    while index < len(lines):
        start = index
        command, index = _command(block, lines, index, prompt)
        shown = index
        while index < len(lines) and not lines[index].startswith(prompt):
            index += 1
        steps.append(
            Step(
                location=Location(block.location.path, first + start),
                block=block.id,
                number=len(steps) + 1,
                command=command,
                expected="\n".join(lines[shown:index]).rstrip("\n"),
                options=block.options,
                output=(first + shown, first + index),
                prefix=block.prefix,
                hidden=block.hidden,
            )
        )
    return _with_exit_on_last(steps)


def _with_exit_on_last(steps: list[Step]) -> tuple[Step, ...]:
    """The option exit speaks of the block's last command; all before it must succeed."""
    return (*(replace(step, options=replace(step.options, exit=0)) for step in steps[:-1]), steps[-1])


def _command(block: Block, lines: list[str], index: int, prompt: str) -> tuple[str, int]:
    """The command that starts at the index, and the index of the first line after it."""
    start = index
    parts = [lines[index][len(prompt) :]]
    if not parts[0].strip():
        raise PageError(
            Location(block.location.path, block.location.line + 1 + start),
            "a prompt without a command",
            "Write the command after it, or remove the line.",
        )
    index += 1
    while index < len(lines):
        words = _heredocs(parts)
        if words:
            parts.append(_continued(lines[index]))
        elif lines[index].startswith("> "):
            parts.append(lines[index][2:])
        elif _ends_with_backslash(parts[-1]):
            parts.append(_continued(lines[index]))
        else:
            break
        index += 1
    words = _heredocs(parts)
    where = Location(block.location.path, block.location.line + 1 + start)
    if words:
        raise PageError(
            where,
            f"the here-document that ends with `{words[0]}` is never ended",
            f"Write a line `{words[0]}` before the block closes.",
        )
    if _ends_with_backslash(parts[-1]):
        raise PageError(where, "the command continues after its backslash, but the block ends", "Write the next line.")
    return "\n".join(parts), index


def _continued(line: str) -> str:
    """A continuation line; the prompt `> ` is a reader's help, not text."""
    if line == ">":
        return ""
    return line[2:] if line.startswith("> ") else line


def _ends_with_backslash(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _heredocs(parts: list[str]) -> list[str]:
    """The end words of here-documents that are still open after these lines."""
    open_words: list[tuple[str, bool]] = []
    for line in parts:
        if open_words:
            word, dash = open_words[0]
            if (line.lstrip("\t") if dash else line) == word:
                open_words.pop(0)
            continue
        visible = _QUOTED.sub(lambda found: "_" * len(found[0]) if "<<" in found[0] else found[0], line)
        open_words += [(found["word"], bool(found["dash"])) for found in _HEREDOC.finditer(visible)]
    return [word for word, _ in open_words]
