"""A manifest that a page writes beside a cluster is held against the schema of that cluster's version."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelab.errors import LabError
from pagelab.local import LocalLab
from pagelab.model import Facts, Kind, Outcome
from pagelab.page import parse_page
from pagelab.run import Run
from pagelab.session import merge_languages
from tests.unit.clusterlabs import Clusters

MANIFEST = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: []\n"
FLAWED = MANIFEST.replace("spec:", "spec:\n  hostNetwrk: true")


def written(
    text: str, monkeypatch: pytest.MonkeyPatch, version: str = "v1.36.1", snippets: Path | None = None
) -> Outcome:
    """The outcome of a page's step that writes the text to a file, on a cluster of that version."""
    monkeypatch.setattr(LocalLab, "cluster", (("kubernetes", version),))
    page = f'---\nlab: {{cluster: {{nodes: 1}}}}\n---\n\n```yaml {{file="pod.yaml"}}\n{text}```\n'
    done = Run(merge_languages("d", {"en": parse_page("docs/p.md", page, snippets)}), Clusters(), whole=False)
    done.finish()
    return done.outcomes[0]


def test_the_version_is_known_without_asking_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(_lab: LocalLab) -> Facts:
        raise LabError("the engine does not answer")

    monkeypatch.setattr(LocalLab, "facts", facts)
    pod = MANIFEST.replace("[]", "[{name: c, image: nginx}]")
    assert written(pod, monkeypatch, "1.36.0").kind is Kind.PASSED
    wrong = written(pod.replace("image:", "imag:"), monkeypatch, "1.36.0")
    assert (wrong.kind, wrong.level) == (Kind.FAILED, "schema")


def test_a_flawed_manifest_fails_where_it_stands_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = written(FLAWED, monkeypatch)
    assert (outcome.kind, outcome.level) == (Kind.FAILED, "schema")
    assert "pod.yaml does not keep to the schema of Kubernetes v1.36.1" in outcome.reason
    assert "'hostNetwrk' was unexpected" in outcome.reason
    assert outcome.detail == "docs/p.md:10:   hostNetwrk: true"
    assert "kubectl explain" in outcome.advice


def test_a_flawed_snippet_is_named_where_it_stands_in_its_own_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kubernetes").mkdir()
    (tmp_path / "kubernetes" / "pod.yaml").write_text(FLAWED)
    outcome = written('# ours\n--8<-- "kubernetes/pod.yaml"\n', monkeypatch, snippets=tmp_path)
    assert outcome.detail == "snippets/kubernetes/pod.yaml:5:   hostNetwrk: true"
    (tmp_path / "kubernetes" / "pod.yaml").write_text(MANIFEST)
    outcome = written(f'--8<-- "kubernetes/pod.yaml"\n---\n{FLAWED}', monkeypatch, snippets=tmp_path)
    assert outcome.detail == "docs/p.md:12:   hostNetwrk: true", "lines below a snippet are the page's own"


def test_a_manifest_that_ends_too_early_is_placed_within_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written("apiVersion: v1\nkind: [\n", monkeypatch).detail == "docs/p.md:7: kind: ["


def test_how_far_a_manifest_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(MANIFEST, monkeypatch).level == "schema"
    for version in ("v1.18.20", "v1.99.0"):
        outcome = written(FLAWED, monkeypatch, version)
        assert (outcome.kind, outcome.level) == (Kind.PASSED, ""), "no schema of that version is known"
