"""Images of earlier recipes, and their programs → removed, when nobody has used them for a week."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docker
from docker.errors import APIError, ImageNotFound

from pagelab.daemon import asking, state_folder
from pagelab.golang import PROGRAMS, program_folder
from pagelab.images import IMAGES
from pagelab.lock import alone

KEPT = timedelta(days=7)  # after an image's last use, whoever used it: several projects may share one engine
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_UNKNOWN = 1  # the year that engines say when they do not know


def remove_superseded(
    client: docker.DockerClient, named: frozenset[str], now: datetime, ours: str = "pagelab"
) -> tuple[str, ...]:
    """Remove images that only earlier recipes name; the tags that were removed.

    Stays: what `named` has, what was used within the last week, what a container uses, and what is not called
    `ours`/name:key, as all images that are built here are. Raises LabError.
    """
    key = re.compile(rf"{re.escape(ours)}/[\w.-]+:[0-9a-f]{{12}}")
    with alone(IMAGES):
        with asking("looking for images of earlier recipes"):
            listed = client.api.images(filters={"reference": f"{ours}/*"})
            in_use = {container.attrs["ImageID"] for container in client.containers.list(all=True, sparse=True)}
        tags = {tag: image["Id"] for image in listed for tag in image["RepoTags"] or () if key.fullmatch(tag)}
        old = [tag for tag, image in tags.items() if tag not in named and image not in in_use]
        return tuple(tag for tag in sorted(old) if _unused(client, tag, now) and _removed(client, tag))


def remove_programs(modules: Iterable[Path], now: datetime) -> tuple[str, ...]:
    """Remove programs of all Go modules but these, where nothing was built from them for a week; the folders' names.

    What a build left that was killed goes as well. Raises LabError.
    """
    named = {program_folder(module) for module in modules}
    with alone(IMAGES):
        here = sorted((state_folder() / PROGRAMS).glob("*"))
        old = [folder for folder in here if folder not in named and now - _last_use(folder) > KEPT]
        for folder in old:
            shutil.rmtree(folder, ignore_errors=True)
    return tuple(folder.name for folder in old if not folder.exists())


def _last_use(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)


def _unused(client: docker.DockerClient, tag: str, now: datetime) -> bool:
    """Whether the image was last used long ago: every use tags it anew, and the engine notes when that was."""
    with asking(f"looking at the image {tag}"):
        try:
            attributes = client.images.get(tag).attrs
        except ImageNotFound:
            return False
    found = _MOMENT.match((attributes.get("Metadata") or {}).get("LastTagTime") or "")
    last = datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else None
    return last is not None and last.year != _UNKNOWN and now - last > KEPT


def _removed(client: docker.DockerClient, tag: str) -> bool:
    """Remove the tag, and its layers unless others need them; not when a container was made of it meanwhile."""
    with asking(f"removing the image {tag}"):
        try:
            client.images.remove(tag)
        except APIError as error:
            if error.status_code in (404, 409):
                return False
            raise
    return True
