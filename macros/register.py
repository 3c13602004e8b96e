"""docs/claims/*.yml → the register: what the source article claims, what we say of it, and on what grounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from pagelab.errors import Location, PageError

SECTIONS, SOURCES = "sections.yml", "sources.yml"  # every other file has the claims of one section


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in every language."""

    said: tuple[tuple[str, str], ...]  # (language, text)

    def in_(self, language: str) -> str:
        return dict(self.said)[language]


@dataclass(frozen=True, slots=True)
class Source:
    """Something to cite. `read` is empty when nobody read it for this build."""

    id: str
    location: Location
    title: str
    url: str
    publisher: str
    primary: bool
    read: str  # ISO 8601 date
    copy: str  # address of the copy that was read, where it is not the address itself
    says: Texts


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the article, with the editors' judgement; whether blocks prove it is for `standing` to say."""

    id: str
    location: Location
    section: str
    kind: str  # experiment, citation, judgement
    status: str  # proven, cited, corrected, unverifiable
    page: str  # the document where it is made
    statement: Texts
    caveat: Texts | None  # of a proven or cited claim: its limit
    correction: Texts | None  # of a corrected one: what is true instead
    fault: str  # of a corrected one: wrong, outdated, incomplete
    reason: Texts | None  # of one that cannot be verified, or of an experiment that is not run here
    proof: tuple[str, ...]  # blocks, as document#block
    sources: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """holds, limited, incomplete, outdated, wrong, or unverifiable."""
        if self.status in ("proven", "cited"):
            return "limited" if self.caveat else "holds"
        return self.fault or self.status


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the article; its id begins the ids of its claims."""

    id: str
    title: Texts


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Claims of the article that cannot all be true."""

    location: Location
    claims: tuple[str, ...]
    text: Texts


@dataclass(frozen=True, slots=True)
class Register:
    """All claims, in the article's order."""

    location: Location
    sections: tuple[Section, ...] = ()
    claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    pending: tuple[tuple[str, Location], ...] = ()  # documents that are planned, and not written yet

    def claim(self, identity: str) -> Claim | None:
        return next((claim for claim in self.claims if claim.id == identity), None)

    def source(self, identity: str) -> Source | None:
        return next((source for source in self.sources if source.id == identity), None)

    def is_pending(self, document: str) -> bool:
        return document in dict(self.pending)


def read_register(folder: Path, base: Path) -> Register:
    """The register in this folder, empty where there is none. Raises PageError for what its schema refuses."""
    if not (folder / SECTIONS).is_file():
        return Register(Location(_shown(folder / SECTIONS, base), 1))
    plan = _File.read(folder / SECTIONS, base)
    sources = _File.read(folder / SOURCES, base)
    sections = tuple(Section(name, _texts(title)) for name, title in plan.data["sections"].items())
    return Register(
        plan.at(),
        sections,
        tuple(claim for section in sections for claim in _claims(folder / f"{section.id}.yml", base)),
        tuple(_source(name, sources.at(name), entry) for name, entry in sources.data.items()),
        tuple(
            Contradiction(plan.at("contradictions", number), tuple(entry["claims"]), _texts(entry["text"]))
            for number, entry in enumerate(plan.data["contradictions"])
        ),
        tuple((document, plan.at("pending", number)) for number, document in enumerate(plan.data["pending"])),
    )


def _claims(path: Path, base: Path) -> Iterator[Claim]:
    file = _File.read(path, base)
    for identity, entry in file.data.items():
        if identity.partition("-")[0] != path.stem:
            raise PageError(
                file.at(identity), f"{identity} is no claim of {path.stem}", f"Ids here are {path.stem}-01 …"
            )
        yield Claim(
            identity,
            file.at(identity),
            path.stem,
            entry["kind"],
            entry["status"],
            entry["page"],
            _texts(entry["statement"]),
            _optional(entry, "caveat"),
            _optional(entry, "correction"),
            entry.get("fault", ""),
            _optional(entry, "reason"),
            tuple(entry.get("proof", ())),
            tuple(entry.get("sources", ())),
        )


def _source(name: str, location: Location, entry: dict[str, Any]) -> Source:
    return Source(
        name,
        location,
        entry["title"],
        entry["url"],
        entry["publisher"],
        entry.get("primary", True),
        entry["read"] or "",
        entry.get("copy", ""),
        _texts(entry["says"]),
    )


def _texts(entry: dict[str, str]) -> Texts:
    return Texts(tuple(entry.items()))


def _optional(entry: dict[str, Any], key: str) -> Texts | None:
    return _texts(entry[key]) if key in entry else None


class _Plain(yaml.SafeLoader):
    """Dates stay text, as JSON Schema knows them."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class _File:
    """A YAML file that its schema accepts, with the line of everything in it."""

    shown: str
    data: Any
    root: yaml.Node | None

    @classmethod
    def read(cls, path: Path, base: Path) -> _File:
        shown = _shown(path, base)
        try:
            text = path.read_text(encoding="utf-8")
            root = yaml.compose(text, _Plain)
            _refuse_doubles(shown, root)
            data = yaml.load(text, _Plain)
        except OSError as error:
            raise PageError(Location(shown, 1), f"the file cannot be read: {error.strerror}") from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise PageError(Location(shown, line), f"this is not YAML: {error.problem}") from None
        file = cls(shown, data, root)
        schema = path.with_name(f"{path.stem if path.name in (SECTIONS, SOURCES) else 'claims'}.schema.json")
        for wrong in Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).iter_errors(data):
            where = "/".join(map(str, wrong.absolute_path))
            raise PageError(file.at(*wrong.absolute_path), f"{where}: {wrong.message}", f"{schema.name} says what is.")
        return file

    def at(self, *keys: str | int) -> Location:
        """Where this is; as near as the file has it."""
        node = self.root
        line = 1
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                found = next(((name, value) for name, value in node.value if name.value == key), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                node = node.value[key]
                line = node.start_mark.line + 1
        return Location(self.shown, line)


def _refuse_doubles(shown: str, node: yaml.Node | None) -> None:
    """YAML would quietly keep the last one."""
    if isinstance(node, yaml.MappingNode):
        names = [name.value for name, _ in node.value]
        for number, (name, value) in enumerate(node.value):
            if name.value in names[:number]:
                raise PageError(Location(shown, name.start_mark.line + 1), f"{name.value} is here twice")
            _refuse_doubles(shown, value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _refuse_doubles(shown, each)


def _shown(path: Path, base: Path) -> str:
    try:
        return path.resolve().relative_to(base.resolve()).as_posix()
    except ValueError:
        return str(path)
