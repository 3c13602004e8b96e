"""Shell text → which here-documents are open at its end: as much of bash's grammar as that question needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_COMMAND = ("", "(", "$(", "`")  # where `<<` is a here-document, `#` a comment, and a newline starts the text
_NUMBER = "( in arithmetic"
_CLOSING = {
    "(": ")",
    "$(": ")",
    "`": "`",
    "${": "}",
    "$[": "]",
    "((": "))",
    "$((": "))",
    _NUMBER: ")",
    "'": "'",
    "$'": "'",
    '"': '"',
}
_OPENING = re.compile(r"\$\(\(|\$\(|\$\{|\$\[|\$'|['\"`(]")
_OPENING_IN_QUOTES = re.compile(r"\$\(\(|\$\(|\$\{|\$\[|`")
_BEFORE_COMMAND = re.compile(r"(?:^|[;&|(\n!{]|(?:^|[\s;])(?:if|while|until|then|do|else|elif|for))[ \t]*$")
_WORD = re.compile(r"<<(?P<dash>-?)[ \t]*(?P<word>(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s;&|<>()'\"\\`])+)")
_QUOTING = re.compile(r"'([^']*)'|\"((?:\\.|[^\"\\])*)\"|\\(.)")


@dataclass(frozen=True, slots=True)
class EndWord:
    """The line that ends a here-document."""

    text: str
    dash: bool = False  # tabs before it do not count

    def is_on(self, line: str) -> bool:
        return (line.lstrip("\t") if self.dash else line) == self.text


@dataclass(frozen=True, slots=True)
class Open:
    """What a command that has come so far still waits for."""

    words: tuple[EndWord, ...] = ()  # end words of here-documents whose text comes next, in order
    continued: bool = False  # the rest of its line, after a backslash


def read_open(command: str) -> Open:
    """What these lines of a command leave open; a here-document's text is not read as shell."""
    if "<<" not in command and not command.endswith("\\"):
        return Open()
    scan = _Scan(command)
    while scan.at < len(command):
        scan.step()
    backslashes = len(command) - len(command.rstrip("\\"))
    words = tuple(scan.words) if scan.place in _COMMAND else ()  # a quote that is open goes first
    return Open(words, backslashes % 2 == 1 and not scan.comment)


@dataclass(slots=True)
class _Scan:
    text: str
    at: int = 0
    inside: list[str] = field(default_factory=list)  # what was opened and not closed
    words: list[EndWord] = field(default_factory=list)
    comment: bool = False  # the text ends in one

    @property
    def place(self) -> str:
        return self.inside[-1] if self.inside else ""

    def step(self) -> None:
        """Go past the next thing that matters, or past one character."""
        place = self.place
        if self.text[self.at] == "\\" and place != "'":
            self.at += 2
        elif place and self.text.startswith(_CLOSING[place], self.at):
            self.at += len(_CLOSING[place])
            self.inside.pop()
        elif place in ("'", "$'"):
            self.at += 1
        elif place not in _COMMAND or not self._in_command():
            self._open(_OPENING_IN_QUOTES if place == '"' else _OPENING)

    def _open(self, opening: re.Pattern[str]) -> None:
        found = opening.match(self.text, self.at)
        if found:
            self.inside.append(_NUMBER if found[0] == "(" and self.place not in _COMMAND else found[0])
        self.at = found.end() if found else self.at + 1

    def _in_command(self) -> bool:
        """Whether there was something here that only a command has."""
        before, rest = self.text[max(self.at - 1, 0) : self.at], self.text[self.at : self.at + 3]
        if rest.startswith("\n"):
            self._skip_texts()
        elif rest.startswith("#") and before in " \t\n;&|()`":
            end = self.text.find("\n", self.at)
            self.comment = end < 0
            self.at = len(self.text) if end < 0 else end
        elif rest == "<<<":
            self.at += 3
        elif found := _WORD.match(self.text, self.at):
            word = _QUOTING.sub(lambda quoted: "".join(part or "" for part in quoted.groups()), found["word"])
            self.words.append(EndWord(word, bool(found["dash"])))
            self.at = found.end()
        elif rest.startswith("((") and _BEFORE_COMMAND.search(self.text[: self.at]):
            self.inside.append("((")
            self.at += 2
        else:
            return False
        return True

    def _skip_texts(self) -> None:
        """Go past the newline and the here-documents that start after it."""
        self.at += 1
        while self.words and self.at < len(self.text):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            if self.words[0].is_on(self.text[self.at : end]):
                self.words.pop(0)
            self.at = end + 1
