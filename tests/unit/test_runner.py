"""Which runs are used again: also after this machine has been given what it lacked."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelab import runner
from pagelab.local import LocalProvider
from pagelab.model import Cluster, Kind
from pagelab.page import parse_page
from pagelab.runner import Runner
from pagelab.session import merge_languages


class Steady(LocalProvider):
    """Labs that count as the same from run to run."""

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002
        return "steady"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder with this kernel's modules, none yet. An engine has swarm mode; no program can load a module."""
    folder = tmp_path / "module"
    folder.mkdir()
    monkeypatch.setattr(runner, "MODULES", folder)
    for name, does in (("genl", "exit 1"), ("unshare", "exit 1"), ("docker", "echo inactive")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return folder


def reused(requires: str, evidence: Path) -> bool:
    session = merge_languages("d", {"en": parse_page("p.md", f'```console {{requires="{requires}"}}\n$ true\n```\n')})
    running = Runner(Steady, evidence, evidence)
    assert running.advance(session, session.steps[0]).kind is Kind.SKIPPED
    restored = running.restored
    running.close()
    return restored


@pytest.mark.parametrize(
    ("requirement", "names"), [("ipvs", ("ip_vs",)), ("ipsec", ("esp4", "xfrm_user")), ("swarm", ("vxlan",))]
)
def test_what_a_kernel_lacked_is_asked_for_again_when_its_modules_have_come(
    modules: Path, tmp_path: Path, requirement: str, names: tuple[str, ...]
) -> None:
    assert [reused(requirement, tmp_path), reused(requirement, tmp_path)] == [False, True]
    for name in names:
        assert reused(requirement, tmp_path)
        (modules / name).mkdir()
    assert not reused(requirement, tmp_path)


def test_what_no_module_brings_is_used_again(modules: Path, tmp_path: Path) -> None:
    for name in ("ip_vs", "esp4", "xfrm_user", "vxlan"):
        (modules / name).mkdir()
    assert [reused("kvm ipvs", tmp_path), reused("kvm ipvs", tmp_path)] == [False, True]
