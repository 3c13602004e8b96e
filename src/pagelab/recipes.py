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
CLUSTER_PARTS = ("components", "coredns", "pause", "node", "desk")


def module_key(module: Path) -> str:
    """A digest of a Go module's own files. What it depends on is locked in its go.sum."""
    files = sorted(path for path in module.rglob("*") if path.is_file())
    data = b"".join(str(path.relative_to(module)).encode() + b"\0" + path.read_bytes() for path in files)
    return hashlib.sha256(data).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image: its name as pages use it, the official one's pin, and the folder that builds a twin."""

    name: str  # repository:tag
    official: str  # repository@sha256:…, empty where there is none
    folder: Path
    commands: tuple[Path, ...] = ()  # Go modules whose programs are in bin/ when the image is built
    cluster: bool = False  # only served beside a cluster

    @property
    def key(self) -> str:
        """A digest of what the image is made of: the pin, every file of its folder, and its commands' modules."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        content = [f"{path.relative_to(self.folder)}:{path.stat().st_mode & 0o111}:" for path in files]
        data = b"".join(head.encode() + path.read_bytes() for head, path in zip(content, files, strict=True))
        modules = "".join(map(module_key, self.commands))
        return hashlib.sha256(self.official.encode() + data + modules.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Engine:
    """A version of Docker Engine, and the Debian release whose packages have it."""

    version: str  # major.minor, as 26.1
    suite: str
    official: str = ""  # pin of the release's image, empty where none is known
    apt: tuple[str, ...] = ()  # options that apt needs where the release is bootstrapped


@dataclass(frozen=True, slots=True)
class ClusterRecipes:
    """What a cluster is made of where its nodes are built here."""

    components: Recipe  # of the control plane; the next three are made on its image
    coredns: Recipe
    pause: Recipe
    node: Recipe
    desk: Recipe  # a host beside a cluster; made on that of the default engine
    pages: tuple[Recipe, ...]  # what the registry beside a cluster serves as well


@dataclass(frozen=True, slots=True)
class Cookbook:
    """All recipes: those that pagelab brings, and the project's own."""

    default: str  # version of the engine that runs pages, and whose release all other images are built from
    engines: tuple[Engine, ...]
    host: Recipe
    registry: Recipe
    pages: tuple[Recipe, ...]  # what every lab's registry serves
    cluster: ClusterRecipes

    @property
    def modules(self) -> tuple[Path, ...]:
        """Every Go module whose programs are in an image."""
        own = self.cluster
        parts = (own.components, own.coredns, own.pause, own.node, own.desk, *own.pages)
        recipes = (self.host, self.registry, *self.pages, *parts)
        return tuple(dict.fromkeys(module for recipe in recipes for module in recipe.commands))

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
        except (OSError, KeyError, AttributeError, TypeError, ValueError) as error:
            raise LabError(f"{path} cannot be read: {error}", f"See {BROUGHT / FILE} for how it is written.") from None
    host, registry = images.pop("host"), images.pop("registry")
    parts = {part: images.pop(part) for part in CLUSTER_PARTS}
    served = {recipe.name: recipe for recipe in images.values()}.values()
    pages, beside = (tuple(recipe for recipe in served if recipe.cluster is kind) for kind in (False, True))
    book = Cookbook(default, tuple(engines.values()), host, registry, pages, ClusterRecipes(pages=beside, **parts))
    book.engine()
    return book


def _engine(version: str, entry: dict[str, Any]) -> Engine:
    return Engine(version, entry["suite"], entry.get("official", ""), tuple(entry.get("apt", ())))


def _recipe(folder: Path, entry: dict[str, Any]) -> Recipe:
    if not (folder / "Dockerfile").is_file():
        raise FileNotFoundError(f"there is no {folder.name}/Dockerfile")
    commands = tuple(folder.parent / "commands" / name for name in entry.get("commands", ()))
    if missing := [module for module in commands if not (module / "go.mod").is_file()]:
        raise FileNotFoundError(f"there is no commands/{missing[0].name}/go.mod")
    return Recipe(entry["name"], entry.get("official", ""), folder, commands, bool(entry.get("cluster", False)))
