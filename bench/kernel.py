"""Pages on Debian's own kernel, in a virtual machine: with cgroup v2, AppArmor, IPVS and ESP, whatever is here.

Nothing of this machine is changed: the virtual machine runs in a container without a network, on disks in a folder.
"""

from __future__ import annotations

import argparse
import io
import re
import secrets
import shlex
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import docker

from pagelab import owner
from pagelab.build import build_image
from pagelab.daemon import asking, ensure_engine
from pagelab.errors import LabError
from pagelab.images import base_of, provide_images
from pagelab.model import Options
from pagelab.recipes import Recipe, read_cookbook

MACHINE = Recipe("virtual machine", "", Path(__file__).with_name("machine"))
ROOT_SIZE, RESULTS_SIZE = "24G", 64_000_000  # sparse files
SECTOR = 512  # bytes
PYTHON = "3.13"  # of the machine's Debian, which does not package these:
PACKAGES = ("tree-sitter", "tree-sitter-bash")
LONGEST = 3600  # seconds that a block may ask for
USUAL = int(Options().timeout)  # seconds that a block may take that asks for none
_BLOCK = re.compile(r"^(\s*(?:`{3,}(?:console|bash|sh)|<!-- pagelab))(?: \{(.*)\})?$", re.MULTILINE)
_LIMIT = re.compile(r"""\b(timeout|eventually)=(["'])(\d+)\2""")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.kernel", description=__doc__)
    parser.add_argument("pages", nargs="+", help="what pytest is to run there: pages, tests, options after --")
    parser.add_argument("--times", type=int, default=6, help="how much longer blocks may take than they say (6)")
    parser.add_argument("--accel", choices=("tcg", "kvm"), default="tcg", help="emulate (tcg), or use /dev/kvm")
    parser.add_argument("--minutes", type=float, default=60, help="the machine is ended after so many (60)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="put evidence and the console's log there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pagelab-kernel-") as folder:
        try:
            image, client = _prepare(Path(folder), options.pages, options.times)
            _run(client, image, Path(folder), options.accel, options.minutes)
            return _results(Path(folder), options.keep)
        except LabError as error:
            print(error, file=sys.stderr)
            return 69


def _prepare(folder: Path, arguments: list[str], times: int) -> tuple[str, docker.DockerClient]:
    """Write the machine's disks; its image, and the engine that has it."""
    client, book = ensure_engine(print), read_cookbook(Path("snippets/images"))
    labs = provide_images(client, book, print)
    base, _ = base_of(client, book.engine(), print)
    image = build_image(client, MACHINE, base, print)
    print("writing the disks")
    with asking("making the machine's disk"):
        command = ["make-disk", "/disks/root", ROOT_SIZE]
        client.containers.run(image, command, volumes=_shared(folder), labels=_labels(), remove=True)
    for number, tag in enumerate((base, labs.host, labs.registry)):
        with asking(f"saving the image {tag}"), (folder / f"image-{number}").open("wb") as disk:
            disk.writelines(client.api.get_image(tag))
    (folder / "project").write_bytes(_packed(_project(), _packages(folder / "wheels"), arguments, times))
    with (folder / "results").open("wb") as disk:
        disk.truncate(RESULTS_SIZE)
    for path in filter(Path.is_file, folder.iterdir()):  # a disk has whole sectors
        with path.open("r+b") as disk:
            disk.truncate(-(-disk.seek(0, io.SEEK_END) // SECTOR) * SECTOR)
    return image, client


def _shared(folder: Path) -> dict[str, dict[str, str]]:
    return {str(folder): {"bind": "/disks", "mode": "rw"}}


def _labels() -> dict[str, str]:
    """What has the next run of pages remove a container, when this process was killed."""
    return owner.labels(secrets.token_hex(4))


def _project() -> Iterator[Path]:
    """The project's files, those that are not committed yet included."""
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0")
    return (path for name in names if name and (path := Path(name)).is_file())


def _packages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the packages that the machine lacks. Raises LabError."""
    kind = ("--only-binary=:all:", "--no-deps", f"--python-version={PYTHON}", "--platform=manylinux_2_17_x86_64")
    wanted = [f"{name}=={metadata.version(name)}" for name in PACKAGES]
    command = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", *kind, f"-d{folder}")
    done = subprocess.run((*command, *wanted), capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"the packages {' and '.join(wanted)} cannot be had", done.stderr.strip())
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as files:
            yield from ((name, files.read(name)) for name in files.namelist())


def _packed(paths: Iterator[Path], packages: Iterator[tuple[str, bytes]], arguments: list[str], times: int) -> bytes:
    """An archive of the project, with packages, with what pytest is to be told, and with patient pages."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in paths:
            content = path.read_bytes()
            if path.suffix == ".md" and path.parts[0] == "docs":
                content = patient(content.decode(), times).encode()
            _add(archive, archive.gettarinfo(str(path)), content)
        for name, content in packages:
            _add(archive, tarfile.TarInfo(f".packages/{name}"), content)
        _add(archive, tarfile.TarInfo(".arguments"), shlex.join(arguments).encode())
    return packed.getvalue()


def _add(archive: tarfile.TarFile, entry: tarfile.TarInfo, content: bytes) -> None:
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def patient(page: str, times: int) -> str:
    """The page, with time limits so many times as long."""

    def longer(limit: re.Match[str]) -> str:
        return f'{limit[1]}="{min(int(limit[3]) * times, LONGEST)}"'

    def block(found: re.Match[str]) -> str:
        options = found[2] or ""
        named = options if "timeout=" in options else f'{options} timeout="{USUAL}"'.lstrip()
        return f"{found[1]} {{{_LIMIT.sub(longer, named)}}}"

    return _BLOCK.sub(block, page)


def _run(client: docker.DockerClient, image: str, folder: Path, accel: str, minutes: float) -> None:
    """Run the machine until it powers off, and show what its job prints. Raises LabError when it takes too long."""
    print("starting the machine", flush=True)
    devices = ["/dev/kvm:/dev/kvm:rw"] if accel == "kvm" else []
    with asking("running the machine"):
        container = client.containers.run(
            image,
            ["timeout", str(int(minutes * 60)), "start", "tcg,thread=multi" if accel == "tcg" else accel],
            volumes=_shared(folder),
            devices=devices,
            network_mode="none",
            labels=_labels(),
            detach=True,
        )
        try:
            for part in container.logs(stream=True, follow=True):
                print(part.decode(errors="replace").replace("\r", ""), end="", flush=True)
            status = container.wait()["StatusCode"]
        finally:
            container.remove(force=True)
    if status:
        what = f"did not end within {minutes:g} minutes" if status == 124 else f"ended with status {status}"
        raise LabError(f"the virtual machine {what}", _end_of(folder / "console.log"))


def _end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "Its console said last:\n  " + "\n  ".join(lines[-8:])


def _results(folder: Path, keep: Path | None) -> int:
    """The status of pytest in the machine; evidence and console are kept where that was asked for."""
    try:
        with tarfile.open(folder / "results") as archive:
            status = archive.extractfile("status")
            if keep:
                archive.extractall(keep, filter="data")
                (keep / "console.log").write_bytes((folder / "console.log").read_bytes())
            return int(status.read()) if status else 1
    except (tarfile.TarError, KeyError):
        raise LabError("the virtual machine ended without a result", _end_of(folder / "console.log")) from None


if __name__ == "__main__":
    raise SystemExit(main())
