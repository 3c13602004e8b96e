"""Which images and engines labs can have: those that pagelab brings, and those that a project names."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import yaml

from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.images import LabImages, tags_of
from pagelab.recipes import BROUGHT, read_cookbook


def folder(base: Path, text: str, *keys: str) -> Path:
    """A project's folder of recipes: the text of its images.toml, and a Dockerfile for each key."""
    (base / "images.toml").write_text(text)
    for key in keys:
        (base / key).mkdir()
        (base / key / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\n")
    return base


def test_every_project_has_a_lab_and_images_for_pages() -> None:
    book = read_cookbook()
    assert [recipe.name for recipe in book.pages] == ["nginx:latest", "debian:trixie-slim", "busybox:latest"]
    assert book.engine().version == book.default
    assert all((recipe.folder / "Dockerfile").is_file() for recipe in (book.host, book.registry, *book.pages))


def test_a_project_adds_images_and_puts_its_own_in_the_place_of_others(tmp_path: Path) -> None:
    text = """
        [image.tools]
        name = "tools:1"
        [image.nginx]
        name = "nginx:latest"
        [image.box]
        name = "busybox:latest"
        """
    pages = {recipe.name: recipe for recipe in read_cookbook(folder(tmp_path, text, "tools", "nginx", "box")).pages}
    assert list(pages) == ["nginx:latest", "debian:trixie-slim", "busybox:latest", "tools:1"]
    assert pages["nginx:latest"].folder == tmp_path / "nginx", "a table of the same name"
    assert pages["busybox:latest"].folder == tmp_path / "box", "an image of the same name"
    assert pages["debian:trixie-slim"].folder.parent == BROUGHT


def test_a_project_adds_an_engine_and_names_the_default(tmp_path: Path) -> None:
    book = read_cookbook(folder(tmp_path, 'default = "29.1"\n[engine."29.1"]\nsuite = "duke"\n'))
    assert (book.engine().version, book.engine().suite) == ("29.1", "duke")
    assert book.engine("26.1").suite == "trixie"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not toml [", "Expected"),
        ("image = 1\n", "no attribute 'items'"),
        ("[images.tools]\n", "it has no images"),
        ("[image.tools]\n", "'name'"),
        ('[image.missing]\nname = "missing:1"\n', "there is no missing/Dockerfile"),
        ('[engine."29.1"]\n', "'suite'"),
    ],
)
def test_a_broken_images_toml_is_named_with_a_right_one(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(LabError, match=r"images\.toml cannot be read") as caught:
        read_cookbook(folder(tmp_path, text, "tools"))
    assert why in caught.value.problem
    assert str(BROUGHT) in caught.value.advice


def test_an_images_toml_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "images.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(LabError, match=r"images\.toml cannot be read: .*can't decode"):
        read_cookbook(tmp_path)


def test_recipes_that_say_nothing_change_nothing(tmp_path: Path) -> None:
    assert read_cookbook(folder(tmp_path, "# to come\n")) == read_cookbook()


def test_a_default_without_a_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"no recipe for Docker 19\.03"):
        read_cookbook(folder(tmp_path, 'default = "19.03"\n'))


def test_the_package_carries_every_file_of_the_recipes() -> None:
    package = BROUGHT.parent
    project = tomllib.loads((package.parents[1] / "pyproject.toml").read_text())
    globs = project["tool"]["setuptools"]["package-data"]["pagelab"]
    carried = {path for glob in globs for path in package.glob(glob)}
    assert {path for path in BROUGHT.rglob("*") if path.is_file()} <= carried


def test_the_nightly_run_covers_every_other_engine() -> None:
    workflow = yaml.safe_load((BROUGHT.parents[2] / ".github" / "workflows" / "test.yml").read_text())
    book = read_cookbook()
    others = [engine.version for engine in book.engines if engine.version != book.default]
    assert workflow["jobs"]["engines"]["strategy"]["matrix"]["engine"] == others


def test_an_image_that_is_called_otherwise_makes_another_registry() -> None:
    book = read_cookbook()
    renamed = replace(book, pages=tuple(replace(recipe, name=f"{recipe.name}-2") for recipe in book.pages))
    assert tags_of(book) - tags_of(renamed) == {tag for tag in tags_of(book) if tag.startswith("pagelab/mirror:")}


@pytest.mark.parametrize(
    ("key", "value"),
    [("NCPU", 64), ("ServerVersion", "99"), ("Driver", "btrfs"), ("SecurityOptions", ["name=apparmor"])],
)
def test_a_machine_on_which_pages_may_say_something_else_makes_another_lab(key: str, value: object) -> None:
    client = MagicMock()
    client.info.return_value = {"NCPU": 2, "ServerVersion": "20.10", "Driver": "overlay2", "SecurityOptions": []}
    provider = DockerProvider(client, LabImages("host", "registry", ()))
    before = provider.identity()
    assert provider.identity() == before
    client.info.return_value[key] = value
    assert provider.identity() != before
