"""This machine → findings: what pages need to run here, whether it is there, and how to get it. Changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker

from pagelab.build import out_of_reach
from pagelab.daemon import asking, connect
from pagelab.diagnosis import Diagnosis, Finding, State
from pagelab.errors import LabError
from pagelab.images import has_host, served_by
from pagelab.kind import KindSource
from pagelab.nodeimage import NodeSource, has_cluster
from pagelab.recipes import Cookbook, read_cookbook
from pagelab.requirements import KNOWN, Ask, lacks, parse_requirement
from pagelab.room import free_memory

Info = dict[str, Any]  # what the engine says of itself
SOCKET = "/var/run/docker.sock"
OLDEST_ENGINE = (20, 10)
DISK, MEMORY = 4.0, 0.5  # GB that images and one lab take; less is too little
REGISTRY_LIMIT = 15  # seconds a registry may take to answer
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def diagnose(recipes: Path | None, ask: Ask | None) -> Diagnosis:
    """Look at everything. `ask` asks a lab; without one, what only a lab can tell stays unknown.

    Raises LabError when the engine dies meanwhile.
    """
    client = connect()
    with asking("looking at the engine"):
        info = client.info() if client else None
        checks = (_python(), *_engine(info), *_images(client, recipes), *_tools(), _memory(), _disk(info))
    return Diagnosis(checks, tuple(_requirement(text, ask, info) for text in KNOWN))


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", State.PRESENT, version, needed=True)


def _engine(info: Info | None) -> Iterator[Finding]:
    if info is None:
        yield Finding("Docker Engine", State.ABSENT, *_no_engine(), needed=True)
        return
    version = str(info["ServerVersion"])
    old = _numbers(version) < OLDEST_ENGINE
    advice = "Pages need Docker Engine 20.10 or newer: docs.docker.com/engine/install" if old else ""
    yield Finding("Docker Engine", State.ABSENT if old else State.PRESENT, f"{version}, answers", advice, needed=True)
    yield Finding(
        "kernel", State.PRESENT, f"{info['KernelVersion']}, {info['OperatingSystem']}, {info['Architecture']}"
    )
    yield Finding("cgroup", State.PRESENT, f"v{info['CgroupVersion']}, driver {info['CgroupDriver']}")
    yield Finding("storage driver", State.PRESENT, str(info["Driver"]))


def _no_engine() -> tuple[str, str]:
    """Why no engine answers, and what to do: the same cases that `pagelab setup` knows."""
    if host := os.environ.get("DOCKER_HOST"):
        return f"none answers at DOCKER_HOST={host}", "Correct DOCKER_HOST, or unset it."
    root = os.geteuid() == 0
    if Path(SOCKET).exists() and not os.access(SOCKET, os.W_OK):
        return "it is there, but you may not use it", "Join its group: sudo usermod -aG docker $USER, and log in again."
    if shutil.which("dockerd"):
        how = "`pagelab setup` starts it." if root else "Start it: sudo systemctl start docker"
        return "installed, but none answers", how
    if root and shutil.which("apt-get"):
        return "not installed", "`pagelab setup` installs and starts it."
    return "not installed", "Install Docker Engine 20.10 or newer: docs.docker.com/engine/install"


def _images(client: docker.DockerClient | None, recipes: Path | None) -> Iterator[Finding]:
    """The labs' images, and where new ones would come from."""
    try:
        book = read_cookbook(recipes)
    except LabError as error:
        yield Finding("image recipes", State.ABSENT, error.problem, error.advice, needed=True)
        return
    if client is None:
        yield Finding("lab images", State.UNKNOWN, "no engine to ask")
        return
    registry = _registry(book)
    yield registry
    makeable = registry.state is State.PRESENT or bool(shutil.which("mmdebstrap")) or _may_install()
    yield _lab_images(client, book, makeable)
    yield _other_engines(client, book)
    yield _clusters(client, book)
    yield _kind(client, book)


def _registry(book: Cookbook) -> Finding:
    """Whether the engine reaches the registry of the official images."""
    if reason := out_of_reach(book.engine().official, REGISTRY_LIMIT):
        advice = "None is needed: images of the same names are built from Debian packages."
        return Finding("image registry", State.ABSENT, reason, advice)
    return Finding("image registry", State.PRESENT, "serves the official images")


def _other_engines(client: docker.DockerClient, book: Cookbook) -> Finding:
    """Docker versions that labs can have besides the default; they are made when first asked for."""
    others = [engine.version for engine in book.engines if engine.version != book.default]
    seen = ", ".join(f"{version} ({'ready' if has_host(client, book, version) else 'not made'})" for version in others)
    state = State.PRESENT if seen and "not made" not in seen else State.ABSENT
    return Finding("other engines", state, seen or "no recipes", "A run with one makes it: pagelab run … -- --engine …")


def _clusters(client: docker.DockerClient, book: Cookbook) -> Finding:
    """Whether a lab can have a Kubernetes cluster at once, or after its nodes are built."""
    what = NodeSource(client, book, print).words()
    if has_cluster(client, book):
        return Finding("clusters", State.PRESENT, f"{what} are ready")
    advice = "`pagelab setup --cluster` builds them from their Go modules, and so does the first page that needs one."
    return Finding("clusters", State.ABSENT, f"{what} are not built yet; it takes about 10 minutes, once", advice)


