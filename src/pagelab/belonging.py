"""Which processes of this machine belong to a local lab, however they left its shell; and their end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from pagelab import owner

VARIABLE = "PAGELAB_LAB"  # in the environment of everything that a local lab starts: its runner and its directory
LIMIT = 2.0  # seconds that killed processes may take to be gone
_PDEATHSIG = 1  # prctl(PR_SET_PDEATHSIG)
_SUBREAPER = 36  # prctl(PR_SET_CHILD_SUBREAPER): orphans below this process become its children


def mark(directory: Path) -> str:
    """The variable's value for the lab of this process in that directory."""
    return f"{owner.labels('')[owner.RUNNER]}:{directory}"


def adopter() -> Callable[[], None] | None:
    """What makes the process that calls it the parent of whatever below it loses its own; None where no kernel can."""
    return _prctl(_SUBREAPER, 1)


def tied() -> Callable[[], None] | None:
    """What has the process that calls it killed when its parent ends; None where no kernel can."""
    return _prctl(_PDEATHSIG, signal.SIGKILL)


@cache
def _prctl(option: int, value: int) -> Callable[[], None] | None:
    import ctypes  # only who needs it pays for it, and before it forks

    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    return partial(prctl, option, value) if prctl else None


def ended_with(process: subprocess.Popen[bytes]) -> int | None:
    """How it has ended, as a shell says it; None while it runs.

    Nobody takes note of its end here: only then is its number free for another process, which must not be signalled.
    """
    if process.returncode is None and hasattr(os, "waitid"):
        try:
            found = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:  # who started pagelab ignores SIGCHLD: the kernel has forgotten it
            return process.poll()
        if found is None:
            return None
        return found.si_status if found.si_code == os.CLD_EXITED else 128 + found.si_status
    status = process.poll()
    return 128 - status if status is not None and status < 0 else status


def end(process: subprocess.Popen[bytes], kin: Callable[[], None]) -> None:
    """End the process, what is below it and, by `kin`, its group or session; take note of its end.

    One whose end was noted before may be another one by now, and is left alone.
    """
    if process.returncode is not None:
        return
    orphaned = ended_with(process) is not None
    end_descendants(process.pid)
    try:
        kin()
        process.kill()
    except (ProcessLookupError, PermissionError):
        pass  # nothing of it is left, or it has become another user's
    if orphaned:  # what it left in its group is below it no more, and takes a moment to end
        _end(lambda: _in_group(process.pid))
    try:
        process.wait(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        pass  # it is still there for who asks


def end_descendants(root: int) -> tuple[str, ...]:
    """End all processes below that one, which is only stopped: while it lives it is the parent of every orphan.

    What does not end, by number and name.
    """
    try:
        os.kill(root, signal.SIGSTOP)  # else a loop in it starts the next as soon as one has ended
    except ProcessLookupError:
        pass  # then nothing is below it
    except PermissionError:
        pass  # it has become another user's, and goes on
    return _end(lambda: _below(root))


def end_all(directory: Path) -> tuple[str, ...]:
    """End all processes of the lab in that directory; what does not end, by number and name."""
    return _end(lambda: (pid for pid, value in _marked() if value == mark(directory)))


def end_left_over() -> tuple[str, ...]:
    """End processes of labs whose runner is gone; what was ended."""
    names = [described(pid) for pid, value in _marked() if _orphaned(value)]
    _end(lambda: (pid for pid, value in _marked() if _orphaned(value)))
    return tuple(names)


def _end(find: Callable[[], Iterator[int]]) -> tuple[str, ...]:
    """Kill what is found until nothing is, as it may fork meanwhile; what is left after a while."""
    end = time.monotonic() + LIMIT
    while found := [pid for pid in find() if _alive(pid)]:
        if time.monotonic() > end:
            return tuple(map(described, found))
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
    for pid in _processes():
        variables = _read(pid, "environ")
        if start in variables and pid != os.getpid():
            value = next((v[len(start) :] for v in variables.split(b"\0") if v.startswith(start)), b"")
            yield pid, value.decode(errors="replace")


def _runner(value: str) -> str:
    """The runner in the variable's value: number and start time."""
    return ":".join(value.split(":")[:2])


def _orphaned(value: str) -> bool:
    runner = _runner(value)
    pid = runner.partition(":")[0]
    return pid.isdigit() and owner.start_time(pid) != runner.partition(":")[2]


def _below(root: int) -> Iterator[int]:
    """All descendants of a process."""
    waiting = [root]
    while waiting:
        below = [int(pid) for pid in _read(waiting.pop(), "children").split()]
        yield from below
        waiting += below


def _in_group(group: int) -> Iterator[int]:
    """All processes of the group, its leader included."""
    return (pid for pid in _processes() if _stat(pid)[2:3] == [b"%d" % group])


def _alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] != b"Z"


def described(pid: int) -> str:
    """A process by number and name."""
    return f"process {pid} ({_read(pid, 'comm').decode(errors='replace').strip() or 'ended meanwhile'})"


def _stat(pid: int) -> list[bytes]:
    """What the kernel says of a process from its state on; nothing when there is none such."""
    return _read(pid, "stat").rpartition(b")")[2].split()


def _processes() -> Iterator[int]:
    """All processes that can be seen; none where the system does not show them."""
    names = os.listdir("/proc") if os.path.isdir("/proc") else ()
    return (int(name) for name in names if name.isdecimal())


def _read(pid: int, what: str) -> bytes:
    """What the system says of a process; nothing when it has ended, or is another user's."""
    try:
        with open(f"/proc/{pid}/task/{pid}/{what}", "rb", buffering=0) as file:
            return file.readall()
    except OSError:
        return b""
