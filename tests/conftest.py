"""What several test folders share."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.images import LabImages, provide_images, read_cookbook

pytest_plugins = ("pytester",)
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """The outer Docker Engine, started if need be."""
    return ensure_engine(print)


@pytest.fixture(scope="session")
def lab_images(engine: docker.DockerClient) -> LabImages:
    return provide_images(engine, read_cookbook(ROOT / "snippets" / "images"), print)


@pytest.fixture(scope="session")
def docker_provider(engine: docker.DockerClient, lab_images: LabImages) -> DockerProvider:
    return DockerProvider(engine, lab_images)
