"""A file that a page writes → is it a Kubernetes manifest, and does it keep to the schema of that version?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_NAMES = (".yaml", ".yml", ".json")
_OWN_GROUPS = frozenset(  # of those that end with .k8s.io
    "admissionregistration apiextensions apiregistration authentication authorization certificates coordination "
    "discovery events flowcontrol.apiserver internal.apiserver networking node rbac.authorization resource scheduling "
    "storage storagemigration".split()
)
_TYPE = re.compile(r"(?:[\w.-]{1,253}/)?\w{1,63} \w{1,63}", re.ASCII)  # apiVersion and kind, as any may be called
_MINOR = re.compile(r"v?(\d+\.\d+)\.")


class _Loader(yaml.SafeLoader):
    """Reads as kubectl does: what looks like a date is text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - so the library has it
        first: [(tag, shape) for tag, shape in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a manifest, at a line of its text, from 1."""

    line: int
    problem: str


def is_manifest(name: str, text: str) -> bool:
    """Whether the file is for Kubernetes: by its name, and by what every one of its objects must say."""
    return name.endswith(_NAMES) and bool(re.search(r"^\s*\"?apiVersion\"?\s*:", text, re.MULTILINE))


def can_check(version: str) -> bool:
    """Whether the schemas of that version are installed (`pip install pagelab[kubernetes]` has those of some years)."""
    try:
        from kubernetes_validate.utils import all_versions, major_minor  # type: ignore[import-untyped]  # it has none
    except ImportError:
        return False
    return _minor(version) in map(major_minor, all_versions())


def flaws(text: str, version: str) -> Iterator[Flaw]:
    """What the manifest's objects have that Kubernetes of that version does not, each at its line.

    Unknown fields count: an API server that is not asked to be strict would drop them with a warning. Of a version
    that cannot be checked, nothing is said.
    """
    if not can_check(version):
        return
    try:
        nodes, objects = list(yaml.compose_all(text, Loader=_Loader)), list(yaml.load_all(text, Loader=_Loader))
    except (yaml.YAMLError, ValueError) as error:  # a number that is none
        mark = getattr(error, "problem_mark", None)
        line = min(mark.line + 1, len(text.splitlines())) if mark else 1
        yield Flaw(line, f"not YAML: {getattr(error, 'problem', None) or error}")
        return
    for node, one in zip(nodes, objects, strict=True):
        if one is not None:  # an empty document
            yield from _flaws(node, one, version)


def _flaws(node: Any, one: Any, version: str) -> Iterator[Flaw]:
    if not isinstance(one, dict) or not {"apiVersion", "kind"} <= one.keys():
        yield Flaw(node.start_mark.line + 1, "an object without apiVersion and kind")
    elif wrong := next((key for key in ("apiVersion", "kind") if not isinstance(one[key], str)), ""):
        yield _mistyped(node, wrong, "text", one[wrong])
    elif one["kind"] == "List" and one["apiVersion"] == "v1":
        yield from _flaws_of_items(node, one.get("items"), version)
    else:
        yield from _flaws_by_schema(node, one, version)


def _flaws_by_schema(node: Any, one: dict[str, Any], version: str) -> Iterator[Flaw]:
    import kubernetes_validate  # type: ignore[import-untyped]  # it has none
    from jsonschema.exceptions import ValidationError

    unknown = Flaw(node.start_mark.line + 1, f"Kubernetes {version} has no {one['kind']} of {one['apiVersion']}")
    if not _TYPE.fullmatch(f"{one['apiVersion']} {one['kind']}"):
        yield unknown
        return
    try:
        kubernetes_validate.validate(one, _minor(version), strict=True)
    except ValidationError as error:
        place = node
        for key in error.path:
            place = _child(place, key)
        yield Flaw(_line(place, error), str(error.message))
    except kubernetes_validate.SchemaNotFoundError:
        if not _custom(one["apiVersion"]):
            yield unknown


def _flaws_of_items(node: Any, items: Any, version: str) -> Iterator[Flaw]:
    """The flaws of what a list holds; it may hold nothing."""
    if items is None:
        return
    if not isinstance(items, list):
        yield _mistyped(node, "items", "a list", items)
        return
    for number, item in enumerate(items):
        yield from _flaws(_child(_child(node, "items"), number), item, version)


def _mistyped(node: Any, key: str, wanted: str, value: Any) -> Flaw:
    return Flaw(
        _child(node, key).start_mark.line + 1, f"{key} must be {wanted}, and is {json.dumps(value, default=str)}"
    )


def _minor(version: str) -> str:
    """`1.36` of `v1.36.3`; empty where the version is none."""
    found = _MINOR.match(version)
    return found[1] if found else ""


def only_known(text: str) -> bool:
    """Whether all objects of a manifest without flaws are Kubernetes' own: of custom ones nothing is known here."""
    found = re.findall(r"^\s*\"?apiVersion\"?\s*:\s*\"?([\w./-]+)", text, re.MULTILINE)
    return not any(_custom(version) for version in found)


def _custom(api_version: str) -> bool:
    """Whether the group is not one of Kubernetes' own: a domain, as custom resources must have."""
    group = api_version.rpartition("/")[0]
    return "." in group and group.removesuffix(".k8s.io") not in _OWN_GROUPS


def _line(place: Any, error: Any) -> int:
    """Where a rule is broken: at the first key that nobody knows, or where the value stands."""
    if error.validator == "additionalProperties" and isinstance(place, yaml.MappingNode):
        known = error.schema.get("properties", {})
        place = next((name for name, _ in place.value if name.value not in known), place)
    return int(place.start_mark.line) + 1


def _child(node: Any, key: Any) -> Any:
    """The node below a mapping's key or at a list's index; the node itself where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == str(key)), node)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key]
    return node
