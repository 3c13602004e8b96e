"""The command lines of the measurements: what could not end well is refused before anything is measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench import cluster, mutation, overhead
from pagelab.errors import LabError

Main = Callable[[list[str]], int]
MAINS = [(cluster.main, ()), (overhead.main, ()), (mutation.main, ("--json",))]
NAMES = ["cluster", "overhead", "mutation"]


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts to measure fails the test."""
    monkeypatch.setattr(cluster, "ensure_engine", None)
    monkeypatch.setattr(overhead, "provide", None)
    monkeypatch.setattr(mutation, "recorded_documents", None)


@pytest.mark.parametrize(("main", "before"), MAINS, ids=NAMES)
@pytest.mark.parametrize(
    ("path", "why"),
    [("", "is a folder"), ("missing/result.json", "missing is no folder"), ("file/result.json", "file is no folder")],
)
def test_a_result_that_could_not_be_written_is_refused_at_once(
    main: Main, before: tuple[str, ...], path: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as caught:
        main([*before, str(tmp_path / path)])
    assert caught.value.code == 2
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("main", "options"),
    [
        (cluster.main, "--rounds 0"),
        (cluster.main, "--nodes 0"),
        (cluster.main, "--nodes 6"),
        (overhead.main, "--rounds 0"),
        (overhead.main, "--steps 1"),
    ],
)
def test_numbers_of_which_there_is_no_median_are_refused(
    main: Main, options: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(tmp_path / "result.json"), *options.split()])
    assert caught.value.code == 2
    assert f"argument {options.split()[0]}" in capsys.readouterr().err


def test_a_machine_without_an_engine_is_no_missed_aim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(_: object) -> None:
        raise LabError("no Docker Engine is running", "Start it.")

    monkeypatch.setattr(cluster, "ensure_engine", none)
    assert cluster.main([str(tmp_path / "result.json")]) == 69
    assert capsys.readouterr().err == "no Docker Engine is running\n  Start it.\n"
