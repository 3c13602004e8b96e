"""A cluster that somebody names, as far as kubectl tells of it: here a script that answers what a test wants."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest
from docker.errors import DockerException

from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.hosts import DockerLab
from pagelab.images import LabImages
from pagelab.model import Cluster
from pagelab.named import NamedCluster, network_of

NAMED = NamedCluster("prod")
REFUSED = "echo 'The connection to the server 192.0.2.1:6443 was refused' >&2; exit 1"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    monkeypatch.setenv("PATH", str(tmp_path))
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


def provider() -> DockerProvider:
    return DockerProvider(MagicMock(), LabImages("host", "registry", ()), NAMED)


@pytest.mark.parametrize(("mode", "why"), [(0o644, "Permission denied"), (0, "No such file or directory")])
def test_a_kubectl_that_cannot_be_started_is_named(path: Path, mode: int, why: str) -> None:
    if mode:
        kubectl(path, "echo ok", mode)
    with pytest.raises(LabError, match=f"kubectl, which the context prod needs, cannot be started: {why}"):
        NAMED.sweep()


def test_a_cluster_that_does_not_answer_keeps_nobody_from_other_labs(path: Path) -> None:
    kubectl(path, REFUSED)
    assert provider().sweep() == ()


def test_of_a_cluster_that_does_not_answer_nothing_is_asked_twice_and_nothing_is_made(path: Path) -> None:
    calls = kubectl(path, REFUSED)
    labs = provider()
    with pytest.raises(LabError, match="The connection to the server"), labs.lab("p", cluster=Cluster(whole=False)):
        pass
    assert len(calls.read_text().splitlines()) == 1
    assert not labs.client.api.create_container.called  # type: ignore[attr-defined]  # it is a mock


def test_the_namespace_is_removed_even_where_the_rest_of_the_lab_cannot_be(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = kubectl(path, "echo ok")
    labs = provider()
    monkeypatch.setattr(labs, "_start", lambda *_: MagicMock())
    monkeypatch.setattr(labs.client.networks, "list", MagicMock(side_effect=DockerException("gone")))
    with pytest.raises(LabError, match="removing a lab"), labs.lab("p", cluster=Cluster(whole=False)):
        pass
    assert "delete namespace pagelab-" in calls.read_text()


def test_a_network_whose_subnet_is_written_by_an_address_in_it_is_found() -> None:
    network = MagicMock(attrs={"IPAM": {"Config": [{"Subnet": "192.0.2.1/24"}]}})
    client = MagicMock()
    client.networks.list.return_value = [network]
    assert network_of(client, "https://192.0.2.7:6443") is network
