"""`make serve`: one language, and the evidence that its pages link to."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from smalldocs import PROJECT, SmallDocs

PAGE = "storage/volumes"
LIMIT = 60  # seconds until MkDocs answers


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where MkDocs serves a page that was run on two engines, as `make serve` starts it."""
    docs = SmallDocs.make(tmp_path, {PAGE: "# P {#top}\n\n```console {#greet}\n$ echo hello\nhello\n```\n"})
    docs.run()
    docs.run(engine="28.5")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--config-file", "mkdocs.en.yml", "--dev-addr", place]
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src"), "NO_MKDOCS_2_WARNING": "1"}
    server = subprocess.Popen(command, cwd=docs.base, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield f"http://{place}/en/{PAGE}/"
    finally:
        server.terminate()
        server.wait(timeout=20)


def read(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def read_soon(address: str) -> str:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            return read(address)
        except URLError:
            time.sleep(0.1)
    pytest.fail(f"MkDocs does not serve {address} after {LIMIT} s", pytrace=False)


def test_links_to_the_evidence_work(address: str) -> None:
    html = read_soon(address)
    links = {urljoin(address, link) for link in re.findall(r'href="([^"]*evidence/[^"]*\.json)"', html)}
    assert len(links) == 2, "of both engines"
    assert {json.loads(read(link))["document"] for link in links} == {PAGE}
