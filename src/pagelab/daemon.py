"""The outer Docker Engine: the one in reach, else one started here, else one installed and started."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from pagelab.errors import LabError

Say = Callable[[str], None]
START_LIMIT = 60.0  # seconds a starting daemon may take to answer
CALL_LIMIT = 120  # seconds one call to the engine may take


def state_folder() -> Path:
    """Where logs and build results are kept between runs; made if missing."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "pagelab"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def connect() -> docker.DockerClient | None:
    """A client for the engine that the environment names, None if none answers."""
    try:
        client = docker.from_env(timeout=CALL_LIMIT)
        client.ping()
    except (DockerException, requests.RequestException, OSError):
        return None
    return client


def ensure_engine(say: Say) -> docker.DockerClient:
    """A client for a working engine; starts or installs one where that is possible. Raises LabError."""
    if client := connect():
        return client
    if host := os.environ.get("DOCKER_HOST"):
        raise LabError(f"no Docker Engine answers at DOCKER_HOST={host}", "Correct DOCKER_HOST, or unset it.")
    if not shutil.which("dockerd"):
        _install(say)
    return connect() or _start(say)


def _install(say: Say) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LabError(
            "no Docker Engine is running, and none is installed",
            "Install and start Docker Engine 20.10 or newer (docs.docker.com/engine/install), "
            "and let your user reach it (group `docker`).",
        )
    install_packages(("docker.io", "iptables"), say)


def install_packages(names: tuple[str, ...], say: Say) -> None:
    """Install Debian packages, without recommended ones. Raises LabError unless root with apt-get."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LabError(f"{' '.join(names)} is needed", "Install it, or run this once as root on Debian or Ubuntu.")
    say(f"installing {' '.join(names)} with apt-get")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ("apt-get", "-q", "update"),
        ("apt-get", "-q", "-y", "install", "--no-install-recommends", *names),
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            tail = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-8:])
            raise LabError(f"`{' '.join(command)}` ended with status {done.returncode}", tail)


def _start(say: Say) -> docker.DockerClient:
    if os.geteuid() != 0:
        raise LabError("Docker Engine is installed, but not running", "Start it: sudo systemctl start docker")
    if Path("/run/systemd/system").is_dir():
        say("starting Docker Engine: systemctl start docker")
        done = subprocess.run(
            ("systemctl", "start", "docker"), capture_output=True, text=True, timeout=START_LIMIT, check=False
        )
        if done.returncode:
            advice = f"{done.stderr.strip()}\n  See: journalctl -u docker"
            raise LabError("systemctl could not start Docker Engine", advice)
        return _wait(None, "See: journalctl -u docker")
    log = state_folder() / "dockerd.log"
    with log.open("wb") as file:
        daemon = subprocess.Popen(
            ("dockerd",), cwd="/", stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
    say(f"started dockerd, process {daemon.pid}, log in {log}; it stays for the next run (stop it: kill {daemon.pid})")
    return _wait(daemon, f"Its log is {log}.")


def _wait(daemon: subprocess.Popen[bytes] | None, where: str) -> docker.DockerClient:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        if client := connect():
            return client
        if daemon is not None and daemon.poll() is not None:
            raise LabError(f"dockerd ended with status {daemon.returncode} while starting", where)
        time.sleep(0.1)
    raise LabError(f"Docker Engine does not answer after {START_LIMIT:g} s", where)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn any failure to talk to the engine into a LabError that says what was being done."""
    try:
        yield
    except ImageNotFound as error:
        raise LabError(f"{what}: {error.explanation or error}", "Run `pagelab setup` to make the images.") from None
    except APIError as error:
        text = str(error.explanation or error)
        advice = "Look at the engine's log."
        if "no space left" in text:
            advice = "The disk is full: free some space (`docker system df` shows what Docker uses), then run again."
        raise LabError(f"{what}: {text}", advice) from None
    except (DockerException, requests.RequestException, ConnectionError, TimeoutError) as error:
        raise LabError(
            f"{what}: the Docker Engine does not answer ({type(error).__name__})",
            "See whether it still runs (`docker version`), then run again.",
        ) from None
    except OSError as error:
        raise not_the_engines(what, error) from None


def not_the_engines(what: str, error: OSError) -> LabError:
    """What this machine's own files refused while something was done, as an error that says so."""
    where = error.filename2 or error.filename
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "Free some space there, then run again. TMPDIR names another folder for temporary files."
        return LabError(f"{what}: the disk is full: {where or tempfile.gettempdir()}", advice)
    problem = f"{what}: {error.strerror or error}" + (f": {where}" if where else "")
    return LabError(problem, "Correct that, then run again.")
