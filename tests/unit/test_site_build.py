"""The site is built whole or not at all, whatever ends the build, and what users can cause is told as such."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import macros.build as whole
from macros.build import Built, build_site
from macros.glossary import FILE, read_glossary
from macros.problems import problems
from pagelab.errors import PageError
from pagelab.evidence import Proof, StepProof
from pagelab.page import parse_page

TERM = "{id: pod, en: pod, zh-Hant: Pod, zh-Hans: Pod, not: [], means: {en: It., zh-Hant: 它。}}"


def half(config: Path, target: Path, *_: Any) -> Built:
    """A build of one language that is good, and one of the other that ends as its config says."""
    language, how = config.name.split(".")[1], config.read_text()
    (target / language).mkdir(parents=True)
    if how == "killed":
        os._exit(9)
    if how == "raises":
        raise RuntimeError("a fault of ours")
    return Built(language, language, True, ())


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(whole, "build_language", half)
    (tmp_path / "mkdocs.en.yml").write_text("good")
    return tmp_path


def test_a_fault_of_the_build_leaves_nothing_of_the_site(base: Path) -> None:
    (base / "mkdocs.zh.yml").write_text("raises")
    (base / "site").mkdir()
    for name in ("index.html", "claims.json"):
        (base / "site" / name).write_text("of an earlier build")
    with pytest.raises(RuntimeError, match="a fault of ours"):
        build_site(base, base / "site")
    assert list((base / "site").iterdir()) == []


def test_a_build_that_is_killed_says_so_and_leaves_nothing(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (base / "mkdocs.zh.yml").write_text("killed")
    monkeypatch.chdir(base)
    monkeypatch.setattr("sys.argv", ["build"])
    assert whole.main() == 1
    assert "a process that built it was killed" in capsys.readouterr().err
    assert not list(base.glob("site/*"))


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (
            f"terms:\n- {TERM}\n- {TERM.replace(' zh-Hans: Pod,', '').replace('pod', 'job')}\n",
            5,
            "`job` lacks 'zh-Hans'",
        ),
        (f"terms:\n- {TERM.replace(', zh-Hant: 它。', '')}\n", 4, "`pod` lacks 'zh-Hant'"),
        ("terms:\n- pod\n", 1, "`pod` is no term"),
        (f"terms:\n- {TERM}\navoid: {{}}\n", 1, "the glossary lacks 'also'"),
        ("terms: [\n", 4, "this is not YAML"),
    ],
)
def test_what_the_glossary_lacks_is_named(tmp_path: Path, text: str, line: int, problem: str) -> None:
    rest = "" if "avoid" in text else "also: {}\navoid: {}\n"
    (tmp_path / FILE).write_text(rest + text)
    with pytest.raises(PageError) as caught:
        read_glossary(tmp_path)
    assert (caught.value.location.line, problem in caught.value.problem) == (line, True), caught.value


def test_an_outcome_that_nobody_knows_is_refused_like_a_run_that_is_missing() -> None:
    page = parse_page("p.md", "```console {#x}\n$ echo x\nx\n```\n")
    step = StepProof("splendid", "", "", None, None, None)
    (problem,) = problems(page, Proof("current", steps=((("x", 1), step),), expected=1))
    assert problem.startswith("p.md:2: the evidence says `splendid` of this step, which nobody knows\n")
