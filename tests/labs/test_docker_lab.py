"""Facts of labs made of nested Docker hosts."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import docker
import pytest

from pagelab import owner
from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.images import LabImages
from pagelab.lab import Shell
from pagelab.model import Kind
from pagelab.page import parse_page
from pagelab.run import Run
from pagelab.session import merge_languages


def things(engine: docker.DockerClient) -> dict[str, set[str]]:
    """Everything a lab could leave on the outer engine and this machine, other living runners' labs left out."""
    labelled: dict[str, Any] = {"label": owner.LAB}
    containers = engine.containers.list(all=True, filters=labelled, ignore_removed=True)
    found = {
        "containers": {str(c.id): c.labels for c in containers},
        "networks": {str(n.id): n.attrs["Labels"] for n in engine.networks.list(filters=labelled)},
        "volumes": {str(v.name): v.attrs["Labels"] for v in engine.volumes.list(filters=labelled)},
    }
    left = {kind: {key for key, labels in items.items() if not _others(labels)} for kind, items in found.items()}
    if any(len(left[kind]) < len(items) for kind, items in found.items()):
        return left  # interfaces and mounts do not say whose they are
    mounts = {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    return left | {"interfaces": set(os.listdir("/sys/class/net")), "mounts": mounts}


def _others(labels: dict[str, str]) -> bool:
    mine = owner.labels("")[owner.RUNNER]
    return labels[owner.RUNNER] != mine and not owner.left_over(labels, time.time())


def test_a_host_is_as_readers_know_it(docker_provider: DockerProvider) -> None:
    with docker_provider.lab("facts") as lab:
        shell = Shell.open(lab)
        assert b"172.17.0.1/16" in shell.run("ip -brief address show docker0", 10).output
        assert shell.run("docker run -d --name web -p 80:80 nginx", 60).status == 0
        assert b"0.0.0.0:80->80/tcp, :::80->80/tcp" in shell.run("docker port web; docker ps", 10).output
        assert shell.run("docker run --rm busybox true", 60).status == 0
        assert shell.run("docker run --rm nosuchimage", 60).status == 125
        facts = lab.facts()
        shell.connection.close()
    assert facts.engine.startswith("26.1")
    machine = dict(facts.details)
    assert int(machine["cores"]) == os.cpu_count()
    assert int(machine["memory"]) > 2**28
    written = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    assert machine["processor"] == (written[1].strip() if written else "")
    assert {image.name for image in facts.images} == {"nginx:latest", "busybox:latest"}
    assert all(image.digest.startswith("sha256:") and image.origin for image in facts.images)


def test_nothing_is_left_after_a_lab(engine: docker.DockerClient, docker_provider: DockerProvider) -> None:
    before = things(engine)
    with docker_provider.lab("clean") as lab:
        shell = Shell.open(lab)
        command = "docker volume create v; docker network create n; docker run -d --network n -v v:/v nginx"
        assert shell.run(command, 60).status == 0
        shell.connection.close()
        assert things(engine) != before
    after = things(engine)
    assert {kind: before[kind] for kind in before if kind in after} == {k: after[k] for k in after if k in before}


RUNNER = """
import sys, time
from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.images import provide_images
from pagelab.recipes import read_cookbook
client = ensure_engine(print)
images = provide_images(client, read_cookbook(), print)
with DockerProvider(client, images).lab("killed"):
    print("READY", flush=True)
    time.sleep(120)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_runner_leaves_nothing_after_the_next_sweep(
    engine: docker.DockerClient, docker_provider: DockerProvider, how: signal.Signals
) -> None:
    before = things(engine)
    with docker_provider.lab("of a living runner"):
        mine = things(engine)
        runner = subprocess.Popen([sys.executable, "-c", RUNNER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert runner.stdout is not None
            assert any(line == b"READY\n" for line in runner.stdout)
            runner.send_signal(how)
        finally:
            runner.wait(timeout=60)
            assert runner.stdout is not None
            runner.stdout.close()
        assert bool(docker_provider.sweep()) is (how is signal.SIGKILL), "only what was killed is left to sweep"
        assert things(engine)["containers"] == mine["containers"], "a living runner's lab stays"
    assert things(engine)["containers"] == before["containers"]


def test_a_lab_that_dies_says_nothing_about_the_page(
    engine: docker.DockerClient, docker_provider: DockerProvider
) -> None:
    page = parse_page("p.md", "```console\n$ echo a\na\n$ echo b\nb\n$ echo c\nc\n```\n")
    run = Run(merge_languages("dies", {"en": page}), docker_provider)
    try:
        assert run.advance(("block-1", 1)).kind is Kind.PASSED
        mine = f"{owner.RUNNER}={owner.labels('')[owner.RUNNER]}"
        (host,) = [c for c in engine.containers.list(filters={"label": mine}) if str(c.name).endswith("-host")]
        host.kill()
        outcome = run.advance(("block-1", 2))
        assert (outcome.kind, bool(outcome.advice)) == (Kind.ERROR, True)
        assert run.advance(("block-1", 3)).kind is Kind.ERROR
    finally:
        run.close()


def test_an_image_that_cannot_be_had_is_a_lab_error(engine: docker.DockerClient, lab_images: LabImages) -> None:
    provider = DockerProvider(engine, LabImages("pagelab/host:none", lab_images.registry, ()))
    before = things(engine)
    with pytest.raises(LabError, match="pagelab/host:none"), provider.lab("no image"):
        pass
    assert things(engine) == before


def test_labs_side_by_side_do_not_meet(docker_provider: DockerProvider) -> None:
    with docker_provider.lab("one") as one, docker_provider.lab("two") as two:
        first, second = Shell.open(one), Shell.open(two)
        for shell in (first, second):
            assert shell.run("docker run -d --name web -p 80:80 nginx", 60).status == 0
        address = first.run("hostname -i", 10).output.decode().strip()
        start = time.monotonic()
        assert second.run(f"curl --silent --max-time 2 http://{address}", 10).status != 0
        assert time.monotonic() - start < 8
        first.connection.close()
        second.connection.close()


def test_hosts_of_one_lab_reach_each_other_and_keep_their_own_engines(docker_provider: DockerProvider) -> None:
    page = """---
lab: {hosts: [host-a, host-b]}
---
```console {#manager}
$ hostname
host-a
$ docker swarm init --advertise-addr eth0 > /dev/null
$ docker run -d --name web -p 80:80 nginx
...
```
```console {#worker host="host-b"}
$ hostname
host-b
$ docker ps --quiet
```
```console {#across host="host-b" eventually="10"}
$ curl --silent host-a | grep --count Welcome
2
```
```console {#again}
$ docker ps --format '{{.Names}}'
web
```
"""
    run = Run(merge_languages("hosts", {"en": parse_page("p.md", page)}), docker_provider)
    run.finish()
    assert [outcome.kind for outcome in run.outcomes] == [Kind.PASSED] * 7, run.outcomes
