"""What a page says of the cluster that it wants, and what is told of nodes that end."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest
from docker.errors import APIError

from pagelab import cluster
from pagelab.errors import LabError, PageError
from pagelab.model import Cluster, Page
from pagelab.page import parse_page
from pagelab.session import merge_languages

STEP = "```console\n$ kubectl get nodes\n```\n"


def page(lab: str, block: str = STEP, name: str = "p.md") -> Page:
    return parse_page(name, f"---\nlab: {lab}\n---\n{block}")


def test_a_page_names_its_cluster() -> None:
    found = parse_page("p.md", f"---\nlab: {{cluster: {{nodes: 2, unwell: [pod/p]}}}}\n---\n{STEP}")
    assert found.cluster == Cluster(2, unwell=("pod/p",))
    assert found.hosts == ("host", "node-1", "node-2")
    assert found.steps[0].options.requires == ("kubernetes",)


def test_a_namespace_has_no_nodes() -> None:
    found = parse_page("p.md", f"---\nlab: {{cluster: {{nodes: 2, namespace: true}}}}\n---\n{STEP}")
    assert found.cluster == Cluster(2, whole=False)
    assert found.hosts == ("host",)
    with pytest.raises(PageError, match="the page has no host `node-1`"):
        page("{cluster: {namespace: true}}", STEP.replace("console", 'console {host="node-1"}'))


@pytest.mark.parametrize(
    ("lab", "problem"),
    [
        ("{cluster: 2}", "p.md:2: unknown cluster 2"),
        ("{cluster: {node: 2}}", "unknown cluster {'node': 2}"),
        ("{cluster: {nodes: 0}}", "a cluster cannot have 0 nodes"),
        ("{cluster: {nodes: yes}}", "a cluster cannot have True nodes"),
        ("{cluster: {nodes: 9}}", "a cluster cannot have 9 nodes"),
        ("{cluster: {network: calico}}", "unknown network 'calico' of a cluster"),
        ("{cluster: {namespace: maybe}}", "namespace is true or false, not 'maybe'"),
        ("{cluster: {unwell: pod/p}}", "unwell must be a list"),
        ("{cluster: {unwell: [web]}}", "unwell must be a list"),
        ("{hosts: [node-1], cluster: {nodes: 1}}", "node-1 is the name of a node"),
    ],
)
def test_what_cannot_be_is_told_where_it_stands(lab: str, problem: str) -> None:
    with pytest.raises(PageError) as caught:
        page(lab)
    assert problem in str(caught.value)


def test_languages_want_the_same_cluster() -> None:
    pages = {
        str(nodes): parse_page(f"{nodes}.md", f"---\nlab: {{cluster: {{nodes: {nodes}}}}}\n---\n{STEP}")
        for nodes in (1, 2)
    }
    with pytest.raises(PageError, match=r"2\.md:1: its lab has the"):
        merge_languages("d", pages)


def test_another_cluster_is_another_run() -> None:
    keys = {
        merge_languages("d", {"en": parse_page("p.md", f"---\nlab: {{cluster: {lab}}}\n---\n{STEP}")}).key
        for lab in ("{nodes: 1}", "{nodes: 1, network: none}", "{nodes: 1, unwell: [pod/p]}")
    }
    assert len(keys) == 3


class Node:
    """A container as far as these questions go: one that has ended refuses commands, as the engine does."""

    def __init__(self, status: str, said: bytes = b"") -> None:
        self.status, self.said = status, said

    def reload(self) -> None:
        pass

    def logs(self, tail: int) -> bytes:
        return b"\n".join(self.said.splitlines()[-tail:])

    def exec_run(self, _: list[str]) -> tuple[int, bytes]:
        if self.status != "running":
            raise APIError("409", response=MagicMock(status_code=409), explanation="container is not running")
        return 0, b"Starting kubelet\n"


def nodes(*found: Node) -> Any:
    return tuple((f"node-{number}", node) for number, node in enumerate(found, 1))


def test_of_a_node_that_has_ended_its_own_last_words_are_told() -> None:
    said = cluster.kubelets_said(nodes(Node("running"), Node("exited", b"early\n1\n2\n3\nno space left on device\n")))
    assert said.splitlines() == [
        "kubelet on node-1: Starting kubelet",
        "  `node-2` is exited: 1",
        "  2",
        "  3",
        "  no space left on device",
    ]
    assert cluster.kubelets_said(nodes(Node("dead"))) == "`node-1` is dead: it said nothing"


def test_a_cluster_that_is_made_tells_why_its_node_ended() -> None:
    with pytest.raises(LabError, match="could not be made: `node-1` is exited: no space left on device"):
        cluster.make_cluster(nodes(Node("exited", b"no space left on device\n")), MagicMock(), network=True)


class Ending(Node):
    """One that ends when it is given a command."""

    def exec_run(self, argv: list[str]) -> tuple[int, bytes]:
        self.status = "exited"
        return super().exec_run(argv)


def test_a_node_that_ends_while_it_is_asked_tells_why_as_well() -> None:
    assert cluster.kubelets_said(nodes(Ending("running", b"no space"))) == "`node-1` is exited: no space"
    with pytest.raises(LabError, match="could not be made: `node-1` is exited: no space"):
        cluster.make_cluster(nodes(Ending("running", b"no space")), MagicMock(), network=True)
