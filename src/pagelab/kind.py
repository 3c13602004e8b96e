"""Clusters that kind makes, where it is installed: each in its lab's own network, its nodes called as all labs' are."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from pagelab.belonging import tied
from pagelab.build import has_image, out_of_reach
from pagelab.cluster import await_cluster, kubelets_said
from pagelab.daemon import Say, asking
from pagelab.errors import LabError
from pagelab.hosts import HOME, put_file, put_program, run_on
from pagelab.images import LabImages, mirror_of, provide_images
from pagelab.lock import alone
from pagelab.model import Cluster
from pagelab.nodeimage import ClusterImages, NodeSource
from pagelab.recipes import Cookbook

CREATE_LIMIT = 600  # seconds that kind may take for a cluster
CALL_LIMIT = 60  # seconds for what it only looks up
REGISTRY_LIMIT = 5  # seconds a registry may take to answer
_PIN = re.compile(rb"kindest/node:v[\d.]+@sha256:[0-9a-f]{64}")  # the node image that a kind is made for
_VERSION = re.compile(r"kind (v\S+)")
_PULLS = '[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
# Every image name leads to the lab's registry, and hosts and nodes know each other by their names.
_SETTLE = """set -e
hostname "$1"
echo "$2" >> /etc/hosts
mkdir -p /etc/containerd/certs.d/_default
cat > /etc/containerd/certs.d/_default/hosts.toml << 'END'
server = "http://registry:5000"
[host."http://registry:5000"]
  capabilities = ["pull", "resolve"]
END
"""


def own_clusters(client: docker.DockerClient, book: Cookbook, say: Say, way: str = "", image: str = "") -> NodeSource:
    """Where clusters come from that are made for a page: kind where it can be had, else nodes built here.

    `way` is `kind` or `built` for a project that wants no other; `image` is that of kind's nodes, where not its own.
    """
    kind = KindSource(client, book, say, image=image)
    return kind if way == "kind" or (not way and not kind.missing()) else NodeSource(client, book, say)


@dataclass(slots=True)
class KindSource(NodeSource):
    """Where clusters come from: kind, with a node image that is pinned by its digest."""

    image: str = ""  # empty for the one that the installed kind is made for

    def key(self) -> str:
        try:
            return f"{_version()} {self._pin()}"
        except LabError:
            return ""  # then `lacks` says why

    def missing(self) -> str:
        """Empty where kind works, and its node image is here or in reach, else the reason. Pulls nothing."""
        try:
            image = self._pin()
            _version()
            if has_image(self.client, image):
                return ""
        except LabError as error:
            return error.problem
        reason = out_of_reach(image, REGISTRY_LIMIT)
        return f"{image} cannot be had: {reason}" if reason else ""

    def words(self) -> str:
        return f"kind {_version()}, node image {self._pin()}"

    def _pin(self) -> str:
        found = {program: shutil.which(program) for program in ("kind", "docker")}
        for program, path in found.items():
            if not path:
                raise LabError(f"{program} is not installed", "kind needs the command `docker`: kind.sigs.k8s.io")
        if self.image:
            if "sha256:" not in self.image:
                raise LabError(f"the node image {self.image} is not pinned", "Name it with its digest: NAME@sha256:…")
            return self.image
        with suppress(OSError):
            if pinned := _PIN.search(Path(str(found["kind"])).read_bytes()):
                return pinned[0].decode()
        advice = "Name one in pytest's settings: pagelab_kind_image."
        raise LabError(f"{found['kind']} does not say what its node image is", advice)

    def _provide(self) -> ClusterImages:
        image = self._pin()
        if not has_image(self.client, image):
            self.say(f"pulling {image}")
            with asking(f"pulling kind's node image {image}"):
                self.client.images.pull(image)
        host = provide_images(self.client, self.book, self.say).host
        with alone("nodes"):
            registry, catalogue = mirror_of(self.client, self.book, self.say, with_cluster=True)
        return ClusterImages(LabImages(host, registry, catalogue), image, "")

    def make(self, name: str, cluster: Cluster, desk: Container) -> Made:
        """Make the cluster in the network of that name, and give the host `desk` kubectl and its kubeconfig.

        Raises LabError with kind's last lines, and those of the kubelets.
        """
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="pagelab-kind-") as folder:  # for nobody's kubeconfig to be changed
            create = ("create", "cluster", "--retain", f"--name={name}", f"--kubeconfig={folder}/config", "--config=-")
            try:
                _kind(*create, f"--image={self._pin()}", network=name, said=configuration(cluster), limit=CREATE_LIMIT)
            except LabError as error:
                raise LabError(
                    error.problem, f"{error.advice}\n  {kubelets_said(self._nodes(name, cluster))}"
                ) from None
        nodes = self._nodes(name, cluster)
        with asking("giving the lab a way to its cluster"):
            put_program(desk, "kubectl", _kubectl_of(nodes[0][1]))
            put_file(desk, ".kube/config", _kind("get", "kubeconfig", "--internal", f"--name={name}"))
            self._settle(name, nodes, desk)
        phases = {"kind": round(time.monotonic() - start, 2)} | await_cluster(nodes, desk, network=cluster.network)
        facts = (
            ("cluster", f"kind {_version()}"),
            ("kubernetes", _kubernetes(desk)),
            ("nodes", str(len(nodes))),
            ("node image", self._pin()),
        )
        return nodes, facts, phases

    def _nodes(self, name: str, cluster: Cluster) -> tuple[tuple[str, Container], ...]:
        """Those of the cluster's nodes that there are, by their names in labs."""
        workers = [f"worker{number if number > 1 else ''}" for number in range(1, cluster.nodes)]
        found = []
        for node, kinds in zip(cluster.names, ("control-plane", *workers), strict=True):
            with asking("looking for kind's nodes"), suppress(NotFound):
                found.append((node, self.client.containers.get(f"{name}-{kinds}")))
        return tuple(found)

    def _settle(self, name: str, nodes: tuple[tuple[str, Container], ...], desk: Container) -> None:
        """Have nodes and host know each other by the names that pages use, and nodes pull from the lab's registry."""
        places = [f"{node.attrs['NetworkSettings']['Networks'][name]['IPAddress']} {called}" for called, node in nodes]
        hosts = "\n".join(places)
        for called, node in nodes:
            status, said = run_on(node, "sh", "-c", _SETTLE, "sh", called, hosts)
            if status:
                raise LabError(f"kind's node {called} cannot be made one of the lab's", said.strip())
        run_on(desk, "sh", "-c", 'echo "$1" >> /etc/hosts', "sh", hosts)


