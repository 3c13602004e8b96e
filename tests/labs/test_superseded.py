"""Images of earlier recipes go; whatever anybody may still need stays. Only images of this test's own are touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import docker
import pytest
from docker.errors import ImageNotFound

from pagelab.images import LabImages, tags_of
from pagelab.recipes import read_cookbook
from pagelab.superseded import KEPT, remove_superseded

OURS = "pagelabtest"
OLD, NAMED, USED = (f"{OURS}/{name}" for name in ("old:00000000000a", "named:00000000000b", "used:00000000000c"))
OTHER = f"{OURS}/other:latest"


@pytest.fixture
def tags(engine: docker.DockerClient, lab_images: LabImages) -> Iterator[docker.DockerClient]:
    """Four images, used just now; a stopped container is made of one of them."""
    for number, tag in enumerate((OLD, NAMED, USED, OTHER)):
        made = engine.containers.create(lab_images.registry)
        made.commit(*tag.split(":"), changes=[f"LABEL number={number}"])
        made.remove()
    user = engine.containers.create(USED)
    try:
        yield engine
    finally:
        user.remove(force=True, v=True)
        for tag in (OLD, NAMED, USED, OTHER):
            with suppress(ImageNotFound):
                engine.images.remove(tag)


def here(engine: docker.DockerClient) -> set[str]:
    return {tag for image in engine.images.list(filters={"reference": f"{OURS}/*"}) for tag in image.tags}


def test_only_what_is_old_unnamed_unused_and_ours_goes(tags: docker.DockerClient) -> None:
    soon, later = datetime.now(UTC) + KEPT - timedelta(hours=1), datetime.now(UTC) + KEPT + timedelta(hours=1)
    named = frozenset({NAMED})
    assert remove_superseded(tags, named, soon, OURS) == ()
    assert here(tags) == {OLD, NAMED, USED, OTHER}, "a week is not over"
    assert remove_superseded(tags, named, later, OURS) == (OLD,)
    assert here(tags) == {NAMED, USED, OTHER}
    assert remove_superseded(tags, named, later, OURS) == ()


def test_a_use_by_anybody_counts(tags: docker.DockerClient) -> None:
    first = tags.images.get(OLD).attrs["Metadata"]["LastTagTime"]
    tags.images.get(OLD).tag(OLD)
    assert tags.images.get(OLD).attrs["Metadata"]["LastTagTime"] > first


def test_what_a_lab_is_made_of_is_named_and_noted_as_used(engine: docker.DockerClient, lab_images: LabImages) -> None:
    for tag in (lab_images.host, lab_images.registry):
        assert tag in tags_of(read_cookbook())
        last = datetime.fromisoformat(engine.images.get(tag).attrs["Metadata"]["LastTagTime"][:19] + "+00:00")
        assert datetime.now(UTC) - last < timedelta(minutes=10)
