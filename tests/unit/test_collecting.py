"""Pages as pytest collects, selects and reports them: ids, messages, exit statuses."""

from __future__ import annotations

import os

import pytest

from pagelab.documents import Documentation
from pagelab.pytest_plugin import PAGE_IS_WRONG
from tests.unit.pagedocs import PAGE, run, write


def test_steps_are_items_of_every_language_and_run_once(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("echo again", "echo >> ran; wc -l < ran").replace("\nagain\n", "\n1\n"))
    result = run(docs, "docs", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*docs/en/page.md::greet::1 PASSED*",
            "*docs/en/page.md::greet::2 PASSED*",
            "*docs/zh-Hant/page.md::greet::1 PASSED*",
            "*docs/zh-Hant/page.md::greet::2 PASSED*",
            "pagelab: steps, run once for all languages: 2 passed",
        ]
    )


def test_a_page_is_read_once_for_all_of_its_languages(docs: pytest.Pytester) -> None:
    docs.makeconftest("""
        import pagelab.documents
        read = pagelab.documents.read_page
        def loud(path, *rest):
            with open("read", "a") as log:
                log.write(f"{path}\\n")
            return read(path, *rest)
        pagelab.documents.read_page = loud
        """)
    assert run(docs, "docs").ret == 0
    assert len((docs.path / "read").read_text().splitlines()) == 2


def test_one_step_can_be_named_and_brings_those_before_it(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("echo hello", "X=again; echo hello").replace("echo again", "echo $X"))
    result = run(docs, "docs/en/page.md::greet::2")
    assert result.ret == 0
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("option", ["-k greet", "-x", "--junit-xml=out.xml"])
def test_pytest_options_work(docs: pytest.Pytester, option: str) -> None:
    assert run(docs, "docs", *option.split()).ret == 0


def test_wrong_output_is_reported_where_each_language_has_it(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("\nagain\n", "\nnever\n"), ("en",))
    write(docs, "\n\n" + PAGE.replace("\nagain\n", "\nnever\n"), ("zh-Hant",))
    result = run(docs, "docs")
    assert result.ret == PAGE_IS_WRONG
    result.stdout.fnmatch_lines(
        [
            "docs/en/page.md:6: the page is wrong: the output is not what the page shows",
            "  $ echo again",
            "  - never",
            "  + again",
            "  → Run again with --update*",
            "docs/zh-Hant/page.md:8: the page is wrong: *",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_failed_page_does_not_stop_the_others(docs: pytest.Pytester) -> None:
    for language in ("en", "zh-Hant"):
        (docs.path / "docs" / language / "another.md").write_text("```console\n$ false\n```\n")
    result = run(docs, "docs")
    result.assert_outcomes(passed=4, failed=2)


def test_blocked_step_fails_and_names_what_blocks_it(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("$ echo hello", "$ (echo hello; exit 4)"))
    result = run(docs, "docs/en/page.md::greet::2")
    assert result.ret == PAGE_IS_WRONG
    result.stdout.fnmatch_lines(["docs/en/page.md:6: not run: blocked by the step at *page.md:4: exit status 4*"])


def test_languages_that_differ_are_an_error_with_a_diff(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("again", "differs"), ("zh-Hant",))
    result = run(docs, "docs")
    assert result.ret == PAGE_IS_WRONG
    result.stdout.fnmatch_lines(
        ["docs/zh-Hant/page.md:6: differs from docs/en/page.md:6: *", "*-$ echo again", "*+$ echo differs"]
    )
    assert "Traceback" not in result.stdout.str()


def test_broken_page_is_an_error_with_its_line(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("{#greet}", '{#greet colour="red"}'))
    result = run(docs, "docs")
    assert result.ret == PAGE_IS_WRONG
    result.stdout.fnmatch_lines(["docs/en/page.md:3: unknown option `colour`", "  Known: *"])


def test_skipped_step_shows_its_reason(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("{#greet}", '{#greet skip="needs two hosts"}'))
    result = run(docs, "docs", "-rs")
    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["SKIPPED*needs two hosts"])


def test_a_page_of_another_project_runs_when_named(pytester: pytest.Pytester) -> None:
    (pytester.path / "notes.md").write_text(PAGE)
    result = run(pytester, "notes.md")
    result.assert_outcomes(passed=2)


def test_markdown_elsewhere_is_left_alone(docs: pytest.Pytester) -> None:
    (docs.path / "notes.md").write_text(PAGE)
    run(docs).assert_outcomes(passed=4)


@pytest.mark.parametrize("links", [("en", "zh-Hant"), ("en",)])
def test_a_page_that_is_a_link_is_called_by_where_it_stands(docs: pytest.Pytester, links: tuple[str, ...]) -> None:
    """And is rewritten once, though it is two languages."""
    (docs.path / "shared.md").write_text(PAGE.replace("\nhello\n", "\n").replace("\nagain\n", "\nnever\n"))
    write(docs, (docs.path / "shared.md").read_text())
    for language in links:
        path = docs.path / "docs" / language / "page.md"
        path.unlink()
        path.symlink_to(docs.path / "shared.md")
    assert run(docs, "docs", "--update").ret == 0
    assert run(docs, "docs").ret == 0
    assert [path.name for path in (docs.path / "evidence").iterdir()] == ["page.json"]
    assert all((docs.path / "docs" / language / "page.md").is_symlink() for language in links)
    assert (docs.path / "docs" / "zh-Hant" / "page.md").read_text() == PAGE


def test_a_page_may_be_named_by_where_the_link_of_its_folder_leads(docs: pytest.Pytester) -> None:
    (docs.path / "docs").rename(docs.path / "kept")
    (docs.path / "docs").symlink_to("kept")
    result = run(docs, "kept/zh-Hant/page.md", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*::greet::2 PASSED*"])


def test_what_is_no_file_is_no_page(docs: pytest.Pytester) -> None:
    folder = docs.path / "docs" / "en"
    (folder / "circle.md").symlink_to("circle.md")
    (folder / "nowhere.md").symlink_to("none")
    os.mkfifo(folder / "pipe.md")
    assert [name for name, _ in Documentation(docs.path / "docs", ("en",), docs.path).documents()] == ["page"]
    assert run(docs, "docs").ret == 0
