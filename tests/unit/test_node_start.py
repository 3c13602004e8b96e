"""A node's start: the names of the images that it brings, and what it says before it ends. Its programs are scripts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pagelab.nodeimage import names_of
from pagelab.recipes import BROUGHT

HERE = "/usr/local/share/pagelab"


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the node's own ones, with its programs: containerd runs, and ctr notes what it is asked."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program(tmp_path, "containerd", "exec sleep 20")
    program(tmp_path, "ctr", f'echo "$*" >> {tmp_path}/asked')
    (tmp_path / "images.txt").write_text("pagelab/a:1 registry/a:v1 registry/b:v1\npagelab/c:2 registry/c:v3\n")
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def start(node: Path) -> subprocess.CompletedProcess[str]:
    """The part of the script that is for containerd and images, with that folder in place of the node's own."""
    script = (BROUGHT / "node" / "start").read_text()
    end = "touch /run/pagelab-ready\n"
    part = script[script.index("# What a node says") : script.index(end) + len(end)]
    for folder in (HERE, "/var/log", "/run"):
        part = part.replace(folder, str(node))
    ended = subprocess.run(
        ("sh", "-c", f"set -eu\n{part}\nkill $!"), capture_output=True, text=True, timeout=30, check=False
    )
    assert (node / "pagelab-ready").exists() == (ended.returncode == 0)
    return ended


def test_images_get_the_names_that_pods_ask_for_and_only_these(node: Path) -> None:
    assert start(node).returncode == 0
    assert (node / "asked").read_text().splitlines() == [
        "version",
        f"--namespace k8s.io images import {node}/images.tar",
        "--namespace k8s.io images tag docker.io/pagelab/a:1 registry/a:v1 registry/b:v1",
        "--namespace k8s.io images rm docker.io/pagelab/a:1",
        "--namespace k8s.io images tag docker.io/pagelab/c:2 registry/c:v3",
        "--namespace k8s.io images rm docker.io/pagelab/c:2",
    ]


def test_the_names_that_pods_ask_for_are_given_on_the_node_and_never_here() -> None:
    own = {"coredns": "pagelab/coredns:2", "pause": "pagelab/pause:3"}
    wanted = ["registry.k8s.io/etcd:3.6", "registry.k8s.io/coredns/coredns:v1", "registry.k8s.io/pause:3.10"]
    assert names_of("pagelab/components:1", own, wanted).splitlines() == [
        "pagelab/components:1 registry.k8s.io/etcd:3.6",
        "pagelab/coredns:2 registry.k8s.io/coredns/coredns:v1",
        "pagelab/pause:3 registry.k8s.io/pause:3.10",
    ]


def test_an_import_that_fails_is_in_the_nodes_log(node: Path) -> None:
    words = "seq 9; echo 'ctr: no space left on device' >&2; exit 1"
    program(node, "ctr", f'case "$*" in *import*) {words} ;; esac')
    ended = start(node)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == ["7", "8", "9", "ctr: no space left on device"]


def test_a_containerd_that_ends_is_in_the_nodes_log(node: Path) -> None:
    program(node, "containerd", "echo no space left on device; exit 1")
    program(node, "ctr", "exit 1")
    ended = start(node)
    assert ended.returncode == 1
    assert ended.stderr == "no space left on device\n"
