"""What kind is told of a cluster, and where a project may want its clusters from. Neither kind nor Docker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pagelab.kind import configuration
from pagelab.model import Cluster


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
