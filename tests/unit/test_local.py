"""A local lab's files in any locale, and whose folders are swept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pagelab import owner
from pagelab.errors import LabError
from pagelab.lab import Shell
from pagelab.local import LocalLab, LocalProvider


def test_a_file_is_utf_8_whatever_the_locale_says(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from pagelab.local import LocalLab
LocalLab(Path({str(tmp_path)!r}), []).write("a/b.txt", "\\u5bb9\\u5668\\n")
"""
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"}
    subprocess.run([sys.executable, "-c", program], env=os.environ | plain, check=True, timeout=60)
    assert (tmp_path / "a" / "b.txt").read_bytes() == "容器\n".encode()


def test_a_file_that_cannot_be_written_is_told_with_advice_that_helps(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(LabError) as caught:
        LocalLab(tmp_path, []).write("taken", "")
    assert str(caught.value) == "cannot write taken: Is a directory\n  See what the page has put there."
    with pytest.raises(LabError, match="cannot write full: No space left on device") as caught:
        LocalLab(Path("/dev"), []).write("full", "x")
    assert caught.value.advice == "Free some disk space."


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def made_by_one_that_ended(scratch: Path) -> Path:
    """The folder of a lab whose process has gone."""
    program = "from tempfile import mkdtemp; from pagelab import owner; print(mkdtemp(prefix=owner.folder_prefix()))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"TMPDIR": str(scratch)}, capture_output=True, text=True
    )
    return Path(done.stdout.strip())


def test_the_folder_of_a_dead_run_is_swept_and_that_of_a_living_one_is_not(scratch: Path) -> None:
    dead = made_by_one_that_ended(scratch)
    with LocalProvider().lab("lives") as lab:
        assert isinstance(lab, LocalLab)
        assert LocalProvider().sweep() == (str(dead),)
        assert lab.directory.is_dir()
        assert not dead.exists()


def test_the_folder_of_another_container_that_shares_tmp_is_left_alone_while_it_may_live(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = made_by_one_that_ended(scratch)
    monkeypatch.setattr(owner, "_scope", lambda: "another container")
    assert LocalProvider().sweep() == ()
    assert theirs.is_dir()
    old = time.time() - owner.STALE_AFTER - 60
    os.utime(theirs, (old, old))
    assert LocalProvider().sweep() == (str(theirs),)


@pytest.mark.parametrize("name", ["pagelab-x", "pagelab-12-y", "pagelab-a-b-c-d-e"])
def test_what_only_looks_like_a_labs_folder_is_left_alone(scratch: Path, name: str) -> None:
    (scratch / name).mkdir()
    os.utime(scratch / name, (0, 0))
    assert LocalProvider().sweep() == ()


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo 3 2", "bash on this machine is of version 3.2"),
        ("echo 5 0", "bash on this machine is of version 5.0"),
        ("exit 1", "bash on this machine is of version unknown"),
        ("", "cannot start bash: No such file or directory"),
    ],
)
def test_a_bash_that_cannot_tell_how_jobs_ended_is_refused(
    script: str, problem: str, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script:
        (scratch / "bash").write_text(f"#!/bin/sh\n{script}\n")
        (scratch / "bash").chmod(0o755)
    monkeypatch.setenv("PATH", str(scratch))
    with pytest.raises(LabError) as caught, LocalProvider().lab("old"):
        pass
    assert str(caught.value) == f"{problem}\n  Install bash 5.1 or newer, and put it first in PATH."
    assert list(scratch.glob("pagelab-*")) == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_page_hears_signals_that_are_ignored_where_pagelab_was_started(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with LocalProvider().lab("hears") as lab:
            seen = Shell.open(lab).run(f"trap 'echo heard' {number.name}; kill -{number.name} $$", 10)
    finally:
        signal.signal(number, before)
    assert seen.output == b"heard\n"
