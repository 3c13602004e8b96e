"""`--update`: what is taken over into every language, and what is not."""

from __future__ import annotations

import pytest

from pagelab.pytest_plugin import PAGE_IS_WRONG
from tests.unit.pagedocs import PAGE, run, write


def test_update_rewrites_every_language_and_nothing_else(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("\nagain\n", "\nnever\n") + "\nnever say never\n", ("en",))
    write(docs, PAGE.replace("\nagain\n", "\nnever\n") + "\n說明\n", ("zh-Hant",))
    result = run(docs, "docs", "--update")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*steps, run once for all languages: 1 passed", "*rewritten, to be verified by another run: 1"]
    )
    result.stdout.no_fnmatch_line("*failed*")
    assert (docs.path / "docs/en/page.md").read_text() == PAGE + "\nnever say never\n"
    assert (docs.path / "docs/zh-Hant/page.md").read_text() == PAGE + "\n說明\n"
    assert run(docs, "docs").ret == 0


def test_update_takes_over_the_output_of_a_failure_that_the_page_states(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("{#greet}", '{#greet exit="4"}').replace("$ echo again", "$ (echo anew; exit 4)"))
    assert run(docs, "docs", "--update").ret == 0
    assert "\nanew\n" in (docs.path / "docs/en/page.md").read_text()
    assert run(docs, "docs").ret == 0


def test_update_refuses_a_command_that_failed(docs: pytest.Pytester) -> None:
    text = PAGE.replace("$ echo again", "$ false")
    write(docs, text)
    assert run(docs, "docs", "--update").ret == PAGE_IS_WRONG
    assert (docs.path / "docs/en/page.md").read_text() == text


def test_update_refuses_what_the_page_could_not_show(docs: pytest.Pytester) -> None:
    write(docs, '```console {match="json"}\n$ echo not JSON\n[1]\n```\n')
    result = run(docs, "docs", "--update")
    assert result.ret == PAGE_IS_WRONG
    result.stdout.fnmatch_lines(["*(the output is not JSON: *", "*--update leaves this step alone: *"])
    assert "[1]" in (docs.path / "docs" / "en" / "page.md").read_text()


def test_update_leaves_a_page_alone_that_was_edited_while_it_ran(docs: pytest.Pytester) -> None:
    """What was edited may have moved the lines that would be rewritten."""
    page, other = (docs.path / "docs" / language / "page.md" for language in ("zh-Hant", "en"))
    edit = f"sed -i '1s/$/, edited\\n/' {page}; echo hello"
    write(docs, PAGE.replace("echo hello", edit).replace("\nagain\n", "\nold\n"))
    before = page.read_text()
    result = run(docs, "docs", "--update")
    result.stdout.fnmatch_lines(["*: docs/zh-Hant/page.md was changed while it ran, so its output is not taken over"])
    assert result.ret == PAGE_IS_WRONG
    assert page.read_text() == before.replace("# Page", "# Page, edited\n", 1)
    assert other.read_text() == before
