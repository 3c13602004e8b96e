"""Room for clusters: who may start one, who waits for whom, and who need not. Processes really compete."""

from __future__ import annotations

import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

import pytest

from pagelab import room
from pagelab.errors import LabError

# Goes on with each line that it is told, and says how far it has come.
PROCESS = """
import sys
from pathlib import Path
from pagelab import room
from pagelab.errors import LabError
room.MEMINFO, room.LOOK_AGAIN = Path(sys.argv[1]), 0.02
say = lambda text: print(text, flush=True)
sys.stdin.readline()
try:
    with room.room_for(1, Path("/"), say) as claim:
        say("starts")
        sys.stdin.readline()
        claim.settle()
        say("runs")
        sys.stdin.readline()
except LabError as error:
    say(error.problem)
"""

WAITING = "waiting for room for a cluster: {} GB of memory are free, and a cluster of 1 takes 0.9 GB"


class Usage(NamedTuple):
    free: int  # bytes


class Runner(NamedTuple):
    """A process that wants a cluster of one node, which takes 0.9 GB."""

    process: subprocess.Popen[str]

    def go(self) -> None:
        assert self.process.stdin is not None
        print(file=self.process.stdin, flush=True)

    @property
    def output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def says(self) -> str:
        return self.output.readline().strip()


def spoke(runners: list[Runner]) -> list[Runner]:
    """Those that have something to say, once there are any."""
    ready, _, _ = select.select([runner.output for runner in runners], [], [], 10)
    return [runner for runner in runners if runner.output in ready]


@pytest.fixture
def free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Say how many gigabytes this machine has free."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(room, "MEMINFO", tmp_path / "meminfo")

    def say(gigabytes: float) -> None:
        (tmp_path / "new").write_text(f"MemTotal: 4000000 kB\nMemAvailable: {gigabytes * 1e6:.0f} kB\n")
        (tmp_path / "new").rename(tmp_path / "meminfo")

    return say


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Runner]]:
    started: list[Runner] = []

    def one() -> Runner:
        command = (sys.executable, "-c", PROCESS, str(tmp_path / "meminfo"))
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(Runner(process))
        return started[-1]

    yield one
    for runner in started:
        runner.process.kill()
        runner.process.communicate(timeout=10)


def test_of_those_that_start_together_only_as_many_as_there_is_room_for_do(
    free: Callable[[float], None], start: Callable[[], Runner]
) -> None:
    free(2.0)
    runners = [start() for _ in range(5)]
    for runner in runners:
        runner.go()
    said = {runner.process.pid: runner.says() for runner in runners}
    waiting = [runner for runner in runners if said[runner.process.pid] == WAITING.format("0.2")]
    first = [runner for runner in runners if said[runner.process.pid] == "starts"]
    assert (len(first), len(waiting)) == (2, 3)
    free(1.0)  # for one at a time, once these two have ended
    for runner in first:
        runner.process.kill()  # whoever is killed keeps nothing
    while waiting:
        (runner,) = spoke(waiting)
        assert runner.says() == "starts"
        assert room.claims() == ((runner.process.pid, 1),)
        waiting.remove(runner)
        runner.go()
        runner.go()


def test_a_cluster_that_starts_keeps_its_room_until_it_runs(
    free: Callable[[float], None], start: Callable[[], Runner]
) -> None:
    free(1.5)
    one, other = start(), start()
    one.go()
    assert one.says() == "starts"
    other.go()
    assert other.says() == WAITING.format("0.6")
    one.go()
    assert one.says() == "runs"
    assert other.says() == "starts"


def test_where_nobody_is_to_be_waited_for_the_error_comes_at_once(
    free: Callable[[float], None], tmp_path: Path
) -> None:
    free(0.5)
    said: list[str] = []
    with pytest.raises(LabError, match=r"0\.5 GB of memory are free"), room.room_for(1, tmp_path, said.append):
        pass
    free(1.5)
    with (
        room.room_for(1, tmp_path, said.append),
        pytest.raises(LabError, match=r"0\.6 GB of memory are free"),
        room.room_for(1, tmp_path, said.append),  # this process will not end its own first
    ):
        pass
    assert said == []


def test_who_waits_too_long_says_so(
    free: Callable[[float], None], start: Callable[[], Runner], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(1.0)
    other = start()
    other.go()
    assert other.says() == "starts"
    monkeypatch.setattr(room, "WAIT_LIMIT", 0)
    with pytest.raises(LabError, match="also after 0 min of waiting"), room.room_for(1, tmp_path, print):
        pass


def test_a_cluster_that_never_fits_waits_for_nobody(
    free: Callable[[float], None], start: Callable[[], Runner], tmp_path: Path
) -> None:
    free(1.0)
    other = start()
    other.go()
    assert other.says() == "starts"
    wanted = r"this machine has 4\.0 GB of memory, and a cluster of 12 takes 4\.2 GB"
    with pytest.raises(LabError, match=wanted), room.room_for(12, tmp_path, print):
        pass


def test_memory_and_disk_for_a_cluster(
    free: Callable[[float], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(1.1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(40_000_000_000))
    room.check_room(1, tmp_path)
    with pytest.raises(LabError, match=r"1\.1 GB of memory are free, and a cluster of 2 takes 1\.2 GB"):
        room.check_room(2, tmp_path)
    room.check_room(2, tmp_path / "on another machine")
    free(4.0)
    room.check_room(2, tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(4_000_000_000))
    with pytest.raises(LabError, match=r"1\.0 GB of disk are free, and a cluster of 2 takes 3\.0 GB"):
        room.check_room(2, tmp_path, starting=2, clusters=1)
