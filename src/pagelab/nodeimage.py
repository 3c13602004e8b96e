"""Images of a cluster whose nodes are built here: its node, its registry, and the host where its pages run."""

from __future__ import annotations

import re
import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import docker

from pagelab.build import build_image, has_image, tag_of
from pagelab.daemon import CALL_LIMIT, Say, asking
from pagelab.errors import LabError
from pagelab.images import (
    OFFICIAL,
    PACKAGES,
    LabImages,
    base_here,
    base_of,
    base_tag,
    engine_argument,
    mirror_of,
    note_use,
)
from pagelab.lock import alone
from pagelab.recipes import Cookbook
from pagelab.room import Claim, room_for

_VERSION = re.compile(r"^\s*k8s\.io/kubernetes (v[\d.]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ClusterImages:
    """What a lab with a cluster needs: the images of a lab, its host with kubectl, and that of a node."""

    lab: LabImages
    node: str
    version: str  # of Kubernetes, as v1.36.3


@dataclass(slots=True)
class NodeSource:
    """Where clusters come from: nodes that are built here, when the first one is asked for."""

    client: docker.DockerClient
    book: Cookbook
    say: Say
    _made: ClusterImages | None = None
    _problem: str = ""

    def key(self) -> str:
        """What decides how a cluster behaves; known before it is built. Raises LabError."""
        here = base_here(self.client, self.book.engine())
        return " ".join(tags_of_cluster(self.book, here[0]).values()) if here else ""

    def lacks(self) -> str:
        """Empty when clusters can be had, after their images were made; else why not."""
        try:
            if not self._made and not self._problem:
                self._made = self._provide()
        except LabError as error:
            self._problem = f"{error.problem}. {error.advice}".strip()
        return self._problem

    def images(self) -> ClusterImages:
        """The images of a cluster. Raises LabError."""
        if problem := self.lacks():
            raise LabError(problem, "See `pagelab doctor`.")
        assert self._made is not None
        return self._made

    def room(self, nodes: int) -> AbstractContextManager[Claim]:
        """Memory and disk for a cluster of so many nodes, as long as it lasts. Raises LabError."""
        with asking("asking the Docker Engine where its data are"):
            folder = Path(str(self.client.info()["DockerRootDir"]))
        return room_for(nodes, folder, self.say)

    def words(self) -> str:
        """What clusters are made of, for people. Raises LabError."""
        return f"nodes of Kubernetes {version_of(self.book)}"

    def _provide(self) -> ClusterImages:
        return provide_cluster(self.client, self.book, self.say)


def provide_cluster(client: docker.DockerClient, book: Cookbook, say: Say) -> ClusterImages:
    """The images of a cluster, built unless they are here: the first time takes minutes. Raises LabError."""
    with alone("nodes"):  # apart from the images of other labs, which need not wait for these
        base, _ = base_of(client, book.engine(), say)
        components = build_image(client, book.cluster.components, base, say)
        node = _node(client, book, components, say)
        host = build_image(client, book.host, base, say, engine_argument(book.engine()))
        desk = build_image(client, book.cluster.desk, host, say)
        registry, catalogue = mirror_of(client, book, say, with_cluster=True)
        for used in (components, node, desk):
            note_use(client, used)
    return ClusterImages(LabImages(desk, registry, catalogue), node, version_of(book))


def has_cluster(client: docker.DockerClient, book: Cookbook) -> bool:
    """Whether a cluster could start now, without building its nodes first. Raises LabError."""
    here = base_here(client, book.engine())
    return here is not None and has_image(client, tags_of_cluster(book, here[0])["node"])


def tags_of_cluster(book: Cookbook, base: str) -> dict[str, str]:
    """What the images of a cluster are called, by what they are."""
    components = tag_of(book.cluster.components, base)
    return {
        "components": components,
        "coredns": tag_of(book.cluster.coredns, components),
        "pause": tag_of(book.cluster.pause, components),
        "node": tag_of(book.cluster.node, components, _pods(book, components)),
        "desk": tag_of(book.cluster.desk, tag_of(book.host, base, engine_argument(book.engine()))),
    }


def cluster_tags(book: Cookbook) -> frozenset[str]:
    """Every tag that a cluster's images can have here, whether they are here or not."""
    bases = [base_tag(book.engine(), origin) for origin in (OFFICIAL, PACKAGES)]
    return frozenset(tag for base in bases for tag in tags_of_cluster(book, base).values())


def version_of(book: Cookbook) -> str:
    """The Kubernetes version that the recipes build, as v1.36.3. Raises LabError."""
    for module in book.cluster.components.commands:
        if found := _VERSION.search((module / "go.mod").read_text()):
            return found[1]
    raise LabError("no module of the cluster's components names k8s.io/kubernetes", "See commands/ beside images.toml.")


def _node(client: docker.DockerClient, book: Cookbook, components: str, say: Say) -> str:
    """The image of a node, which brings those that its Pods need."""
    arguments = _pods(book, components)
    tag = tag_of(book.cluster.node, components, arguments)
    if has_image(client, tag):
        return tag
    own = {
        recipe.folder.name: build_image(client, recipe, components, say)
        for recipe in (book.cluster.coredns, book.cluster.pause)
    }
    what = "collecting the images of a cluster's Pods"
    with asking(what), tempfile.TemporaryDirectory(prefix="pagelab-node-") as folder:
        archive, names = Path(folder) / "images.tar", Path(folder) / "images.txt"
        _save(client, (components, *own.values()), archive)
        names.write_text(names_of(components, own, _wanted(client, components, version_of(book))))
        brought = {file.name: file for file in (archive, names)}
        return build_image(client, book.cluster.node, components, say, arguments, brought)


def names_of(components: str, own: dict[str, str], wanted: list[str]) -> str:
    """A line for each image: what it is called here, and the names that Pods ask for.

    Those in `own` are by the last part of such a name; all others are the components.
    """
    called = dict.fromkeys((components, *own.values()), "")
    for name in wanted:
        called[own.get(name.rpartition("/")[2].partition(":")[0], components)] += f" {name}"
    return "".join(f"{image}{names}\n" for image, names in called.items())


def _pods(book: Cookbook, components: str) -> dict[str, str]:
    """What decides a node's image beyond its own recipe: its version, and the images of its Pods."""
    images = [tag_of(recipe, components) for recipe in (book.cluster.coredns, book.cluster.pause)]
    return {"VERSION": version_of(book), "PODS": " ".join(images)}


def _wanted(client: docker.DockerClient, components: str, version: str) -> list[str]:
    """The names of the images that kubeadm's Pods ask for."""
    command = ["kubeadm", "config", "images", "list", "--kubernetes-version", version]
    said: bytes = client.containers.run(components, command, remove=True, stderr=False)
    return said.decode().split()


def _save(client: docker.DockerClient, tags: tuple[str, ...], archive: Path) -> None:
    """Write the images into one archive, where they share their layers."""
    address = f"{client.api.base_url}/v{client.api.api_version}/images/get"
    with client.api.get(address, params={"names": list(tags)}, stream=True, timeout=CALL_LIMIT) as answer:
        answer.raise_for_status()
        with archive.open("wb") as file:
            for chunk in answer.iter_content(1 << 20):
                file.write(chunk)
