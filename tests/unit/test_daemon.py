"""What fails while the engine is asked: the engine's silence, and what is not the engine's fault."""

from __future__ import annotations

import errno
import tempfile

import pytest
import requests

from pagelab.daemon import asking
from pagelab.errors import LabError

FULL = "No space left on device"


def told(error: BaseException) -> LabError:
    with pytest.raises(LabError) as caught, asking("building the image web"):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OSError(errno.ENOSPC, FULL), f"the disk is full: {tempfile.gettempdir()}"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/there/file"), "the disk is full: /there/file"),
        (OSError(errno.ENOSPC, FULL, "/from", None, "/to"), "the disk is full: /to"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found"), "No usable temporary directory found"),
        (PermissionError(errno.EACCES, "Permission denied", "/there"), "Permission denied: /there"),
        (requests.ConnectionError("refused"), "the Docker Engine does not answer (ConnectionError)"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "the Docker Engine does not answer (BrokenPipeError)"),
        (TimeoutError("timed out"), "the Docker Engine does not answer (TimeoutError)"),
    ],
)
def test_what_failed_is_named(error: OSError, problem: str) -> None:
    assert told(error).problem == f"building the image web: {problem}"


def test_a_full_disk_comes_with_what_to_do() -> None:
    assert "free some space" in told(OSError(errno.ENOSPC, FULL)).advice.lower()
