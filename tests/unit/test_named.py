"""A cluster that somebody names, as far as kubectl tells of it: here a script that answers what a test wants."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from pagelab.hosts import DockerLab
from pagelab.named import NamedCluster

NAMED = NamedCluster("prod")
REFUSED = "echo 'The connection to the server 192.0.2.1:6443 was refused' >&2; exit 1"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder beside the system's in which programs are found."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def kubectl(path: Path, script: str, mode: int = 0o755) -> Path:
    """Make that script kubectl. The file that comes back has a line for each call."""
    program = path / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$*" >> {path}/calls\n{script}\n')
    program.chmod(mode)
    return path / "calls"


def lab() -> DockerLab:
    """A lab whose only host is well, in the cluster."""
    host = MagicMock(status="running")
    host.exec_run.return_value = (0, b"")
    return DockerLab(MagicMock(), (("host", host),), (), cluster_trouble=NAMED.trouble)


def test_a_lab_is_not_well_when_the_cluster_that_it_is_a_guest_in_does_not_answer(path: Path) -> None:
    kubectl(path, REFUSED)
    assert "the cluster of the context prod cannot be used: The connection" in lab().alive()


def test_a_lab_is_well_when_its_cluster_is(path: Path) -> None:
    calls = kubectl(path, "echo ok")
    assert lab().alive() == ""
    assert calls.read_text() == "--context prod --request-timeout=10s get --raw /readyz\n"
