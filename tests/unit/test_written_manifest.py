"""A manifest that a page writes beside a cluster is held against the schema of that cluster's version."""

from __future__ import annotations

from typing import Any

import pytest

from pagelab.errors import LabError
from pagelab.local import LocalLab, LocalProvider
from pagelab.model import Cluster, Facts, Kind, Outcome
from pagelab.page import parse_page
from pagelab.run import Run
from pagelab.session import merge_languages

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}\n"


class Beside(LocalProvider):
    """Local labs that count as hosts beside a cluster."""

    def lacks_cluster(self, cluster: Cluster) -> str:  # noqa: ARG002 - the interface has it
        return ""

    def lab(
        self, name: str, hosts: tuple[str, ...] = ("host",), cluster: Cluster | None = None, kvm: bool = False
    ) -> Any:
        assert cluster is not None
        assert not kvm
        return super().lab(f"{name} on {hosts}")


def written(manifest: str) -> Outcome:
    text = f'---\nlab: {{cluster: {{nodes: 1}}}}\n---\n```yaml {{file="pod.yaml"}}\n{manifest}```\n'
    run = Run(merge_languages("d", {"en": parse_page("p.md", text)}), Beside(), whole=False)
    run.finish()
    return run.outcomes[0]


def test_the_version_is_known_without_asking_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(_lab: LocalLab) -> Facts:
        raise LabError("the engine does not answer")

    monkeypatch.setattr(LocalLab, "facts", facts)
    monkeypatch.setattr(LocalLab, "cluster", (("kubernetes", "1.36.0"),))
    assert written(POD).kind is Kind.PASSED
    wrong = written(POD.replace("image:", "imag:"))
    assert (wrong.kind, wrong.level) == (Kind.FAILED, "schema")
