"""Images for labs: official ones where a registry is in reach, else the same names from Debian packages."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, ImageNotFound, NotFound

from pagelab.build import build_image, has_image, key_of, tag_of
from pagelab.daemon import Say, asking, install_packages, state_folder
from pagelab.errors import LabError
from pagelab.lock import alone
from pagelab.model import Image
from pagelab.recipes import Cookbook, Engine, Recipe

IMAGES = "images"  # of labs: whoever makes or removes them does so alone
CATALOGUE = "pagelab.catalogue"  # label of the registry image: what it serves, as JSON
OFFICIAL, PACKAGES = "official", "debian packages"
REGISTRY_PORT = "5000/tcp"
REGISTRY_LIMIT = 20.0  # seconds
BOOTSTRAP_LIMIT = 900.0  # seconds that a Debian release's packages may take


# Small like the official slim images: no manuals, no translations, no package caches.
SLIM = (
    *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "info", "locale", "man")),
    *(f'--aptopt=Dir::Cache::{cache} ""' for cache in ("pkgcache", "srcpkgcache")),
)


@dataclass(frozen=True, slots=True)
class LabImages:
    """What a lab needs: ids of the host's and the registry's image, and what the registry serves."""

    host: str
    registry: str
    catalogue: tuple[Image, ...]


def provide_images(client: docker.DockerClient, book: Cookbook, say: Say, engine: str = "") -> LabImages:
    """The images of a lab with that engine, built or pulled unless already here. One process at a time.

    Without a version it is the default engine. Raises LabError.
    """
    wanted = book.engine(engine)
    with alone(IMAGES):
        return _provide(client, book, wanted, say)


def tags_of(book: Cookbook) -> frozenset[str]:
    """Every tag that the book's images can have here, whether they are here or not: of all engines and origins."""
    tags: set[str] = set()
    for engine, origin in product(book.engines, (OFFICIAL, PACKAGES)):
        base = base_tag(engine, origin)
        tags |= {base, tag_of(book.host, base, engine_argument(engine))}
        if engine == book.engine():
            tags |= {tag_of(recipe, base) for recipe in (book.registry, *book.pages, *book.cluster.pages)}
            tags |= {_mirror_tag(book, base, origin, with_cluster=kind) for kind in (False, True)}
    return frozenset(tags)


def served_by(client: docker.DockerClient, book: Cookbook) -> tuple[Image, ...] | None:
    """What pages can pull in the book's labs now, None when their images are not made yet. Raises LabError."""
    here = base_here(client, book.engine())
    tag = _mirror_tag(book, *here) if here else ""
    return _catalogue(client, tag) if tag and has_image(client, tag) else None


def has_host(client: docker.DockerClient, book: Cookbook, engine: str) -> bool:
    """Whether a lab with that engine could start now, without building its host first. Raises LabError."""
    wanted = book.engine(engine)
    base = base_here(client, wanted)
    return base is not None and has_image(client, tag_of(book.host, base[0], engine_argument(wanted)))


def _provide(client: docker.DockerClient, book: Cookbook, engine: Engine, say: Say) -> LabImages:
    """Only the host differs between engines: what pages pull is the same on all of them."""
    own, _ = base_of(client, engine, say)
    host = build_image(client, book.host, own, say, engine_argument(engine))
    for used in (own, host):
        note_use(client, used)
    return LabImages(host, *mirror_of(client, book, say))


def mirror_of(
    client: docker.DockerClient, book: Cookbook, say: Say, *, with_cluster: bool = False
) -> tuple[str, tuple[Image, ...]]:
    """The image of the labs' registry, filled, and what it serves; beside a cluster it serves more. Raises LabError."""
    base, origin = base_of(client, book.engine(), say)
    tag = _mirror_tag(book, base, origin)
    if not has_image(client, tag):
        _bake(client, build_image(client, book.registry, base, say), book.pages, base, origin, tag, say)
    if with_cluster:
        plain, tag = tag, _mirror_tag(book, base, origin, with_cluster=True)
        if not has_image(client, tag):
            _bake(client, plain, book.cluster.pages, base, origin, tag, say)
    for used in (base, tag):
        note_use(client, used)
    return tag, _catalogue(client, tag)


def _mirror_tag(book: Cookbook, base: str, origin: str, *, with_cluster: bool = False) -> str:
    recipes = (book.registry, *book.pages, *(book.cluster.pages if with_cluster else ()))
    return f"pagelab/mirror:{key_of([base, *(f'{recipe.name} {recipe.key}' for recipe in recipes), origin])}"


def _catalogue(client: docker.DockerClient, registry: str) -> tuple[Image, ...]:
    """What a registry's image serves: nothing, where it is not filled yet."""
    with asking("reading the registry's catalogue"):
        labels = client.images.get(registry).labels
    return tuple(Image(**entry) for entry in json.loads(labels.get(CATALOGUE, "[]")))


def note_use(client: docker.DockerClient, tag: str) -> None:
    """Have the engine itself remember when the image was last used, for everybody who uses this engine."""
    with asking(f"noting that the image {tag} is used"):
        client.images.get(tag).tag(tag)


def engine_argument(engine: Engine) -> dict[str, str]:
    """What the host's recipe is told, so that it can refuse packages of another engine."""
    return {"ENGINE": engine.version}


def base_of(client: docker.DockerClient, engine: Engine, say: Say) -> tuple[str, str]:
    """The image of the engine's Debian release, and its origin."""
    if here := base_here(client, engine):
        return here
    if engine.official and _pull(client, engine.official, say):
        tag = base_tag(engine, OFFICIAL)
        with asking("tagging the base image"):
            client.images.get(engine.official).tag(tag)
        return tag, OFFICIAL
    say("no image registry is in reach: images are built from Debian packages")
    tag = base_tag(engine, PACKAGES)
    _bootstrap(client, engine, tag, say)
    return tag, PACKAGES


