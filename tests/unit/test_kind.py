"""What kind is told of a cluster, and where a project may want its clusters from. Neither kind nor Docker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from docker.errors import APIError, ImageNotFound

from pagelab import kind
from pagelab.errors import LabError
from pagelab.kind import KindSource, configuration
from pagelab.model import Cluster
from pagelab.recipes import read_cookbook


def told(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(configuration(cluster))
    return found


def registrations(cluster: Cluster) -> list[tuple[str, dict[str, Any]]]:
    """Role and registration of each node."""
    nodes = told(cluster)["nodes"]
    return [(n["role"], json.loads(patch)["nodeRegistration"]) for n in nodes for patch in n["kubeadmConfigPatches"]]


def test_nodes_have_the_names_that_pages_know_and_all_take_pods() -> None:
    assert registrations(Cluster(3)) == [
        ("control-plane", {"name": "node-1", "taints": []}),
        ("worker", {"name": "node-2"}),
        ("worker", {"name": "node-3"}),
    ]


def test_of_a_single_node_kind_takes_the_taint_itself_and_fails_where_there_is_none() -> None:
    assert registrations(Cluster(1)) == [("control-plane", {"name": "node-1"})]


def test_a_page_that_brings_the_network_gets_none() -> None:
    assert told(Cluster(2, network=False))["networking"]["disableDefaultCNI"] is True
    assert told(Cluster(2))["networking"]["disableDefaultCNI"] is False


def test_a_project_wants_clusters_from_where_there_are_any(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_subprocess("-o", "pagelab_clusters=minikube", "--collect-only")
    done.stderr.fnmatch_lines(["*pagelab_clusters: `minikube` is neither `kind` nor `built`"])
    assert done.ret == pytest.ExitCode.USAGE_ERROR


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A kind that says what it is, and a `docker` beside it."""
    for name, says in (("kind", "kind v0.30.0 go1.24"), ("docker", "")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def source(client: MagicMock) -> KindSource:
    return KindSource(client, read_cookbook(), print, image="kindest/node@sha256:0")


@pytest.mark.usefixtures("installed")
def test_a_kind_that_works_and_its_node_image_are_all_that_is_needed() -> None:
    assert source(MagicMock()).missing() == ""


@pytest.mark.parametrize(
    ("script", "why"),
    [("exit 99", "`kind version` ended with status 99"), ("echo what", "`kind version` said: what"), ("true", "said:")],
)
def test_a_kind_that_does_not_work_is_missing(installed: Path, script: str, why: str) -> None:
    (installed / "kind").write_text(f"#!/bin/sh\n{script}\n")
    assert why in source(MagicMock()).missing()


@pytest.mark.usefixtures("installed")
def test_a_node_image_that_no_registry_serves_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    client = MagicMock()
    client.images.get.side_effect = ImageNotFound("none")
    client.api.inspect_distribution.side_effect = APIError("none", explanation="no  route\nto host")
    monkeypatch.setattr("docker.from_env", lambda **_: client)
    assert source(client).missing() == "kindest/node@sha256:0 cannot be had: no route to host"


def test_a_cluster_that_does_not_say_its_version_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "run_on", lambda *_: (1, "The connection was refused\n"))
    with pytest.raises(LabError, match="kind's cluster does not say its version") as caught:
        kind._kubernetes(MagicMock())
    assert caught.value.advice == "The connection was refused"
