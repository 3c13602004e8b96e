"""What goes wrong while images are made ends with advice, never with a traceback. No Docker."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest
import requests
from docker.errors import APIError, ImageNotFound

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
