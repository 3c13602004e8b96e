"""A terminal → an interactive process in a lab: bytes both ways, unchanged, until the process ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import docker

from pagelab import belonging
from pagelab.daemon import asking
from pagelab.errors import LabError
from pagelab.hosts import HOME, DockerLab
from pagelab.lab import Lab
from pagelab.local import LocalLab
from pagelab.secret import NONE, Secrets

LOOK_AGAIN = 0.1  # seconds between looks at what no descriptor tells: signals, a silent process that has ended
QUIET = (
    0.02  # seconds without more bytes after which the last word is shown, unless it looks like the start of a secret
)


class Line(Protocol):
    """The far end: a process that believes that it has a terminal."""

    def fileno(self) -> int:
        """What becomes readable when the process printed something or ended."""

    def read(self) -> bytes:
        """What it printed; b"" when it ended."""

    def ended(self) -> bool:
        """Whether it is over although nothing says so: what it left in the background may hold its terminal."""

    def write(self, data: bytes) -> None:
        """Type to it."""

    def resize(self, rows: int, columns: int) -> None:
        """Tell it the size of the window."""

    def close(self) -> None:
        """End it, and what it started on this machine."""


def open_line(lab: Lab, argv: tuple[str, ...], host: str) -> Line:
    """Start an interactive process on a host of the lab, in the session's directory. Raises LabError."""
    if isinstance(lab, DockerLab):
        return DockerLine.start(lab, argv, host)
    if isinstance(lab, LocalLab):
        return LocalLine.start(lab, argv)
    raise LabError(f"a {type(lab).__name__} has no terminals", "Run its pages instead.")


@dataclass(slots=True)
class DockerLine:
    """A process in a lab's host; it ends with the lab."""

    api: docker.APIClient
    exec_id: str
    stream: socket.socket

    @classmethod
    def start(cls, lab: DockerLab, argv: tuple[str, ...], host: str) -> DockerLine:
        environment = {"HOME": HOME, "LC_ALL": "C.UTF-8", "TERM": os.environ.get("TERM", "xterm")}
        with asking("starting a terminal in the lab"):
            api = lab.client.api
            made = api.exec_create(
                lab.host(host).id, list(argv), stdin=True, tty=True, workdir=HOME, environment=environment
            )
            stream: Any = api.exec_start(made["Id"], socket=True, tty=True)
        raw: socket.socket = getattr(stream, "_sock", stream)
        raw.settimeout(None)
        return cls(api, made["Id"], raw)

    def fileno(self) -> int:
        return self.stream.fileno()

    def read(self) -> bytes:
        try:
            return self.stream.recv(65536)
        except OSError:
            return b""  # the engine is gone, and with it the lab

    def ended(self) -> bool:
        return False  # the engine closes the stream

    def write(self, data: bytes) -> None:
        try:
            self.stream.sendall(data)
        except OSError:
            return  # it has ended: read() says so

    def resize(self, rows: int, columns: int) -> None:
        try:
            with asking("resizing the terminal"):
                self.api.exec_resize(self.exec_id, rows, columns)
        except LabError:
            return  # it has just ended; a wrong width is no reason to stop

    def close(self) -> None:
        self.stream.close()


