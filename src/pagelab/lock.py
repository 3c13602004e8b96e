"""What one process at a time may do on this machine."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pagelab.daemon import state_folder
from pagelab.errors import LabError


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process does what has this name, then keep others from it. Raises LabError.

    The lock is a file of that name beside what is kept between runs; it ends with the process that has it.
    """
    try:
        file = (state_folder() / f"{name}.lock").open("w")
    except OSError as error:
        advice = (
            "If root made it (`sudo -E pagelab setup`), make it yours: sudo chown -R $USER ~/.cache/pagelab\n"
            "  Where your home cannot be written, name another folder: XDG_CACHE_HOME=…"
        )
        raise LabError(f"{error.filename} cannot be written: {error.strerror}", advice) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
