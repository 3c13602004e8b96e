"""The `local` provider: a scratch directory on this machine, for documentation that needs no Docker."""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from pagelab import belonging, owner
from pagelab.errors import LabError
from pagelab.interrupt import put_off
from pagelab.lab import Lab
from pagelab.model import Cluster, Facts

BASH = (5, 1)  # the first whose `wait` takes -p, by which a page's shell learns how jobs ended
ADVICE = "Install bash 5.1 or newer, and put it first in PATH."
LOOK_AGAIN = 0.5  # seconds between looks at a silent process, which may have ended with its output still open


@dataclass(frozen=True, slots=True)
class LocalConnection:
    """A process group on this machine."""

    process: subprocess.Popen[bytes]

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended: receive() says so, and status() with what

    def receive(self, timeout: float) -> bytes | None:
        assert self.process.stdout is not None
        end = time.monotonic() + timeout
        while True:
            # Looked at before what it printed, so that nothing of it is lost.
            ended = belonging.ended_with(self.process) is not None
            left = max(end - time.monotonic(), 0.0)
            ready, _, _ = select.select([self.process.stdout], [], [], 0.0 if ended else min(left, LOOK_AGAIN))
            if ready:
                return os.read(self.process.stdout.fileno(), 65536)
            if ended:
                return b""  # something that it started has its output open, and may have it for ever
            if left <= LOOK_AGAIN:
                return None

    def status(self) -> int | None:
        end = time.monotonic() + 1
        while (status := belonging.ended_with(self.process)) is None and time.monotonic() < end:
            time.sleep(0.005)
        return status

    def close(self) -> None:
        belonging.end(self.process, lambda: os.killpg(self.process.pid, signal.SIGKILL))
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass  # unsent input of a process that has ended


@dataclass(slots=True)
class LocalLab:
    """A directory that commands run in; nothing keeps them there."""

    directory: Path
    connections: list[LocalConnection]
    cluster: ClassVar[tuple[tuple[str, str], ...]] = ()
    guest: ClassVar[bool] = False

    def connect(self, argv: tuple[str, ...], host: str = "") -> LocalConnection:  # noqa: ARG002 - there is one
        mark = {belonging.VARIABLE: belonging.mark(self.directory)}
        environment = os.environ | {"LC_ALL": "C.UTF-8", "HOME": str(self.directory), "TERM": "dumb"} | mark
        try:
            process = subprocess.Popen(
                argv,
                cwd=self.directory,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(_begin, belonging.adopter()),
            )
        except OSError as error:
            raise LabError(f"cannot start {argv[0]}: {error.strerror}", ADVICE) from None
        connection = LocalConnection(process)
        self.connections.append(connection)
        return connection

    def write(self, path: str, content: str, host: str = "") -> None:  # noqa: ARG002 - there is one
        target = self.directory / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            advice = "Free some disk space." if full else "See what the page has put there."
            raise LabError(f"cannot write {path}: {error.strerror}", advice) from None

    def end(self) -> tuple[str, ...]:
        """End all that runs in the lab; what does not end, by number and name."""
        # A shell that lives is the parent of all that it ever started; of one that has ended, orphans must be found.
        found = belonging.adopter() and all(belonging.ended_with(one.process) is None for one in self.connections)
        processes = [one.process for one in self.connections if one.process.returncode is None]
        left = tuple(name for each in processes for name in belonging.end_descendants(each.pid))
        for connection in self.connections:
            connection.close()
        left += tuple(belonging.described(each.pid) for each in processes if each.returncode is None)
        return left if found else (*left, *belonging.end_all(self.directory))

    def facts(self) -> Facts:
        kernel = os.uname()
        return Facts("local", details=(("kernel", f"{kernel.sysname} {kernel.release}"),))

    def alive(self) -> str:
        return "" if self.directory.is_dir() else f"the scratch directory {self.directory} was removed"


class LocalProvider:
    """Makes scratch directories. Runs a page's commands as yourself: only for pages that you trust."""

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002 - the interface has it
        return ""  # anything on this machine may have changed since

    def lacks_cluster(self, cluster: Cluster) -> str:  # noqa: ARG002
        return "a scratch directory on this machine is no Kubernetes cluster"

    @contextmanager
    def lab(
        self,
        name: str,
        hosts: tuple[str, ...] = ("host",),
        cluster: Cluster | None = None,  # noqa: ARG002 - `lacks_cluster` has said that there is none
        kvm: bool = False,  # noqa: ARG002 - it has what this machine has
    ) -> Iterator[Lab]:
        if len(hosts) > 1:
            raise LabError(f"{name} needs {len(hosts)} hosts, and this machine is one", "Use the docker provider.")
        _check_bash()
        directory = Path(tempfile.mkdtemp(prefix=owner.folder_prefix()))
        lab = LocalLab(directory, [])
        try:
            yield lab
        finally:
            with put_off():
                left = lab.end()
                shutil.rmtree(directory, ignore_errors=True)
            if left:
                raise LabError(
                    f"the lab of {name} left behind: {', '.join(left)}", "End what is named, then run again."
                )

    def sweep(self) -> tuple[str, ...]:
        """Scratch directories whose process is gone, and the processes that still run for them."""
        removed = []
        for left in Path(tempfile.gettempdir()).glob("pagelab-*"):
            if owner.left_over_folder(left, time.time()):
                shutil.rmtree(left, ignore_errors=True)
                removed.append(str(left))
        return (*(belonging.end_left_over() if removed else ()), *removed)


def _begin(adopt: Callable[[], None] | None) -> None:
    """In the new process: adopt what is left below it, and hear all signals. No shell can trap those ignored before."""
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.SIG_IGN:  # `nohup` ignores one, a shell for its background jobs others
            signal.signal(number, signal.SIG_DFL)
    if adopt:
        adopt()


def _check_bash() -> None:
    """Raise LabError where bash cannot be had, or is too old to say what pages are judged by."""
    ask = ("bash", "-c", 'echo "${BASH_VERSINFO[0]} ${BASH_VERSINFO[1]}"')
    try:
        said = subprocess.run(ask, capture_output=True, text=True, timeout=10, check=False).stdout.split()
    except OSError as error:
        raise LabError(f"cannot start bash: {error.strerror}", ADVICE) from None
    except subprocess.TimeoutExpired:
        raise LabError(
            "bash does not start within 10 s", "See what its BASH_ENV does, or the machine's load."
        ) from None
    if tuple(int(number) for number in said if number.isdecimal()) < BASH:
        raise LabError(f"bash on this machine is of version {'.'.join(said) or 'unknown'}", ADVICE)