@dataclass(slots=True)
class LocalLine:
    """A process on this machine, in a session of its own that has a pseudo-terminal."""

    master: int
    process: subprocess.Popen[bytes]  # the leader of the session

    @classmethod
    def start(cls, lab: LocalLab, argv: tuple[str, ...]) -> LocalLine:
        master, slave = pty.openpty()
        mark = {belonging.VARIABLE: belonging.mark(lab.directory)}
        environment = os.environ | {"HOME": str(lab.directory), "LC_ALL": "C.UTF-8"} | mark
        # The first terminal that a session's leader opens becomes the one that controls the session.
        opening = ("sh", "-c", ': <"$0"; exec "$@"', os.ttyname(slave), *argv)
        try:
            process = subprocess.Popen(
                opening,
                cwd=lab.directory,
                env=environment,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
                preexec_fn=belonging.adopter(),
            )
        except OSError as error:
            os.close(master)
            raise LabError(f"cannot start a shell: {error.strerror}", "Look at the scratch directory.") from None
        finally:
            os.close(slave)
        return cls(master, process)

    def fileno(self) -> int:
        return self.master

    def read(self) -> bytes:
        try:
            return os.read(self.master, 65536)
        except OSError:
            return b""  # EIO: nothing has the other end open any more

    def ended(self) -> bool:
        return belonging.ended_with(self.process) is not None

    def write(self, data: bytes) -> None:
        try:
            os.write(self.master, data)
        except OSError:
            return  # it has ended: read() says so

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        """End the whole session: jobs of an interactive shell are process groups of their own."""
        belonging.end(self.process, lambda: _end_session(self.process.pid))
        os.close(self.master)


def _end_session(leader: int) -> None:
    for pid in _session_members(leader):
        try:
            os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # it ended by itself, or has become another user's


def _session_members(leader: int) -> list[int]:
    """The processes of the leader's session, the leader included while it lives."""
    members: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text().rpartition(")")[2].split()[3] == str(leader):
                members.append(int(stat.parent.name))
        except OSError:
            continue  # it ended while we looked
    return members


@dataclass(slots=True)
class Leave:
    """Signals that ask to leave. The exception that one raises can get lost in a library; `asked` cannot."""

    asked: bool = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, *_: object) -> None:
        if not self.asked:  # once is enough: a second one must not stop what clears away
            self.asked = True
            raise KeyboardInterrupt


@dataclass(slots=True)
class Screen:
    """A terminal that shows what it is given, but placeholders for secrets; what may be the start of one waits."""

    out: int
    secrets: Secrets
    waiting: bytes = b""

    def show(self, data: bytes) -> None:
        """Take more bytes, none once it was quiet for a moment: then only the clear start of a secret waits on."""
        everything = self.waiting + data
        kept = self.secrets.held_back(everything, moment=bool(data)) if self.secrets.values else 0
        self.waiting = everything[len(everything) - kept :]
        _write_all(self.out, self.secrets.hide(everything[: len(everything) - kept], edges=False))

    def end(self) -> None:
        """Show what waits: nothing more comes."""
        _write_all(self.out, self.secrets.hide(self.waiting))
        self.waiting = b""


def converse(line: Line, near: int, out: int, leave: Leave, secrets: Secrets = NONE) -> None:
    """Connect the terminal `near` (with its output `out`) and the line until the line's process ends.

    What it prints is shown with placeholders for secrets. Raises KeyboardInterrupt when a signal asks to leave.
    """
    screen = Screen(out, secrets)
    with _raw(near), _resized() as news:
        while True:
            if leave.asked:
                raise KeyboardInterrupt
            if news:
                news.clear()
                size = os.get_terminal_size(near)
                if size.lines and size.columns:
                    line.resize(size.lines, size.columns)
            ready, _, _ = select.select([near, line.fileno()], [], [], QUIET if screen.waiting else LOOK_AGAIN)
            if line.fileno() not in ready:
                screen.show(b"")
            if (not ready and line.ended()) or (line.fileno() in ready and not (data := line.read())):
                screen.end()
                return
            if line.fileno() in ready:
                screen.show(data)
            if near in ready:
                typed = os.read(near, 4096)
                if not typed:
                    return  # the terminal is gone
                line.write(typed)


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    """Every key goes to the far end, Ctrl-C included; afterwards the terminal is as it was."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _resized() -> Iterator[list[int]]:
    """A list that is not empty at first, and whenever the window's size has changed."""
    news = [signal.SIGWINCH.value]
    before = signal.signal(signal.SIGWINCH, lambda number, _: news.append(number))
    try:
        yield news
    finally:
        signal.signal(signal.SIGWINCH, before)


def _write_all(out: int, data: bytes) -> None:
    while data:
        data = data[os.write(out, data) :]
