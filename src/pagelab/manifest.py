"""A file that a page writes → is it a Kubernetes manifest, and does it keep to the schema of that version?"""

from __future__ import annotations

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
_MINOR = re.compile(r"v?(\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a manifest, at a line of its text, from 1."""

    line: int
    problem: str


def is_manifest(name: str, text: str) -> bool:
    """Whether the file is for Kubernetes: by its name, and by what every one of its objects must say."""
    return name.endswith(_NAMES) and bool(re.search(r"^\s*\"?apiVersion\"?\s*:", text, re.MULTILINE))


def can_check() -> bool:
    """Whether the schemas are installed (`pip install pagelab[kubernetes]`)."""
    try:
        import kubernetes_validate  # type: ignore[import-untyped]  # noqa: F401 - whether it can be
    except ImportError:
        return False
    return True


def flaws(text: str, version: str) -> Iterator[Flaw]:
    """What the manifest's objects have that Kubernetes of that version does not, each at its line.

    Unknown fields count: an API server that is not asked to be strict would drop them with a warning.
    """
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
        objects = [one for one in yaml.safe_load_all(text) if one is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield Flaw(mark.line + 1 if mark else 1, f"not YAML: {getattr(error, 'problem', None) or error}")
        return
    for node, one in zip(nodes, objects, strict=True):
        yield from _flaws(node, one, version)


def _flaws(node: Any, one: Any, version: str) -> Iterator[Flaw]:
    import kubernetes_validate  # it has no types
    from jsonschema.exceptions import ValidationError

    start = node.start_mark.line + 1
    if not isinstance(one, dict) or not {"apiVersion", "kind"} <= one.keys():
        yield Flaw(start, "an object without apiVersion and kind")
        return
    if one["kind"] == "List" and one["apiVersion"] == "v1":
        for inner, item in zip(_child(node, "items").value, one.get("items") or (), strict=True):
            yield from _flaws(inner, item, version)
        return
    found = _MINOR.match(version)
    try:
        kubernetes_validate.validate(one, found[1] if found else kubernetes_validate.latest_version(), strict=True)
    except ValidationError as error:
        place = node
        for key in error.path:
            place = _child(place, key)
        yield Flaw(_line(place, error), str(error.message))
    except kubernetes_validate.SchemaNotFoundError:
        if not _custom(one["apiVersion"]):
            yield Flaw(start, f"Kubernetes {version} has no {one['kind']} of {one['apiVersion']}")


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
