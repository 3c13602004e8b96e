"""Markdown → blocks: finds the fenced blocks that pagelab acts on, wherever Markdown puts them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pagelab.comment import HIDDEN, end_of_comment, refuse_look_alikes
from pagelab.container import enter, inside, outdent, width
from pagelab.errors import Location, PageError
from pagelab.include import with_snippets
from pagelab.kubectl import objections
from pagelab.matter import read_matter
from pagelab.model import Block, Page
from pagelab.options import QUOTED, inside_braces, meant_for_pagelab, read_options
from pagelab.requirements import SECRET
from pagelab.saved import digest_of
from pagelab.secret import Secrets, read_secrets
from pagelab.transcript import parse_steps

RUNS = ("console", "bash", "sh")
NOT_RUN = ("text", "plain", "markdown", "md")  # may show a prompt all the same
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_INFO = re.compile(r"\s*(?P<language>[^\s{`]*)\s*(?P<rest>.*?)\s*$")
_PROMPTED = re.compile(r"^\$ \S", re.MULTILINE)
_SHELLS = ("shell", "zsh", "ksh", "ash", "dash")  # scripts to readers; GitHub's own name for them is the first


def _looks_like(languages: tuple[str, ...]) -> re.Pattern[str]:
    """What a reader, or another tool, takes for one of them: Console, {.console}, bash-session."""
    any_of = "|".join(languages)
    return re.compile(rf"\s*(?:{any_of})(?!\w)|.*(?:^|[\s{{])\.(?:{any_of})(?=[\s}}]|$)", re.IGNORECASE)


_LOOKS_RUN, _LOOKS_SHELL = _looks_like(RUNS), _looks_like(_SHELLS)


def read_page(path: Path, name: str | None = None, snippets: Path | None = None) -> Page:
    """Read and parse the file; `name` is the path that messages show, `snippets` the folder of what pages share.

    Raises PageError.
    """
    shown = name or str(path)
    if path.exists() and not path.is_file():
        raise PageError(Location(shown, 1), "this is not a file", "A page is a file; a folder or a pipe is none.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise PageError(
            Location(shown, line), "the file is not UTF-8", f"Save it as UTF-8 (byte {error.start} is not)."
        ) from None
    except OSError as error:
        problem = f"the file cannot be read: {error.strerror}"
        raise PageError(Location(shown, 1), problem, "Check that it exists and may be read.") from None
    return replace(parse_page(shown, text, snippets, os.environ), digest=digest_of(text))


def parse_page(
    path: str, text: str, snippets: Path | None = None, environment: Mapping[str, str] | None = None
) -> Page:
    """The page's blocks and steps with their positions. Raises PageError for what cannot be a program.

    So is a page that holds, or includes, the value which the environment has for one of its secrets.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if returned := next((n for n, line in enumerate(lines, 1) if "\r" in line), 0):
        raise PageError(
            Location(path, returned),
            "a carriage return inside the line: Markdown ends the line there, and an editor may not",
            "Save the file with one kind of line ends; printf '\\r' prints one.",
        )
    matter, body = read_matter(path, lines)
    secrets = read_secrets(matter.secrets, environment or {})
    _refuse_written_secrets(Location(path, 1), text, secrets)
    requires = (*matter.requires, *(f"{SECRET}{name}" for name in matter.secrets))
    blocks = tuple(_needing(requires, _numbered(_blocks(path, lines, body))))
    blocks = tuple(with_snippets(block, snippets) for block in blocks)
    for block in blocks:
        _refuse_written_secrets(block.location, block.text, secrets)
    _refuse_duplicate_ids(blocks)
    _refuse_unknown_hosts(blocks, matter.hosts)
    steps = tuple(step for block in blocks for step in parse_steps(block))
    for step in steps:
        if not step.file and (objection := next(objections(step.command), None)):
            raise PageError(step.location, *objection)
    if matter.runs and not steps:
        raise PageError(
            Location(path, 1),
            "the page has no console block, so nothing on it can be verified",
            "Add one, or say `lab: none` in its front matter.",
        )
    if not matter.runs and steps:
        raise PageError(
            steps[0].location,
            "the page says `lab: none`, but has commands",
            "Remove `lab: none` from its front matter, or make this a `text` block.",
        )
    return Page(path, matter.title, blocks, steps, matter.runs, matter.hosts, matter.cluster, matter.secrets)


