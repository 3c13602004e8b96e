"""The navigation → a list of all documents: what each is called, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.utils import meta

HOME = "index.md"


def contents(nav: Iterable[Any], docs: Path, colon: str = ": ") -> str:
    """Markdown for the home page, in the navigation's order: a list for each section, and pages that are in none."""
    lists: list[tuple[str, list[str]]] = []  # section, pages; no name for those between sections
    for entry in nav:
        name, content = next(iter(entry.items())) if isinstance(entry, dict) else ("", entry)
        if isinstance(content, list):
            lists.append((name, list(_pages(content))))
        elif content != HOME:
            if not lists or lists[-1][0]:
                lists.append(("", []))
            lists[-1][1].append(content)
    return "\n\n".join((f"**{name}**\n\n" if name else "") + _listed(pages, docs, colon) for name, pages in lists)


def _pages(entries: Iterable[Any]) -> Iterator[str]:
    """The paths below a section, those of sections inside it too."""
    for entry in entries:
        content = next(iter(entry.values())) if isinstance(entry, dict) else entry
        if isinstance(content, list):
            yield from _pages(content)
        else:
            yield content


def _listed(pages: Iterable[str], docs: Path, colon: str) -> str:
    return "\n".join(_item(page, docs, colon) for page in pages)


def _item(page: str, docs: Path, colon: str) -> str:
    _, matter = meta.get_data((docs / page).read_text(encoding="utf-8-sig"))
    about = f"{colon}{matter['description']}" if matter.get("description") else ""
    return f"- [{matter.get('title', page)}]({page}){about}"
