"""Labs of nested Docker hosts: each an engine of its own in a container of the outer engine."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from pagelab import owner
from pagelab.cluster import CAPABILITIES as NODE_CAPABILITIES
from pagelab.cluster import VOLUMES as NODE_VOLUMES
from pagelab.cluster import make_cluster
from pagelab.daemon import asking
from pagelab.errors import LabError
from pagelab.hosts import DockerLab, run_on
from pagelab.images import LabImages
from pagelab.interrupt import put_off
from pagelab.kind import KindSource
from pagelab.lab import Lab
from pagelab.model import Cluster
from pagelab.named import NamedCluster
from pagelab.nodeimage import NodeSource

MACHINE = ("KernelVersion", "CgroupVersion", "Architecture", "ServerVersion", "Driver", "NCPU", "SecurityOptions")
READY_LIMIT = 60  # seconds a nested engine may take to answer
REMOVAL_LIMIT = 20.0  # seconds for containers that somebody else removes at the same time

# What a Docker host needs, and no more: the engine's default set, and the right to mount file
# systems and to configure its own network. `--privileged` is neither needed nor asked for.
CAPABILITIES = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID "
    "SETPCAP SETUID SYS_CHROOT SYS_ADMIN NET_ADMIN SYS_PTRACE"
).split()

KVM = "10:232"  # what /dev/kvm is on every Linux: KVM_MINOR in include/linux/miscdevice.h

# Without a way out, an engine that does not find an image in its mirror would look for Docker Hub
# for 12 s; names that lead nowhere let it fail at once.
NOWHERE = dict.fromkeys(("docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"), "127.0.0.1")

# Named as insecure as well, because BuildKit tries TLS on a mirror that is not.
MIRROR = ("--registry-mirror=http://registry:5000", "--insecure-registry=registry:5000")

# Nobody listens there, and the kernel says so at once; the engine's own choice, 8.8.8.8, would take a
# container's resolver 20 s to give up, because a lab's network leads nowhere.
NO_RESOLVER = "172.17.0.1"


class DockerProvider:
    """Makes Docker labs on one outer engine."""

    def __init__(
        self,
        client: docker.DockerClient,
        images: LabImages,
        clusters: NodeSource | NamedCluster | None = None,
        *,
        subnets: str = "10.213",
    ) -> None:
        self.client = client
        self._images = images
        self._nodes = clusters if isinstance(clusters, NodeSource) else None
        self._named = clusters if isinstance(clusters, NamedCluster) else None
        self.phases: dict[str, float] = {}  # seconds that each part of the last cluster's start took
        self._subnets = subnets  # labs get /24 networks in this /16; outside 172.16/12, which they use inside

    def identity(self, cluster: Cluster | None = None) -> str:
        if cluster and self._named:
            return ""  # anything in it may have changed since
        with asking("asking the Docker Engine about itself"):
            info = self.client.info()
        # What pages say rests on these too: the limit of --cpus, whether AppArmor confines, how images are kept.
        machine = ["".join(str(info.get(key, "")).split()) for key in MACHINE]
        nodes = [self._nodes.key()] if cluster and self._nodes else []
        return " ".join([self._images.host, self._images.registry, *nodes, *machine])

    def lacks_cluster(self, cluster: Cluster) -> str:
        if self._named:
            return "it needs a cluster of its own, and this run uses one that somebody named" if cluster.whole else ""
        return self._nodes.lacks() if self._nodes else "clusters are made with the default Docker version only"

    @contextmanager
    def lab(
        self, name: str, hosts: tuple[str, ...] = ("host",), cluster: Cluster | None = None, kvm: bool = False
    ) -> Iterator[Lab]:
        identity = secrets.token_hex(4)
        labels = owner.labels(identity)
        if cluster and self._named:
            self._named.check()  # what does not answer now, nothing is made for, and nothing is removed from
        if cluster and self._nodes:
            with asking(f"starting a lab for {name}"):
                self._nodes.images()  # they may take minutes to build, and disk: nobody is to wait for that as for room
        with self._nodes.room(cluster.nodes) if cluster and self._nodes else nullcontext() as claim:
            try:
                with asking(f"starting a lab for {name}"):
                    lab = self._start(identity, labels, hosts, cluster, kvm)
                if claim:
                    claim.settle()
                yield lab
            finally:
                with put_off(), ExitStack() as all_of:
                    if cluster and self._named:
                        all_of.callback(self._named.leave, identity)
                    all_of.callback(self._remove, identity)

    def _start(
        self, identity: str, labels: dict[str, str], hosts: tuple[str, ...], cluster: Cluster | None, kvm: bool
    ) -> DockerLab:
        made = self._nodes.images() if cluster and self._nodes else None
        images = made.lab if made else self._images
        names = cluster.names if cluster and made else ()
        with put_off():  # what the engine was asked for and nobody waited for would come when all is removed
            network = self._network(f"pagelab-{identity}", labels, for_pods=made is not None).name
            self._container("registry", images.registry, [], identity, labels, network, {})
            own = [name for name in hosts if name not in names]
            started = tuple((name, self._host(name, images.host, identity, labels, network, kvm)) for name in own)
            nodes: tuple[tuple[str, Container], ...] = ()
            if made and not isinstance(self._nodes, KindSource):
                nodes = tuple((name, self._node(name, made.node, identity, labels, network)) for name in names)
        for name, host in started:
            self._await_engine(name, host)
            if kvm:
                run_on(host, "mknod", "-m", "666", "/dev/kvm", "c", *KVM.split(":"))
        facts: tuple[tuple[str, str], ...] = ()
        if cluster and self._named:
            facts = self._named.enter(self.client, started[0][1], identity)
        elif cluster and isinstance(self._nodes, KindSource):
            nodes, facts, self.phases = self._nodes.make(network, cluster, started[0][1])
        elif cluster and made:
            self.phases = make_cluster(nodes, started[0][1], network=cluster.network)
            facts = (("cluster", "kubeadm"), ("kubernetes", made.version), ("nodes", str(len(nodes))))
        trouble = self._named.trouble if cluster and self._named else None
        return DockerLab(self.client, started, images.catalogue, nodes, facts, trouble)

    def _node(self, name: str, image: str, identity: str, labels: dict[str, str], network: str) -> Container:
        """A started container that a cluster's node can be made of."""
        settings = {
            "cap_drop": ["ALL"],
            "cap_add": NODE_CAPABILITIES,
            "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
            "cgroupns": "private",
            "device_cgroup_rules": ["a *:* rwm"],  # what containers in it get, it must have
            "tmpfs": {"/run": "mode=755,exec", "/tmp": "exec"},
            "init": True,
        }
        return self._container(name, image, ["pagelab-node"], identity, labels, network, settings, NODE_VOLUMES)

    def _host(self, name: str, image: str, identity: str, labels: dict[str, str], network: str, kvm: bool) -> Container:
        """A started host with a disk of its own for its engine."""
        volume = self.client.volumes.create(labels=labels)
        settings = {
            "cap_drop": ["ALL"],
            "cap_add": CAPABILITIES,
            "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
            "cgroupns": "private",
            "tmpfs": {"/run": "mode=755"},
            "binds": {volume.name: {"bind": "/var/lib/docker", "mode": "rw"}},
            "extra_hosts": NOWHERE,
            "device_cgroup_rules": [f"c {KVM} rwm"] if kvm else [],
            "init": True,
        }
        command = ["pagelab-host", *MIRROR, f"--dns={NO_RESOLVER}"]
        return self._container(name, image, command, identity, labels, network, settings)

    def _container(
        self,
        name: str,
        image: str,
        command: list[str],
        identity: str,
        labels: dict[str, str],
        network: str,
        settings: dict[str, Any],
        volumes: tuple[str, ...] = (),
    ) -> Container:
        """A started container of the lab, reachable in its network under its name."""
        api = self.client.api
        host_config = api.create_host_config(network_mode=network, **settings)
        if settings:  # the CLI's `systempaths=unconfined`: the engine inside sets /proc/sys/net
            host_config |= {"MaskedPaths": [], "ReadonlyPaths": []}
        made = api.create_container(
            image,
            command or None,
            name=f"pagelab-{identity}-{name}",
            hostname=name,
            labels=labels,
            volumes=list(volumes),
            host_config=host_config,
            networking_config={"EndpointsConfig": {network: api.create_endpoint_config(aliases=[name])}},
        )
        container = self.client.containers.get(made["Id"])
        container.start()
        return container

    def _network(self, name: str, labels: dict[str, str], *, for_pods: bool = False) -> Any:
        """A network without a way out, in the first free subnet of the labs' range.

        One that the engine calls internal drops what Pods on two nodes send each other, whose addresses are not the
        network's. Theirs has no way out because nothing that leaves it can be answered.
        """
        unanswered = {"com.docker.network.bridge.enable_ip_masquerade": "false"} if for_pods else {}
        taken = {
            config.get("Subnet")
            for network in self.client.networks.list()
            for config in (network.attrs.get("IPAM") or {}).get("Config") or []
        }
        for third in range(256):
            subnet = f"{self._subnets}.{third}.0/24"
            if subnet in taken:
                continue
            pool = docker.types.IPAMPool(subnet=subnet)
            try:
                return self.client.networks.create(
                    name,
                    internal=not for_pods,
                    options=unanswered,
                    labels=labels,
                    ipam=docker.types.IPAMConfig(pool_configs=[pool]),
                )
            except APIError as error:
                if "overlap" not in str(error.explanation):
                    raise
        raise LabError(
            f"no free subnet in {self._subnets}.0.0/16 for a lab", "Remove unused networks: docker network prune"
        )

    def _await_engine(self, name: str, host: Container) -> None:
        """Wait until the host's engine and the registry answer."""
        script = (
            f"for i in $(seq {READY_LIMIT * 50}); do "
            "docker version >/dev/null 2>&1 && curl -fso /dev/null http://registry:5000/v2/ && exit 0; "
            "sleep 0.02; done; exit 1"
        )
        status, _ = run_on(host, "timeout", str(READY_LIMIT), "sh", "-c", script)
        if status == 0:
            return
        _, said = run_on(host, "tail", "-n", "6", "/var/log/dockerd.log")
        raise LabError(
            f"the Docker Engine of the lab's host `{name}` did not start within {READY_LIMIT} s",
            f"It said:\n  {said.strip()}",
        )

    def sweep(self) -> tuple[str, ...]:
        """Remove labs whose runner is gone. Labs of living runners, and of others' machines, stay."""
        removed: list[str] = []
        with asking("looking for labs that a killed run left"):
            for identity, labels in self._labs().items():
                if owner.left_over(labels, time.time()):
                    self._remove(identity)
                    removed.append(f"pagelab-{identity}")
        with suppress(LabError):  # a cluster that cannot be asked is the trouble of labs in it, and they will say so
            removed += self._named.sweep() if self._named else ()
        return tuple(removed)

    def _labs(self) -> dict[str, dict[str, str]]:
        """Each lab that has anything on the engine, with its labels.

        kind's nodes cannot carry them: such a cluster is its network's, and without one it is left over.
        """
        nodes = self._containers({"label": owner.KIND})
        alone = {lab: {owner.BORN: "0"} for node in nodes if (lab := owner.lab_of_kind(node.labels))}
        everything: dict[str, Any] = {"label": owner.LAB}
        found: list[dict[str, str]] = [container.labels for container in self._containers(everything)]
        found += [n.attrs["Labels"] for n in self.client.networks.list(filters=everything)]
        found += [v.attrs["Labels"] for v in self.client.volumes.list(filters=everything)]
        return alone | {labels[owner.LAB]: labels for labels in found}

    def _remove(self, identity: str) -> None:
        """Remove every container, network and volume of the lab. Raises LabError."""
        which: dict[str, Any] = {"label": f"{owner.LAB}={identity}"}
        kinds: dict[str, Any] = {"label": f"{owner.KIND}=pagelab-{identity}"}
        with asking("removing a lab"):
            end = time.monotonic() + REMOVAL_LIMIT
            # Networks wait: another run may sweep the same lab, and what kind has just asked for comes late.
            while (found := self._containers(kinds, which)) and time.monotonic() < end:
                for container in found:
                    _gone(container.remove, force=True, v=True)
                time.sleep(0.02)
            for network in self.client.networks.list(filters=which):
                _gone(network.remove)
            for volume in self.client.volumes.list(filters=which):
                _gone(volume.remove, force=True)

    def _containers(self, *filters: dict[str, Any]) -> list[Container]:
        """All that one of the filters finds."""
        listed = (self.client.containers.list(all=True, filters=one, ignore_removed=True) for one in filters)
        return [container for some in listed for container in some]


def _gone(remove: Callable[..., None], **options: bool) -> None:
    """Remove a thing; that somebody else removed it first is as good."""
    try:
        remove(**options)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409 or "already in progress" not in str(error.explanation):
            raise
