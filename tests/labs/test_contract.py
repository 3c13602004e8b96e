"""The one suite that every provider passes: what the rest of pagelab may expect of a lab."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.lab import Lab, Provider, Shell, ask
from pagelab.local import LocalProvider
from pagelab.model import Cluster, Ending
from pagelab.recipes import read_cookbook

BOOK = read_cookbook()
VERSIONS = [engine.version for engine in BOOK.engines]


class Clustered:
    """A provider whose every lab has a cluster of one node."""

    def __init__(self, provider: DockerProvider) -> None:
        self._provider = provider

    def identity(self, cluster: Cluster | None = None) -> str:
        return self._provider.identity(cluster)

    def lacks_cluster(self, cluster: Cluster) -> str:
        return self._provider.lacks_cluster(cluster)

    def lab(
        self, name: str, hosts: tuple[str, ...] = ("host",), cluster: Cluster | None = None, kvm: bool = False
    ) -> AbstractContextManager[Lab]:
        wanted = cluster or Cluster(1)
        return self._provider.lab(name, (*hosts, *wanted.names), wanted, kvm)

    def sweep(self) -> tuple[str, ...]:
        return self._provider.sweep()


@pytest.fixture(params=["local", "cluster", *VERSIONS])
def provider(
    request: pytest.FixtureRequest, provider_of: Callable[[str], Provider], cluster_provider: DockerProvider
) -> Provider:
    """Every provider, labs of every engine, and labs with a cluster."""
    if request.param == "cluster":
        return Clustered(cluster_provider)
    return LocalProvider() if request.param == "local" else provider_of(request.param)


def test_a_lab_meets_the_contract(provider: Provider) -> None:
    """One lab for many facts, because starting one is the slow part."""
    with provider.lab("contract") as lab:
        shell = Shell.open(lab)

        seen = shell.run("echo out; echo err >&2", 10)
        assert (seen.output, seen.status, seen.ending) == (b"out\nerr\n", 0, Ending.RETURNED)

        assert shell.run("mkdir d && cd d && X=1", 10).status == 0
        assert shell.run('basename "$PWD" $X', 10).status == 0, "directory and variables last"

        assert shell.run("(exit 7)", 10).status == 7

        lab.write("sub/file.txt", "text ü\n")
        assert shell.run("cat ../sub/file.txt", 10).output == "text ü\n".encode()

        assert shell.run("cat", 10).status == 0, "standard input is empty, not the protocol"

        assert shell.run("printf '\\377\\000'", 10).output == b"\xff\x00"

        assert shell.run("seq 100000 | tail -1", 10).output == b"100000\n"

        assert lab.alive() == ""
        facts = lab.facts()
        assert facts.provider
        assert dict(facts.details)["kernel"]

        other = Shell.open(lab)
        ended = other.run("exit 5", 10)
        assert (ended.ending, ended.status) == (Ending.SHELL_ENDED, 5)
        other.connection.close()

        late = shell.run("echo early; sleep 60", 1)
        assert (late.ending, late.output) == (Ending.TIMEOUT, b"early\n")
        assert late.duration < 5
        shell.connection.close()


def test_a_lab_starts_empty_again(provider: Provider) -> None:
    for _ in range(2):
        with provider.lab("twice") as lab:
            shell = Shell.open(lab)
            assert shell.run("ls left-over 2>/dev/null || touch left-over", 10).output == b""
            shell.connection.close()


def test_an_exception_in_a_lab_reaches_the_caller(provider: Provider) -> None:
    with pytest.raises(ZeroDivisionError), provider.lab("broken"):
        raise ZeroDivisionError


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lab_has_the_engine_that_was_asked_for(provider_of: Callable[[str], Provider], version: str) -> None:
    with provider_of(version).lab("engine") as lab:
        shell = Shell.open(lab)
        assert shell.run("docker run -d --name web -p 80:80 nginx && docker run --rm busybox true", 60).status == 0
        assert shell.run("docker run --rm nosuchimage", 60).status == 125
        assert b"172.17.0.1/16" in shell.run("ip -brief address show docker0", 10).output
        facts = lab.facts()
        shell.connection.close()
    assert facts.engine.startswith(f"{version}.")
    assert {image.name for image in facts.images} == {"nginx:latest", "busybox:latest"}
    assert all(image.digest.startswith("sha256:") and image.origin for image in facts.images)


def test_a_lab_can_be_asked_beside_the_session(provider: Provider) -> None:
    with provider.lab("ask") as lab:
        assert ask(lab, ("echo", "two words", "$HOME")) == (0, "two words $HOME\n")
        assert ask(lab, ("sh", "-c", "echo problem >&2; exit 3")) == (3, "problem\n")
        assert ask(lab, ("cat",)) == (0, ""), "standard input is empty"
        assert ask(lab, ("no-such-command",))[0] == 127
        with pytest.raises(LabError, match=r"`sleep 30` did not end within 0\.5 s"):
            ask(lab, ("sleep", "30"), timeout=0.5)