def _refuse_written_secrets(start: Location, text: str, secrets: Secrets) -> None:
    """Raise where text that starts there holds a secret's value: the message must not."""
    for line, name in secrets.written(text):
        raise PageError(
            Location(start.path, start.line + line - 1),
            f"the value of the secret {name} stands here",
            f"Write ${name} in commands, and ‹{name}› where output has it. If others saw the page, revoke it.",
        )


def _needing(requires: tuple[str, ...], blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks; what the page requires, each of them does."""
    for block in blocks:
        options = replace(block.options, requires=(*requires, *block.options.requires))
        yield replace(block, options=options) if requires else block


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str
    info: str
    indent: int  # columns inside its containers
    line: int  # index of the opening line


def _blocks(path: str, lines: list[str], start: int) -> Iterator[Block]:
    """Every block to act on, in reading order, with an empty id where the page gives none."""
    containers: list[str] = []  # the open containers, as the prefix text each takes from a line
    index = start
    while index < len(lines):
        rest, containers = enter(lines[index], containers)
        indent, text = width(rest), rest.lstrip(" ")
        if indent < 4 and (hidden := HIDDEN.match(text)):
            hidden_block, index = _hidden_block(path, lines, index, hidden["rest"], indent, containers)
            yield hidden_block
        elif indent < 4 and text.startswith("<!--"):
            index = end_of_comment(path, lines, index)
        elif indent < 4 and (found := _FENCE.match(text)):
            fence = _Fence(found["mark"], found["info"], indent, index)
            if _is_inline_code(path, fence):
                refuse_look_alikes(path, lines, index, text)
                index += 1
                continue
            content, prefix, index = _content(path, lines, fence, containers)
            block = _block(path, fence, content, prefix)
            if block:
                yield block
        elif indent < 4:
            refuse_look_alikes(path, lines, index, text)
        index += 1


def _is_inline_code(path: str, fence: _Fence) -> bool:
    """Whether the marks belong to code inside a line; a backtick in what follows them makes them no fence."""
    if fence.mark[0] != "`" or "`" not in fence.info:
        return False
    if fence.mark not in fence.info and _LOOKS_RUN.match(QUOTED.sub('""', fence.info)):
        raise PageError(
            Location(path, fence.line + 1),
            f"a backtick after {fence.mark} makes this line no block, so nothing of it would run",
            "Leave the backtick out, or open and close the block with ~~~.",
        )
    return True


def _hidden_block(
    path: str, lines: list[str], start: int, rest: str, indent: int, containers: list[str]
) -> tuple[Block, int]:
    """The steps inside a comment, and the index of the line that ends it."""
    location = Location(path, start + 1)
    end = next((n for n in range(start + 1, len(lines)) if "-->" in lines[n]), None)
    if "-->" in rest or end is None or inside(lines[end], containers)[0].strip() != "-->":
        raise PageError(
            location,
            "the hidden steps are never ended",
            "End the comment with `-->` on a line of its own; a note about pagelab starts with `pagelab:`.",
        )
    if rest and not (rest.startswith("{") and rest.endswith("}")):
        raise PageError(
            location, f"cannot read `{rest}` after `pagelab`", "Write options in braces, steps on the next line."
        )
    block_id, options = read_options(location, rest[1:-1], "console")
    if options.file:
        raise PageError(location, "hidden steps run, so they cannot be a file", "Use a block `text`, `yaml`, … for it.")
    content, prefix = _outdented(lines[start + 1 : end], indent, containers)
    options = replace(options, hidden_output=True)
    return Block(location, "console", block_id, options, content, prefix, hidden=True), end


def _content(path: str, lines: list[str], fence: _Fence, containers: list[str]) -> tuple[str, str, int]:
    """The text inside the fence, what precedes each of its lines, and the index of its closing line."""
    for index in range(fence.line + 1, len(lines)):
        rest, count, _ = inside(lines[index], containers)
        if count < len(containers):
            break
        bare, indent = rest.strip(" \t"), len(rest.expandtabs(4)) - len(rest.expandtabs(4).lstrip(" "))
        if indent < fence.indent + 4 and bare and set(bare) == {fence.mark[0]} and len(bare) >= len(fence.mark):
            return *_outdented(lines[fence.line + 1 : index], fence.indent, containers), index
    raise PageError(
        Location(path, fence.line + 1),
        f"the block that opens with {fence.mark}{fence.info.rstrip()} is never closed",
        f"Close it with a line {fence.mark} at the same indentation.",
    )


def _outdented(lines: list[str], indent: int, containers: list[str]) -> tuple[str, str]:
    """The text of the lines inside their containers and that indentation, and what precedes it on each."""
    content, prefix = "", ""
    for line in lines:
        rest, _, column = inside(line, containers)
        text, _ = outdent(rest, indent, column)
        if text.strip() and not content.strip():
            prefix = line.removesuffix(text)
        content += f"{text}\n"
    return content, prefix


def _block(path: str, fence: _Fence, content: str, prefix: str) -> Block | None:
    """The block, or None where pagelab has nothing to do with it."""
    location = Location(path, fence.line + 1)
    info = _INFO.match(fence.info)
    assert info is not None  # the pattern matches any text
    language, rest = info["language"], info["rest"]
    bare = QUOTED.sub('""', fence.info)
    if language not in RUNS:
        written = re.search(r"(?:^|[\s{])file=", bare)
        if _LOOKS_RUN.match(bare) or (not written and _LOOKS_SHELL.match(bare)):
            raise PageError(
                location,
                f"`{fence.info.strip()}` looks like a block that runs, and is none",
                f"Write one of {', '.join(RUNS)} directly after {fence.mark}, options in braces after it; "
                "or `text` if it is not meant to run.",
            )
        if not written:
            if _PROMPTED.search(content) and language not in NOT_RUN:
                named = f"`{language}`" if language else "without a language"
                raise PageError(
                    location,
                    f"a block {named} that shows a command, but does not run",
                    "Write `console` to run it, or `text` if it is not meant to run.",
                )
            if rest.startswith("{") and (idle := meant_for_pagelab(rest[1:-1])):
                raise PageError(
                    location,
                    f"{idle} on a block `{language}`, which neither runs nor is a file",
                    f'Correct the language (it runs as {", ".join(RUNS)}) or the option (file="name"), or remove it.',
                )
            return None
    block_id, options = read_options(location, inside_braces(location, language, rest), language)
    if language in RUNS and options.file:
        raise PageError(location, f"a {language} block runs, so it cannot be a file", "Use `text`, `yaml`, … for it.")
    return Block(location, language, block_id, options, content, prefix)


def _numbered(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, each with an id."""
    for number, block in enumerate(blocks, 1):
        yield block if block.id else replace(block, id=f"block-{number}")


def _refuse_unknown_hosts(blocks: tuple[Block, ...], hosts: tuple[str, ...]) -> None:
    for block in blocks:
        if block.options.host and block.options.host not in hosts:
            raise PageError(
                block.location,
                f"the page has no host `{block.options.host}`",
                f"Its front matter names: {', '.join(hosts)}.",
            )


def _refuse_duplicate_ids(blocks: tuple[Block, ...]) -> None:
    seen: dict[str, Location] = {}
    for block in blocks:
        if block.id in seen:
            raise PageError(
                block.location,
                f"the id `{block.id}` is taken by the block at line {seen[block.id].line}",
                "Give each block an id of its own.",
            )
        seen[block.id] = block.location
