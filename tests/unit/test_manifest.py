"""Manifests are held against the schema of a Kubernetes version: those of tests here, and all that pages hand out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelab.documents import Documentation
from pagelab.manifest import flaws, is_manifest, only_known
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
    ("text", "line", "problem"),
    [
        (POD.replace("image: busybox", "image: busybox\n    comand: [sleep]"), 8, "'comand' was unexpected"),
        (POD.replace("image: busybox", "image: [busybox]"), 7, "is not of type 'string'"),
        (f"{POD}---\n{POD.replace('kind: Pod', 'kind: Pud')}", 9, "has no Pud of v1"),
        (POD.replace("v1", "v2"), 1, "has no Pod of v2"),
        ("metadata: {name: p}\napiVersion: v1\n", 1, "without apiVersion and kind"),
        ("apiVersion: v1\nkind: [\n", 3, "not YAML"),
        ("apiVersion: v1\n\tkind: Pod\n", 2, "not YAML"),
        (LIST, 11, "'x' was unexpected"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(text: str, line: int, problem: str) -> None:
    (flaw,) = said(text)
    assert flaw.startswith(f"{line}: ")
    assert problem in flaw


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
        f"{step.location}: line {flaw.line} of {step.file}: {flaw.problem}"
        for step in steps
        if is_manifest(step.file, step.command)
        for flaw in flaws(step.command, VERSION)
    ]
    assert wrong == []


def test_every_manifest_among_the_snippets_keeps_to_the_schema() -> None:
    manifests = [path for path in (ROOT / "snippets").rglob("*.yaml") if is_manifest(path.name, path.read_text())]
    assert [f"{path}: {flaw}" for path in manifests for flaw in flaws(path.read_text(), VERSION)] == []
