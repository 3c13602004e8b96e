"""Both languages of a document say the same things, and a difference is found where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.outline import differences

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS = sorted({page.relative_to(DOCS / language) for language in ("en", "zh-Hant")
                    for page in (DOCS / language).rglob("*.md")})  # fmt: skip
PAGE = """\
---
title: A
---
# A {#a}

Text. {= claim("ABS-01") =} [Docker](https://docs.docker.com/)

## B {#b}

!!! note "Note"
    Text.

![Figure](figure.svg)

| one | two |
| --- | --- |
| `a|b` | 2 |

{= plot("cost", title="Cost") =}

```text
# not a heading
```
"""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.as_posix())
def test_the_languages_of_a_document_agree(document: Path) -> None:
    english, chinese = (DOCS / language / document for language in ("en", "zh-Hant"))
    shown = [page.relative_to(DOCS.parent).as_posix() for page in (english, chinese)]
    found = differences(shown[0], english.read_text(encoding="utf-8"), shown[1], chinese.read_text(encoding="utf-8"))
    assert "\n".join(found) == ""


@pytest.mark.parametrize(
    ("old", "new", "kind", "line"),
    [
        ("## B {#b}", "## B {#c}", "heading", 8),
        ("## B {#b}", "### B {#b}", "heading", 8),
        ("## B {#b}", "## B", "heading", 8),
        ("## B {#b}\n", "\n", "heading", 4),
        ("ABS-01", "ABS-02", "claim", 6),
        ('{= claim("ABS-01") =}', "", "claim", 1),
        ("!!! note", "!!! warning", "box", 10),
        ("!!! note", "??? note", "box", 10),
        ("figure.svg", "other.svg", "figure", 13),
        ('{= plot("cost",', '{= plot("other",', "figure", 19),
        ("| one | two |", "| one | two | three |", "table row", 15),
        ("| `a|b` | 2 |\n", "", "table row", 15),
        ("https://docs.docker.com/", "https://docs.docker.com/x/", "source", 6),
    ],
)
def test_a_difference_is_found_at_its_line(old: str, new: str, kind: str, line: int) -> None:
    assert old in PAGE
    (message,) = differences("en/a.md", PAGE, "zh/a.md", PAGE.replace(old, new))
    assert f"zh/a.md:{line}: {kind}" in message
    assert f": {kind} “" in message


def test_prose_code_and_the_words_in_a_figure_may_differ() -> None:
    page = PAGE.replace("figure.svg", "figure.en.svg")
    other = PAGE.replace("figure.svg", "figure.zh-Hant.svg")
    for old, new in (("Text.", "文字。"), ("## B", "## 乙"), ("not a heading", "no"), ('"Cost"', '"成本"')):
        other = other.replace(old, new)
    assert list(differences("en/a.md", page, "zh/a.md", other)) == []
