"""images.toml → recipes: the engine versions that labs can have, and every image that they need."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pagelab.errors import LabError


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
    """All recipes of a documentation."""

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


def read_cookbook(folder: Path) -> Cookbook:
    """The recipes below the folder. Raises LabError when images.toml is not as expected."""
    path = folder / "images.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        recipes = {
            key: Recipe(entry["name"], entry.get("official", ""), folder / key) for key, entry in data["image"].items()
        }
        engines = tuple(
            Engine(version, entry["suite"], entry.get("official", ""), tuple(entry.get("apt", ())))
            for version, entry in data["engine"].items()
        )
        host, registry = recipes.pop("host"), recipes.pop("registry")
        book = Cookbook(data["default"], engines, host, registry, tuple(recipes.values()))
    except (OSError, KeyError, AttributeError, tomllib.TOMLDecodeError) as error:
        advice = "It names each engine with its Debian release, the default one, and each image with its official pin."
        raise LabError(f"{path} cannot be read: {error}", advice) from None
    book.engine()
    return book
