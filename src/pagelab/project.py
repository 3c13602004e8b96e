"""A project: where its pages, evidence and image recipes are, and which pages a path means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pagelab.documents import Documentation


class PathError(Exception):
    """Words on the command line that mean no page, or no place on one: no page is wrong."""

    def __init__(self, where: object, problem: str, advice: str) -> None:
        super().__init__(where, problem, advice)
        self.where = str(where)
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}\n  {self.advice}"


@dataclass(frozen=True, slots=True)
class Project:
    """What the project's pytest configuration says; all paths are below its root unless it says otherwise."""

    documentation: Documentation
    evidence: Path
    recipes: Path | None  # folder of its own images.toml; None when pagelab's images are enough
    clusters: str = ""  # `kind` or `built` where it wants its clusters from there only
    kind_image: str = ""  # of kind's nodes, where it is not that which kind is made for

    def pages(self, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        """One file of every document that the paths mean, in order; all of them without paths.

        A folder means the pages below it. Raises PathError for a path that is no page and holds none.
        """
        everything = [file for _, file in self.documentation.documents()]
        if not paths:
            return tuple(everything)
        found: dict[str, Path] = {}
        for path in paths:
            files = [require_page(path)] if not path.is_dir() else self._below(path)
            if not files:
                raise PathError(
                    path,
                    "there is no page in this folder",
                    f"Pages are below {self._folders()}; name a file to mean a page elsewhere.",
                )
            for file in files:
                found.setdefault(self.documentation.name_of(file), file)
        return tuple(found.values())

    def _below(self, folder: Path) -> list[Path]:
        """The folder's pages, as pytest would collect them."""
        roots = [(self.documentation.root / language).resolve() for language in self.documentation.languages]
        return [
            file for file in sorted(folder.rglob("*.md")) if any(file.resolve().is_relative_to(root) for root in roots)
        ]

    def _folders(self) -> str:
        shown = self.documentation.shown
        return ", ".join(shown(self.documentation.root / lang) for lang in self.documentation.languages) or "nothing"


def require_path(path: Path) -> Path:
    """The path of a folder, or of a Markdown file, that exists. Raises PathError, which says what is wrong with it."""
    if not path.exists():
        raise PathError(path, "there is no such file", "Check its name; paths are from here.")
    if path.is_file() and path.suffix != ".md":
        raise PathError(path, "this is not a page", "Pages are Markdown files (.md).")
    return path


def require_page(path: Path) -> Path:
    """The path of a Markdown file that exists. Raises PathError."""
    if path.is_dir():
        raise PathError(path, "this is a folder", "Name one page of it.")
    return require_path(path)
