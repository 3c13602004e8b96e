"""A command → the calls of kubectl in it, each as its words from the verb on. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

QUOTED = r"'[^']*'|\"(?:[^\"\\]|\\.)*\""
_SET = rf"\w+=(?:{QUOTED}|[^\s;|&()'\"])*"
PREFIX = rf"(?:(?:{_SET}|env|sudo|command|-[ugC]\s+\S+|-(?![ugC]\s)\S+)\s+)*"  # what `sudo -u bob A=b` consists of
_START = r"(?:^|[|;&({]|\$\(|\b(?:then|do|else|elif|until|while|if)\b)\s*(?:(?:!|time(?:\s+-p)?)\s+)*"
_CALL = re.compile(rf"{_START}{PREFIX}kubectl[ \t]+((?:{QUOTED}|[<>]&|[^|;&\n)'\"])*)", re.MULTILINE)
_FUNCTION = re.compile(
    r"^[ \t]*([\w-]+)[ \t]*\(\)[ \t]*\{(.*?)(?:^[ \t]*\}|;[ \t]*\}[ \t]*$)", re.MULTILINE | re.DOTALL
)
_CONTINUED = re.compile(r"\\\n|(?<=\|)[ \t]*\n")
_SWITCHES = (  # options of every verb that take no value, says `kubectl options`
    *("-h", "--help", "--disable-compression", "--insecure-skip-tls-verify"),
    *("--match-server-version", "--warnings-as-errors"),
)


def joined(command: str) -> str:
    """The command with the lines that go on in the next one joined to it."""
    return _CONTINUED.sub(" ", command)


def calls(command: str) -> Iterator[list[str]]:
    """The words after each `kubectl`, without options before the verb, and without what a container is told."""
    for found in _CALL.finditer(joined(command)):
        try:
            words = shlex.split(found[1])
        except ValueError:  # a quote that ends in another part of the line
            words = found[1].split()
        yield from_verb(words[: words.index("--")] if "--" in words else words)


def functions(command: str) -> dict[str, str]:
    """The bodies of the shell functions that the command defines, by name."""
    return {found[1]: found[2] for found in _FUNCTION.finditer(command)}


def meant(command: str, known: dict[str, str]) -> str:
    """What the command runs: without the functions that it defines, and with the bodies of the known ones it names."""
    rest = _FUNCTION.sub("", command)
    named = (body for name, body in known.items() if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", rest))
    return "\n".join((rest, *named))


def from_verb(words: list[str]) -> list[str]:
    """The words without the options that they begin with, and the values of these."""
    while words and words[0].startswith("-") and words[0] not in ("-h", "--help"):
        alone = words[0] in _SWITCHES or "=" in words[0] or re.match(r"-\w.", words[0])
        words = words[1 if alone else 2 :]
    return words


def option(words: list[str], *names: str) -> str | None:
    """The value of the option that goes by these names, long or of one letter; None where it is not given."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word in names:
            return following
        for name in names:
            if word.startswith(f"{name}=") or (len(name) == 2 and word.startswith(name)):
                return word.removeprefix(name).removeprefix("=")
    return None
