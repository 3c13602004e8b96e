"""Where images come from: official ones by digest where a registry has them, packages where none does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import ImageNotFound

from pagelab.build import build_image
from pagelab.errors import LabError
from pagelab.images import CATALOGUE, OFFICIAL, REGISTRY_PORT, LabImages, has_host, provide_images, tags_of
from pagelab.recipes import Cookbook, Engine, Recipe, read_cookbook


@pytest.fixture
def upstream(engine: docker.DockerClient, lab_images: LabImages) -> Iterator[str]:
    """The address of a real registry that holds nginx and busybox, as Docker Hub would."""
    container = engine.containers.run(lab_images.registry, detach=True, ports={REGISTRY_PORT: ("127.0.0.1", 0)})
    try:
        container.reload()
        address = f"127.0.0.1:{container.attrs['NetworkSettings']['Ports'][REGISTRY_PORT][0]['HostPort']}"
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                if requests.get(f"http://{address}/v2/", timeout=5).ok:
                    break
            except requests.RequestException:
                time.sleep(0.05)
        yield address
    finally:
        container.remove(force=True, v=True)


def recipe(folder: Path, key: str, official: str, dockerfile: str) -> Recipe:
    (folder / key).mkdir()
    (folder / key / "Dockerfile").write_text(dockerfile)
    return Recipe(f"{key}:latest", official, folder / key)


@pytest.fixture
def made(engine: docker.DockerClient) -> Iterator[None]:
    """Remove the images that a test made, and no others."""
    before = _names(engine)
    yield
    for name in _names(engine) - before:
        engine.images.remove(name, force=True)


def _names(engine: docker.DockerClient) -> set[str]:
    """The references that the test's cookbook can make, as far as they are here."""
    names = {name for image in engine.images.list() for name in image.tags + (image.attrs["RepoDigests"] or [])}
    return {name for name in names if name.startswith(("127.0.0.1:", "pagelab/base-official:", "pagelab/test"))}


@pytest.mark.usefixtures("made")
def test_official_images_are_pulled_by_digest_where_a_registry_is_in_reach(
    engine: docker.DockerClient, lab_images: LabImages, upstream: str, tmp_path: Path
) -> None:
    digests = {image.name.partition(":")[0]: image.digest for image in lab_images.catalogue}
    pins = {name: f"{upstream}/library/{name}@{digest}" for name, digest in digests.items()}
    never = "FROM scratch\nRUN this recipe must not be built\n"
    empty = f"FROM {lab_images.registry}\nRUN rm -rf /registry\nLABEL {CATALOGUE}=[]\n"
    book = Cookbook(
        default="26.1",
        engines=(Engine("26.1", "no such suite", pins["busybox"]),),
        host=recipe(tmp_path, "testhost", "", "ARG BASE\nFROM ${BASE}\nARG ENGINE\nRUN test $ENGINE = 26.1\n"),
        registry=recipe(tmp_path, "testregistry", "", empty),
        pages=(recipe(tmp_path, "nginx", pins["nginx"], never),),
        cluster=read_cookbook().cluster,
    )
    said: list[str] = []
    images = provide_images(engine, book, said.append)
    (served,) = images.catalogue
    assert (served.name, served.origin) == ("nginx:latest", OFFICIAL)
    assert served.digest == digests["nginx"], "what labs pull is what the pin says"
    assert not any("Debian packages" in text for text in said)

    said.clear()
    assert provide_images(engine, book, said.append) == images
    assert said == [], "the second time everything is here"
    engine.images.remove(images.registry, force=True)


def test_pins_name_digests_and_nothing_that_moves() -> None:
    book = read_cookbook()
    for pin in [engine.official for engine in book.engines] + [recipe.official for recipe in book.pages]:
        name, _, digest = pin.partition("@sha256:")
        assert ":" not in name
        assert len(digest) == 64


def test_a_recipe_that_does_not_build_says_why(
    engine: docker.DockerClient, lab_images: LabImages, tmp_path: Path
) -> None:
    book = read_cookbook()
    broken = recipe(tmp_path, "broken", "", "ARG BASE\nFROM ${BASE}\nRUN echo the reason >&2; exit 9\n")
    with pytest.raises(LabError, match="broken:latest cannot be built") as caught:
        provide_images(engine, replace(book, host=broken), print)
    assert "the reason" in caught.value.advice
    assert lab_images.catalogue


def test_packages_of_another_engine_are_refused(engine: docker.DockerClient, lab_images: LabImages) -> None:
    """As when a Debian release that is not finished moves on."""
    book = read_cookbook()
    moved = replace(book, engines=tuple(replace(e, version=e.version.replace("26.1", "27.0")) for e in book.engines))
    with pytest.raises(LabError, match="lab host cannot be built") as caught:
        provide_images(engine, replace(moved, default="27.0"), print)
    assert "this Debian release does not bring Docker 27.0" in caught.value.advice
    assert lab_images.catalogue


def test_an_engine_without_a_recipe_is_refused_with_those_that_have_one(engine: docker.DockerClient) -> None:
    book = read_cookbook()
    with pytest.raises(LabError, match=r"no recipe for Docker 19\.03") as caught:
        provide_images(engine, book, print, "19.03")
    assert caught.value.advice == "Known: 20.10, 26.1, 28.5."


@pytest.mark.usefixtures("lab_images")
def test_one_can_ask_whether_an_engine_is_here(engine: docker.DockerClient) -> None:
    book = read_cookbook()
    assert has_host(engine, book, book.default)
    assert not has_host(engine, replace(book, engines=(Engine("26.1", "buster"),)), "26.1")


@pytest.mark.usefixtures("lab_images")
def test_a_page_on_its_own_has_images_and_may_bring_more(
    pytester: pytest.Pytester, engine: docker.DockerClient
) -> None:
    """In a folder that has nothing else, then in one with a recipe beside it."""
    page = pytester.path / "page.md"
    page.write_text("```console\n$ docker run --rm -q busybox echo hello\nhello\n```\n")
    assert pytester.runpytest_subprocess("page.md", timeout=120).ret == 0

    own = pytester.path / "snippets" / "images"
    (own / "testown").mkdir(parents=True)
    (own / "images.toml").write_text('[image.testown]\nname = "own:1"\n')
    (own / "testown" / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nRUN echo mine > /whose\n")
    page.write_text("```console\n$ docker run --rm -q own:1 cat /whose\nmine\n$ docker pull -q nginx\n...\n```\n")
    try:
        assert pytester.runpytest_subprocess("page.md", timeout=120).ret == 0
        record = json.loads((pytester.path / "evidence" / "page.md.json").read_text())
        assert {image["name"]: image["origin"] for image in record["images"]}["own:1"]
    finally:
        book = read_cookbook(own)
        for tag in tags_of(book) - tags_of(read_cookbook()):
            with suppress(ImageNotFound):
                engine.images.remove(tag)


def test_stages_of_a_build_leave_nothing(engine: docker.DockerClient, lab_images: LabImages, tmp_path: Path) -> None:
    mark = f"stage-{time.time_ns()}"
    stage = f"FROM ${{BASE}} AS packages\nLABEL {mark}=1\nRUN echo {mark} > /x\n"
    (tmp_path / "Dockerfile").write_text(f"ARG BASE\n{stage}FROM scratch\nCOPY --from=packages /x /\n")
    tag = build_image(engine, Recipe(f"staged:{mark}", "", tmp_path), lab_images.registry, print)
    try:
        assert engine.images.list(all=True, filters={"label": f"{mark}=1"}) == []
    finally:
        engine.images.remove(tag)
