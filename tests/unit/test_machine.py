"""What `pagelab doctor` says of machines that lack something. No Docker."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from pagelab import machine, room
from pagelab.diagnosis import Diagnosis, Finding, State, to_json, to_text
from pagelab.requirements import KNOWN


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without an engine and without programs, used by somebody who is not root; its PATH."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "connect", lambda: None)
    monkeypatch.setattr(machine, "SOCKET", str(tmp_path / "docker.sock"))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return tmp_path


def program(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\nexit 99\n")
    (folder / name).chmod(0o755)


def find(diagnosis: Diagnosis, name: str) -> Finding:
    return next(finding for finding in (*diagnosis.checks, *diagnosis.requirements) if finding.name == name)


def test_nothing_is_there(bare: Path) -> None:
    diagnosis = machine.diagnose(None, None)
    engine = find(diagnosis, "Docker Engine")
    assert (engine.state, engine.seen) == (State.ABSENT, "not installed")
    assert "docs.docker.com/engine/install" in engine.advice
    assert find(diagnosis, "mmdebstrap").advice == "Install it with your packages."
    assert find(diagnosis, "chromium").state is State.ABSENT
    assert not diagnosis.able
    assert to_text(diagnosis).endswith("Pages cannot be run here yet: Docker Engine.")
    assert list(bare.iterdir()) == []


@pytest.mark.parametrize(
    ("programs", "root", "socket", "seen", "advice"),
    [
        ("dockerd", False, False, "installed, but none answers", "sudo systemctl start docker"),
        ("dockerd", True, False, "installed, but none answers", "`pagelab setup` starts it"),
        ("apt-get", True, False, "not installed", "`pagelab setup` installs and starts it"),
        ("apt-get", False, False, "not installed", "docs.docker.com/engine/install"),
        ("dockerd", False, True, "it is there, but you may not use it", "sudo usermod -aG docker"),
    ],
)
def test_how_to_get_an_engine(
    bare: Path, monkeypatch: pytest.MonkeyPatch, programs: str, root: bool, socket: bool, seen: str, advice: str
) -> None:
    program(bare, programs)
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    if socket:
        (bare / "docker.sock").write_text("")
        monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith(".sock"))
    engine = find(machine.diagnose(None, None), "Docker Engine")
    assert engine.seen == seen
    assert advice in engine.advice


@pytest.mark.usefixtures("bare")
def test_an_engine_that_is_named_and_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert "DOCKER_HOST=tcp://127.0.0.1:1" in find(machine.diagnose(None, None), "Docker Engine").seen


@pytest.mark.usefixtures("bare")
def test_a_folder_without_recipes(tmp_path: Path) -> None:
    recipes = find(machine.diagnose(tmp_path, None), "image recipes")
    assert recipes.state is State.ABSENT
    assert "images.toml cannot be read" in recipes.seen


@pytest.mark.usefixtures("bare")
def test_a_full_disk_keeps_pages_from_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1e9))
    disk = find(machine.diagnose(None, None), "disk")
    assert (disk.state, disk.seen, disk.needed) == (State.ABSENT, "1.0 GB free", True)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("text", "state", "seen"),
    [
        ("MemAvailable: 2000000 kB\n", State.PRESENT, "2.0 GB free, "),
        ("MemAvailable: 400000 kB\n", State.ABSENT, "0.4 GB free, "),
        ("MemFree: 2000000 kB\n", State.UNKNOWN, "this system does not say"),
    ],
)
def test_memory_is_what_programs_can_still_have(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, state: State, seen: str
) -> None:
    (tmp_path / "meminfo").write_text(text)
    monkeypatch.setattr(room, "MEMINFO", tmp_path / "meminfo")
    memory = find(machine.diagnose(None, None), "memory")
    assert memory.state is state
    assert memory.seen.startswith(seen)


@pytest.mark.usefixtures("bare")
def test_every_requirement_has_a_state_and_what_is_absent_has_advice() -> None:
    found = machine.diagnose(None, None).requirements
    assert tuple(finding.name for finding in found) == KNOWN
    assert all(finding.advice for finding in found if finding.state is State.ABSENT)
    asked = machine.diagnose(None, lambda _: (127, "not found")).requirements
    assert {finding.state for finding in asked} == {State.ABSENT}
    assert all(finding.seen and finding.advice for finding in asked)


def test_json_carries_the_verdict() -> None:
    absent = Finding("disk", State.ABSENT, "1 GB", "Free some.", needed=True)
    assert to_json(Diagnosis((absent,), ()))["able"] is False
    assert to_json(Diagnosis((absent,), ()))["checks"][0]["state"] == "absent"
    spare = Finding("chromium", State.ABSENT)
    assert to_json(Diagnosis((spare,), ()))["able"] is True


def test_a_kind_that_does_not_work_is_one_finding(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine has every image that it is asked for."""
    program(bare, "kind")
    program(bare, "docker")
    engine = MagicMock()
    engine.info.return_value = MagicMock()
    engine.images.get.return_value.labels = {}
    monkeypatch.setattr(machine, "connect", lambda: engine)
    monkeypatch.setattr("docker.from_env", lambda **_: engine)
    (bare / "kind").write_text("#!/bin/sh\n# kindest/node:v1@sha256:" + "0" * 64 + "\nexit 99\n")
    monkeypatch.setattr(machine, "_engine", lambda _: ())
    monkeypatch.setattr(machine, "_requirement", lambda *_: Finding("x", State.UNKNOWN))
    monkeypatch.setattr(machine, "_disk", lambda _: Finding("disk", State.PRESENT))
    kind = find(machine.diagnose(None, None), "kind")
    assert (kind.state, kind.seen) == (State.ABSENT, "`kind version` ended with status 99")
