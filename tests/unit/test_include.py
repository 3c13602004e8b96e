"""Snippets in a block that is a file: what is written, and what is refused at its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pagelab.documents import Documentation
from pagelab.errors import PageError
from pagelab.page import parse_page
from pagelab.place import block_lines

RUN = "```console\n$ a\n```\n"
SCRIPT = "first\n\n  second\n"


@pytest.fixture
def snippets(tmp_path: Path) -> Path:
    (tmp_path / "snippets" / "measure").mkdir(parents=True)
    (tmp_path / "snippets" / "measure" / "a.py").write_text(SCRIPT)
    return tmp_path / "snippets"


def file_block(line: str) -> str:
    return f'```python {{#f file="a.py"}}\n{line}\n```\n'


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ('--8<-- "measure/a.py"', SCRIPT),
        ('# top\n--8<-- "measure/a.py"\n# end', f"# top\n{SCRIPT}# end\n"),
        ('  --8<-- "measure/a.py"', "  first\n\n    second\n"),
    ],
)
def test_the_text_of_the_snippet_is_what_is_written(snippets: Path, line: str, written: str) -> None:
    page = parse_page("p.md", file_block(line) + RUN, snippets)
    assert page.steps[0].command == written


def test_a_snippet_inside_a_box_is_not_indented(snippets: Path) -> None:
    inside = "".join(f"    {line}\n" for line in file_block('--8<-- "measure/a.py"').splitlines())
    page = parse_page("p.md", f'??? example "x"\n\n{inside}\n{RUN}', snippets)
    assert page.steps[0].command == SCRIPT


def test_lines_of_the_page_stay_where_they_are(snippets: Path) -> None:
    page = parse_page("p.md", file_block('--8<-- "measure/a.py"') + RUN, snippets)
    assert list(block_lines(page.blocks[0])) == [1, 2, 3]
    assert page.steps[1].location.line == 5


def test_a_changed_snippet_makes_another_run(snippets: Path) -> None:
    page = snippets.parent / "p.md"
    page.write_text(file_block('--8<-- "measure/a.py"') + RUN)
    documents = Documentation(snippets.parent, (), snippets.parent)
    before = documents.session_of(page).key
    (snippets / "measure" / "a.py").write_text("changed\n")
    assert documents.session_of(page).key != before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('--8<-- "none.py"', "p.md:3: the snippet none.py cannot be read: No such file"),
        ('--8<-- "measure"', "p.md:3: the snippet measure is not a file"),
        ('--8<-- "pipe"', "p.md:3: the snippet pipe is not a file"),
        ('--8<-- "circle"', "p.md:3: the snippet circle cannot be read: Too many levels"),
        ('--8<-- "outside"', "p.md:3: the snippet outside is not below snippets/"),
        ('--8<-- "../p.md"', "p.md:3: the snippet ../p.md is not below snippets/"),
        ("--8<-- measure/a.py", "p.md:3: cannot read `--8<-- measure/a.py` as a snippet"),
        ('--8<-- "measure/a.py:1:2"', "p.md:3: cannot read"),
        (';--8<-- "measure/a.py"', "p.md:3: cannot read"),
        ('--8<-- "nested.py"', "p.md:3: the snippet nested.py includes another one"),
        ('--8<-- "latin.py"', "p.md:3: the snippet latin.py cannot be read: it is not UTF-8"),
    ],
)
def test_what_cannot_be_replaced_is_refused_at_its_line(snippets: Path, line: str, said: str) -> None:
    (snippets / "nested.py").write_text('--8<-- "measure/a.py"\n')
    (snippets / "latin.py").write_bytes(b"\xe9\n")
    os.mkfifo(snippets / "pipe")
    (snippets / "circle").symlink_to("circle")
    (snippets / "outside").symlink_to("/etc/hostname")
    with pytest.raises(PageError) as error:
        parse_page("p.md", file_block(f"# first\n{line}") + RUN, snippets)
    assert str(error.value).startswith(said)


def test_blocks_that_are_no_file_keep_their_text() -> None:
    page = parse_page("p.md", '```console\n$ echo \'--8<-- "x"\'\n--8<-- "x"\n```\n')
    assert page.steps[0].expected == '--8<-- "x"'
