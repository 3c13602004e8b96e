"""Programs of Go modules: a build that says nothing ends all the same, and what nobody uses any more goes. No Go."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pagelab import golang
from pagelab.errors import LabError
from pagelab.golang import FILES, program_folder
from pagelab.recipes import read_cookbook
from pagelab.superseded import KEPT, remove_programs

NOW = datetime.now(UTC)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "go.mod").write_text("module hello\n")
    return tmp_path / "hello"


@pytest.mark.parametrize(
    "command", ["exec sleep 60", "exec >&-; exec sleep 60", "while :; do echo x; sleep 0.01; done"]
)
def test_a_build_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(golang, "BUILD_LIMIT", 0.3)
    process = subprocess.Popen(("sh", "-c", command), stdout=subprocess.PIPE, text=True)
    with process, pytest.raises(LabError, match=r"hello was not built within 0\.005 min"):
        golang._followed(process, "hello", print)


def test_files_that_do_not_come_are_named(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golang, "FETCH_LIMIT", 0.1)
    (module / FILES).write_text("example.org/other data/*\n")
    go = module.parent / "go"
    go.write_text("#!/bin/sh\nexec sleep 60\n")
    go.chmod(0o755)
    with pytest.raises(LabError, match=r"hello/files: example\.org/other did not come within 0\.1 s"):
        golang._bring(module, module.parent, str(go))


def kept(folder: Path, age: timedelta) -> Path:
    """The folder of programs, last of use so long ago."""
    folder.mkdir(parents=True)
    (folder / "program").write_text("x")
    used = (NOW - age).timestamp()
    os.utime(folder, (used, used))
    return folder


def test_programs_go_that_no_recipe_names_and_nobody_has_used_for_a_week(module: Path) -> None:
    long, short = KEPT + timedelta(hours=1), KEPT - timedelta(hours=1)
    named = kept(program_folder(module), long)
    old, used, broken = (named.with_name(name) for name in ("hello-0", "hello-1", "hello-2.new"))
    kept(old, long), kept(used, short), kept(broken, long)
    assert remove_programs((module,), NOW) == ("hello-0", "hello-2.new")
    assert sorted(named.parent.iterdir()) == sorted([named, used])


def test_a_machine_without_programs_has_none_to_remove(module: Path) -> None:
    assert remove_programs((module,), NOW) == ()


def test_the_book_names_every_module_that_a_recipe_builds() -> None:
    book = read_cookbook()
    assert {"kubernetes", "coredns"} <= {module.name for module in book.modules}
    assert all((module / "go.mod").is_file() for module in book.modules)
