"""Manifests are held against the schema of a Kubernetes version: those of tests here, and all that pages hand out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelab.documents import Documentation
from pagelab.manifest import can_check, flaws, is_manifest, only_known
from pagelab.nodeimage import version_of
from pagelab.recipes import read_cookbook

ROOT = Path(__file__).parents[2]
VERSION = version_of(read_cookbook())
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: busybox\n"
LIST = f"apiVersion: v1\nkind: List\nitems:\n- {POD.replace(chr(10), chr(10) + '  ')}  x: 1\n"


def said(text: str) -> list[str]:
    return [f"{flaw.line}: {flaw.problem}" for flaw in flaws(text, VERSION)]


def test_what_is_right_has_no_flaw() -> None:
    assert said(POD) == []
    assert said(f"---\n{POD}---\n{POD}") == []
    assert said('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}') == []


@pytest.mark.parametrize(
    "text",
    [
        f"{POD}---\n",
        f"---\n---\n{POD}",
        f"# first\n---\n\n---\n# then\n{POD}---\n---\n",
        "apiVersion: v1\nkind: List\n",
        "apiVersion: v1\nkind: List\nitems:\n",
        "apiVersion: v1\nkind: List\nitems: []\n",
        POD.replace("{name: p}", "{name: p, creationTimestamp: 2026-01-31T00:00:00Z}"),  # a text to kubectl
        POD.replace("{name: p}", "{name: p, labels: {day: 2026-02-31}}"),
    ],
)
def test_what_kubectl_takes_has_no_flaw(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (POD.replace("image: busybox", "image: busybox\n    comand: [sleep]"), 8, "'comand' was unexpected"),
        (POD.replace("image: busybox", "image: [busybox]"), 7, "is not of type 'string'"),
        (f"{POD}---\n{POD.replace('kind: Pod', 'kind: Pud')}", 9, "has no Pud of v1"),
        (POD.replace("v1", "v2"), 1, "has no Pod of v2"),
        ("metadata: {name: p}\napiVersion: v1\n", 1, "without apiVersion and kind"),
        ("apiVersion: v1\nkind: [\n", 2, "not YAML"),
        ("apiVersion: v1\n\tkind: Pod\n", 2, "not YAML"),
        (LIST, 11, "'x' was unexpected"),
        (f"---\n---\n{POD.replace('kind: Pod', 'kind: Pud')}", 3, "has no Pud of v1"),
        ("apiVersion: v1\nkind:\n", 2, "kind must be text, and is null"),
        ("apiVersion: v1\nkind: [Pod]\n", 2, 'kind must be text, and is ["Pod"]'),
        ("kind: Pod\nmetadata: {}\napiVersion: 1\n", 3, "apiVersion must be text, and is 1"),
        ("apiVersion: v1\nkind: List\nitems: {a: 1}\n", 3, 'items must be a list, and is {"a": 1}'),
        ("apiVersion: v1\nkind: List\nitems: pods\n", 3, 'items must be a list, and is "pods"'),
        ("apiVersion: v1\nkind: List\nitems:\n- 1\n", 4, "without apiVersion and kind"),
        ("apiVersion: v1\nkind: List\nitems:\n-\n", 4, "without apiVersion and kind"),
        ("apiVersion: v1\nkind: !!int one\n", 1, "not YAML"),
        ("apiVersion: v1\nkind: Pod/p\n", 1, "has no Pod/p of v1"),
        ("apiVersion: apps/v1/x\nkind: Pod\n", 1, "has no Pod of apps/v1/x"),
        ('apiVersion: v1\nkind: "Pod\\0"\n', 1, "has no Pod\0 of v1"),
        (f"apiVersion: v1\nkind: {'Pod' * 99}\n", 1, "has no PodPod"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(text: str, line: int, problem: str) -> None:
    (flaw,) = said(text)
    assert flaw.startswith(f"{line}: ")
    assert problem in flaw


@pytest.mark.parametrize("version", ["v1.18.20", "v1.9.0", "v1.99.0", "v2.0.0", "unknown", ""])
def test_a_version_without_schemas_is_not_checked(version: str) -> None:
    assert not can_check(version)
    assert not list(flaws(POD.replace("kind: Pod", "kind: Pud"), version))


def test_versions_with_schemas_are() -> None:
    assert can_check(VERSION)
    assert can_check("v1.30.4+k3s1")


def test_of_custom_resources_nothing_is_known() -> None:
    route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\n"
    assert said(route) == []
    assert not only_known(route)
    assert only_known(POD)
    (flaw,) = said("apiVersion: networking.k8s.io/v1\nkind: Ingres\nmetadata: {name: r}\n")
    assert "has no Ingres of networking.k8s.io/v1" in flaw


def test_what_is_no_manifest_is_not_looked_at() -> None:
    assert is_manifest("pod.yaml", POD)
    assert not is_manifest("pod.txt", POD)
    assert not is_manifest("compose.yaml", "services:\n  web:\n    image: nginx\n")


def test_every_manifest_of_a_page_keeps_to_the_schema() -> None:
    documentation = Documentation(ROOT / "docs", ("en", "zh-Hant"), ROOT)
    sessions = [documentation.session_of(path) for _, path in documentation.documents()]
    steps = [step for session in sessions if session.cluster for step in session.steps if step.file]
    wrong = [
        f"{step.place(flaw.line)}: {flaw.problem}"
        for step in steps
        if is_manifest(step.file, step.command)
        for flaw in flaws(step.command, VERSION)
    ]
    assert wrong == []


def test_every_manifest_among_the_snippets_keeps_to_the_schema() -> None:
    manifests = [path for path in (ROOT / "snippets").rglob("*.yaml") if is_manifest(path.name, path.read_text())]
    assert [f"{path}: {flaw}" for path in manifests for flaw in flaws(path.read_text(), VERSION)] == []
