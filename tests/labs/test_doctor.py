"""`pagelab doctor` beside a real engine: what it says without a lab is what a lab says."""

from __future__ import annotations

import json

import docker
import pytest

from pagelab import machine, owner
from pagelab.cli import main
from pagelab.diagnosis import Finding, State
from pagelab.engine import DockerProvider


@pytest.mark.usefixtures("docker_provider")
def test_doctor_says_of_labs_what_they_say(
    engine: docker.DockerClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DockerProvider, "lab", None)
    assert main(["doctor", "--json"]) == 0, "without --lab no lab is made"
    without = json.loads(capsys.readouterr().out)
    monkeypatch.undo()
    assert main(["doctor", "--lab", "--json"]) == 0
    asked = json.loads(capsys.readouterr().out)
    assert all(finding["state"] != "unknown" for finding in asked["requirements"])
    for said, truth in zip(without["requirements"], asked["requirements"], strict=True):
        if said["state"] != "unknown":
            assert said["state"] == truth["state"], said["name"]
            assert said["seen"] == truth["seen"] or said["state"] == "present"
    checks = {finding["name"]: finding for finding in asked["checks"]}
    assert checks["Docker Engine"]["seen"].startswith(engine.version()["Version"])
    assert "nginx:latest" in checks["lab images"]["seen"]
    mine = f"{owner.RUNNER}={owner.labels('')[owner.RUNNER]}"
    assert not engine.containers.list(all=True, filters={"label": mine}, ignore_removed=True)


@pytest.mark.usefixtures("engine")
def test_an_engine_without_images_can_still_run_pages_when_it_can_make_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "served_by", lambda *_: None)
    monkeypatch.setattr(machine, "has_host", lambda *_: False)
    monkeypatch.setattr(machine, "_registry", lambda _: Finding("image registry", State.ABSENT))
    monkeypatch.setattr("shutil.which", lambda name: None if name in ("mmdebstrap", "apt-get") else f"/bin/{name}")
    assert main(["doctor"]) == 69
    assert "They need an image registry, or mmdebstrap" in capsys.readouterr().out
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert main(["doctor"]) == 0
    assert "the first run" in capsys.readouterr().out
