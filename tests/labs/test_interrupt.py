"""Ctrl-C at any moment of a run: it ends within seconds with status 2, leaves no lab, and keeps what was finished."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import docker
import pytest

from pagelab import interrupt, owner

ROOT = Path(__file__).parents[2]
SOON = 30.0  # seconds; a busy machine takes its time to remove a lab


@pytest.mark.usefixtures("lab_images")
@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("moment", ["start", "step", "end"])
def test_ctrl_c_ends_a_run(engine: docker.DockerClient, tmp_path: Path, moment: str, presses: int) -> None:
    docs = tmp_path / "docs" / "en"
    docs.mkdir(parents=True)
    (docs / "a.md").write_text("```console\n$ echo a\na\n```\n")
    (docs / "b.md").write_text("```console\n$ sleep 30\n```\n")
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.pytest.ini_options]\npagelab_languages = ["en"]\npagelab_images = "{ROOT / "snippets" / "images"}"\n'
    )
    run = subprocess.Popen(
        (sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "docs"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    mine: dict[str, Any] = {"label": f"{owner.RUNNER}={run.pid}:{owner.start_time(str(run.pid))}"}

    def await_(what: str) -> None:
        end = time.monotonic() + 60
        while run.poll() is None and time.monotonic() < end:
            hosts = engine.containers.list(filters=mine, ignore_removed=True)
            finished = (tmp_path / "evidence" / "a.json").exists()
            if {"start": bool(hosts), "end": finished, "step": finished and len(hosts) == 2}[what]:
                return
            time.sleep(0.02)

    try:
        await_(moment)
        time.sleep(1.5 if moment == "step" else 0.0)
        for _ in range(presses):
            run.send_signal(signal.SIGINT)
            time.sleep(0.3)
        output, _ = run.communicate(timeout=SOON)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == 2, output
    assert not engine.containers.list(all=True, filters=mine, ignore_removed=True)
    assert not engine.networks.list(filters=mine)
    assert not engine.volumes.list(filters=mine)
    assert (tmp_path / "evidence" / "a.json").exists() == (moment != "start")
    assert not (tmp_path / "evidence" / "b.json").exists()


def test_a_lost_ctrl_c_is_heard_later() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        interrupt.listen()
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:  # what a library's destructor or callback does
            pass
        with pytest.raises(KeyboardInterrupt):
            interrupt.check()
        interrupt.listen()
        interrupt.check()
    finally:
        signal.signal(signal.SIGINT, before)


def pressed(times: int) -> list[str]:
    """What is done of work that must not stop half-way, when Ctrl-C is pressed so often during it."""
    done: list[str] = []
    with interrupt.put_off():
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
            done.append("on")
        WHOLE.append(done)
    return done


WHOLE: list[list[str]] = []


@pytest.mark.parametrize(("times", "whole"), [(0, True), (1, True), (2, True), (interrupt.MANY, False)])
def test_ctrl_c_waits_for_what_must_not_stop_half_way(times: int, whole: bool) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    WHOLE.clear()
    interrupt.listen()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if times:
            with pytest.raises(KeyboardInterrupt):
                pressed(times)
        else:
            pressed(times)
        assert bool(WHOLE) == whole
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        interrupt.listen()
        signal.signal(signal.SIGINT, before)
