"""Runs of pages that want a cluster: how far steps count, what a failed one is told, and how a page may leave it.

Commands really run, in the local provider, where `kubectl` is a function of the page's shell; the cluster is what the
answers to pagelab's own questions say.
"""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pagelab.evidence import evidence_path
from pagelab.lab import Shell
from pagelab.local import LocalLab
from pagelab.model import Kind, Observation, Outcome
from pagelab.page import parse_page
from pagelab.run import Run
from pagelab.runner import Runner
from pagelab.secret import Secrets
from pagelab.session import merge_languages
from pagelab.unwell import contradictions
from pagelab.visit import visit
from tests.unit.clusterlabs import Clusters

KUBECTL = '$ kubectl() { echo "$1"; }\n'
GET = "$ kubectl get pods\nget\n"
BROKEN = {
    "kind": "Pod",
    "metadata": {"namespace": "default", "name": "broken"},
    "status": {
        "phase": "Pending",
        "containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull", "message": "no s3cr3t-value"}}}],
    },
}


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the cluster holds; a test may change it."""
    held: list[dict[str, Any]] = []

    def answer(_lab: object, argv: tuple[str, ...], host: str = "") -> tuple[int, str]:  # noqa: ARG001
        if "config" in argv:
            return 0, ""
        if "events" in argv:
            return 0, "broken: Failed: no such image"
        if "logs" in argv:
            return 0, "last words"
        return 0, json.dumps({"items": held})

    monkeypatch.setattr("pagelab.run.ask", answer)
    at_once = partial(contradictions, patience=0, sleep=lambda _: None)
    monkeypatch.setattr("pagelab.run.contradictions", at_once)
    return held


def page_with(blocks: str, cluster: str = "nodes: 1") -> Any:
    text = f"---\nlab: {{cluster: {{{cluster}}}}}\n---\n{blocks}"
    return merge_languages("d", {"en": parse_page("p.md", text)})


def console(steps: str, options: str = "") -> str:
    return f"```console{options}\n{steps}```\n"


def run(blocks: str, cluster: str = "nodes: 1", lacking: str = "", **more: Any) -> list[Outcome]:
    done = Run(page_with(blocks, cluster), Clusters(lacking), **more)
    done.finish()
    return done.outcomes


def test_a_page_that_leaves_its_cluster_unwell_fails_at_its_last_step(items: list[dict[str, Any]]) -> None:
    items.append(BROKEN)
    *before, last = run(console(KUBECTL + GET + GET))
    assert [outcome.kind for outcome in before] == [Kind.PASSED, Kind.PASSED]
    assert last.kind is Kind.FAILED
    assert "the cluster is not as the page leaves" in last.reason
    assert last.detail == "pod/broken: ErrImagePull: no s3cr3t-value"
    assert "unwell:" in last.advice


def test_a_cluster_that_dies_before_the_page_is_over_says_nothing_about_the_page(
    items: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    items.append(BROKEN)
    monkeypatch.setattr(LocalLab, "alive", lambda _: "the cluster does not answer")
    (*_, last) = run(console(KUBECTL + GET))
    assert (last.kind, last.reason) == (Kind.ERROR, "the cluster does not answer")


def test_a_page_that_leaves_it_well_passes(items: list[dict[str, Any]]) -> None:
    assert not items
    assert {outcome.kind for outcome in run(console(KUBECTL + GET))} == {Kind.PASSED}


def test_what_is_not_meant_to_be_well_is_named(items: list[dict[str, Any]]) -> None:
    named = "nodes: 1, unwell: [pod/broken]"
    items.append(BROKEN)
    assert run(console(KUBECTL + GET), named)[-1].kind is Kind.PASSED
    items.clear()
    last = run(console(KUBECTL + GET), named)[-1]
    assert (last.kind, last.detail) == (Kind.FAILED, "pod/broken is well, and the page says that it is not")


@pytest.mark.parametrize("options", [' {skip="needs two"}', ' {requires="docker<1"}'])
def test_a_last_step_that_does_not_run_does_not_hide_it(
    items: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setattr("pagelab.run.lacks", lambda requirement, _ask: f"{requirement} is not there")
    blocks = console(KUBECTL + GET) + console(GET, options)
    assert run(blocks)[-1].kind is Kind.SKIPPED
    items.append(BROKEN)
    assert [outcome.kind for outcome in run(blocks)] == [Kind.PASSED, Kind.PASSED, Kind.FAILED]


def test_a_page_that_failed_before_is_not_judged_by_its_end_as_well(items: list[dict[str, Any]]) -> None:
    items.append(BROKEN)
    _, wrong, last = run(console(KUBECTL + GET.replace("\nget", "\ngot") + GET))
    assert (wrong.kind, last.kind) == (Kind.FAILED, Kind.PASSED)


def test_a_failed_step_is_told_what_is_wrong_around_it(items: list[dict[str, Any]]) -> None:
    items.append(BROKEN)
    secrets = Secrets({"TOKEN": "s3cr3t-value"})
    _, wrong, _ = run(console(KUBECTL + GET.replace("\nget", "\ngot") + GET), secrets=secrets)
    assert wrong.detail.splitlines()[-4:] == [
        "In the cluster:",
        "  pod/broken: ErrImagePull: no ‹TOKEN›",
        "  event: broken: Failed: no such image",
        "  broken said: last words",
    ]
    assert "got" in wrong.detail, "the difference itself is told first"


def test_an_unwell_end_shows_no_secret(items: list[dict[str, Any]]) -> None:
    items.append(BROKEN)
    last = run(console(KUBECTL + GET), secrets=Secrets({"TOKEN": "s3cr3t-value"}))[-1]
    assert last.detail == "pod/broken: ErrImagePull: no ‹TOKEN›"


@pytest.mark.usefixtures("items")
def test_how_far_a_step_was_tried() -> None:
    steps = (
        "$ kubectl apply -f web.yaml --dry-run=server\napply\n"
        "$ kubectl explain pod\nexplain\n"
        "$ kubectl get nodes; kubectl version\nget\nversion\n"
        "$ echo x\nx\n"
    )
    on_node = console("$ echo x\nx\n", ' {host="node-1"}')
    file = '```text {file="notes"}\nx\n```\n'
    levels = [outcome.level for outcome in run(console(KUBECTL + steps) + on_node + file)]
    assert levels == ["", "api-server", "api-server", "nodes", "", "nodes", ""]


@pytest.mark.usefixtures("items")
def test_a_function_of_the_page_goes_as_far_as_what_it_calls() -> None:
    steps = (
        "$ ask() {\n>   kubectl get pods >/dev/null\n> }\n"
        "$ may() { kubectl auth can-i list pods >/dev/null; }\n"
        "$ both() { ask; may; }\n"
        "$ ask\n$ may\n$ x=$(both)\n$ true ask-not\n$ now() { true; }; ask\n"
    )
    levels = [outcome.level for outcome in run(console(KUBECTL + steps))][1:]
    assert levels == ["", "", "", "nodes", "api-server", "nodes", "", "nodes"]


@pytest.mark.usefixtures("items")
@pytest.mark.parametrize(
    "command",
    [
        "pod=$(kubectl get pods -o name)",
        'pod="$(kubectl get pods -o name)"',
        "pod=$(kubectl get pods -o jsonpath='{.items[?(@.a==\"b\")].x}' | head -n 1)",
        "said=$(kubectl logs \\\n>   web)",
        "pod=$(kubectl --namespace shop get pods -o name)",
        "for pod in $(kubectl get pods -o name); do : $pod; done",
    ],
)
def test_a_variable_that_kubectl_left_empty_is_no_success(items: list[dict[str, Any]], command: str) -> None:
    assert not items
    nothing, something = "$ kubectl() { :; }\n", KUBECTL
    _, empty = run(console(f"{nothing}$ {command}\n"))
    assert (empty.kind, "variable is empty" in empty.reason) == (Kind.FAILED, True)
    assert "kubectl wait" in empty.advice
    assert run(console(f"{something}$ {command}\n"))[-1].kind is Kind.PASSED


def test_a_job_that_fails_before_the_variable_is_looked_at_is_not_lost(
    items: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not items
    ordinary = Shell.run

    def slowly(shell: Shell, command: str, timeout: float) -> Observation:
        if command.startswith("[["):
            (tmp_path / "fail").touch()
            time.sleep(0.3)
        return ordinary(shell, command, timeout)

    monkeypatch.setattr(Shell, "run", slowly)
    job = f"(until [ -e {tmp_path / 'fail'} ]; do sleep 0.02; done; exit 3) &"
    *_, step = run(console(f"{KUBECTL}$ {job}\n$ pod=$(kubectl get pods -o name)\n"))
    assert step.kind is Kind.FAILED
    assert "a job that an earlier step left in the background ended with status 3" in step.reason


@pytest.mark.parametrize("command", ["gone=; wait", "x=$(kubectl get a)$(kubectl get b)", 'x="$(kubectl get a):"'])
def test_only_a_plain_assignment_is_looked_at(items: list[dict[str, Any]], command: str) -> None:
    assert not items
    assert run(console(f"$ kubectl() {{ :; }}\n$ {command}\n"))[-1].kind is Kind.PASSED


def test_no_cluster_skips_with_the_reason_or_is_an_error_where_the_run_insists() -> None:
    blocks = console(KUBECTL + GET)
    for outcome in run(blocks, lacking="no kernel for it"):
        assert (outcome.kind, outcome.observation) == (Kind.SKIPPED, None)
        assert outcome.reason == "kubernetes is required: no kernel for it"
    for insists in ("kubernetes", "all"):
        first, *_ = run(blocks, lacking="no kernel for it", insists=frozenset({insists}))
        assert first.kind is Kind.ERROR
        assert "no kernel for it" in first.reason
        assert "--require" in first.advice
    assert run(blocks, lacking="no kernel for it", insists=frozenset({"swarm"}))[0].kind is Kind.SKIPPED


@pytest.mark.usefixtures("items")
def test_a_run_that_lacked_a_cluster_is_not_reused(tmp_path: Path) -> None:
    provider = Clusters("not built yet")
    session = page_with(console(KUBECTL + GET))

    def once() -> tuple[Kind, bool]:
        runner = Runner(lambda: provider, tmp_path, tmp_path)
        outcome = [runner.advance(session, step) for step in session.steps][-1]
        restored = runner.restored
        runner.close()
        return outcome.kind, restored

    assert once() == (Kind.SKIPPED, False)
    assert evidence_path(tmp_path, "d").exists()
    assert once() == (Kind.SKIPPED, False)
    provider.lacking = ""
    assert once() == (Kind.PASSED, False)
    assert once() == (Kind.PASSED, True), "what passed is"


def test_taking_over_output_hides_no_unwell_cluster(items: list[dict[str, Any]], tmp_path: Path) -> None:
    items.append(BROKEN)
    page = tmp_path / "p.md"
    page.write_text(f"---\nlab: {{cluster: {{nodes: 1}}}}\n---\n{console(KUBECTL + GET)}")
    session = merge_languages("d", {"en": parse_page("p.md", page.read_text())})
    runner = Runner(Clusters, tmp_path, tmp_path, update=True)
    outcome = runner.advance(session, session.steps[-1])
    assert outcome.kind is Kind.FAILED
    assert not runner.updates(outcome)
    runner.close()


@pytest.mark.usefixtures("items")
def test_taking_over_output_hides_no_command_that_proved_nothing(tmp_path: Path) -> None:
    session = page_with(console("$ kubectl() { :; }\n$ kubectl logs web\n"))
    runner = Runner(Clusters, tmp_path, tmp_path, update=True)
    outcome = runner.advance(session, session.steps[-1])
    assert "printed nothing" in outcome.reason
    assert not runner.updates(outcome)


def test_a_visit_goes_no_further_than_asked_and_judges_no_end(items: list[dict[str, Any]]) -> None:
    items.append(BROKEN)
    session = page_with(console(KUBECTL + GET + GET))
    said: list[str] = []
    visit(session, session.steps[1], Clusters(), said.append, lambda _line: None)
    assert not [line for line in said if "cannot go on" in line]
    assert len(said) == 2


def test_observations_of_a_cluster_are_kept(items: list[dict[str, Any]]) -> None:
    items.append(BROKEN)
    last = run(console(KUBECTL + GET))[-1]
    assert isinstance(last.observation, Observation)
    assert last.observation.output == b"get\n"
