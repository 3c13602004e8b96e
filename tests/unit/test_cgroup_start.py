"""Hosts and nodes on cgroup v2: how their start scripts make the container's own group fit for groups below it."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from pagelab.recipes import BROUGHT

GROUP = "/sys/fs/cgroup"


def delegation(recipe: str, group: Path) -> str:
    """The part of the start script that is for cgroup v2, for the folder in place of the kernel's."""
    script = (BROUGHT / recipe / "start").read_text()
    begin = script.index(f"if [ -f {GROUP}/cgroup.controllers ]")
    return "set -eu\n" + script[begin : script.index("\nfi\n", begin) + 4].replace(GROUP, str(group))


@pytest.mark.parametrize("recipe", ["host", "node"])
def test_controllers_are_handed_on_when_the_group_is_free_not_only_at_once(recipe: str, tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    (tmp_path / "cgroup.procs").write_text("")
    handed_on = tmp_path / "cgroup.subtree_control"
    handed_on.symlink_to(tmp_path / "free" / "control")  # nothing can be written there while the folder is missing
    freed = threading.Timer(0.2, (tmp_path / "free").mkdir)
    freed.start()
    done = subprocess.run(
        ("sh", "-c", delegation(recipe, tmp_path)), capture_output=True, text=True, timeout=30, check=False
    )
    freed.join()
    assert done.returncode == 0, done.stderr
    assert handed_on.read_text() == "+cpu +memory +pids\n"
