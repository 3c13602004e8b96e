"""What breaks around a page is never the page's fault, and never costs a result."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest

from pagelab import owner
from pagelab.build import build_image
from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.evidence import write_evidence
from pagelab.images import LabImages
from pagelab.local import LocalProvider
from pagelab.model import Cluster, Kind, Session
from pagelab.nodeimage import ClusterImages, NodeSource
from pagelab.page import parse_page
from pagelab.recipes import Recipe, read_cookbook
from pagelab.run import Run
from pagelab.session import merge_languages

ENGINE_SOCKET = "/var/run/docker.sock"


def session(markdown: str) -> Session:
    return merge_languages("trouble", {"en": parse_page("p.md", markdown)})


class Wire:
    """A socket that leads to the engine, and that can be cut: for its users the engine has died."""

    def __init__(self, path: Path) -> None:
        self._ends: list[socket.socket] = []
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(path))
        self._door.listen()
        self.address = f"unix://{path}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                near, _ = self._door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(ENGINE_SOCKET)
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        self._door.close()
        Path(self.address.removeprefix("unix://")).unlink(missing_ok=True)
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def removed_afterwards(engine: docker.DockerClient) -> Iterator[None]:
    """Remove this process's labs through a connection that works."""
    try:
        yield
    finally:
        mine: dict[str, Any] = {"label": f"{owner.RUNNER}={owner.labels('')[owner.RUNNER]}"}
        for container in engine.containers.list(all=True, filters=mine):
            container.remove(force=True, v=True)
        for network in engine.networks.list(filters=mine):
            network.remove()
        for volume in engine.volumes.list(filters=mine):
            volume.remove()


def test_an_engine_that_dies_during_a_run(engine: docker.DockerClient, lab_images: LabImages, tmp_path: Path) -> None:
    wire = Wire(tmp_path / "docker.sock")
    provider = DockerProvider(docker.DockerClient(base_url=wire.address, timeout=30), lab_images)
    run = Run(session("```console\n$ echo a\na\n$ echo b\nb\n$ echo c\nc\n```\n"), provider)
    with removed_afterwards(engine):
        assert run.advance(("block-1", 1)).kind is Kind.PASSED
        wire.cut()
        outcome = run.advance(("block-1", 2))
        assert outcome.kind is Kind.ERROR
        assert "engine does not answer" in outcome.reason.lower()
        assert run.advance(("block-1", 3)).kind is Kind.ERROR
        with pytest.raises(LabError, match="does not answer"):
            run.close()
    path = write_evidence(tmp_path / "evidence", run.record())
    assert [line for line in path.read_text().splitlines() if '"outcome"' in line] == [
        '   "outcome": "passed",',
        '   "outcome": "error",',
        '   "outcome": "error",',
    ]


def test_an_engine_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(LabError, match="no Docker Engine answers at DOCKER_HOST"):
        ensure_engine(print)


def test_a_machine_without_any_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "")
    monkeypatch.setattr("pagelab.daemon.connect", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match="none is installed"):
        ensure_engine(print)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system without a free byte; mounting it takes root."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "full"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=True)
    try:
        with suppress(OSError), (folder / "ballast").open("wb") as file:
            file.write(b"0" * 200_000)
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_without_room_for_evidence(full_disk: Path) -> None:
    run = Run(session("```console\n$ echo a\na\n```\n"), LocalProvider())
    run.finish()
    with pytest.raises(LabError, match="No space left on device"):
        write_evidence(full_disk, run.record())
    assert [path.name for path in full_disk.iterdir()] == ["ballast"]


def test_a_disk_without_room_for_temporary_files(
    engine: docker.DockerClient, full_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "Dockerfile").write_text("FROM scratch\n" + "# long\n" * 10_000)
    monkeypatch.setattr(tempfile, "tempdir", str(full_disk))
    with pytest.raises(LabError, match=f"building the image web:1: the disk is full: {full_disk}"):
        build_image(engine, Recipe("web:1", "", tmp_path / "web"), "scratch", print)


def test_a_disk_that_fills_up_in_a_lab_is_not_the_pages_fault(docker_provider: DockerProvider) -> None:
    page = (
        "```console\n"
        "$ mount -t tmpfs -o size=20m tmpfs /var/lib/docker/tmp\n"
        "$ mount --bind /var/lib/docker/tmp /var/lib/docker\n"
        "$ head -c 40M /dev/zero > /var/lib/docker/ballast\n"
        "```\n"
    )
    run = Run(session(page), docker_provider)
    run.finish()
    assert run.outcomes[-1].kind is Kind.ERROR
    assert "the disk is full" in run.outcomes[-1].reason


# In place of a node's `ctr`: as where the disk fills up while it imports images, all else is the real thing.
FULL = """FROM {node}
RUN printf '%s\\n' '#!/bin/sh' 'case "$*" in *import*) echo ctr: no space left on device >&2; exit 1 ;; esac' \
      'exec /usr/bin/ctr "$@"' > /usr/local/sbin/ctr && chmod +x /usr/local/sbin/ctr
"""


def test_a_node_that_ends_while_it_starts_says_why(cluster_provider: DockerProvider, lab_images: LabImages) -> None:
    client, book = cluster_provider.client, read_cookbook()
    images = NodeSource(client, book, print).images()
    image, _ = client.images.build(fileobj=io.BytesIO(FULL.format(node=images.node).encode()), rm=True)

    class Full(NodeSource):
        def images(self) -> ClusterImages:
            return replace(images, node=str(image.id))

    labs = DockerProvider(client, lab_images, Full(client, book, print))
    try:
        with (
            pytest.raises(LabError, match="`node-1` is exited: ctr: no space left on device"),
            labs.lab("full", ("host", "node-1"), Cluster(1)),
        ):
            pass
    finally:
        client.images.remove(str(image.id), force=True)
