"""The text inside a block's braces → its id and typed options."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

from pagelab.errors import Location, PageError
from pagelab.model import Match, Options
from pagelab.requirements import SECRET, RequirementError, parse_requirement

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE = re.compile(r"""\s*(?:\#(?P<id>[\w-]+)|(?P<key>[\w-]+)=(?:"(?P<dq>[^"]*)"|'(?P<sq>[^']*)'))""")

_KNOWN = ("exit", "timeout", "eventually", "match", "output", "skip", "file", "host", "requires")
_OF_COMMANDS = ("exit", "timeout", "eventually", "match", "output")
_AS_MATTER = "`lab: {secrets: [%s]}`."


def inside_braces(location: Location, language: str, rest: str) -> str:
    """The text of the options, which is all that may follow a language. Raises PageError."""
    if not rest or (rest.startswith("{") and rest.endswith("}")):
        return rest[1:-1]
    bare = QUOTED.sub("", rest)
    if not rest.startswith("{"):
        raise PageError(
            location, f"options without braces after `{language}`: {rest}", f"Write them as ```{language} {{{rest}}}."
        )
    if "}" in bare:
        extra = bare.partition("}")[2].strip()
        raise PageError(location, f"text after the braces: {extra}", "Options end the line: remove what follows them.")
    raise PageError(location, f"the brace is not closed: {rest}", "End the options with `}`.")


def read_options(location: Location, text: str, language: str) -> tuple[str, Options]:
    """The id (empty when there is none) and the options of a block in that language, `console` for hidden steps.

    Raises PageError at `location`.
    """
    block_id, options, position, seen = "", Options(), 0, list[str]()
    text = text.rstrip()
    while position < len(text):
        found = _ATTRIBUTE.match(text, position)
        if not found:
            raise PageError(
                location, f"cannot read the option at `{text[position:].strip()}`", 'Write `#id` or `key="value"`.'
            )
        position, name = found.end(), found["key"] or "#id"
        if name in seen:
            raise PageError(location, f"the option `{name}` is given twice", "Keep one of them.")
        seen.append(name)
        if found["id"]:
            block_id = found["id"]
        else:
            value = found["dq"] if found["dq"] is not None else found["sq"]
            options = _with(location, options, found["key"], value)
    for name in seen:
        if where := _idle(name, language, options):
            raise PageError(location, f"`{name}` means nothing {where}", "Remove it.")
    return block_id, options


def _idle(name: str, language: str, options: Options) -> str:
    """Where the option means nothing; empty where it does something."""
    if options.file and name in _OF_COMMANDS:
        return "on a file, which is only written"
    if name == "match" and language in ("bash", "sh"):
        return "on a script, which shows no output"
    return "where the output is hidden" if name == "match" and options.hidden_output else ""


def _with(location: Location, options: Options, key: str, value: str) -> Options:
    """The options with one more set from its text."""
    match key:
        case "exit":
            return replace(options, exit=int(_number(location, key, value, 255)))
        case "timeout":
            return replace(options, timeout=_number(location, key, value, 3600))
        case "eventually":
            return replace(options, eventually=_number(location, key, value, 3600))
        case "match" if value in {m.value for m in Match}:
            return replace(options, match=Match(value))
        case "match":
            known = ", ".join(m.value for m in Match)
            raise PageError(location, f'unknown match="{value}"', f"Use one of: {known}.")
        case "output" if value == "hidden":
            return replace(options, hidden_output=True)
        case "output":
            raise PageError(location, f'unknown output="{value}"', 'The only value is output="hidden".')
        case "skip" if value.strip():
            return replace(options, skip=value.strip())
        case "skip":
            raise PageError(location, "skip needs a reason", "Say why in words that a reader understands.")
        case "file" if value and not value.startswith("/") and ".." not in value.split("/"):
            return replace(options, file=value)
        case "host" if value:
            return replace(options, host=value)
        case "requires":
            return replace(options, requires=(*options.requires, *read_requirements(location, value.split())))
        case "file":
            raise PageError(location, f'file="{value}" leaves the session\'s directory', "Use a relative path.")
    raise PageError(
        location,
        f"unknown option `{key}`",
        f"Known: #id, {', '.join(_KNOWN)}.",
    )


def meant_for_pagelab(text: str) -> str:
    """The first thing in a block's braces that only pagelab reads, or a slip for `file`; empty when there is none.

    What other tools put there (classes, titles, line numbers) is not; nor is anything beside a class.
    """
    position, found_one, text = 0, "", text.rstrip()
    while position < len(text):
        found = _ATTRIBUTE.match(text, position)
        if not found:
            return ""
        position, key = found.end(), found["key"]
        if not key or key in _KNOWN or difflib.get_close_matches(key, ("file",), cutoff=0.75):
            found_one = found_one or (f"`{key}`" if key else f"the id `{found['id']}`")
    return found_one


def read_requirements(location: Location, texts: Iterable[object]) -> tuple[str, ...]:
    """The requirements, each in its one spelling. Raises PageError at `location` for one that nobody knows."""
    wanted = [str(text) for text in texts]
    if secret := next((text for text in wanted if text.strip().startswith(SECRET)), ""):
        name = secret.strip().removeprefix(SECRET) or "NAME"
        raise PageError(location, f"`{secret}` among requirements", f"Name it in the front matter: {_AS_MATTER % name}")
    try:
        return tuple(str(parse_requirement(text)) for text in wanted)
    except RequirementError as error:
        raise PageError(location, error.problem, error.advice) from None


def _number(location: Location, key: str, value: str, most: int) -> float:
    if not re.fullmatch(r"0*[0-9]{1,9}", value) or int(value[-9:]) > most:
        shown = value if len(value) <= 20 else f"{value[:20]}…"
        raise PageError(location, f'{key}="{shown}" is not a whole number from 0 to {most}', "Correct the value.")
    return float(value[-9:])
