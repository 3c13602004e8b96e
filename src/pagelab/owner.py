"""Whose lab is it: labels that tell a living runner's lab from what a killed one left."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import time
from pathlib import Path

STALE_AFTER = 6 * 3600  # seconds after which a lab of a runner that cannot be looked at is left over
LAB, RUNNER, SCOPE, BORN = "pagelab.lab", "pagelab.runner", "pagelab.scope", "pagelab.born"
KIND = "io.x-k8s.kind.cluster"  # of containers that kind made, which bear no other: its value is the lab's full name
_FOLDERS = re.compile(r"pagelab-(?P<scope>[0-9a-f]{8})-(?P<runner>\d+-\d*)-[^-]+")
_KINDS = re.compile(r"pagelab-([0-9a-f]{8})")  # strictly: a cluster that somebody calls so is not a lab's


def labels(lab: str) -> dict[str, str]:
    """The labels of everything that belongs to this process's lab with that name."""
    return {LAB: lab, RUNNER: _runner(), SCOPE: _scope(), BORN: str(int(time.time()))}


def lab_of_kind(found: dict[str, str]) -> str:
    """The lab whose cluster's node kind made with these labels; empty for whatever else there is."""
    named = _KINDS.fullmatch(found.get(KIND, ""))
    return named[1] if named else ""


def left_over(found: dict[str, str], now: float) -> bool:
    """Whether the runner that made the lab is gone, as far as that can be known from here."""
    if found.get(SCOPE) != _scope():
        return now - float(found.get(BORN, now)) > STALE_AFTER
    pid, _, start = found.get(RUNNER, "").partition(":")
    return start_time(pid) != start


def folder_prefix() -> str:
    """How the names of this process's folders begin: where its number means something, and whose they are."""
    return f"pagelab-{_short(_scope())}-{_runner().replace(':', '-')}-"


def left_over_folder(folder: Path, now: float) -> bool:
    """Whether the folder is one of a runner that is gone, as far as that can be known from here."""
    named = _FOLDERS.fullmatch(folder.name)
    try:
        born = folder.stat().st_mtime
    except OSError:
        return False  # somebody else has just removed it
    if not named or not folder.is_dir():
        return False
    scope = _scope() if named["scope"] == _short(_scope()) else ""
    return left_over({SCOPE: scope, RUNNER: named["runner"].replace("-", ":"), BORN: str(born)}, now)


def _short(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:8]


def _runner() -> str:
    """This process, told apart from a later one with the same number by its start time."""
    pid = str(os.getpid())
    return f"{pid}:{start_time(pid)}"


def start_time(pid: str) -> str:
    """When the process started, in clock ticks since boot; empty when it has ended, whoever waits for it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if stat[0] in "ZX" else stat[19]


def _scope() -> str:
    """Where process numbers mean the same: this boot of this machine, this process namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()
