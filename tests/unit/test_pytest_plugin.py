"""pytest as a contributor meets it: ids, messages, exit statuses, evidence, update."""

from __future__ import annotations

import json
import os
from unittest.mock import MagicMock

import pytest

from pagelab.documents import Documentation
from pagelab.named import NamedCluster
from pagelab.pytest_plugin import COULD_NOT_RUN, PAGE_IS_WRONG
from pagelab.recipes import read_cookbook
from pagelab.settings import cluster_source

PAGE = """# Page

```console {#greet}
$ echo hello
hello
$ echo again
again
```
"""
LOCAL = ("--provider", "local", "-p", "no:cacheprovider")


@pytest.fixture
def docs(pytester: pytest.Pytester) -> pytest.Pytester:
    """A documentation in two languages, its own project."""
    pytester.makepyprojecttoml("""
        [tool.pytest.ini_options]
        pagelab_languages = ["en", "zh-Hant"]
        """)
    write(pytester, PAGE)
    return pytester


def write(pytester: pytest.Pytester, text: str, languages: tuple[str, ...] = ("en", "zh-Hant")) -> None:
    for language in languages:
        path = pytester.path / "docs" / language / "page.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*LOCAL, *options, timeout=60)


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


def test_missing_engine_is_not_the_pages_fault(docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    result = docs.runpytest_subprocess("docs", timeout=60)
    assert result.ret == COULD_NOT_RUN
    result.stdout.fnmatch_lines(["docs/en/page.md:4: could not be run: no Docker Engine answers at DOCKER_HOST=*"])
    assert "Traceback" not in result.stdout.str()


def test_evidence_says_what_happened(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("\nagain\n", "\nnever\n"))
    run(docs, "docs")
    evidence = json.loads((docs.path / "evidence" / "page.json").read_text())
    assert [(step["block"], step["number"], step["outcome"]) for step in evidence["steps"]] == [
        ("greet", 1, "passed"),
        ("greet", 2, "failed"),
    ]
    assert evidence["steps"][1]["output"] == "again\n"
    assert evidence["lab"]["provider"] == "local"


def test_a_part_of_a_page_does_not_replace_its_evidence(docs: pytest.Pytester) -> None:
    run(docs, "docs")
    before = (docs.path / "evidence" / "page.json").read_bytes()
    run(docs, "docs/en/page.md::greet::1")
    assert (docs.path / "evidence" / "page.json").read_bytes() == before


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
    result.stdout.fnmatch_lines(["*(the output is not JSON: *"])
    assert "[1]" in (docs.path / "docs" / "en" / "page.md").read_text()


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--engine 19.03", "*there is no recipe for Docker 19.03*"),
        ("--engine 20.10 --update", "*--update takes over what Docker 26.1 prints: leave out --engine"),
        ("--engine 20.10 --provider local", "*--engine is a Docker version: it needs the provider `docker`"),
    ],
)
def test_an_engine_that_makes_no_sense_is_refused_at_once(docs: pytest.Pytester, options: str, message: str) -> None:
    result = docs.runpytest_subprocess("docs", *options.split(), timeout=60)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert not (docs.path / "evidence").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--kube-context prod --provider local", "*--kube-context names a cluster: it needs the provider `docker`"),
        ("--kubeconfig config --provider local", "*--kubeconfig names a cluster: it needs the provider `docker`"),
        ("--kubeconfig none", "*--kubeconfig none: No such file or directory"),
        ("--kubeconfig docs", "*--kubeconfig docs: Is a directory"),
        ("--kubeconfig config", "*--kubeconfig config: it has no current context: name one with --kube-context"),
        ("--kubeconfig broken", "*--kubeconfig broken: this is no kubeconfig"),
    ],
)
def test_a_cluster_that_makes_no_sense_is_refused_at_once(docs: pytest.Pytester, options: str, message: str) -> None:
    (docs.path / "config").write_text("apiVersion: v1\nkind: Config\ncurrent-context: ''\n")
    (docs.path / "broken").write_text("{")
    result = docs.runpytest_subprocess("docs", *options.split(), timeout=60)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert not (docs.path / "evidence").exists()


