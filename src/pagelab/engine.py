"""Labs of nested Docker hosts: each an engine of its own in a container of the outer engine."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from pagelab import owner
from pagelab.daemon import asking
from pagelab.errors import LabError
from pagelab.images import LabImages
from pagelab.interrupt import put_off
from pagelab.lab import Lab
from pagelab.model import BUILT_HERE, Facts, Image
from pagelab.stream import ExecConnection

HOME = "/root"
ENVIRONMENT = {"HOME": HOME, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
DISK_NEEDED = 50  # MB; with less, a failed command says nothing about its page
READY_LIMIT = 60  # seconds a nested engine may take to answer

# What a Docker host needs, and no more: the engine's default set, and the right to mount file
# systems and to configure its own network. `--privileged` is neither needed nor asked for.
CAPABILITIES = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID "
    "SETPCAP SETUID SYS_CHROOT SYS_ADMIN NET_ADMIN SYS_PTRACE"
).split()

# Without a way out, an engine that does not find an image in its mirror would look for Docker Hub
# for 12 s; names that lead nowhere let it fail at once.
NOWHERE = dict.fromkeys(("docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"), "127.0.0.1")

# Named as insecure as well, because BuildKit tries TLS on a mirror that is not.
MIRROR = ("--registry-mirror=http://registry:5000", "--insecure-registry=registry:5000")

# Nobody listens there, and the kernel says so at once; the engine's own choice, 8.8.8.8, would take a
# container's resolver 20 s to give up, because a lab's network leads nowhere.
NO_RESOLVER = "172.17.0.1"


@dataclass(frozen=True, slots=True)
class DockerLab:
    """Nested Docker hosts in one network, and the registry beside them."""

    client: docker.DockerClient
    hosts: tuple[tuple[str, Container], ...]  # by name; the first is the default
    catalogue: tuple[Image, ...]

    def _host(self, name: str = "") -> Container:
        return dict(self.hosts)[name] if name else self.hosts[0][1]

    def connect(self, argv: tuple[str, ...], host: str = "") -> ExecConnection:
        with asking("starting a shell in the lab"):
            api = self.client.api
            made = api.exec_create(self._host(host).id, list(argv), stdin=True, workdir=HOME, environment=ENVIRONMENT)
            stream: Any = api.exec_start(made["Id"], socket=True)
        return ExecConnection(api, made["Id"], getattr(stream, "_sock", stream))

    def write(self, path: str, content: str, host: str = "") -> None:
        data = content.encode()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for parent in [p for p in reversed(Path(path).parents) if p != Path(".")]:
                folder = tarfile.TarInfo(str(parent))
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(folder)
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime = len(data), int(time.time())
            tar.addfile(entry, io.BytesIO(data))
        with asking(f"writing {path} in the lab"):
            self._host(host).put_archive(HOME, archive.getvalue())

    def facts(self) -> Facts:
        info = json.loads(self._ask("docker", "info", "--format", "{{json .}}"))
        listed = self._ask("docker", "image", "ls", "--digests", "--format", "{{.Repository}}:{{.Tag}} {{.Digest}}")
        details = (
            ("kernel", str(info["KernelVersion"])),
            ("system", str(info["OperatingSystem"])),
            ("storage", str(info["Driver"])),
            ("cgroup", f"v{info['CgroupVersion']}"),
            ("architecture", str(info["Architecture"])),
            ("processor", self._ask("sed", "-n", r"/^model name\s*: /{s///p;q}", "/proc/cpuinfo").strip()),
            ("cores", str(info["NCPU"])),
            ("memory", str(info["MemTotal"])),  # bytes
        )
        named = (line for line in listed.splitlines() if not line.startswith("<none>"))
        images = tuple(self._image(*line.split(" ", 1)) for line in named)
        return Facts("docker", str(info["ServerVersion"]), details, images)

    def _image(self, name: str, digest: str) -> Image:
        """The image with the origin that the registry's catalogue gives its name and digest."""
        for known in self.catalogue:
            if (known.name, known.digest) == (name, digest):
                return known
        return Image(name, digest if digest.startswith("sha256:") else "", BUILT_HERE)

    def _ask(self, *argv: str) -> str:
        with asking(f"asking the lab for `{argv[1]}`"):
            status, output = _run(self._host(), *argv)
        if status != 0:
            raise LabError(f"`{' '.join(argv)}` ended with status {status} in the lab", output)
        return output

    def alive(self) -> str:
        try:
            with asking("looking at the lab"):
                troubles = [trouble for name, host in self.hosts if (trouble := _trouble(name, host))]
        except LabError as error:
            return error.problem
        return "; ".join(troubles)


