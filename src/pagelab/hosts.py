"""A lab of nested Docker hosts, in use: shells, files, what it says of itself, whether it is well."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from pagelab.daemon import asking
from pagelab.errors import LabError
from pagelab.model import BUILT_HERE, Facts, Image
from pagelab.stream import ExecConnection

HOME = "/root"
ENVIRONMENT = {"HOME": HOME, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
ANSWER_LIMIT = 30  # seconds that the lab may take to say something of itself
TIMED_OUT = 124  # how `timeout` ends when the time was up
DISK_NEEDED = 50  # MB; with less, a failed command says nothing about its page


@dataclass(frozen=True, slots=True)
class DockerLab:
    """Nested Docker hosts in one network, and the registry beside them."""

    client: docker.DockerClient
    hosts: tuple[tuple[str, Container], ...]  # by name; the first is the default
    catalogue: tuple[Image, ...]
    nodes: tuple[tuple[str, Container], ...] = ()  # of its cluster, by name
    cluster: tuple[tuple[str, str], ...] = ()  # what its evidence says of the cluster
    cluster_trouble: Callable[[], str] | None = None  # what is wrong with a cluster that it is only a guest in

    @property
    def guest(self) -> bool:
        return self.cluster_trouble is not None

    def host(self, name: str = "") -> Container:
        """The host or node of that name, the first host without one."""
        return dict((*self.hosts, *self.nodes))[name] if name else self.hosts[0][1]

    def connect(self, argv: tuple[str, ...], host: str = "") -> ExecConnection:
        with asking("starting a shell in the lab"):
            api = self.client.api
            made = api.exec_create(self.host(host).id, list(argv), stdin=True, workdir=HOME, environment=ENVIRONMENT)
            stream: Any = api.exec_start(made["Id"], socket=True)
        return ExecConnection(api, made["Id"], getattr(stream, "_sock", stream))

    def write(self, path: str, content: str, host: str = "") -> None:
        with asking(f"writing {path} in the lab"):
            put_file(self.host(host), path, content)

    def facts(self) -> Facts:
        told = self._ask("docker", "info", "--format", "{{json .}}")
        listed = self._ask("docker", "image", "ls", "--digests", "--format", "{{.Repository}}:{{.Tag}} {{.Digest}}")
        processor = self._ask("sed", "-n", r"/^model name\s*: /{s///p;q}", "/proc/cpuinfo").strip()
        version, details = _read_info(told, processor)
        named = (line for line in listed.splitlines() if not line.startswith("<none>"))
        images = tuple(self._image(*line.split(" ", 1)) for line in named)
        return Facts("docker", version, (*details, *self.cluster), images)

    def _image(self, name: str, digest: str) -> Image:
        """The image with the origin that the registry's catalogue gives its name and digest."""
        for known in self.catalogue:
            if (known.name, known.digest) == (name, digest):
                return known
        return Image(name, digest if digest.startswith("sha256:") else "", BUILT_HERE)

    def _ask(self, *argv: str) -> str:
        """What the command prints, without what it says beside that. Raises LabError."""
        with asking(f"asking the lab for `{argv[1]}`"):
            status, streams = self.host().exec_run(["timeout", str(ANSWER_LIMIT), *argv], demux=True)
        assert isinstance(streams, tuple)  # the SDK separates them when asked to
        output, said = (stream.decode(errors="replace") if stream else "" for stream in streams)
        if status == TIMED_OUT:
            problem = f"`{' '.join(argv)}` did not end within {ANSWER_LIMIT} s in the lab"
            raise LabError(problem, "See why its engine hangs, then run again.")
        if status != 0:
            raise LabError(f"`{' '.join(argv)}` ended with status {status} in the lab", said or output)
        return output

    def alive(self) -> str:
        try:
            with asking("looking at the lab"):
                troubles = [trouble for name, host in self.hosts if (trouble := _trouble(name, host))]
                troubles += [trouble for name, node in self.nodes if (trouble := _ended(name, node))]
        except LabError as error:
            return error.problem
        if self.cluster_trouble and (trouble := self.cluster_trouble()):
            troubles.append(trouble)
        return "; ".join(troubles)


def _read_info(text: str, processor: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The engine's version and machine. Raises LabError: `docker info` ends with 0 where the engine is down, too."""
    try:
        info = json.loads(text)
        details = (
            ("kernel", str(info["KernelVersion"])),
            ("system", str(info["OperatingSystem"])),
            ("storage", str(info["Driver"])),
            ("cgroup", f"v{info['CgroupVersion']}"),
            ("architecture", str(info["Architecture"])),
            ("processor", processor),
            ("cores", str(info["NCPU"])),
            ("memory", str(info["MemTotal"])),  # bytes
        )
        if version := str(info["ServerVersion"]):
            return version, details
    except (ValueError, KeyError, TypeError):
        pass  # it is told below, with the text
    raise LabError("the lab's Docker Engine says nothing of itself", text.strip())


def _ended(name: str, host: Container) -> str:
    """That a host or node no longer runs. Of a node that is all: what runs on it is the page's to stop."""
    host.reload()
    return "" if host.status == "running" else f"the lab's host `{name}` is {host.status}"


def _trouble(name: str, host: Container) -> str:
    """What is wrong with a host, empty when nothing is."""
    if ended := _ended(name, host):
        return ended
    status, output = run_on(host, "timeout", "10", "docker", "version", "--format", ".")
    if status != 0:
        return f"the Docker Engine of the lab's host `{name}` does not answer: {output.strip()}"
    _, free = run_on(host, "df", "--block-size=1M", "--output=avail", "/var/lib/docker")
    megabytes = free.strip().rpartition("\n")[2].strip()  # empty when the question got no answer: then nobody knows
    if megabytes.isdigit() and int(megabytes) < DISK_NEEDED:
        return f"the disk is full: {megabytes} MB are left for the lab's host `{name}`"
    return ""


def put_file(container: Container, path: str, content: str) -> None:
    """Write a text file below the home directory, folders included."""
    _put(container, HOME, path, content.encode(), 0o644)


def put_program(container: Container, name: str, data: bytes) -> None:
    """Give the host a program that is found by its name."""
    _put(container, "/usr/local/bin", name, data, 0o755)


def _put(container: Container, where: str, path: str, data: bytes, mode: int) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for parent in [p for p in reversed(Path(path).parents) if p != Path(".")]:
            folder = tarfile.TarInfo(str(parent))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode, entry.mtime = len(data), mode, int(time.time())
        tar.addfile(entry, io.BytesIO(data))
    container.put_archive(where, archive.getvalue())


def run_on(container: Container, *argv: str) -> tuple[int, str]:
    """The status and all output of a command in the container."""
    status, output = container.exec_run(list(argv))
    assert isinstance(output, bytes)  # the SDK returns an iterator only when asked to stream
    return int(status or 0), output.decode(errors="replace")