def test_of_a_kubeconfig_that_is_named_alone_its_current_context_is_meant(docs: pytest.Pytester) -> None:
    (docs.path / "config").write_text("current-context: kind-dev\n")
    said: list[str] = []
    for options, context in (("", "kind-dev"), ("--kube-context prod", "prod")):
        config = docs.parseconfig("--kubeconfig", "config", *options.split())
        assert cluster_source(config, MagicMock(), read_cookbook(), said.append) == NamedCluster(context, "config")
    assert said == ["the cluster of config is that of its current context, kind-dev"]


@pytest.mark.parametrize(
    ("setting", "text", "message"),
    [
        ("", "nonsense [", "*snippets/images/images.toml cannot be read: *"),
        ("pagelab_images = 'no/such'", "", "*no/such/images.toml cannot be read: *"),
    ],
)
def test_recipes_of_the_projects_own_must_be_right(
    pytester: pytest.Pytester, setting: str, text: str, message: str
) -> None:
    pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{setting}\n")
    (pytester.path / "page.md").write_text(PAGE)
    images = pytester.path / "snippets" / "images"
    images.mkdir(parents=True)
    (images / "images.toml").write_text(text)
    result = pytester.runpytest_subprocess("page.md", "--engine", "26.1", timeout=60)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


@pytest.mark.parametrize(("engine", "place"), [("26.1", "page.json"), ("20.10", "engines/20.10/page.json")])
def test_evidence_of_another_engine_is_kept_apart(
    docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, engine: str, place: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert docs.runpytest_subprocess("docs", "--engine", engine, timeout=60).ret == COULD_NOT_RUN
    written = [path.relative_to(docs.path / "evidence").as_posix() for path in docs.path.glob("evidence/**/*.json")]
    assert written == [place]


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


def test_evidence_that_cannot_be_written_is_no_fault_of_the_next_page(
    docs: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for language in ("en", "zh-Hant"):
        (docs.path / "docs" / language / "second.md").write_text(PAGE)
    (docs.path / "evidence" / "page.json").mkdir(parents=True)
    result = run(docs, "docs")
    result.assert_outcomes(passed=8, errors=1)
    place, problem = "docs/zh-Hant/page.md", "the evidence */evidence/page.json cannot be written"
    result.stdout.fnmatch_lines(
        [
            f"{place}:6: the run did not end well: {problem}: Is a directory",
            f"::error file={place},line=6,title=the run did not end well%3A {problem}%3A Is a directory::*",
        ]
    )
    assert result.ret == COULD_NOT_RUN


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


def test_a_summary_for_programs(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("\nagain\n", "\nnever\n"))
    run(docs, "docs", "--run-summary", "run.json")
    record = json.loads((docs.path / "run.json").read_text())
    assert record["steps"] == {"passed": 1, "failed": 1, "error": 0, "blocked": 0, "skipped": 0}
    assert [message.split("\n")[0][:20] for message in record["messages"]] == [
        "docs/en/page.md:6: t",
        "docs/zh-Hant/page.md",
    ]


def test_a_step_that_requires_what_the_lab_lacks_is_skipped_unless_the_run_insists(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("{#greet}", '{#greet requires="kvm"}'))
    result = run(docs, "docs", "-rs")
    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["SKIPPED*kvm is required: *"])
    assert run(docs, "docs", "--require", "kvm").ret == COULD_NOT_RUN
    assert run(docs, "docs", "--require", "all").ret == COULD_NOT_RUN
    assert run(docs, "docs", "--require", "swarm").ret == 0
    write(docs, PAGE.replace("{#greet}", '{#greet requires="docker>=99"}'))
    assert run(docs, "docs", "--require", "all").ret == 0, "no engine is of all versions"
    assert run(docs, "docs", "--require", "docker").ret == COULD_NOT_RUN


@pytest.mark.parametrize("options", ["-n 2", "-n 2 --dist load", "-n 2 --dist loadfile"])
def test_workers_share_no_document(docs: pytest.Pytester, options: str) -> None:
    ran = docs.path / "ran"
    write(docs, PAGE.replace("$ echo again", f"$ echo once >> {ran}; echo again"))
    assert run(docs, "docs", *options.split()).ret == 0
    assert ran.read_text() == "once\n"


def test_a_requirement_that_nobody_knows_cannot_be_insisted_on(docs: pytest.Pytester) -> None:
    result = run(docs, "docs", "--require", "swrm")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --require: unknown requirement `swrm`", "  Known: *swarm*"])


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
