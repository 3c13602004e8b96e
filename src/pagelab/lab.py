"""What a lab is to the rest: shells to run commands in, facts for the evidence, and a certain end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Protocol

from pagelab.errors import LabError
from pagelab.model import Cluster, Ending, Facts, Observation
from pagelab.secret import NONE, Secrets
from pagelab.shell import ARGV, Reader, driver, frame

OUTPUT_LIMIT = 1_000_000  # bytes of one command's output; more is a failure, not a record


class Connection(Protocol):
    """A running process in a lab, with its standard streams."""

    def send(self, data: bytes) -> None:
        """Write to its standard input. When it is gone that does nothing: `receive` says so, and `status` with what."""

    def receive(self, timeout: float) -> bytes | None:
        """Bytes it printed; b"" when it ended; None when `timeout` seconds passed without any."""

    def status(self) -> int | None:
        """Its exit status, None while it runs or when nobody knows."""

    def close(self) -> None:
        """Let go of it. What of it still runs, and what it started, ends with that or with the lab."""


class Lab(Protocol):
    """A throwaway environment, made for one document."""

    @property
    def cluster(self) -> tuple[tuple[str, str], ...]:
        """What the evidence says of the cluster that it was made with; empty without one."""

    @property
    def guest(self) -> bool:
        """Whether that cluster is somebody's, of which the lab has a namespace only."""

    def connect(self, argv: tuple[str, ...], host: str = "") -> Connection:
        """Start a process in the session's directory on that host, the first by default. Raises LabError."""

    def write(self, path: str, content: str, host: str = "") -> None:
        """Put a text file below the session's directory on that host, folders included. Raises LabError."""

    def facts(self) -> Facts:
        """What the evidence says of this lab. Raises LabError."""

    def alive(self) -> str:
        """Empty while the lab works, else what is wrong with it."""


class Provider(Protocol):
    """Makes labs, and clears away what a killed run left."""

    def identity(self, cluster: Cluster | None = None) -> str:
        """The same for labs in which a page behaves the same; empty when that cannot be known. Raises LabError."""

    def lacks_cluster(self, cluster: Cluster) -> str:
        """Empty where labs can have such a cluster, else the reason in words. May take minutes, once."""

    def lab(
        self, name: str, hosts: tuple[str, ...] = ("host",), cluster: Cluster | None = None, kvm: bool = False
    ) -> AbstractContextManager[Lab]:
        """A lab with these hosts, and that cluster, gone after the block, whatever happened in it. Raises LabError.

        With `kvm`, its hosts have /dev/kvm, whether or not anything answers there.
        """

    def sweep(self) -> tuple[str, ...]:
        """Remove what dead runs left behind; the names of what was removed. Raises LabError."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The provider of a machine that can have no labs: every lab is the error that says why."""

    error: LabError

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002 - as all others below
        return ""

    def lacks_cluster(self, cluster: Cluster) -> str:  # noqa: ARG002
        return ""

    def lab(
        self,
        name: str,  # noqa: ARG002
        hosts: tuple[str, ...] = ("host",),  # noqa: ARG002
        cluster: Cluster | None = None,  # noqa: ARG002
        kvm: bool = False,  # noqa: ARG002
    ) -> AbstractContextManager[Lab]:
        raise LabError(self.error.problem, self.error.advice)

    def sweep(self) -> tuple[str, ...]:
        return ()


def ask(lab: Lab, argv: tuple[str, ...], timeout: float = 30.0, host: str = "") -> tuple[int, str]:
    """The exit status and output of a command outside of the page's session; 127 when there is none such.

    Raises LabError when it does not end in time.
    """
    connection = lab.connect(("sh", "-c", 'exec "$@" </dev/null 2>&1', "sh", *argv), host)
    output, end = b"", time.monotonic() + timeout
    try:
        while data := connection.receive(max(end - time.monotonic(), 0.0)):
            output += data
        status = connection.status() if data == b"" else None
    finally:
        connection.close()
    if status is None:
        raise LabError(f"`{' '.join(argv)}` did not end within {timeout:g} s in the lab", "Run again.")
    return status, output.decode(errors="replace")


@dataclass(slots=True)
class Shell:
    """One bash that lives as long as the page's session. What it prints is seen without the secrets that it has."""

    connection: Connection
    reader: Reader
    clock: Callable[[], float] = time.monotonic
    secrets: Secrets = NONE

    @classmethod
    def open(cls, lab: Lab, host: str = "", secrets: Secrets = NONE) -> Shell:
        nonce = token_hex(8)
        shell = cls(lab.connect(ARGV, host), Reader(nonce, OUTPUT_LIMIT), secrets=secrets)
        shell.connection.send(driver(nonce, secrets.values))
        return shell

    def run(self, command: str, timeout: float) -> Observation:
        """Run one command to its end or its time limit. Only after Ending.RETURNED is there a next one."""
        seen = self._run(command, timeout)
        return _hidden(seen, self.secrets) if self.secrets.values else seen

    def _run(self, command: str, timeout: float) -> Observation:
        reader = self.reader
        start = self.clock()
        self.connection.send(frame(command))
        while True:
            left = start + timeout - self.clock()
            data = self.connection.receive(max(left, 0.0)) if left > 0 else None
            if data is None:
                return reader.observation(self.clock() - start, Ending.TIMEOUT)
            if data == b"":
                return reader.observation(self.clock() - start, Ending.SHELL_ENDED, self.connection.status())
            if reader.feed(data):
                return reader.observation(self.clock() - start)


def _hidden(seen: Observation, secrets: Secrets) -> Observation:
    """What was seen, with placeholders for the values of secrets."""
    failures = tuple(replace(failure, command=secrets.hide_text(failure.command)) for failure in seen.failures)
    jobs = tuple(map(secrets.hide_text, seen.jobs))
    return replace(seen, output=secrets.hide(seen.output), failures=failures, jobs=jobs)
