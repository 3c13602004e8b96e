"""Recipe + base → image, called by a key to what it is made of."""

from __future__ import annotations

import hashlib
import re
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import IO

import docker
import requests
from docker.errors import DockerException, ImageNotFound, NotFound

from pagelab.daemon import Say, asking
from pagelab.errors import LabError
from pagelab.golang import programs_of
from pagelab.recipes import Recipe

_STAGE = re.compile(r"^FROM .* AS ([a-z][a-z0-9-]*)\s*$", re.MULTILINE)


def tag_of(recipe: Recipe, base: str, arguments: dict[str, str] | None = None) -> str:
    """What the recipe's image is called: the tag is a key to all that it is made of."""
    return f"pagelab/{recipe.folder.name}:{key_of([base, recipe.key, *(arguments or {}).values()])}"


def build_image(
    client: docker.DockerClient,
    recipe: Recipe,
    base: str,
    say: Say,
    arguments: dict[str, str] | None = None,
    brought: Mapping[str, Path] | None = None,
) -> str:
    """The image built from the recipe's Dockerfile on the base; its tag holds the recipe's key.

    `brought` are further files of its context, by their name there. Raises LabError.
    """
    tag = tag_of(recipe, base, arguments)
    if has_image(client, tag):
        return tag
    programs = {f"bin/{path.name}": path for module in recipe.commands for path in programs_of(module, say).iterdir()}
    say(f"building the image {recipe.name}")
    stages = _STAGE.findall((recipe.folder / "Dockerfile").read_text())
    named = {stage: tag.replace(":", f"-{stage}:") for stage in stages}  # without a name, their layers would stay
    with asking(f"building the image {recipe.name}"), tempfile.TemporaryFile() as context:
        _pack(recipe.folder, {**programs, **(brought or {})}, context)
        for stage, there in named.items():
            _run_build(client, recipe, context, base, arguments or {}, there, stage)
        _run_build(client, recipe, context, base, arguments or {}, tag)
        for there in named.values():
            client.images.remove(there)
    return tag


def _pack(folder: Path, brought: Mapping[str, Path], into: IO[bytes]) -> None:
    """Write what the build may copy from, as an archive: the folder, and files from elsewhere."""
    with tarfile.open(fileobj=into, mode="w") as archive:
        archive.add(folder, ".")
        for name, path in sorted(brought.items()):
            archive.add(path, name)


def _run_build(
    client: docker.DockerClient,
    recipe: Recipe,
    context: IO[bytes],
    base: str,
    arguments: dict[str, str],
    tag: str,
    stage: str | None = None,
) -> None:
    """Build the recipe, or only a stage of it. Raises LabError with the end of the build's log."""
    log: list[str] = []
    context.seek(0)
    steps = client.api.build(
        fileobj=context,
        custom_context=True,
        buildargs={"BASE": base} | arguments,
        network_mode="host",
        rm=True,
        forcerm=True,
        decode=True,
        tag=tag,
        target=stage,
    )
    for event in steps:
        log.append(str(event.get("stream", event.get("error", ""))).rstrip())
        if "error" in event:
            tail = "\n  ".join([line for line in log if line][-8:])
            raise LabError(f"the image {recipe.name} cannot be built from {recipe.folder}", tail)


def has_image(client: docker.DockerClient, tag: str) -> bool:
    """Whether the engine has the image. Raises LabError."""
    with asking(f"looking for the image {tag}"):
        try:
            client.images.get(tag)
        except (ImageNotFound, NotFound):
            return False
    return True


def out_of_reach(reference: str, limit: int) -> str:
    """Empty where a registry serves the image to the engine within so many seconds, else why not. Pulls nothing."""
    try:
        with closing(docker.from_env(timeout=limit)) as client:
            client.api.inspect_distribution(reference)  # type: ignore[no-untyped-call]  # stubs lack its types
    except (DockerException, requests.RequestException) as error:
        return " ".join(str(getattr(error, "explanation", None) or error).split())
    return ""


def key_of(parts: list[str]) -> str:
    """A key of 12 digits."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
