"""What pages may require: how it is written, and what each answer of a lab means."""

from __future__ import annotations

import pytest

from pagelab.requirements import (
    KNOWN,
    Ask,
    Requirement,
    RequirementError,
    lacks,
    missing_modules,
    parse_requirement,
)


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        ("swarm", Requirement("swarm")),
        (" cgroup-v2 ", Requirement("cgroup-v2")),
        ("docker", Requirement("docker")),
        ("docker>=25", Requirement("docker", ">=", (25,))),
        ("docker >= 25.0.3", Requirement("docker", ">=", (25, 0, 3))),
        ("docker!=20.10", Requirement("docker", "!=", (20, 10))),
        ("docker<26", Requirement("docker", "<", (26,))),
    ],
)
def test_a_requirement_is_read(text: str, requirement: Requirement) -> None:
    assert parse_requirement(text) == requirement


@pytest.mark.parametrize(
    "text", ["", "swam", "docker>=", "docker=25", "docker>=x", "docker>=25.", "swarm>=1", "Docker", "kvm swarm"]
)
def test_an_unknown_requirement_lists_the_known_ones(text: str) -> None:
    with pytest.raises(RequirementError) as caught:
        parse_requirement(text)
    assert caught.value.problem == f"unknown requirement `{text}`"
    assert all(name in caught.value.advice for name in KNOWN)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("text", KNOWN)
def test_what_is_listed_as_known_is_known(text: str) -> None:
    assert str(parse_requirement(text)) == text


def answers(table: dict[str, tuple[int, str]]) -> Ask:
    """A lab that answers by the words that a command contains, and has no other commands."""

    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        command = " ".join(argv)
        return next((answer for words, answer in table.items() if words in command), (127, "not found"))

    return ask


@pytest.mark.parametrize(
    ("text", "engine", "holds"),
    [
        ("docker", "26.1.5", True),
        ("docker>=25", "26.1.5+dfsg1", True),
        ("docker>=26.1.5", "26.1.5", True),
        ("docker>=26.2", "26.1.5", False),
        ("docker>=25", "20.10.24+dfsg1", False),
        ("docker==26", "26.1.5", True),
        ("docker==26.1", "26.1.5", True),
        ("docker==26.1.4", "26.1.5", False),
        ("docker!=26.1", "26.1.5", False),
        ("docker>26", "26.1.5", False),
        ("docker>26", "28.5.2", True),
        ("docker<=26", "26.1.5", True),
        ("docker<26", "26.1.5", False),
        ("docker<26", "20.10.24", True),
        ("docker>=9", "20.10.24", True),
        ("docker==28.0.0", "28", True),
    ],
)
def test_engine_versions_are_compared_by_the_parts_that_are_written(text: str, engine: str, holds: bool) -> None:
    reason = lacks(parse_requirement(text), answers({"docker version": (0, f"{engine}\n")}))
    assert (reason == "") is holds
    assert holds or "Docker Engine is " in reason


RUNSC = {"Runtimes": (0, "/usr/bin/runsc\n--platform=systrap\n\n")}
DOCKER = {"docker version": (0, "26.1.5\n"), "LocalNodeState": (0, "inactive\n")}


@pytest.mark.parametrize(
    ("name", "table", "reason"),
    [
        ("docker", {}, "the lab has no Docker Engine"),
        ("docker", {"docker version": (1, "Cannot connect")}, "the lab has no Docker Engine"),
        ("swarm", DOCKER | {"vxlan": (0, "")}, ""),
        ("swarm", DOCKER | {"vxlan": (2, "Not supported")}, "this kernel has no VXLAN"),
        ("swarm", {"LocalNodeState": (0, "<no value>\n")}, "no swarm mode"),
        ("swarm", {}, "no Docker Engine"),
        ("kubernetes", {"kubectl": (0, "ok")}, ""),
        ("kubernetes", {"kubectl": (1, "refused")}, "no Kubernetes cluster"),
        ("kubernetes", {}, "no Kubernetes cluster"),
        ("kvm", {}, "the lab has no /dev/kvm"),
        ("kvm", {"test -c": (0, ""), "-accel kvm": (1, "")}, "does not get to its first process within 10 s"),
        ("kvm", {"test -c": (0, ""), "-accel kvm": (1, "a\nqemu: no\n")}, "within 10 s: qemu: no"),
        ("kvm", {"test -c": (0, ""), "-accel kvm": (0, "")}, ""),
        ("gvisor", RUNSC | {"runsc --platform=systrap list": (0, "ID\n")}, ""),
        ("gvisor", RUNSC | {"runsc list": (0, "ID\n")}, "`/usr/bin/runsc --platform=systrap` fails"),
        ("gvisor", RUNSC | {"list": (128, "unknown platform")}, "`/usr/bin/runsc --platform=systrap` fails"),
        ("gvisor", {"Runtimes": (0, "\n")}, "no runtime runsc"),
        ("gvisor", {}, "no Docker Engine"),
        ("cgroup-v2", {"stat": (0, "cgroup2fs\n")}, ""),
        ("cgroup-v2", {"stat": (0, "tmpfs\n")}, "this host has cgroup v1"),
        ("cgroup-v2", {"stat": (1, "No such file")}, "no cgroups"),
        ("apparmor", {"enabled": (0, "Y\n"), "SecurityOptions": (0, '["name=apparmor","name=seccomp"]')}, ""),
        ("apparmor", {"enabled": (0, "Y\n"), "SecurityOptions": (0, '["name=seccomp"]')}, "does not use it"),
        ("apparmor", {"enabled": (1, "cat: no such file")}, "runs without AppArmor"),
        ("ipvs", {"name IPVS": (0, "Name: IPVS\n")}, ""),
        ("ipvs", {"name IPVS": (255, "RTNETLINK answers: No such file or directory")}, "no IPVS"),
        ("ipsec", {"xfrm": (0, "")}, ""),
        ("ipsec", {"xfrm": (2, "Error: Requested type not found.")}, "no ESP"),
        ("internet", {"curl": (28, "")}, "no way out"),
        ("internet", {}, "no way out"),
        ("internet", {"curl": (0, "")}, ""),
    ],
)
def test_what_a_lab_answers_decides(name: str, table: dict[str, tuple[int, str]], reason: str) -> None:
    said = lacks(parse_requirement(name), answers(table))
    assert reason in said
    assert bool(reason) is bool(said)


@pytest.mark.parametrize(
    ("name", "table", "modules"),
    [
        ("swarm", DOCKER, ("vxlan",)),
        ("swarm", {}, ()),
        ("ipvs", {}, ("ip_vs",)),
        ("ipsec", {}, ("esp4", "xfrm_user")),
        ("apparmor", {}, ()),
        ("kvm", {}, ()),
    ],
)
def test_the_modules_that_a_kernel_lacks_are_told_by_the_reason(
    name: str, table: dict[str, tuple[int, str]], modules: tuple[str, ...]
) -> None:
    assert missing_modules(lacks(parse_requirement(name), answers(table))) == modules
