"""How Go is called to build programs, and what is told when this machine refuses. Go is a script."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pagelab import golang
from pagelab.errors import LabError


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that takes a file of another one, whose folder is `other`."""
    go = tmp_path / "go"
    go.write_text(f'#!/bin/sh\necho "$GOTOOLCHAIN" >> {tmp_path}/asked\n[ "$1" != list ] || echo {tmp_path}/other\n')
    go.chmod(0o755)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(golang, "_toolchain", lambda *_: str(go))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "data").touch()
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.org/hello\n\ngo 1.21\n")
    (folder / golang.FILES).write_text("example.org/other data\n")
    return folder


def test_go_may_fetch_the_toolchain_that_a_module_asks_for_whatever_this_machines_says(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    assert (golang.programs_of(module, print) / "data").exists()
    assert (module.parent / "asked").read_text().splitlines() == ["auto", "auto"]


def test_a_disk_that_is_full_is_named(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(LabError, match=r"building hello from its Go modules: the disk is full: .*/data"):
        golang.programs_of(module, print)


def test_two_that_want_the_same_programs_build_them_once(module: Path) -> None:
    (module.parent / "go").write_text(f'#!/bin/sh\nsleep 0.3\necho "$1" >> {module.parent}/asked\n')
    (module / golang.FILES).unlink()
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: golang.programs_of(module, print), range(2))
    assert first == second
    assert (module.parent / "asked").read_text().splitlines() == ["build"]
