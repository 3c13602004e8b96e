"""A lab of Docker hosts without an engine: which container a name means, and what the lab says of a broken host."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from unittest.mock import MagicMock

import pytest

from pagelab.errors import LabError
from pagelab.hosts import DockerLab
from pagelab.terminal import DockerLine

INFO = {
    "KernelVersion": "6.12",
    "OperatingSystem": "Debian",
    "Driver": "overlay2",
    "CgroupVersion": "2",
    "Architecture": "x86_64",
    "NCPU": 2,
    "MemTotal": 1,
    "ServerVersion": "26.1.5",
}
Streams = tuple[bytes | None, bytes | None]


@dataclass
class Host:
    """A container that answers commands with what a test says."""

    id: str
    answer: Callable[[list[str]], tuple[int, Streams]] = lambda _: (0, (None, None))
    asked: list[list[str]] = field(default_factory=list)

    def exec_run(self, argv: list[str], demux: bool = False) -> tuple[int, Streams]:
        assert demux, "what is for people would stand inside of what is read"
        self.asked.append(argv)
        return self.answer(argv)


def lab(host: Host, *nodes: str, client: MagicMock | None = None) -> DockerLab:
    others = tuple((name, Host(f"id-of-{name}")) for name in nodes)
    return DockerLab(client or MagicMock(), (("host", host),), (), others)  # type: ignore[arg-type]  # all that is used


def saying(info: str, status: int = 0, complaint: bytes | None = None) -> Callable[[list[str]], tuple[int, Streams]]:
    return lambda argv: (status, (info.encode(), complaint)) if "info" in argv else (0, (b"", None))


@pytest.mark.parametrize(("name", "which"), [("host", "id-of-host"), ("node-1", "id-of-node-1")])
def test_a_terminal_is_on_the_host_or_node_of_that_name(name: str, which: str) -> None:
    client = MagicMock()
    DockerLine.start(lab(Host("id-of-host"), "node-1", client=client), ("bash",), name)
    assert client.api.exec_create.call_args.args[0] == which


def test_what_a_lab_says_of_itself_is_read_without_the_warnings_beside_it() -> None:
    host = Host("h", saying(json.dumps(INFO), complaint=b"WARNING: no swap limit support\n"))
    assert lab(host).facts().engine == "26.1.5"
    assert all(argv[:2] == ["timeout", "30"] for argv in host.asked), "a hanging engine is not waited for"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (saying('{"ID":"","ServerErrors":["Cannot connect"]}'), "says nothing of itself"),
        (saying(json.dumps(INFO | {"ServerVersion": ""})), "says nothing of itself"),
        (saying("Cannot connect"), "says nothing of itself"),
        (saying("[]"), "says nothing of itself"),
        (saying("", 1, b"Cannot connect"), "ended with status 1 in the lab"),
        (saying("", 124), "did not end within 30 s in the lab"),
    ],
    ids=["down", "empty", "no JSON", "other JSON", "status", "hangs"],
)
def test_an_engine_that_is_down_is_told_of_as_one(
    answer: Callable[[list[str]], tuple[int, Streams]], problem: str
) -> None:
    with pytest.raises(LabError) as caught:
        lab(Host("h", answer)).facts()
    assert problem in caught.value.problem
