"""A documentation folder → documents: which files are the same page in different languages."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pagelab.errors import Location, PageError
from pagelab.include import FOLDER
from pagelab.model import Page, Session
from pagelab.page import read_page
from pagelab.session import merge_languages


@dataclass(frozen=True, slots=True)
class Documentation:
    """Where pages are: `root`/<language>/**.md. Without languages every file is its own document."""

    root: Path
    languages: tuple[str, ...]
    base: Path  # paths in messages are relative to this folder

    def session_of(self, path: Path) -> Session:
        """The session of the document that this file belongs to. Raises PageError."""
        place = self._place(path)
        if place is None:
            return merge_languages(self.name_of(path), {"": self.page_of(path)})
        document = self.name_of(path)
        files = {language: self.root / language / place for language in self.languages}
        for language, file in files.items():
            if not file.exists():
                raise PageError(
                    Location(self.shown(path), 1),
                    f"this page does not exist in `{language}`",
                    f"Write {self.shown(file)}; the languages of a document carry the same commands.",
                )
        return merge_languages(document, {lang: self.page_of(file) for lang, file in files.items()})

    def name_of(self, path: Path) -> str:
        """The name of the document that this file belongs to, which is also the name of its evidence.

        A relative path without `..`. A file outside of all languages is named as messages show it, with its `.md`,
        so that a README.md in the project's root is another document than a language's README.
        """
        if place := self._place(path):
            return place.with_suffix("").as_posix()
        alone = Path(self.shown(path))
        return alone.relative_to(alone.anchor).as_posix()

    def documents(self) -> tuple[tuple[str, Path], ...]:
        """Every document's name with one of its files, in order of name."""
        found = {
            file.relative_to(self.root / language).with_suffix("").as_posix(): file
            for language in reversed(self.languages)
            for file in (self.root / language).rglob("*.md")
            if file.is_file()
        }
        return tuple(sorted(found.items()))

    def shown(self, path: Path) -> str:
        """The path as messages name it: below the base, or else absolute."""
        below = _below(path, self.base)
        return str(_resolved(path)) if below is None else below.as_posix()

    def page_of(self, file: Path) -> Page:
        """The one page, whatever its other languages say. Raises PageError."""
        return read_page(file, self.shown(file), self.base / FOLDER)

    def page_in(self, session: Session, path: Path) -> Page:
        """The document's page that this file is: the one of that name, else the one that links lead to."""
        name = self.shown(path)
        return min(
            (page for _, page in session.pages),
            key=lambda page: (page.path != name, _resolved(self.base / page.path) != _resolved(path)),
        )

    def _place(self, path: Path) -> Path | None:
        """The path below its language's folder, None for a file outside of them."""
        places = (_below(path, self.root / language) for language in self.languages)
        return next((place for place in places if place is not None), None)


def _below(path: Path, folder: Path) -> Path | None:
    """The path as it goes on from the folder. A link counts where it stands, and only else where it leads to."""
    where_it_stands = Path(os.path.abspath(path)), Path(os.path.abspath(folder))
    for one, other in (where_it_stands, (_resolved(path), _resolved(folder))):
        if one.is_relative_to(other):
            return one.relative_to(other)
    return None


def _resolved(path: Path) -> Path:
    """The path without links; as it is where they lead in a circle."""
    return Path(os.path.realpath(path))
