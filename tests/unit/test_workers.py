"""Pages with pytest-xdist: documents stay whole, and the exit status is that of the same run without workers."""

from __future__ import annotations

import pytest

from pagelab.pytest_plugin import COULD_NOT_RUN, PAGE_IS_WRONG
from tests.unit.pagedocs import PAGE, run, write


def test_workers_side_by_side_agree(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("\nagain\n", "\nnever\n"))
    result = run(docs, "docs", "-n", "2", "--dist", "loadgroup")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["pagelab: steps, run once for all languages: 1 passed, 1 failed"])


def test_pages_without_commands_start_no_workers(docs: pytest.Pytester) -> None:
    write(docs, "---\nlab: none\n---\n# Words\n")
    result = run(docs, "docs", "-n", "auto", "-v")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("created: *")
    write(docs, PAGE)
    run(docs, "docs", "-n", "auto", "-v").stdout.fnmatch_lines(["created: 1/1 worker"])


@pytest.mark.parametrize("options", ["-n 2", "-n 2 --dist load", "-n 2 --dist loadfile"])
def test_workers_share_no_document(docs: pytest.Pytester, options: str) -> None:
    ran = docs.path / "ran"
    write(docs, PAGE.replace("$ echo again", f"$ echo once >> {ran}; echo again"))
    assert run(docs, "docs", *options.split()).ret == 0
    assert ran.read_text() == "once\n"


def test_a_worker_that_is_killed_costs_no_result(docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(docs.mkdir("scratch")))
    died = docs.path / "died"
    write(docs, PAGE.replace("$ echo again", f"$ [ -e {died} ] || {{ touch {died}; kill -9 $PPID; }}; echo again"))
    result = run(docs, "docs", "-n", "1")
    assert result.ret == COULD_NOT_RUN, "no page is wrong"
    result.stdout.fnmatch_lines(["pagelab: steps, *: 2 passed"])
    assert [path.name for path in docs.path.glob("scratch/pagelab-*")] == []


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_page_that_cannot_be_read_is_wrong_whatever_else_could_not_be_run(
    docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    for language in ("en", "zh-Hant"):
        (docs.path / "docs" / language / "broken.md").write_text("```console\n")
    result = docs.runpytest_subprocess("docs", "-n", workers, "--continue-on-collection-errors", timeout=60)
    result.stdout.fnmatch_lines(["docs/en/broken.md:1: *never closed"])
    assert result.ret == PAGE_IS_WRONG


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_test_that_fails_counts_more_than_a_page_that_could_not_be_run(
    docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    docs.makepyfile("def test_wrong(): assert False")
    result = docs.runpytest_subprocess("docs", ".", "-n", workers, timeout=60)
    result.stdout.fnmatch_lines(["docs/en/page.md:4: could not be run: *"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_workers_begin_with_the_document_that_took_longest(docs: pytest.Pytester) -> None:
    order = docs.path / "order"
    write(docs, PAGE.replace("$ echo hello", f"$ echo many >> {order}; echo hello"))
    slow = f"```console\n$ echo slow >> {order}; sleep 0.5\n```\n"
    for language in ("en", "zh-Hant"):
        (docs.path / "docs" / language / "slow.md").write_text(slow)
    for _ in range(2):  # the first time nobody knows
        order.unlink(missing_ok=True)
        assert run(docs, "docs", "-n", "1", "--dist", "loadgroup", "--no-cache").ret == 0
    assert order.read_text().split() == ["slow", "many"]
