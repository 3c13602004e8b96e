"""Page + line → what stands there: a step, a block that runs, or text and the reason why nothing runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pagelab.errors import Location
from pagelab.model import Block, Page, Step
from pagelab.project import PathError, require_page

_FENCE = re.compile(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*(?P<mark>`{3,}|~{3,})\s*(?P<language>[^\s{`]*)[^`]*$")


@dataclass(frozen=True, slots=True)
class Place:
    """What a line belongs to. Exactly one of `step`, `block` and `why_not` is set."""

    line: int
    step: Step | None = None
    block: Block | None = None  # its fence, or a line of it that is no step
    why_not: str = ""  # one sentence: why nothing runs here
    advice: str = ""


def block_lines(block: Block) -> range:
    """All lines of the block in its file, from the opening fence to the closing one."""
    return range(block.location.line, block.location.line + (block.source or block.text).count("\n") + 2)


def read_place(text: str) -> tuple[Path, int | str]:
    """A path with its line (`page.md:12`) or with a step as pytest names it (`page.md::block::2`). Raises PathError."""
    path, _, step = text.partition("::")
    if step:
        return require_page(Path(path)), step
    path, _, line = text.rpartition(":")
    if not path or not line.isdecimal():
        raise PathError(text, "a line is missing", f"Say which one: {text}:12")
    return require_page(Path(path)), int(line)


def line_of(page: Page, text: str, where: int | str) -> int:
    """The number of the line that is meant. Raises PathError when there is none such."""
    if isinstance(where, int):
        last = len(text.splitlines())
        if 1 <= where <= last:
            return where
        raise PathError(Location(page.path, where), "there is no such line", f"The page has {last} lines.")
    return find_step(page, where).location.line


def find_step(page: Page, name: str) -> Step:
    """The step called `block::2`; a block alone means its last step. Raises PathError, which names the blocks."""
    block, _, number = name.partition("::")
    steps = [step for step in page.steps if step.block == block]
    if not steps:
        blocks = ", ".join(dict.fromkeys(step.block for step in page.steps))
        raise PathError(page.path, f"there is no block `{block}`", f"Blocks: {blocks or 'none'}.")
    found = next((step for step in steps if number in ("", str(step.number)) and (number or step is steps[-1])), None)
    if found is None:
        raise PathError(
            steps[0].location, f"there is no step `{number}` in block `{block}`", f"It has steps 1 to {len(steps)}."
        )
    return found


def place_of(page: Page, text: str, line: int) -> Place:
    """What stands on the line, which is counted from 1 and within the text."""
    for block in page.blocks:
        if line in block_lines(block):
            step = next((step for step in _steps(page, block) if line in _step_lines(step, block)), None)
            return Place(line, step) if step else Place(line, block=block)
    lines = text.replace("\r\n", "\n").split("\n")
    why_not, advice = _nothing(page, lines, line)
    return Place(line, why_not=why_not, advice=advice)


def first_line(step: Step) -> str:
    """The command as far as it fits into a line, with a mark where it goes on."""
    first, *more = step.command.split("\n")
    return f"{first} …" if more else first


def headline(step: Step) -> str:
    """What the step does, in a line."""
    return f"(writes the file {step.file})" if step.file else f"$ {first_line(step)}"


def _steps(page: Page, block: Block) -> tuple[Step, ...]:
    return tuple(step for step in page.steps if step.block == block.id)


def _step_lines(step: Step, block: Block) -> range:
    """The lines of the command and of its shown output; all content of a script or a file."""
    if step.output == (0, 0):
        return block_lines(block)[1:-1]
    return range(step.location.line, step.output[1])


def _nothing(page: Page, lines: list[str], line: int) -> tuple[str, str]:
    """Why nothing runs on a line outside of the blocks that pagelab acts on, and what would make it run."""
    if line <= _front_matter_end(lines):
        return "This is front matter: it describes the page.", ""
    for first, last, language in _other_fences(page, lines):
        if first <= line <= last:
            return (
                f"This is a {f'`{language}`' if language else 'plain'} block: it is shown, and never run.",
                "A `console` block runs as a transcript, a `bash` block as a script; "
                'file="NAME" on another block writes it to that file.',
            )
    text = lines[line - 1]
    if _in_comment(lines, line):
        return (
            "This is a comment: readers do not see it, and nothing in it runs.",
            "A comment that begins with `<!-- pagelab` holds steps that run unseen.",
        )
    if not text.strip():
        return "This line is empty.", ""
    if text.startswith(("    ", "\t")):
        return "This is indented text: without a fence nothing runs.", "Put it between ```console and ```."
    if "`$ " in text:
        return "This is prose; a command inside it is only shown.", "Put it into a `console` block to have it run."
    return "This is prose.", ""


def _front_matter_end(lines: list[str]) -> int:
    """The number of the line that ends the front matter, 0 without one."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((n for n, line in enumerate(lines[1:], 2) if line.rstrip() in ("---", "...")), 0)


def _other_fences(page: Page, lines: list[str]) -> list[tuple[int, int, str]]:
    """First line, last line and language of the fenced blocks that pagelab has nothing to do with."""
    acted = {line for block in page.blocks for line in block_lines(block)}
    found: list[tuple[int, int, str]] = []
    opened: tuple[int, str, str] | None = None  # line, mark, language
    for number, line in enumerate(lines, 1):
        fence = None if number in acted else _FENCE.match(line)
        if not fence:
            continue
        if opened is None:
            opened = number, fence["mark"], fence["language"]
        elif fence["mark"].startswith(opened[1]) and not fence["language"]:
            found.append((opened[0], number, opened[2]))
            opened = None
    return found


def _in_comment(lines: list[str], line: int) -> bool:
    before = "\n".join(lines[: line - 1])
    return before.rfind("<!--") > before.rfind("-->") or lines[line - 1].lstrip().startswith("<!--")