def _kind(client: docker.DockerClient, book: Cookbook) -> Finding:
    """Whether kind can make a lab's cluster, which then needs no nodes that are built here."""
    kind = KindSource(client, book, print)
    if reason := kind.missing():
        return Finding("kind", State.ABSENT, reason, "None is needed: clusters are made of nodes that are built here.")
    return Finding("kind", State.PRESENT, kind.words())


def _lab_images(client: docker.DockerClient, book: Cookbook, makeable: bool) -> Finding:
    served = served_by(client, book)
    if served is None or not has_host(client, book, book.default):
        advice = "`pagelab setup` makes them, and so does the first run; it takes some minutes."
        if not makeable:
            advice = "They need an image registry, or mmdebstrap: install it, then `pagelab setup`."
        return Finding("lab images", State.ABSENT, "not made yet", advice, needed=not makeable)
    names = ", ".join(f"{image.name} ({image.origin})" for image in served)
    return Finding("lab images", State.PRESENT, f"hosts with Docker {book.default}, where pages can pull {names}")


def _tools() -> Iterator[Finding]:
    how = "`pagelab setup` installs it when it is needed." if _may_install() else "Install it with your packages."
    if path := shutil.which("mmdebstrap"):
        yield Finding("mmdebstrap", State.PRESENT, path)
    else:
        yield Finding("mmdebstrap", State.ABSENT, "needed only where no image registry is in reach", how)
    if path := next((found for name in BROWSERS if (found := shutil.which(name))), None):
        yield Finding("chromium", State.PRESENT, path)
    else:
        advice = "`make test` installs it as root; else: apt-get install chromium"
        yield Finding("chromium", State.ABSENT, "needed only for tests of the site", advice)


def _may_install() -> bool:
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def _memory() -> Finding:
    if (free := free_memory()) is None:
        return Finding("memory", State.UNKNOWN, "this system does not say")
    state = State.PRESENT if free >= MEMORY else State.ABSENT
    return Finding(
        "memory", state, f"{free:.1f} GB free, {os.cpu_count()} processors", "End some programs.", needed=True
    )


def _disk(info: Info | None) -> Finding:
    """Free space where the engine keeps images; where that folder is not ours to see, below the root."""
    folder = Path(str(info["DockerRootDir"])) if info else Path("/var/lib/docker")
    try:
        free = shutil.disk_usage(folder if folder.exists() else "/").free / 1e9
    except OSError:
        free = shutil.disk_usage("/").free / 1e9
    state = State.PRESENT if free >= DISK else State.ABSENT
    return Finding("disk", state, f"{free:.1f} GB free", f"Free some: labs and images take {DISK:g} GB.", needed=True)


# What the way in which labs are made rules out; a test holds it against a real lab.
_NOT_IN_LABS = {
    "kubernetes": "the lab is no Kubernetes cluster: its page asks for none",
    "internet": "labs have no way out to the internet",
}
_HOW = {
    "docker": "Ask for another one of the recipes' engines: pagelab run … -- --engine …",
    "swarm": "It needs a kernel with the module vxlan.",
    "kubernetes": "Ask for one in the page's front matter: `lab: {cluster: {nodes: 1}}`.",
    "kvm": "Run where the processor offers hardware virtualisation to Linux, with the module kvm loaded.",
    "gvisor": "Add runsc to the recipe of the host image, and to its engine's runtimes.",
    "cgroup-v2": "Boot with systemd.unified_cgroup_hierarchy=1, or use a newer distribution.",
    "apparmor": "Use a kernel that runs AppArmor, as those of Debian and Ubuntu do.",
    "ipvs": "Load the module ip_vs, where the kernel has it.",
    "ipsec": "Load the module esp4, where the kernel has it.",
    "internet": "Labs are closed on purpose: put what a page needs into an image.",
}


def _requirement(text: str, ask: Ask | None, info: Info | None) -> Finding:
    requirement = parse_requirement(text)
    reason = lacks(requirement, ask) if ask else _without_a_lab(requirement.name, info)
    if reason is None:
        return Finding(text, State.UNKNOWN, "only a lab can tell", "Ask one: pagelab doctor --lab" if info else "")
    if reason:
        return Finding(text, State.ABSENT, reason, _HOW[requirement.name])
    return Finding(text, State.PRESENT, "a lab has it" if ask else "this machine has it, so its labs do")


def _without_a_lab(name: str, info: Info | None) -> str | None:
    """What can be said of labs by looking at the machine; None where nothing can."""
    if name in _NOT_IN_LABS:
        return _NOT_IN_LABS[name]
    if info and name == "cgroup-v2":
        return "" if info["CgroupVersion"] == "2" else "this host has cgroup v1"
    if info and name == "apparmor" and not any("apparmor" in o for o in info["SecurityOptions"] or []):
        return "this host's kernel runs without AppArmor"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("+")[0].split("-")[0].split(".")[:2] if part.isdecimal())
