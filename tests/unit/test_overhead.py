"""The measurement of overhead installs its peers only where it may."""

from pathlib import Path

import pytest

from bench.overhead import main


def test_an_environment_of_others_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = tmp_path / "venv" / "bin"
    theirs.mkdir(parents=True)
    (theirs / "python").touch()
    assert main([str(tmp_path / "result.json"), "--venv", str(tmp_path / "venv")]) == 69
    assert "was not made by this program" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["venv", "bin", "python"]
