"""What a real lab answers when it is asked for what pages require, held against what the machine says of itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import docker
import pytest

from pagelab.engine import DockerProvider
from pagelab.lab import Shell, ask
from pagelab.recipes import read_cookbook
from pagelab.requirements import KNOWN, lacks, parse_requirement

QUIET = "docker network ls -q | sort; ip -brief link; docker info -f '{{.Swarm.LocalNodeState}}'; docker ps -aq"


def test_a_lab_says_what_it_has(engine: docker.DockerClient, docker_provider: DockerProvider) -> None:
    info = engine.info()
    with docker_provider.lab("requirements") as lab:
        shell = Shell.open(lab)
        before = shell.run(QUIET, 10).output
        said = {text: lacks(parse_requirement(text), partial(ask, lab)) for text in (*KNOWN, "docker", "docker>=99")}
        assert shell.run(QUIET, 10).output == before, "asking changes nothing"
        overlay = shell.run(
            # No swarm id begins with such a name: one letter may stand for a network of which nothing else is known.
            "docker swarm init >/dev/null && docker network create -d overlay --attachable over-hosts >/dev/null && "
            "docker run -d --network over-hosts nginx >/dev/null; echo $?",
            60,
        )
        shell.connection.close()
    assert said["docker"] == said["docker>=25"] == ""
    assert said["docker>=99"].startswith("the lab's Docker Engine is ")
    assert (said["swarm"] == "") is overlay.output.endswith(b"0\n"), "what is said of a swarm is so"
    assert (said["cgroup-v2"] == "") is (info["CgroupVersion"] == "2")
    confined = any("apparmor" in option for option in info["SecurityOptions"])
    assert (said["apparmor"] == "") is confined, "labs are confined where the machine's own containers are"
    assert (said["ipvs"] == "") is Path("/proc/net/ip_vs").exists()
    assert said["kvm"] == "the lab has no /dev/kvm"
    assert said["internet"] == "labs have no way out to the internet"
    assert said["kubernetes"]
    assert said["gvisor"] == "", "the default engine's host has runsc"


def test_a_lab_has_kvm_where_a_guest_boots(docker_provider: DockerProvider) -> None:
    with docker_provider.lab("kvm", kvm=True) as lab:
        shell = Shell.open(lab)
        before = shell.run(f"ls -l /dev/kvm; ls /tmp; {QUIET}", 10).output
        said = lacks(parse_requirement("kvm"), partial(ask, lab))
        after = shell.run(f"ls -l /dev/kvm; ls /tmp; {QUIET}", 10).output
        shell.run("mkdir t && cp /bin/busybox t/init && (cd t && echo init | cpio --quiet -o -H newc) > t.img", 10)
        machine = "qemu-system-x86_64 -accel kvm -m 128 -nodefaults -no-reboot -display none -serial stdio"
        boot = f"timeout 10 {machine} -kernel /boot/vmlinuz-* -initrd t.img -append 'console=ttyS0 panic=-1'"
        booted = shell.run(f"{boot} 2>&1 | grep 'Run /init'", 30)
        shell.connection.close()
    assert before.startswith(b"crw-rw-rw- 1 root root 10, 232 ")
    assert before == after, "asking changes nothing"
    assert (said == "") is (booted.output != b""), (said, booted.output)


@pytest.mark.parametrize("version", [engine.version for engine in read_cookbook().engines])
def test_gvisor_is_there_where_it_runs_a_container(provider_of: Callable[[str], DockerProvider], version: str) -> None:
    with provider_of(version).lab("gvisor") as lab:
        said = lacks(parse_requirement("gvisor"), partial(ask, lab))
        shell = Shell.open(lab)
        ran = shell.run("docker run --rm --runtime=runsc busybox true", 60)
        shell.connection.close()
    assert (said == "") is (ran.status == 0), (said, ran.output)
