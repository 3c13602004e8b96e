"""A local lab ends everything that its page started, however it got away, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pagelab import belonging
from pagelab.errors import LabError
from pagelab.lab import Shell
from pagelab.local import LocalLab, LocalProvider
from pagelab.model import Ending
from pagelab.terminal import LocalLine


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    "command",
    [
        "sleep 300 & echo $! > pid",
        "(setsid sh -c 'echo $$ > pid; exec sleep 300' &)",
        '(cd /; env -i setsid sh -c "echo \\$\\$ > $HOME/pid; exec sleep 300" &)',
        "nohup sh -c 'echo $$ > pid; exec sleep 300' > /dev/null 2>&1 & disown",
        "(setsid sh -c 'echo $$ > pid; exec sleep 300' &); sleep 0.3; kill -9 $$",
        "(setsid sh -c 'echo $$ > pid; exec sleep 300' &); sleep 0.3; exit 3",
        "env -i sleep 300 & echo $! > pid; exit 3",
    ],
)
def test_what_a_page_leaves_behind_is_ended(command: str) -> None:
    stranger = subprocess.Popen(("sleep", "300"), start_new_session=True)
    try:
        with LocalProvider().lab("leaves") as lab:
            shell = Shell.open(lab)
            began = time.monotonic()
            shell.run(command, 20)
            assert time.monotonic() - began < 10, "a child that holds the shell's output keeps nobody waiting"
            file = Path(shell_home(lab), "pid")
            end = time.monotonic() + 10
            while not (file.exists() and file.read_text().strip()) and time.monotonic() < end:
                time.sleep(0.02)
            pid = int(file.read_text())
            assert runs(pid)
        assert not runs(pid)
        assert runs(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_shell_that_starts_the_next_as_soon_as_one_ends_is_ended() -> None:
    with LocalProvider().lab("endless") as lab:
        shell = Shell.open(lab)
        shell.run("while :; do sleep 300; done", 0.5)
        began = time.monotonic()
    assert time.monotonic() - began < belonging.LIMIT, "nothing was waited for"


def shell_home(lab: object) -> str:
    return str(lab.directory)  # type: ignore[attr-defined]  # a local lab has one


def test_what_cannot_be_ended_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(belonging, "LIMIT", 0.2)

    def leave() -> None:
        with LocalProvider().lab("stays") as lab:
            Shell.open(lab).run("setsid sleep 4 & sleep 0.2", 10)
            monkeypatch.setattr(os, "kill", lambda _pid, _number: None)

    with pytest.raises(LabError, match=r"the lab of stays left behind: process \d+ \(sleep\)"):
        leave()


def test_processes_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    gone = subprocess.Popen(("true",))
    gone.wait()
    folder = tmp_path / f"pagelab-{gone.pid}-x"
    environment = os.environ | {belonging.VARIABLE: f"{gone.pid}:1:{folder}"}
    left = subprocess.Popen(("sleep", "300"), env=environment)
    mine = subprocess.Popen(("sleep", "300"), env=os.environ | {belonging.VARIABLE: belonging.mark(folder)})
    try:
        time.sleep(0.1)
        assert f"process {left.pid} (sleep)" in belonging.end_left_over()
        assert left.wait(timeout=5) == -9
        assert mine.poll() is None, "its runner lives"
    finally:
        for process in (left, mine):
            process.kill()
            process.wait()


def test_a_number_that_may_be_anothers_by_now_is_not_signalled(monkeypatch: pytest.MonkeyPatch) -> None:
    signalled: list[int] = []
    with LocalProvider().lab("reused") as lab:
        assert isinstance(lab, LocalLab)
        first = lab.connect(("true",))
        assert first.status() == 0
        assert Path(f"/proc/{first.process.pid}").exists(), "its number stays its own until the connection is closed"
        first.close()
        assert not Path(f"/proc/{first.process.pid}").exists()
        monkeypatch.setattr(os, "kill", lambda pid, _number: signalled.append(pid))
        monkeypatch.setattr(os, "killpg", lambda pid, _number: signalled.append(pid))
    assert first.process.pid not in signalled


def refuse(*_: object) -> None:
    raise PermissionError


def test_what_is_another_users_does_not_keep_the_rest_from_being_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `exec sudo …` in the page's shell is: here nothing at all may be signalled."""
    monkeypatch.setattr(belonging, "LIMIT", 0.2)
    processes: list[subprocess.Popen[bytes]] = []

    def leave() -> None:
        with LocalProvider().lab("sudo") as lab:
            assert isinstance(lab, LocalLab)
            processes.append(lab.connect(("sleep", "300")).process)
            processes.append(lab.connect(("sleep", "301")).process)
            monkeypatch.setattr(os, "kill", refuse)
            monkeypatch.setattr(os, "killpg", refuse)

    with pytest.raises(LabError, match=r"left behind: process \d+ \(sleep\), process \d+ \(sleep\)"):
        leave()
    monkeypatch.undo()
    for process in processes:
        process.kill()
        process.wait()


def test_a_terminal_whose_processes_are_another_users_is_closed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(belonging, "LIMIT", 0.2)
    with LocalProvider().lab("sudo") as lab:
        assert isinstance(lab, LocalLab)
        line = LocalLine.start(lab, ("sleep", "300"))
        with monkeypatch.context() as patched:
            patched.setattr(os, "kill", refuse)
            line.close()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(line.master)
        line.process.kill()
        line.process.wait()


def test_a_terminal_that_has_ended_keeps_its_number_until_it_is_closed() -> None:
    with LocalProvider().lab("ended") as lab:
        assert isinstance(lab, LocalLab)
        line = LocalLine.start(lab, ("true",))
        end = time.monotonic() + 10
        while not line.ended() and time.monotonic() < end:
            time.sleep(0.02)
        assert Path(f"/proc/{line.process.pid}").exists()
        line.close()
        assert line.process.returncode == 0


def test_a_shell_ends_also_where_nobody_is_told_of_a_child_s_end() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with LocalProvider().lab("untold") as lab:
            assert Shell.open(lab).run("exit 3", 10).ending is Ending.SHELL_ENDED
    finally:
        signal.signal(signal.SIGCHLD, before)
