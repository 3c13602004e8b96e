"""Markdown → blocks: finds the fenced blocks that pagelab acts on, wherever Markdown puts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from pagelab.errors import Location, PageError
from pagelab.model import Block, Page
from pagelab.options import read_options, read_requirements
from pagelab.transcript import parse_steps

RUNS = ("console", "bash", "sh")
_FENCE = re.compile(r"(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_INFO = re.compile(r"\s*(?P<language>[^\s{`]*)\s*(?P<rest>.*?)\s*$")
_HOST = re.compile(r"[a-z][a-z0-9-]{0,30}")
_HIDDEN = re.compile(r"\s*<!--\s*pagelab\b\s*(?P<rest>.*?)\s*$")
_CONTAINER = re.compile(r"(?P<quote>>[ ]?)|(?P<item>(?:[-*+]|\d+[.)])[ ]+)")
_INDENTED_BODY = re.compile(r"(?:!!!|\?\?\?\+?|===[!+]?)\s*\S")


def read_page(path: Path, name: str | None = None) -> Page:
    """Read and parse the file; `name` is the path that messages show. Raises PageError."""
    shown = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise PageError(
            Location(shown, line), "the file is not UTF-8", f"Save it as UTF-8 (byte {error.start} is not)."
        ) from None
    except OSError as error:
        raise PageError(
            Location(shown, 1), f"the file cannot be read: {error.strerror}", "Check that it exists and may be read."
        ) from None
    return parse_page(shown, text)


def parse_page(path: str, text: str) -> Page:
    """The page's blocks and steps with their positions. Raises PageError for what cannot be a program."""
    lines = text.replace("\r\n", "\n").split("\n")
    matter, body = _front_matter(path, lines)
    lab = _lab(path, lines, matter.get("lab"))
    blocks = tuple(_needing(lab.requires, _numbered(_blocks(path, lines, body))))
    _refuse_duplicate_ids(blocks)
    _refuse_unknown_hosts(blocks, lab.hosts)
    steps = tuple(step for block in blocks for step in parse_steps(block))
    if lab.runs and not steps:
        raise PageError(
            Location(path, 1),
            "the page has no console block, so nothing on it can be verified",
            "Add one, or say `lab: none` in its front matter.",
        )
    if not lab.runs and steps:
        raise PageError(
            steps[0].location,
            "the page says `lab: none`, but has commands",
            "Remove `lab: none` from its front matter, or make this a `text` block.",
        )
    return Page(path, str(matter.get("title", "")), blocks, steps, lab.runs, lab.hosts)


def _front_matter(path: str, lines: list[str]) -> tuple[dict[str, object], int]:
    """The front matter as a mapping and the index of the first line after it."""
    if not lines or lines[0].rstrip() != "---":
        return {}, 0
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        raise PageError(Location(path, 1), "the front matter is not closed", "End it with a line `---`.")
    try:
        matter = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise PageError(
            Location(path, line), f"the front matter is not valid YAML: {problem}", "Quote values that contain `: `."
        ) from None
    if not isinstance(matter, dict):
        raise PageError(Location(path, 2), "the front matter is not a mapping", "Write `key: value` lines.")
    return matter, end + 1


@dataclass(frozen=True, slots=True)
class _Lab:
    """What the front matter says of the lab."""

    runs: bool = True
    hosts: tuple[str, ...] = ("host",)
    requires: tuple[str, ...] = ()


def _lab(path: str, lines: list[str], lab: object) -> _Lab:
    if lab in (None, "none"):
        return _Lab(runs=lab is None)
    where = Location(path, next((n for n, line in enumerate(lines, 1) if line.startswith("lab:")), 1))
    advice = "Leave it out, or write `lab: none`, or `lab: {hosts: [name, name], requires: [swarm]}`."
    if not isinstance(lab, dict) or not set(lab) <= {"hosts", "requires"}:
        raise PageError(where, f"unknown lab {lab!r}", advice)
    hosts, requires = lab.get("hosts", ["host"]), lab.get("requires", [])
    if not isinstance(hosts, list) or not hosts or len(set(map(str, hosts))) != len(hosts):
        raise PageError(where, f"hosts must be a list of different names, not {hosts!r}", advice)
    for host in hosts:
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            raise PageError(where, f"{host!r} is no host name", "Use letters, digits and hyphens, as in `host-a`.")
    if not isinstance(requires, list):
        raise PageError(where, f"requires must be a list, not {requires!r}", advice)
    return _Lab(True, tuple(hosts), read_requirements(where, requires))


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
    comment = False
    while index < len(lines):
        line = lines[index]
        if not comment and (hidden := _HIDDEN.match(line)):
            hidden_block, index = _hidden_block(path, lines, index, hidden["rest"])
            yield hidden_block
            index += 1
            continue
        if comment or line.lstrip().startswith("<!--"):
            comment = "-->" not in line[line.index("<!--") + 4 if not comment else 0 :]
            index += 1
            continue
        rest, containers = _enter(line, containers)
        indent = len(rest) - len(rest.lstrip(" "))
        found = _FENCE.match(rest.lstrip(" ")) if indent < 4 else None
        if found and not ("`" in found["info"] and found["mark"][0] == "`"):
            fence = _Fence(found["mark"], found["info"], indent, index)
            content, index = _content(path, lines, fence, containers)
            block = _block(path, fence, content, "".join(containers) + " " * indent)
            if block:
                yield block
        index += 1


