"""Room for clusters on this machine: who may start one now, and who waits until others have ended theirs."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO

from pagelab.daemon import Say, asking, state_folder
from pagelab.errors import LabError

MEMINFO = Path("/proc/meminfo")
MEMORY_OF_FIRST, MEMORY_OF_OTHER = 0.9, 0.3  # GB
DISK_OF_NODE = 1.5  # GB
WAIT_LIMIT = 1800.0  # seconds that clusters of other processes may keep one waiting
LOOK_AGAIN, TELL_EVERY = 0.5, 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Claim:
    """A cluster's room, noted in a file that its process keeps locked: one that is killed claims nothing."""

    file: IO[str]  # holds how many nodes are starting: nothing once they run

    def settle(self) -> None:
        """Say that the cluster runs: what it takes is no longer free, and need not be kept for it."""
        self.file.truncate(0)

    def end(self) -> None:
        Path(self.file.name).unlink(missing_ok=True)
        self.file.close()


@contextmanager
def room_for(nodes: int, folder: Path, say: Say) -> Iterator[Claim]:
    """Keep memory and disk for a cluster of so many nodes; `folder` is the engine's.

    Waits while clusters of other processes take the room. Raises LabError where there is none, and nobody to wait for.
    """
    with asking("finding room for a cluster"):
        claim = _wait(nodes, folder, say)
    try:
        yield claim
    finally:
        claim.end()


def check_room(nodes: int, folder: Path, starting: int = 0, clusters: int = 0) -> None:
    """Raise LabError where memory or disk would not do for so many nodes: they would die later, and say less.

    What so many nodes that are starting, in so many clusters, are going to take is not free. `folder` is the engine's:
    of an engine on another machine, nothing is known from here.
    """
    memory = free_memory()
    with suppress(OSError):
        free = (memory or 0) - _memory(starting, clusters)
        if memory is not None and folder.exists() and free < (needed := _memory(nodes, 1)):
            problem = f"{max(free, 0):.1f} GB of memory are free, and a cluster of {nodes} takes {needed:.1f} GB"
            raise LabError(problem, "End some programs, or run fewer documents at once (-n 1).")
    with suppress(OSError):
        room = shutil.disk_usage(folder).free / 1e9 - DISK_OF_NODE * starting
        if room < (needed := DISK_OF_NODE * nodes):
            problem = f"{max(room, 0):.1f} GB of disk are free, and a cluster of {nodes} takes {needed:.1f} GB"
            raise LabError(problem, "Free some: `docker system df` shows what Docker uses.")


def check_size(nodes: int, folder: Path) -> None:
    """Raise LabError where all the memory would not do for so many nodes, whoever else ends. `folder` as above."""
    whole = _memory_line("MemTotal")
    with suppress(OSError):
        if whole is not None and folder.exists() and whole < (needed := _memory(nodes, 1)):
            problem = f"this machine has {whole:.1f} GB of memory, and a cluster of {nodes} takes {needed:.1f} GB"
            raise LabError(problem, "Ask for fewer nodes, or run where there is more memory.")


def free_memory() -> float | None:
    """GB of this machine's memory that programs can still have; None where the system does not say."""
    return _memory_line("MemAvailable")


def _memory_line(name: str) -> float | None:
    """GB, from what the kernel says of its memory; None where it does not."""
    with suppress(OSError, StopIteration, ValueError):
        lines = MEMINFO.read_text().splitlines()
        return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) / 1e6
    return None


def claims() -> tuple[tuple[int, int], ...]:
    """For each cluster that pagelab starts or runs here: its process, and how many of its nodes are starting."""
    found = []
    for path in _folder().glob("*-*"):
        with suppress(FileNotFoundError), path.open("r+") as file:  # it may have ended meanwhile
            if _locked(file):
                path.unlink(missing_ok=True)  # its process was killed
            else:
                found.append((int(path.name.partition("-")[0]), int(file.read() or 0)))
    return tuple(found)


def _wait(nodes: int, folder: Path, say: Say) -> Claim:
    check_size(nodes, folder)
    end, told = time.monotonic() + WAIT_LIMIT, -TELL_EVERY
    while True:
        with (_folder() / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            there = claims()
            starting = [count for _, count in there if count]
            try:
                check_room(nodes, folder, sum(starting), len(starting))
                return _note(nodes)
            except LabError as error:
                lacking = error
        now = time.monotonic()
        if all(process == os.getpid() for process, _ in there):
            raise lacking
        if now >= end:
            raise LabError(f"{lacking.problem}, also after {WAIT_LIMIT / 60:g} min of waiting", lacking.advice)
        if now - told >= TELL_EVERY:
            told = now
            say(f"waiting for room for a cluster: {lacking.problem}")
        time.sleep(LOOK_AGAIN)


def _note(nodes: int) -> Claim:
    file = (_folder() / f"{os.getpid()}-{token_hex(4)}").open("w")
    assert _locked(file)  # only who has the other lock looks at these
    file.write(str(nodes))
    file.flush()
    return Claim(file)


def _locked(file: IO[str]) -> bool:
    """Whether the file is now locked by us, as nobody else has locked it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _memory(nodes: int, clusters: int) -> float:
    return MEMORY_OF_FIRST * clusters + MEMORY_OF_OTHER * (nodes - clusters)


def _folder() -> Path:
    folder = state_folder() / "clusters"
    folder.mkdir(exist_ok=True)
    return folder
