"""What a run tells GitHub, and programs."""

from __future__ import annotations

import json

import pytest

from pagelab.pytest_plugin import COULD_NOT_RUN
from tests.unit.pagedocs import PAGE, run, write


def test_github_gets_annotations_and_a_summary(docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(docs.path / "summary.md"))
    write(docs, PAGE.replace("\nagain\n", "\nnever\n"))
    (docs.path / "docs" / "en" / "broken.md").write_text("```console\n")
    (docs.path / "docs" / "zh-Hant" / "broken.md").write_text("```console\n")
    run(docs, "docs", "--ignore=docs/en/broken.md", "--ignore=docs/zh-Hant/broken.md").stdout.fnmatch_lines(
        ["::error file=docs/en/page.md,line=6,title=the page is wrong%3A the output is not what*::  $ echo again%0A*"]
    )
    assert "| page | 1 passed, 1 failed |" in (docs.path / "summary.md").read_text()
    run(docs, "docs").stdout.fnmatch_lines(["::error file=docs/en/broken.md,line=1,title=*never closed::*"])


def test_a_summary_that_cannot_be_written_is_said_and_counts(docs: pytest.Pytester) -> None:
    result = run(docs, "docs", "--run-summary", "none/run.json")
    result.stdout.fnmatch_lines(["pagelab: the summary none/run.json cannot be written: No such file or directory"])
    result.assert_outcomes(passed=4)
    assert result.ret == COULD_NOT_RUN


def test_a_summary_for_programs(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("\nagain\n", "\nnever\n"))
    run(docs, "docs", "--run-summary", "run.json")
    record = json.loads((docs.path / "run.json").read_text())
    assert record["steps"] == {"passed": 1, "failed": 1, "error": 0, "blocked": 0, "skipped": 0}
    assert [message.split("\n")[0][:20] for message in record["messages"]] == [
        "docs/en/page.md:6: t",
        "docs/zh-Hant/page.md",
    ]
