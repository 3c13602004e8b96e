"""docs/glossary.yml → the site's terms: what each is called in three scripts, and what Taiwan does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import yaml

from pagelab.errors import Location, PageError

FILE = "glossary.yml"
_FIELDS = ("id", "en", "zh-Hant", "zh-Hans", "means", "not")
_COLUMNS = {
    "en": ("Term", "繁體中文", "简体中文", "What it means here"),
    "zh-Hant": ("英文", "繁體中文", "简体中文", "在本站的意思"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the glossary."""

    id: str
    english: str
    traditional: str
    simplified: str
    means: Mapping[str, str]  # language → one line
    avoid: tuple[str, ...]  # what must not stand for it in Traditional Chinese


@dataclass(frozen=True, slots=True)
class Glossary:
    """All terms, in order of their English names, and the words that matter only to conversion and check."""

    terms: tuple[Term, ...]
    also: Mapping[str, str]  # Traditional → Simplified
    avoid: Mapping[str, str]  # what Taiwan does not say → what it says

    @property
    def conversions(self) -> dict[str, str]:
        """Traditional → Simplified, where a dictionary of the language alone would not know."""
        return dict(self.also) | {term.traditional: term.simplified for term in self.terms}

    @property
    def refused(self) -> dict[str, str]:
        """A word that no page in Traditional Chinese may use → the one to write instead."""
        return dict(self.avoid) | {word: term.traditional for term in self.terms for word in term.avoid}


def read_glossary(docs: Path) -> Glossary:
    """The glossary beside the languages' folders. Raises PageError, which names what is lacking."""
    shown, text = f"{docs.name}/{FILE}", (docs / FILE).read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(text) or {}
        terms, also, avoid = data["terms"], data["also"], data["avoid"]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PageError(Location(shown, line), f"this is not YAML: {error.problem}", "Correct it.") from None
    except KeyError as error:
        raise PageError(Location(shown, 1), f"the glossary lacks {error}", "It has terms, also and avoid.") from None
    found = (_term(row, shown, text) for row in terms)
    return Glossary(tuple(sorted(found, key=lambda term: term.english.lower())), also, avoid)


def _term(row: Any, shown: str, text: str) -> Term:
    """The term of one row. Raises PageError."""
    if not isinstance(row, dict):
        raise PageError(Location(shown, 1), f"`{row}` is no term", f"Write {{{', '.join(_FIELDS)}}}.")
    try:
        english, traditional, simplified, means = (row[name] for name in ("en", "zh-Hant", "zh-Hans", "means"))
        told = {language: means[language] for language in _COLUMNS}
        return Term(row["id"], english, traditional, simplified, told, tuple(row["not"]))
    except KeyError as error:
        name = row.get("id", row.get("en", ""))
        line = next((n for n, at in enumerate(text.split("\n"), 1) if f"id: {name}," in at), 1)
        advice = f"A term has {', '.join(_FIELDS)}."
        raise PageError(Location(shown, line), f"the term `{name}` lacks {error}", advice) from None


def glossary_html(glossary: Glossary, language: str) -> str:
    """The table of all terms; each row is a link target named as the term's id."""
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS[language])
    rows = "\n".join(
        f'<tr id="{term.id}"><th scope="row" lang="en">{escape(term.english)}</th>'
        f'<td lang="zh-Hant">{term.traditional}</td><td lang="zh-Hans">{term.simplified}</td>'
        f"<td>{escape(term.means[language])}</td></tr>"
        for term in glossary.terms
    )
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    return f'<div class="glossary">\n{table}\n</div>\n'
