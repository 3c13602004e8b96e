"""Evidence that a run of pytest leaves, and the engines, clusters and recipes that it is told of."""

from __future__ import annotations

import json
from unittest.mock import MagicMock

import pytest

from pagelab.named import NamedCluster
from pagelab.pytest_plugin import COULD_NOT_RUN
from pagelab.recipes import read_cookbook
from pagelab.settings import cluster_source
from tests.unit.pagedocs import PAGE, run, write


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
