"""What several test folders share."""

from __future__ import annotations

import signal
from collections.abc import Callable

import docker
import pytest

from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.images import LabImages, has_host, provide_images
from pagelab.model import Cluster
from pagelab.nodeimage import NodeSource
from pagelab.recipes import read_cookbook

pytest_plugins = ("pytester",)
BOOK = read_cookbook()

# A shell without job control ignores interrupts for what it puts in the background, and all below inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """The outer Docker Engine, started if need be."""
    return ensure_engine(print)


@pytest.fixture(scope="session")
def lab_images(engine: docker.DockerClient) -> LabImages:
    return provide_images(engine, BOOK, print)


@pytest.fixture(scope="session")
def docker_provider(engine: docker.DockerClient, lab_images: LabImages) -> DockerProvider:
    return DockerProvider(engine, lab_images)


@pytest.fixture(scope="session")
def cluster_provider(engine: docker.DockerClient, lab_images: LabImages) -> DockerProvider:
    """Labs that can have a cluster; where its nodes are not built yet, that takes some minutes."""
    provider = DockerProvider(engine, lab_images, NodeSource(engine, BOOK, print))
    assert provider.lacks_cluster(Cluster()) == ""
    return provider


@pytest.fixture(scope="session")
def provider_of(engine: docker.DockerClient) -> Callable[[str], DockerProvider]:
    """Labs of any engine version. One that `make engines` has not built is skipped: that takes a minute."""

    def provider(version: str) -> DockerProvider:
        if version != BOOK.default and not has_host(engine, BOOK, version):
            pytest.skip(f"the host image of Docker {version} is not here: `make engines` builds it")
        return DockerProvider(engine, provide_images(engine, BOOK, print, version))

    return provider