Made = tuple[tuple[tuple[str, Container], ...], tuple[tuple[str, str], ...], dict[str, float]]  # nodes, facts, phases


def configuration(cluster: Cluster) -> str:
    """What kind is told of a cluster: names, addresses and roles of nodes as in clusters that are built here. Pure."""
    first, *others = cluster.names
    untainted: dict[str, Any] = {"taints": []} if others else {}  # of a single node kind takes the taint itself
    patches = [("control-plane", "InitConfiguration", {"name": first, **untainted})]
    patches += [("worker", "JoinConfiguration", {"name": name}) for name in others]
    settings: dict[str, Any] = {
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "kind": "Cluster",
        "networking": {
            "podSubnet": "10.244.0.0/16",
            "serviceSubnet": "10.96.0.0/16",
            "kubeProxyMode": "iptables",
            "disableDefaultCNI": not cluster.network,
        },
        "nodes": [
            {"role": role, "kubeadmConfigPatches": [json.dumps({"kind": kind, "nodeRegistration": registration})]}
            for role, kind, registration in patches
        ],
        "kubeadmConfigPatches": [json.dumps({"kind": "KubeletConfiguration", "failCgroupV1": False})],
        "containerdConfigPatches": [_PULLS],
    }
    return json.dumps(settings)


def _version() -> str:
    said = _kind("version")
    if not (found := _VERSION.match(said)):
        raise LabError(f"`kind version` said: {said.strip()}", "Install it anew: kind.sigs.k8s.io")
    return found[1]


def _kubernetes(desk: Container) -> str:
    """The version of the cluster that the host reaches. Raises LabError."""
    status, said = run_on(desk, "env", f"HOME={HOME}", "kubectl", "get", "--raw", "/version")
    if status:
        raise LabError("kind's cluster does not say its version", said.strip())
    return str(json.loads(said)["gitVersion"])


def _kubectl_of(node: Container) -> bytes:
    """The node's own kubectl, of the cluster's version."""
    _, path = run_on(node, "sh", "-c", "readlink -f $(command -v kubectl)")
    stream, _ = node.get_archive(path.strip())
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        program = archive.extractfile(archive.getmembers()[0])
        assert program is not None  # it is a file, as all links to it were followed
        return program.read()


def _kind(*arguments: str, network: str = "", said: str = "", limit: float = CALL_LIMIT) -> str:
    """What kind prints; it ends when this process does. Raises LabError with its last lines."""
    what = f"`kind {' '.join(arguments[:2])}`"
    # Of the engine that labs are on, whatever context of `docker` is in use; in the lab's network, not in kind's own.
    environment = {"DOCKER_CONTEXT": "default", "KIND_EXPERIMENTAL_PROVIDER": "docker"}
    environment |= {"KIND_EXPERIMENTAL_DOCKER_NETWORK": network} if network else {}
    try:
        process = subprocess.Popen(
            ("kind", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
            start_new_session=True,
            preexec_fn=tied(),
        )
    except OSError as error:
        raise LabError(f"kind cannot be started: {error.strerror}", "Install it anew: kind.sigs.k8s.io") from None
    with process:
        try:
            printed, told = process.communicate(said, timeout=limit)
        except subprocess.TimeoutExpired:
            raise LabError(f"{what} did not end within {limit:g} s", "See what else this machine does.") from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)  # with each `docker` that it has started
    if process.returncode:
        tail = "\n  ".join(told.strip().splitlines()[-8:])
        raise LabError(f"{what} ended with status {process.returncode}", f"It said:\n  {tail}")
    return printed
