"""Block → steps: reads a console transcript as commands with the output shown below each."""

from __future__ import annotations

from dataclasses import replace

from pagelab.errors import Location, PageError
from pagelab.heredoc import EndWord, read_open
from pagelab.model import Block, Step

PROMPTS = ("$ ", "# ")


def parse_steps(block: Block) -> tuple[Step, ...]:
    """The block's steps in order; a script or a file is one step. Raises PageError."""
    if block.options.file:
        return (_whole(block, file=block.options.file),)
    _refuse_nul(block)
    if block.language in ("bash", "sh"):
        return (_whole(replace(block, options=replace(block.options, hidden_output=True))),)
    return _transcript(block)


def _whole(block: Block, file: str = "") -> Step:
    """The block's whole text as one step."""
    if not block.text.strip() and not file:
        raise PageError(block.location, "the script is empty", "Write a command, or remove the block.")
    place = Location(block.location.path, block.location.line + 1)
    text = block.text if file else block.text.rstrip("\n")
    return Step(place, block.id, 1, text, "", block.options, file, places=block.places)


def _refuse_nul(block: Block) -> None:
    before, nul, _ = block.text.partition("\0")
    if nul:
        raise PageError(
            Location(block.location.path, block.location.line + 1 + before.count("\n")),
            "a NUL byte stands here, and no command can contain one",
            "Remove it; printf '\\0' prints one.",
        )


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
        _refuse_shown_and_hidden(block, first + shown, "".join(lines[shown:index]))
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


def _refuse_shown_and_hidden(block: Block, line: int, shown: str) -> None:
    if shown.strip() and block.options.hidden_output and not block.hidden:
        raise PageError(
            Location(block.location.path, line),
            'the block says output="hidden", and shows output',
            "Remove the option to have the output compared, or remove the output.",
        )


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
    while True:
        waits = read_open("\n".join(parts))
        if waits.continued and index == len(lines):
            raise PageError(
                Location(block.location.path, block.location.line + 1 + start),
                "the command continues after its backslash, but the block ends",
                "Write the next line.",
            )
        if waits.words and not waits.continued:
            text = _text(lines[index:], waits.words[0])
            if text is None:
                raise _never_ended(block, start, index, lines, waits.words[0])
            parts += text
            index += len(text)
        elif index < len(lines) and (waits.continued or _is_prompted(lines[index])):
            parts.append(_unprompted(lines[index]))
            index += 1
        else:
            return "\n".join(parts), index


def _is_prompted(line: str) -> bool:
    return line.startswith("> ") or line == ">"


def _unprompted(line: str) -> str:
    """A continuation line; the prompt `> ` is a reader's help, not text."""
    return line[2:] if _is_prompted(line) else line


def _text(lines: list[str], end: EndWord) -> list[str] | None:
    """The here-document at the start of the lines, with the line that ends it; None when it is never ended.

    `> ` is a prompt where each of its lines has it, and else the author's text.
    """
    for count, line in enumerate(lines, 1):
        if _is_prompted(line) and end.is_on(_unprompted(line)) and all(_is_prompted(x) or not x for x in lines[:count]):
            return [_unprompted(line) for line in lines[:count]]
        if end.is_on(line):
            return lines[:count]
    return None


def _never_ended(block: Block, start: int, index: int, lines: list[str], end: EndWord) -> PageError:
    first = block.location.line + 1
    indented = next((n for n in range(index, len(lines)) if _unprompted(lines[n]).strip() == end.text), None)
    advice = f"Write a line `{end.text}` before the block closes."
    if indented is not None:
        advice = f"Line {first + indented} has `{end.text}` with other white space: write it as the whole line."
    return PageError(
        Location(block.location.path, first + start),
        f"the here-document that ends with `{end.text}` is never ended",
        advice,
    )
