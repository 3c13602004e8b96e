"""Which processes of this machine belong to a local lab, however they left its shell; and their end."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pagelab import owner

VARIABLE = "PAGELAB_LAB"  # in the environment of everything that a local lab starts: its runner and its directory
LIMIT = 2.0  # seconds that killed processes may take to be gone
_SUBREAPER = 36  # prctl(PR_SET_CHILD_SUBREAPER): orphans below this process become its children

# Loaded before any fork, where a process that forks must not load anything.
_prctl: Callable[[int, int], int] | None = getattr(ctypes.CDLL(None), "prctl", None)


def mark(directory: Path) -> str:
    """The variable's value for the lab of this process in that directory."""
    return f"{owner.labels('')[owner.RUNNER]}:{directory}"


def adopt_orphans() -> None:
    """Make the calling process the parent of whatever below it loses its own, where the kernel can."""
    if _prctl is not None:
        _prctl(_SUBREAPER, 1)


def end_descendants(root: int) -> None:
    """End all processes below that one, but not itself: while it lives it is the parent of every orphan."""
    _end(lambda: _below(root))


def end_all(directory: Path) -> tuple[str, ...]:
    """End all processes of the lab in that directory; what does not end, by number and name."""
    return _end(lambda: (pid for pid, value in _marked() if value == mark(directory)))


def left_behind() -> tuple[str, ...]:
    """Processes that labs of this process started and that still run."""
    mine = owner.labels("")[owner.RUNNER]
    return tuple(_described(pid) for pid, value in _marked() if _runner(value) == mine)


def end_left_over() -> tuple[str, ...]:
    """End processes of labs whose runner is gone; what was ended."""
    names = [_described(pid) for pid, value in _marked() if _orphaned(value)]
    _end(lambda: (pid for pid, value in _marked() if _orphaned(value)))
    return tuple(names)


def _end(find: Callable[[], Iterator[int]]) -> tuple[str, ...]:
    """Kill what is found until nothing is, as it may fork meanwhile; what is left after a while."""
    end = time.monotonic() + LIMIT
    while found := [pid for pid in find() if _alive(pid)]:
        if time.monotonic() > end:
            return tuple(map(_described, found))
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # it has ended, or is somebody else now and will be named
        time.sleep(0.005)
    return ()


def _marked() -> Iterator[tuple[int, str]]:
    """Processes that a local lab started, with the variable's value."""
    start = f"{VARIABLE}=".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended, or belongs to another user
        value = next((v[len(start) :] for v in variables if v.startswith(start)), b"")
        if value and folder.name != str(os.getpid()):
            yield int(folder.name), value.decode(errors="replace")


def _runner(value: str) -> str:
    """The runner in the variable's value: number and start time."""
    return ":".join(value.split(":")[:2])


def _orphaned(value: str) -> bool:
    runner = _runner(value)
    pid = runner.partition(":")[0]
    return pid.isdigit() and owner.start_time(pid) != runner.partition(":")[2]


def _below(root: int) -> Iterator[int]:
    """All descendants of a process."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if (fields := _stat(folder)) is not None:
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    waiting = list(children.get(root, ()))
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, ())


def _alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    fields = _stat(Path(f"/proc/{pid}"))
    return fields is not None and fields[0] != "Z"


def _stat(folder: Path) -> list[str] | None:
    """What the kernel says of a process from its state on; None when there is none such."""
    try:
        return (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def _described(pid: int) -> str:
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        name = "ended meanwhile"
    return f"process {pid} ({name})"