def base_here(client: docker.DockerClient, engine: Engine) -> tuple[str, str] | None:
    tags = {base_tag(engine, origin): origin for origin in (OFFICIAL, PACKAGES)}
    return next(((tag, origin) for tag, origin in tags.items() if has_image(client, tag)), None)


def base_tag(engine: Engine, origin: str) -> str:
    return f"pagelab/base-{_slug(origin)}:{key_of([engine.suite, engine.official, *SLIM, *engine.apt])}"


def _pull(client: docker.DockerClient, reference: str, say: Say) -> bool:
    """Whether the image could be pulled; a registry that is out of reach is no error here."""
    say(f"pulling {reference}")
    with asking(f"pulling {reference}"):
        try:
            client.images.pull(reference)
        except (APIError, ImageNotFound):
            return False
    return True


def _bootstrap(client: docker.DockerClient, engine: Engine, tag: str, say: Say) -> None:
    """Make the base image from packages of the engine's Debian release; its apt keeps the options."""
    if not shutil.which("mmdebstrap"):
        install_packages(("mmdebstrap",), say)
    say(f"building the base image from Debian {engine.suite} (about 10 s)")
    with asking("building the base image"), tempfile.TemporaryDirectory(prefix="pagelab-base-") as folder:
        archive = Path(folder) / "base.tar"
        options = (*SLIM, *(f"--aptopt={option}" for option in engine.apt))
        command = ("mmdebstrap", "--variant=minbase", "--quiet", *options, engine.suite, str(archive))
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=BOOTSTRAP_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            advice = "See whether a mirror of Debian is in reach, then run again."
            raise LabError(f"mmdebstrap did not end within {BOOTSTRAP_LIMIT:g} s", advice) from None
        if done.returncode:
            tail = "\n  ".join(done.stderr.strip().splitlines()[-8:])
            raise LabError(f"mmdebstrap ended with status {done.returncode}", tail)
        repository, _, version = tag.rpartition(":")
        with asking("importing the base image"), archive.open("rb") as data:
            client.api.import_image_from_data(data, repository=repository, tag=version, changes=['CMD ["bash"]'])


def _page_image(client: docker.DockerClient, recipe: Recipe, base: str, origin: str, say: Say) -> tuple[str, str]:
    """The local image behind a page's image name, and its origin."""
    if origin == OFFICIAL and recipe.official:
        if not _pull(client, recipe.official, say):
            raise LabError(f"the image {recipe.official} could not be pulled", "See whether the registry is in reach.")
        return recipe.official, OFFICIAL
    return build_image(client, recipe, base, say), PACKAGES


def _bake(
    client: docker.DockerClient,
    registry: str,
    recipes: Iterable[Recipe],
    base: str,
    origin: str,
    tag: str,
    say: Say,
) -> None:
    """Make an image of a registry that holds the recipes' images, beside those that it held already.

    Its container bears no labels, which the image would have, too. Its name tells the next process that comes here
    what a killed one left.
    """
    pages = [(recipe, *_page_image(client, recipe, base, origin, say)) for recipe in recipes]
    before = [asdict(image) for image in _catalogue(client, registry)]
    say("filling the labs' registry")
    with alone("registry"), asking("filling the labs' registry"):
        name = f"pagelab-filling-{key_of([socket.gethostname(), str(state_folder())])}"  # whoever has this very lock
        with suppress(NotFound):
            client.containers.get(name).remove(force=True, v=True)
        container = client.containers.run(registry, name=name, detach=True, ports={REGISTRY_PORT: ("127.0.0.1", 0)})
        try:
            container.reload()
            address = f"127.0.0.1:{container.attrs['NetworkSettings']['Ports'][REGISTRY_PORT][0]['HostPort']}"
            _await_registry(address)
            served = before + [_push(client, recipe, source, origin, address) for recipe, source, origin in pages]
            container.stop(timeout=5)
            repository, _, version = tag.rpartition(":")
            container.commit(repository, version, changes=[f"LABEL {CATALOGUE}={json.dumps(json.dumps(served))}"])
        finally:
            container.remove(force=True, v=True)


def _await_registry(address: str) -> None:
    """A registry answers a moment after its container runs."""
    end = time.monotonic() + REGISTRY_LIMIT
    while time.monotonic() < end:
        with suppress(requests.RequestException):
            if requests.get(f"http://{address}/v2/", timeout=5).ok:
                return
        time.sleep(0.05)
    raise LabError(f"the labs' registry does not answer after {REGISTRY_LIMIT:g} s", "Run again.")


def _push(client: docker.DockerClient, recipe: Recipe, source: str, origin: str, address: str) -> dict[str, Any]:
    """Put one image into the registry at the address; its catalogue entry."""
    repository, _, version = recipe.name.partition(":")
    registry, slash, rest = repository.partition("/")
    path = rest if "." in registry else repository if slash else f"library/{repository}"
    there = f"{address}/{path}"
    client.images.get(source).tag(there, tag=version)
    digest, problem = "", ""
    try:
        for event in client.api.push(there, tag=version, stream=True, decode=True):
            digest = event.get("aux", {}).get("Digest", digest)
            problem = event.get("error", problem)
    finally:
        client.images.remove(f"{there}:{version}", noprune=True)
    if problem or not digest:
        raise LabError(f"the image {recipe.name} cannot be put into the labs' registry: {problem}", "Run again.")
    return {"name": recipe.name, "digest": digest, "origin": origin}


def _slug(text: str) -> str:
    return text.replace(" ", "-")
