"""A run that leaves something behind does not end with 0, and says what it is."""

from __future__ import annotations

import os

import docker
import pytest

from pagelab.leak import read_state
from pagelab.pytest_plugin import COULD_NOT_RUN

LEAKS = """
import docker
from pagelab import owner

def pytest_runtest_teardown():
    docker.from_env().volumes.create("pagelab-test-leak", labels=owner.labels("leak"))
"""


@pytest.fixture
def docs(pytester: pytest.Pytester) -> pytest.Pytester:
    """A page that is right."""
    (pytester.path / "page.md").write_text("```console\n$ docker ps -q\n```\n")
    return pytester


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "with a worker"])
def test_a_leak_is_an_error_that_names_it(
    docs: pytest.Pytester, engine: docker.DockerClient, options: tuple[str, ...]
) -> None:
    docs.makeconftest(LEAKS)
    try:
        result = docs.runpytest_subprocess("page.md", *options, timeout=120)
    finally:
        engine.volumes.get("pagelab-test-leak").remove()
    assert result.ret == COULD_NOT_RUN
    result.stdout.fnmatch_lines(["*did not clean up after itself: left behind: volume pagelab-test-leak"])


def test_a_clean_run_says_nothing(docs: pytest.Pytester) -> None:
    result = docs.runpytest_subprocess("page.md", timeout=120)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*clean up*")


def test_a_network_is_seen_with_its_interface_and_rules(engine: docker.DockerClient) -> None:
    network = engine.networks.create("pagelab-test-leak")
    try:
        seen = [(thing.kind, thing.name) for thing in read_state(engine).things]
    finally:
        network.remove()
    bridge = f"br-{str(network.id)[:12]}"
    assert ("network", "pagelab-test-leak") in seen
    assert ("interface", bridge) in seen
    if os.geteuid() == 0:  # others may not read the firewall
        assert [name for kind, name in seen if kind == "firewall rule" and bridge in name]