class DockerProvider:
    """Makes Docker labs on one outer engine."""

    def __init__(self, client: docker.DockerClient, images: LabImages, *, subnets: str = "10.213") -> None:
        self._client = client
        self._images = images
        self._subnets = subnets  # labs get /24 networks in this /16; outside 172.16/12, which they use inside

    def identity(self) -> str:
        with asking("asking the Docker Engine about itself"):
            info = self._client.info()
        machine = (info.get(key, "") for key in ("KernelVersion", "CgroupVersion", "Architecture"))
        return " ".join([self._images.host, self._images.registry, *map(str, machine)])

    @contextmanager
    def lab(self, name: str, hosts: tuple[str, ...] = ("host",)) -> Iterator[Lab]:
        identity = secrets.token_hex(4)
        labels = owner.labels(identity)
        try:
            with asking(f"starting a lab for {name}"):
                lab = self._start(identity, labels, hosts)
            yield lab
        finally:
            with put_off():
                self._remove({"label": f"{owner.LAB}={identity}"})

    def _start(self, identity: str, labels: dict[str, str], hosts: tuple[str, ...]) -> DockerLab:
        with put_off():  # what the engine was asked for and nobody waited for would come when all is removed
            network = self._network(f"pagelab-{identity}", labels)
            self._container("registry", self._images.registry, [], identity, labels, network.name, {})
            started = tuple((name, self._host(name, identity, labels, network.name)) for name in hosts)
        for name, host in started:
            self._await_engine(name, host)
        return DockerLab(self._client, started, self._images.catalogue)

    def _host(self, name: str, identity: str, labels: dict[str, str], network: str) -> Container:
        """A started host with a disk of its own for its engine."""
        volume = self._client.volumes.create(labels=labels)
        settings = {
            "cap_drop": ["ALL"],
            "cap_add": CAPABILITIES,
            "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
            "cgroupns": "private",
            "tmpfs": {"/run": "mode=755"},
            "binds": {volume.name: {"bind": "/var/lib/docker", "mode": "rw"}},
            "extra_hosts": NOWHERE,
            "init": True,
        }
        command = ["pagelab-host", *MIRROR, f"--dns={NO_RESOLVER}"]
        return self._container(name, self._images.host, command, identity, labels, network, settings)

    def _container(
        self,
        name: str,
        image: str,
        command: list[str],
        identity: str,
        labels: dict[str, str],
        network: str,
        settings: dict[str, Any],
    ) -> Container:
        """A started container of the lab, reachable in its network under its name."""
        api = self._client.api
        host_config = api.create_host_config(network_mode=network, **settings)
        if settings:  # the CLI's `systempaths=unconfined`: the engine inside sets /proc/sys/net
            host_config |= {"MaskedPaths": [], "ReadonlyPaths": []}
        made = api.create_container(
            image,
            command or None,
            name=f"pagelab-{identity}-{name}",
            hostname=name,
            labels=labels,
            host_config=host_config,
            networking_config={"EndpointsConfig": {network: api.create_endpoint_config(aliases=[name])}},
        )
        container = self._client.containers.get(made["Id"])
        container.start()
        return container

    def _network(self, name: str, labels: dict[str, str]) -> Any:
        """A network without a way out, in the first free subnet of the labs' range."""
        taken = {
            config.get("Subnet")
            for network in self._client.networks.list()
            for config in (network.attrs.get("IPAM") or {}).get("Config") or []
        }
        for third in range(256):
            subnet = f"{self._subnets}.{third}.0/24"
            if subnet in taken:
                continue
            pool = docker.types.IPAMPool(subnet=subnet)
            try:
                return self._client.networks.create(
                    name, internal=True, labels=labels, ipam=docker.types.IPAMConfig(pool_configs=[pool])
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
        status, _ = _run(host, "timeout", str(READY_LIMIT), "sh", "-c", script)
        if status == 0:
            return
        _, said = _run(host, "tail", "-n", "6", "/var/log/dockerd.log")
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
                    self._remove({"label": f"{owner.LAB}={identity}"})
                    removed.append(f"pagelab-{identity}")
        return tuple(removed)

    def _labs(self) -> dict[str, dict[str, str]]:
        """Each lab that has anything on the engine, with its labels."""
        everything: dict[str, Any] = {"label": owner.LAB}
        found: list[dict[str, str]] = [
            c.labels for c in self._client.containers.list(all=True, filters=everything, ignore_removed=True)
        ]
        found += [n.attrs["Labels"] for n in self._client.networks.list(filters=everything)]
        found += [v.attrs["Labels"] for v in self._client.volumes.list(filters=everything)]
        return {labels[owner.LAB]: labels for labels in found}

    def _remove(self, which: dict[str, Any]) -> None:
        """Remove every container, network and volume with the label. Raises LabError."""
        with asking("removing a lab"):
            for container in self._client.containers.list(all=True, filters=which, ignore_removed=True):
                _gone(container.remove, force=True, v=True)
            for network in self._client.networks.list(filters=which):
                _gone(network.remove)
            for volume in self._client.volumes.list(filters=which):
                _gone(volume.remove, force=True)


def _gone(remove: Callable[..., None], **options: bool) -> None:
    """Remove a thing; that somebody else removed it first is as good."""
    try:
        remove(**options)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409 or "already in progress" not in str(error.explanation):
            raise


def _trouble(name: str, host: Container) -> str:
    """What is wrong with a host, empty when nothing is."""
    host.reload()
    if host.status != "running":
        return f"the lab's host `{name}` is {host.status}"
    status, output = _run(host, "timeout", "10", "docker", "version", "--format", ".")
    if status != 0:
        return f"the Docker Engine of the lab's host `{name}` does not answer: {output.strip()}"
    _, free = _run(host, "df", "--block-size=1M", "--output=avail", "/var/lib/docker")
    megabytes = free.strip().rpartition("\n")[2].strip()  # empty when the question got no answer: then nobody knows
    if megabytes.isdigit() and int(megabytes) < DISK_NEEDED:
        return f"the disk is full: {megabytes} MB are left for the lab's host `{name}`"
    return ""


def _run(container: Container, *argv: str) -> tuple[int, str]:
    """The status and all output of a command in the container."""
    status, output = container.exec_run(list(argv))
    assert isinstance(output, bytes)  # the SDK returns an iterator only when asked to stream
    return int(status or 0), output.decode(errors="replace")
