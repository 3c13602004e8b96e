"""What goes wrong while images are made ends with advice, never with a traceback. No Docker."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import requests
from docker.errors import APIError, ImageNotFound, NotFound

from pagelab import images
from pagelab.errors import LabError
from pagelab.recipes import Engine

ENGINE = Engine("26.1", "trixie", "debian@sha256:0")


def test_an_engine_that_dies_while_it_pulls_is_named() -> None:
    client = MagicMock()
    client.images.get.side_effect = ImageNotFound("none")
    client.images.pull.side_effect = requests.ConnectionError("gone")
    with pytest.raises(LabError, match="pulling debian@sha256:0: the Docker Engine does not answer") as caught:
        images.base_of(client, ENGINE, print)
    assert "docker version" in caught.value.advice


def test_a_registry_that_is_out_of_reach_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_bootstrap", lambda *_: None)
    client = MagicMock()
    client.images.get.side_effect = ImageNotFound("none")
    client.images.pull.side_effect = APIError("no route to host")
    assert images.base_of(client, ENGINE, print)[1] == images.PACKAGES


def test_packages_that_do_not_come_in_time_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mmdebstrap").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "mmdebstrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(images, "BOOTSTRAP_LIMIT", 0.1)
    client = MagicMock()
    client.images.get.side_effect = ImageNotFound("none")
    with pytest.raises(LabError, match=r"mmdebstrap did not end within 0\.1 s") as caught:
        images.base_of(client, Engine("26.1", "trixie"), print)
    assert "mirror" in caught.value.advice
    assert not client.api.import_image_from_data.called


def test_a_folder_that_root_made_is_named_with_how_to_make_it_ones_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "pagelab" / "images.lock").mkdir(parents=True)  # whoever runs this, root too, cannot write to it
    with pytest.raises(LabError, match=r"pagelab/images\.lock cannot be written: Is a directory") as caught:
        images.provide_images(MagicMock(), MagicMock(), print)
    assert "sudo chown -R $USER" in caught.value.advice
    assert "XDG_CACHE_HOME" in caught.value.advice


def test_a_home_that_may_not_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    with pytest.raises(LabError, match="home/pagelab cannot be written: Not a directory"):
        images.provide_images(MagicMock(), MagicMock(), print)


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MagicMock:
    """An engine that has all images but the labs' registry, which answers as soon as it runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(images, "_await_registry", lambda _: None)
    monkeypatch.setattr(images, "_page_image", lambda *_: ("source", images.PACKAGES))
    monkeypatch.setattr(images, "_push", lambda *_: {"name": "busybox:latest", "digest": "", "origin": ""})
    client = MagicMock()
    ports = {"NetworkSettings": {"Ports": {images.REGISTRY_PORT: [{"HostPort": "1"}]}}}
    client.containers.run.return_value.attrs = ports
    client.images.get.return_value.labels = {}
    return client


def bake(client: MagicMock) -> None:
    images._bake(client, "registry", (), "base", images.PACKAGES, "pagelab/mirror:1", print)


def test_what_a_killed_run_was_filling_is_removed_by_the_next_that_fills(filled: MagicMock) -> None:
    """It cannot bear a lab's labels: the image that is made of it would have them, and all that is made of that."""
    left = filled.containers.get.return_value
    bake(filled)
    (name,) = filled.containers.get.call_args.args
    left.remove.assert_called_once_with(force=True, v=True)
    assert filled.containers.run.call_args.kwargs["name"] == name
    assert "labels" not in filled.containers.run.call_args.kwargs


def test_nothing_that_was_left_is_as_good(filled: MagicMock) -> None:
    filled.containers.get.side_effect = NotFound("none")
    bake(filled)
    assert filled.containers.run.return_value.commit.called


def test_another_who_keeps_its_state_elsewhere_fills_a_registry_of_his_own(
    filled: MagicMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bake(filled)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    bake(filled)
    mine, theirs = (call.kwargs["name"] for call in filled.containers.run.call_args_list)
    assert mine != theirs


def test_a_registry_that_answers_with_an_error_is_asked_again_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get(address: str, **_: float) -> SimpleNamespace:
        asked.append(address)
        return SimpleNamespace(ok=False)

    monkeypatch.setattr(images, "REGISTRY_LIMIT", 0.3)
    monkeypatch.setattr(requests, "get", get)
    with pytest.raises(LabError, match="the labs' registry does not answer"):
        images._await_registry("127.0.0.1:1")
    assert 1 < len(asked) < 10
