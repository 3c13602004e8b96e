"""images.toml → recipes: the engine versions that labs can have, and every image that they need."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pagelab.errors import LabError

BROUGHT = Path(__file__).with_name("dockerfiles")  # what every project has; part of the package
FILE = "images.toml"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image: its name as pages use it, the official one's pin, and the folder that builds a twin."""

    name: str  # repository:tag
    official: str  # repository@sha256:…, empty where there is none
    folder: Path

    @property
    def key(self) -> str:
        """A digest of what the image is made of: the pin, and every file of its folder."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        content = [f"{path.relative_to(self.folder)}:{path.stat().st_mode & 0o111}:" for path in files]
        data = b"".join(head.encode() + path.read_bytes() for head, path in zip(content, files, strict=True))
        return hashlib.sha256(self.official.encode() + data).hexdigest()


@dataclass(frozen=True, slots=True)
class Engine:
    """A version of Docker Engine, and the Debian release whose packages have it."""

    version: str  # major.minor, as 26.1
    suite: str
    official: str = ""  # pin of the release's image, empty where none is known
    apt: tuple[str, ...] = ()  # options that apt needs where the release is bootstrapped


@dataclass(frozen=True, slots=True)
class Cookbook:
    """All recipes: those that pagelab brings, and the project's own."""

    default: str  # version of the engine that runs pages, and whose release all other images are built from
    engines: tuple[Engine, ...]
    host: Recipe
    registry: Recipe
    pages: tuple[Recipe, ...]

    def engine(self, version: str = "") -> Engine:
        """The engine with that version, the default one for none. Raises LabError naming the known."""
        for engine in self.engines:
            if engine.version == (version or self.default):
                return engine
        known = ", ".join(engine.version for engine in self.engines)
        raise LabError(f"there is no recipe for Docker {version or self.default}", f"Known: {known}.")


def read_cookbook(own: Path | None = None) -> Cookbook:
    """The recipes that pagelab brings, and those of a project's own folder, which add to them or take their place.

    Raises LabError when an images.toml is not as expected.
    """
    engines: dict[str, Engine] = {}
    images: dict[str, Recipe] = {}
    default = ""
    for folder in (BROUGHT, *([own] if own else [])):
        path = folder / FILE
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            if strange := sorted(data.keys() - {"default", "engine", "image"}):
                raise TypeError(f"it has no {' or '.join(strange)}")
            engines |= {version: _engine(version, entry) for version, entry in data.get("engine", {}).items()}
            images |= {key: _recipe(folder / key, entry) for key, entry in data.get("image", {}).items()}
            default = data.get("default", default)
        except (OSError, KeyError, AttributeError, TypeError, tomllib.TOMLDecodeError) as error:
            raise LabError(f"{path} cannot be read: {error}", f"See {BROUGHT / FILE} for how it is written.") from None
    host, registry = images.pop("host"), images.pop("registry")
    pages = {recipe.name: recipe for recipe in images.values()}
    book = Cookbook(default, tuple(engines.values()), host, registry, tuple(pages.values()))
    book.engine()
    return book


def _engine(version: str, entry: dict[str, Any]) -> Engine:
    return Engine(version, entry["suite"], entry.get("official", ""), tuple(entry.get("apt", ())))


def _recipe(folder: Path, entry: dict[str, Any]) -> Recipe:
    if not (folder / "Dockerfile").is_file():
        raise FileNotFoundError(f"there is no {folder.name}/Dockerfile")
    return Recipe(entry["name"], entry.get("official", ""), folder)
