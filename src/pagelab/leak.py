"""What labs could leave on the outer engine and this machine: read before and after a run, and compared."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from pagelab import owner
from pagelab.daemon import asking

SETTLE = 2.0  # seconds that the engine and the kernel may take to clear away what was removed
_PATHS = ("docker", "containerd", "pagelab")  # mounts of engines and labs have one of these in their path
_INTERFACES = ("br-", "veth", "docker")
_RULE = re.compile(r"^-A .*(?:\bbr-[0-9a-f]{12}\b|\bdocker0\b|\bDOCKER\b)")
_BRIDGE = re.compile(r"\bbr-[0-9a-f]{12}\b")  # by the network's id
_CONTAINER = re.compile(r"docker[/-]([0-9a-f]{64})")  # in a cgroup's path; the first one is the outer engine's
_ANONYMOUS = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """Something that can be left behind."""

    kind: str  # container, network, volume, mount, interface, firewall rule, process
    name: str
    runner: str = ""  # of the pagelab process whose label it carries

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def strange(self) -> bool:
        """Whether it shows that somebody other than pagelab uses the engine."""
        drawn = self.kind == "volume" and bool(_ANONYMOUS.fullmatch(self.name))
        return self.kind in ("container", "network", "volume") and not self.runner and not drawn

    @property
    def passing(self) -> bool:
        """Whether engine and kernel clear it away in their own time, after the container that it was for is gone."""
        return self.kind in ("mount", "process") or (self.kind == "interface" and self.name.startswith("veth"))


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is there at one time, seen by one runner."""

    runner: str
    things: tuple[Thing, ...]
    shared: bool = False  # labs of another living runner are there as well
    bridges: frozenset[str] = frozenset()  # interfaces of the networks that were there

    def ending(self, thing: Thing) -> bool:
        """Whether its network was gone already: the engine was taking it away when this was read."""
        return not self.bridges.issuperset(_BRIDGE.findall(thing.name))


def differences(before: State, after: State, runners: Collection[str]) -> tuple[str, ...]:
    """What the runners left behind or took away, each named.

    Interfaces, mounts, rules and processes do not say whose they are: where others used the engine in the
    meantime, only what carries a runner's label counts.
    """
    left = sorted((Counter(after.things) - Counter(before.things)).elements())
    missing = (Counter(before.things) - Counter(after.things)).elements()
    gone = sorted(thing for thing in missing if not thing.passing and not before.ending(thing))
    if before.shared or after.shared or any(thing.strange for thing in (*left, *gone)):
        return tuple(f"left behind: {thing}" for thing in left if thing.runner in runners)
    return (*(f"left behind: {thing}" for thing in left), *(f"taken away: {thing}" for thing in gone))


def settled_differences(client: docker.DockerClient, before: State, runners: Collection[str]) -> tuple[str, ...]:
    """The differences that remain once the engine had time to clear away. Raises LabError."""
    end = time.monotonic() + SETTLE
    while (found := differences(before, read_state(client, runners), runners)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def read_state(client: docker.DockerClient, runners: Collection[str] = ()) -> State:
    """What is there now; labs of `runners` and of this process are not another's. Raises LabError."""
    me = owner.labels("")[owner.RUNNER]
    first = _labelled(client)
    unlabelled = [
        *(Thing("mount", path) for path in _mounts()),
        *(Thing("interface", name) for name in _interfaces() if name.startswith(_INTERFACES)),
        *(Thing("firewall rule", rule) for rule in _rules()),
        *(Thing("process", name) for name in _orphans({item["Id"] for kind, _, item in first if kind == "container"})),
    ]
    mine = {me, *runners}
    # A lab that somebody made or removed in the meantime has some of its things among these.
    labels = [item["Labels"] or {} for *_, item in (*first, *_labelled(client))]
    shared = any(
        owner.LAB in its and its.get(owner.RUNNER) not in mine and not owner.left_over(its, time.time())
        for its in labels
    )
    runners_of = {its[owner.LAB]: its.get(owner.RUNNER, "") for its in labels if owner.LAB in its}
    things = (Thing(kind, name, _runner_of(item["Labels"] or {}, runners_of)) for kind, name, item in first)
    bridges = frozenset(f"br-{item['Id'][:12]}" for kind, _, item in first if kind == "network")
    return State(me, (*things, *unlabelled), shared, bridges)


def _runner_of(labels: dict[str, str], runners: dict[str, str]) -> str:
    """Whose it is. A node of kind's, which bears no label of a runner, is his whose lab its cluster is named for."""
    lab = owner.lab_of_kind(labels)
    return labels.get(owner.RUNNER) or (runners.get(lab, "nobody") if lab else "")


def _labelled(client: docker.DockerClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, name and what the engine says of everything that can carry a label. Raises LabError."""
    with asking("looking for what labs left"):
        containers = client.api.containers(all=True)
        networks = client.api.networks()
        volumes = client.api.volumes()["Volumes"] or []
    return [
        *(("container", item["Names"][0].lstrip("/") if item["Names"] else item["Id"], item) for item in containers),
        *(("network", item["Name"], item) for item in networks),
        *(("volume", item["Name"], item) for item in volumes),
    ]


def _interfaces() -> list[str]:
    try:
        return os.listdir("/sys/class/net")
    except OSError:
        return []


def _read(path: str) -> str:
    """A file of the kernel's; empty where this system has none, or does not show it."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _mounts() -> Iterator[str]:
    """Where engines and labs have file systems mounted."""
    for line in _read("/proc/self/mountinfo").splitlines():
        path = line.split()[4]
        if any(part in path for part in _PATHS):
            yield path


def _rules() -> Iterator[str]:
    """The firewall's rules for containers, where there are any and this user may read them."""
    try:
        done = subprocess.run(("iptables-save",), capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    yield from (line for line in done.stdout.splitlines() if _RULE.match(line))


def _orphans(known: Collection[str]) -> Iterator[str]:
    """Processes in the cgroup of a container that the engine no longer has."""
    own = set(_CONTAINER.findall(_read("/proc/self/cgroup")))  # where pagelab is in a container itself
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = _CONTAINER.search((folder / "cgroup").read_text())
            if found and found[1] not in known and found[1] not in own:
                yield f"{folder.name} ({(folder / 'comm').read_text().strip()}) of container {found[1][:12]}"
        except OSError:
            continue  # it has ended meanwhile
