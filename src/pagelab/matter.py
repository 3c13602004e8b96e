"""A page's front matter: its title, and the lab that it asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from pagelab.errors import Location, PageError
from pagelab.model import Cluster
from pagelab.options import read_requirements

CLUSTER = "kubernetes"  # what every step of a page with a cluster requires
MOST_NODES = 5  # each takes up to 500 MB of memory

REGISTRY = "registry"  # what a lab calls its own, beside the page's hosts
_HOST = re.compile(r"[a-z][a-z0-9-]{0,30}")
_SECRET = re.compile(r"[A-Z][A-Z0-9_]*")
_TAKEN = re.compile(r"BASH.*|PATH|HOME|IFS|LANG|LC_.*|PWD|OLDPWD|PS\d|SHELL|SHELLOPTS|TERM|USER|UID|EUID|PAGELAB_.*")


@dataclass(frozen=True, slots=True)
class Matter:
    """What the front matter says."""

    title: str = ""
    runs: bool = True
    hosts: tuple[str, ...] = ("host",)  # and the cluster's nodes
    cluster: Cluster | None = None
    requires: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()  # names of variables of the environment


def read_matter(path: str, lines: list[str]) -> tuple[Matter, int]:
    """The front matter of the page and the index of the first line after it. Raises PageError."""
    if not lines or lines[0].rstrip() != "---":
        return Matter(), 0
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        raise PageError(Location(path, 1), "the front matter is not closed", "End it with a line `---`.")
    matter = _mapping(path, "\n".join(lines[1:end]))
    return _matter(path, lines, str(matter.get("title", "")), matter.get("lab")), end + 1


def _mapping(path: str, text: str) -> dict[str, object]:
    try:
        matter = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise PageError(
            Location(path, line), f"the front matter is not valid YAML: {problem}", "Quote values that contain `: `."
        ) from None
    except (ValueError, AttributeError, RecursionError) as error:  # a value that its type cannot hold: 2024-13-45
        raise PageError(
            Location(path, 1), f"a value in the front matter cannot be read: {error}", "Correct it, or quote it."
        ) from None
    if not isinstance(matter, dict):
        raise PageError(Location(path, 2), "the front matter is not a mapping", "Write `key: value` lines.")
    return matter


def _matter(path: str, lines: list[str], title: str, lab: object) -> Matter:
    if lab in (None, "none"):
        return Matter(title, runs=lab is None)
    where = Location(path, next((n for n, line in enumerate(lines, 1) if line.startswith("lab:")), 1))
    advice = (
        "Leave it out, or write `lab: none`, or `lab: {hosts: [name, name], requires: [swarm], secrets: [NAME], "
        "cluster: {nodes: 2}}`."
    )
    if not isinstance(lab, dict) or not set(lab) <= {"hosts", "requires", "secrets", "cluster"}:
        raise PageError(where, f"unknown lab {lab!r}", advice)
    hosts, requires = lab.get("hosts", ["host"]), lab.get("requires", [])
    if not isinstance(hosts, list) or not hosts or len(set(map(str, hosts))) != len(hosts):
        raise PageError(where, f"hosts must be a list of different names, not {hosts!r}", advice)
    for host in hosts:
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            raise PageError(where, f"{host!r} is no host name", "Use letters, digits and hyphens, as in `host-a`.")
        if host == REGISTRY:
            raise PageError(where, f"`{host}` is the name of the lab's registry", "Call the host something else.")
    if not isinstance(requires, list):
        raise PageError(where, f"requires must be a list, not {requires!r}", advice)
    secrets = _secrets(where, lab.get("secrets", []))
    cluster = _cluster(where, lab["cluster"]) if "cluster" in lab else None
    if cluster and (both := sorted({*hosts} & {*cluster.names})):
        raise PageError(where, f"{both[0]} is the name of a node", "Call the host something else.")
    needs = read_requirements(where, [*requires, *([CLUSTER] if cluster and CLUSTER not in requires else [])])
    names = (*hosts, *(cluster.names if cluster and cluster.whole else ()))
    return Matter(title, True, names, cluster, needs, secrets)


def _cluster(where: Location, wanted: object) -> Cluster:
    advice = f"Write `cluster: {{nodes: 2}}`, 1 to {MOST_NODES}; `network: none` leaves its Pod network to the page."
    if not isinstance(wanted, dict) or not set(wanted) <= {"nodes", "network", "namespace", "unwell"}:
        raise PageError(where, f"unknown cluster {wanted!r}", advice)
    nodes, network = wanted.get("nodes", 1), wanted.get("network", "bridge")
    if isinstance(nodes, bool) or not isinstance(nodes, int) or not 1 <= nodes <= MOST_NODES:
        raise PageError(where, f"a cluster cannot have {nodes!r} nodes", advice)
    if network not in ("bridge", "none"):
        raise PageError(where, f"unknown network {network!r} of a cluster", advice)
    unwell = wanted.get("unwell", [])
    if not isinstance(unwell, list) or not all(isinstance(name, str) and "/" in name for name in unwell):
        problem = f"unwell must be a list of what is not well at the page's end, not {unwell!r}"
        raise PageError(where, problem, "Name each as in `unwell: [deployment/web, pod/broken]`.")
    if (shares := wanted.get("namespace", False)) not in (True, False):
        raise PageError(where, f"namespace is true or false, not {shares!r}", advice)
    return Cluster(nodes, network == "bridge", not shares, tuple(unwell))


def _secrets(where: Location, names: object) -> tuple[str, ...]:
    advice = "Name variables of the environment, as in `lab: {secrets: [REGISTRY_TOKEN]}`; steps write $REGISTRY_TOKEN."
    if not isinstance(names, list) or len(set(map(str, names))) != len(names):
        raise PageError(where, f"secrets must be a list of different names, not {names!r}", advice)
    for name in names:
        if not isinstance(name, str) or not _SECRET.fullmatch(name) or _TAKEN.fullmatch(name):
            raise PageError(where, f"{name!r} cannot be the name of a secret", advice)
    return tuple(names)
