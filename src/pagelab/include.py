"""Block → block with its snippets in place: a file that pages share is shown, and written, as it is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pagelab.errors import Location, PageError
from pagelab.model import Block

FOLDER = "snippets"  # below the folder that the project's configuration is in
_MARK = re.compile(r"-8<-")
_LINE = re.compile(r'(?P<indent>[ \t]*)--8<-- "(?P<path>[^"]+)"')


def with_snippets(block: Block, snippets: Path | None) -> Block:
    """The block; in one that is a file, each line `--8<-- "path"` is the text of that file below `snippets`.

    MkDocs does the same where it shows the block. Raises PageError at the line that cannot be replaced.
    """
    if not block.options.file or not _MARK.search(block.text):
        return block
    lines = block.text.split("\n")[:-1]
    numbered = enumerate(lines, block.location.line + 1)
    placed = [
        one for number, line in numbered for one in _expanded(Location(block.location.path, number), line, snippets)
    ]
    text = "".join(f"{line}\n" for _, line in placed)
    return replace(block, text=text, source=block.text, places=tuple(place for place, _ in placed))


def _expanded(location: Location, line: str, snippets: Path | None) -> Iterator[tuple[Location, str]]:
    """The line, or those of the snippet that it names, each with where it stands."""
    if not _MARK.search(line):
        yield location, line
        return
    found = _LINE.fullmatch(line.rstrip())
    if not found or re.search(r":[\w:,-]*$", found["path"]):
        raise PageError(
            location,
            f"cannot read `{line.strip()}` as a snippet",
            'Write --8<-- "folder/file", the whole file at once.',
        )
    text = _read(location, found["path"], snippets)
    if _MARK.search(text):
        raise PageError(location, f"the snippet {found['path']} includes another one", "Include each one in the page.")
    for number, content in enumerate(text.removesuffix("\n").split("\n"), 1):
        yield Location(f"{FOLDER}/{found['path']}", number), f"{found['indent'] if content else ''}{content}"


def _read(location: Location, path: str, snippets: Path | None) -> str:
    """The snippet's text. Raises PageError."""
    folder = (snippets or Path(FOLDER)).resolve()
    file = Path(os.path.realpath(folder / path))  # which a circle of links does not stop
    if not file.is_relative_to(folder):
        raise PageError(location, f"the snippet {path} is not below {FOLDER}/", "Use a path inside that folder.")
    if file.exists() and not file.is_file():
        raise PageError(location, f"the snippet {path} is not a file", "Name a file; a folder or a pipe is none.")
    try:
        return file.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise PageError(
            location, f"the snippet {path} cannot be read: {why}", f"It is looked for in {FOLDER}/."
        ) from None