def _hidden_block(path: str, lines: list[str], start: int, rest: str) -> tuple[Block, int]:
    """The steps inside a comment, and the index of the line that ends it."""
    location = Location(path, start + 1)
    end = next((n for n in range(start + 1, len(lines)) if "-->" in lines[n]), None)
    if end is None or lines[end].strip() != "-->":
        raise PageError(
            location, "the hidden steps are never ended", "End the comment with `-->` on a line of its own."
        )
    if rest and not (rest.startswith("{") and rest.endswith("}")):
        raise PageError(
            location, f"cannot read `{rest}` after `pagelab`", "Write options in braces, steps on the next line."
        )
    block_id, options = read_options(location, rest[1:-1])
    indent = len(lines[start]) - len(lines[start].lstrip())
    content = "".join(f"{line[indent:] if not line[:indent].strip() else line}\n" for line in lines[start + 1 : end])
    options = replace(options, hidden_output=True)
    return Block(location, "console", block_id, options, content, " " * indent, hidden=True), end


def _enter(line: str, containers: list[str]) -> tuple[str, list[str]]:
    """What the line holds inside its containers, and the containers open after it."""
    rest, open_now = line.expandtabs(4), []
    for prefix in containers:
        if not rest.strip():
            return "", containers
        if prefix.startswith(">"):
            if not rest.startswith(">"):
                break
            rest = rest[2:] if rest.startswith("> ") else rest[1:]
        elif rest.startswith(prefix):
            rest = rest[len(prefix) :]
        else:
            break
        open_now.append(prefix)
    while (found := _CONTAINER.match(rest)) or (
        rest.startswith(" ") and (found := _CONTAINER.match(rest.lstrip(" "))) and len(rest) - len(rest.lstrip(" ")) < 4
    ):
        lead = len(rest) - len(rest.lstrip(" "))
        if found["quote"]:
            open_now.append(found["quote"])
            rest = rest.lstrip(" ")[found.end() :]
        else:
            item = rest.lstrip(" ")[found.end() :]
            width = lead + found.end()
            open_now.append(" " * width)
            rest = item
    lead = len(rest) - len(rest.lstrip(" "))
    if lead < 4 and _INDENTED_BODY.match(rest.lstrip(" ")):
        open_now.append(" " * (lead + 4))
        rest = ""
    return rest, open_now


def _content(path: str, lines: list[str], fence: _Fence, containers: list[str]) -> tuple[str, int]:
    """The text inside the fence and the index of its closing line."""
    inside: list[str] = []
    for index in range(fence.line + 1, len(lines)):
        line = lines[index]
        rest = _strip(line, containers)
        if rest is None:
            break
        bare = rest.strip(" ")
        indent = len(rest) - len(rest.lstrip(" "))
        if indent < fence.indent + 4 and bare and set(bare) == {fence.mark[0]} and len(bare) >= len(fence.mark):
            return "".join(f"{text}\n" for text in inside), index
        inside.append(rest[min(indent, fence.indent) :])
    raise PageError(
        Location(path, fence.line + 1),
        f"the block that opens with {fence.mark}{fence.info.rstrip()} is never closed",
        f"Close it with a line {fence.mark} at the same indentation.",
    )


def _strip(line: str, containers: list[str]) -> str | None:
    """The line without its containers' prefixes; None when it is outside of them."""
    rest = line
    for prefix in containers:
        if prefix.startswith(">"):
            if not rest.startswith(">"):
                return None
            rest = rest[2:] if rest.startswith("> ") else rest[1:]
        elif rest.startswith(prefix):
            rest = rest[len(prefix) :]
        elif not rest.strip():
            rest = ""
        else:
            return None
    return rest


def _block(path: str, fence: _Fence, content: str, prefix: str) -> Block | None:
    """The block, or None where pagelab has nothing to do with it."""
    location = Location(path, fence.line + 1)
    info = _INFO.match(fence.info)
    assert info is not None  # the pattern matches any text
    language, rest = info["language"], info["rest"]
    braces = rest.startswith("{") and rest.endswith("}")
    if language not in RUNS and not (braces and re.search(r"\bfile=", rest)):
        return None
    if rest and not braces:
        raise PageError(
            location,
            f"options without braces after `{language}`: {rest}",
            f"Write them as ```{language} {{{rest}}}.",
        )
    block_id, options = read_options(location, rest[1:-1] if braces else "")
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
