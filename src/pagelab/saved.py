"""A file that is written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path

from pagelab.errors import LabError


def save(path: Path, text: str, what: str) -> None:
    """Write the text in one move, so that a killed run or a full disk leaves the old file or the new one.

    Folders that are missing are made; a file that was there keeps its owner and permissions. `what` is how messages
    name it. Raises LabError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                file.write(text.encode())
                file.close()
                _make_alike(Path(file.name), path)
                os.replace(file.name, path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        advice = "Check that the file and its folder may be written by you, then run again."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = "Free some disk space, then run again."
        raise LabError(f"{what} cannot be written: {error.strerror}", advice) from None


def digest_of(text: str) -> str:
    """What tells a file's text from another one, so that nothing is saved over what somebody else wrote."""
    return hashlib.sha256(text.encode()).hexdigest()


def _make_alike(new: Path, old: Path) -> None:
    """Give the new file the owner and the permissions of the old one, if there is any."""
    try:
        was = old.stat()
    except FileNotFoundError:
        new.chmod(0o644)
        return
    if (was.st_uid, was.st_gid) != (new.stat().st_uid, new.stat().st_gid):
        os.chown(new, was.st_uid, was.st_gid)
    new.chmod(was.st_mode & 0o7777)
