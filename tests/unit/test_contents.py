"""The list of documents on the home page: all of the navigation, in its order, in the pages' own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from macros.contents import contents

NAV = [
    {"Home": "index.md"},
    "start.md",
    {"Storage": ["storage/volumes.md", {"Deeper": ["storage/layers.md"]}]},
    "glossary.md",
]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage/volumes.md").write_text('---\ntitle: "Volumes: 卷"\ndescription: What stays.\n---\n# V\n')
    (tmp_path / "storage/layers.md").write_text("---\ntitle: Layers\n---\n# L\n")
    (tmp_path / "start.md").write_text("---\ntitle: Start\n---\n")
    (tmp_path / "glossary.md").write_text("# Words\n")
    return tmp_path


def test_every_page_but_the_home_page_is_listed_where_the_navigation_has_it(docs: Path) -> None:
    assert contents(NAV, docs) == (
        "- [Start](start.md)\n\n"
        "**Storage**\n\n"
        "- [Volumes: 卷](storage/volumes.md): What stays.\n"
        "- [Layers](storage/layers.md)\n\n"
        "- [glossary.md](glossary.md)"
    )


def test_a_language_has_its_own_colon(docs: Path) -> None:
    assert "(storage/volumes.md)：What stays." in contents(NAV, docs, "：")


def test_without_pages_outside_of_sections_nothing_follows(docs: Path) -> None:
    assert contents(NAV[:3], docs).endswith("- [Layers](storage/layers.md)")


def test_pages_that_follow_each_other_outside_of_sections_are_one_list(docs: Path) -> None:
    assert contents(["start.md", "glossary.md"], docs) == "- [Start](start.md)\n- [glossary.md](glossary.md)"


def test_a_page_that_is_not_there_is_an_error(docs: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.md"):
        contents(["gone.md"], docs)
