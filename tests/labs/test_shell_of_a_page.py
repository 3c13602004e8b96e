"""`pagelab shell` at a real pseudo-terminal: what is typed arrives, and nothing is left behind."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from pagelab import owner

PAGE = """```console {#start}
$ mkdir -p a/b && cd a/b
$ greeting=hello; greet() { echo "$greeting $1"; }; export OUT=exported
$ greet page
hello page
```

```console {#more}
$ echo more > later
$ (exit 4)
$ echo never
never
```
"""


class Typist:
    """Somebody at a terminal of 30 lines and 100 columns who runs `pagelab` in it."""

    def __init__(self, *argv: str) -> None:
        self.master, slave = pty.openpty()
        self.resize(30, 100)
        self.before = termios.tcgetattr(self.master)
        opening = ("sh", "-c", ': <"$0"; exec "$@"', os.ttyname(slave), sys.executable, "-m", "pagelab", *argv)
        self.process = subprocess.Popen(opening, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.seen = ""  # not looked at yet
        self.all = ""

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def expect(self, pattern: str, limit: float = 20) -> re.Match[str]:
        """Wait for the pattern in what has not been looked at yet, and forget all up to its end."""
        end = time.monotonic() + limit
        while not (found := re.search(pattern, self.seen)):
            left = end - time.monotonic()
            ready = select.select([self.master], [], [], left)[0] if left > 0 else []
            data = self._read() if ready else b""
            assert data, f"{pattern!r} did not come; seen:\n{self.seen}"
            self._note(data)
        self.seen = self.seen[found.end() :]
        return found

    def _note(self, data: bytes) -> None:
        self.seen += data.decode(errors="replace")
        self.all += data.decode(errors="replace")

    def _read(self) -> bytes:
        try:
            return os.read(self.master, 65536)
        except OSError:
            return b""

    def end(self) -> int:
        """Read to the end; the exit status. An engine that is busy may take its time to remove a lab."""
        end = time.monotonic() + 150
        while (left := end - time.monotonic()) > 0 and select.select([self.master], [], [], left)[0]:
            if not (data := self._read()):
                break
            self._note(data)
        assert time.monotonic() < end, f"it does not end; seen:\n{self.all}"
        return self.process.wait(timeout=60)

    def gone(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        os.close(self.master)


@pytest.fixture(params=["local", "docker"])
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A provider's name, in a folder with a page; afterwards it is checked that nothing of a lab is left."""
    if request.param == "docker":
        request.getfixturevalue("lab_images")
    engine: docker.DockerClient | None = request.getfixturevalue("engine") if request.param == "docker" else None
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "page.md").write_text(PAGE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setenv("TERM", "dumb")  # line editing without escape sequences
    yield str(request.param)
    assert list(scratch.iterdir()) == []
    if engine:
        now = time.time()
        labelled = engine.containers.list(all=True, filters={"label": owner.LAB}, ignore_removed=True)
        assert not [c.name for c in labelled if owner.left_over(c.labels, now)]


@pytest.fixture
def typists() -> Iterator[list[Typist]]:
    started: list[Typist] = []
    yield started
    for typist in started:
        typist.gone()


def test_a_shell_goes_on_where_the_page_stands(provider: str, typists: list[Typist]) -> None:
    typists.append(typist := Typist("shell", "page.md", "--to", "start", "--provider", provider))
    typist.expect(r"\$ greet page")
    typist.expect(r"you are in the lab of page.md, after page.md:4")
    typist.expect(r"a/b[$#] ")
    typist.type('greet "you at $(basename "$PWD") $OUT"; tty; stty size\r')
    typist.expect(r"\nhello you at b exported\r")
    typist.expect(r"\n/dev/pts/\d+\r")
    typist.expect(r"\n30 100\r")
    typist.resize(40, 120)
    os.kill(typist.process.pid, signal.SIGWINCH)
    time.sleep(0.5)
    typist.type("stty size; ls ~; ls ~/.pagelab*\r")
    typist.expect(r"\n40 120\r\na\r\nls: .* No such file")
    typist.type("sleep 300\r")
    time.sleep(0.5)
    typist.type("\x03")
    typist.expect(r"\^C")
    typist.type("sleep 301 & echo started; (exit 130) || echo interrupted\r")
    typist.expect(r"interrupted\r")
    typist.type("exit\r")
    typist.expect("removing the lab")
    assert typist.end() == 0
    assert termios.tcgetattr(typist.master) == typist.before, "the terminal is as it was"
    assert "yours is a new one" not in typist.all
    assert not subprocess.run(["pgrep", "-x", "-f", "sleep 301"], capture_output=True).stdout


def test_a_new_lab_and_ctrl_d(provider: str, typists: list[Typist]) -> None:
    typists.append(typist := Typist("shell", "page.md", "--provider", provider))
    typist.expect(r"before the first step")
    typist.expect(r"[$#] ")
    typist.type("ls -A | wc -l\r")
    typist.expect(r"\n\d+\r\n.*[$#] ")
    typist.type("\x04")
    typist.expect("removing the lab")
    assert typist.end() == 0


def test_a_step_that_fails_is_told_and_can_be_looked_at(provider: str, typists: list[Typist]) -> None:
    typists.append(typist := Typist("shell", "page.md", "--to", "more::3", "--provider", provider))
    typist.expect(r"page.md:10: the page is wrong: exit status 4, expected 0")
    typist.expect(r"yours is a new one on the same host")
    typist.expect(r"[$#] ")
    typist.type("cat a/b/later\r")
    typist.expect(r"\nmore\r")
    typist.type("exit 7\r")
    assert typist.end() == 0


@pytest.mark.parametrize("when", ["you are in the lab", "mkdir -p a/b"])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_who_is_sent_away_leaves_nothing(provider: str, typists: list[Typist], sent: signal.Signals, when: str) -> None:
    typists.append(typist := Typist("shell", "page.md", "--to", "start", "--provider", provider))
    typist.expect(when)
    typist.process.send_signal(sent)
    assert typist.end() == 2
    assert "Traceback" not in typist.seen
    assert termios.tcgetattr(typist.master) == typist.before


def test_ctrl_c_while_the_lab_is_removed_leaves_nothing(provider: str, typists: list[Typist]) -> None:
    typists.append(typist := Typist("shell", "page.md", "--provider", provider))
    typist.expect(r"[$#] ")
    typist.type("exit\r")
    typist.expect("removing the lab")
    typist.process.send_signal(signal.SIGINT)
    assert typist.end() in (0, 2)
    assert "Traceback" not in typist.all


def test_the_shell_is_on_the_host_of_its_step(docker_provider: object, typists: list[Typist], tmp_path: Path) -> None:
    assert docker_provider
    page = tmp_path / "hosts.md"
    page.write_text('---\nlab: {hosts: [one, two]}\n---\n```console {#a host="two"}\n$ cd /tmp\n```\n')
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    typists.append(typist := Typist("shell", str(page), "--to", "a"))
    typist.expect("you are in the lab")
    typist.expect("root@two:/tmp")
    typist.type("exit\r")
    assert typist.end() == 0


def test_the_shell_is_on_the_node_of_its_step(cluster_provider: object, typists: list[Typist], tmp_path: Path) -> None:
    assert cluster_provider
    page = tmp_path / "nodes.md"
    page.write_text('---\nlab: {cluster: {nodes: 1}}\n---\n```console {#a host="node-1"}\n$ cd /tmp\n```\n')
    (tmp_path / "pytest.ini").write_text("[pytest]\npagelab_clusters = built\n")
    typists.append(typist := Typist("shell", str(page), "--to", "a"))
    typist.expect("you are in the lab", limit=300)
    typist.expect("root@node-1:/tmp")
    typist.type("exit\r")
    assert typist.end() == 0
