"""What is not well in a cluster, read from what its API server says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pagelab.unwell import circumstances, contradictions, read_troubles


def pod(name: str, status: dict[str, Any], **about: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"namespace": "default", "name": name, **about}, "status": status}


def ready(value: str, kind: str = "Ready", **more: str) -> dict[str, Any]:
    return {"type": kind, "status": value, **more}


WAITING = {
    "phase": "Pending",
    "containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull", "message": "no"}}}],
}
WELL = pod(
    "web", {"phase": "Running", "conditions": [ready("True")], "containerStatuses": [{"state": {"running": {}}}]}
)
SERVICE = {"kind": "Service", "metadata": {"namespace": "default", "name": "web"}, "spec": {"selector": {"app": "web"}}}


def slice_of(service: str, *addresses: str) -> dict[str, Any]:
    about = {"namespace": "default", "name": f"{service}-x", "labels": {"kubernetes.io/service-name": service}}
    return {
        "kind": "EndpointSlice",
        "metadata": about,
        "endpoints": [{"addresses": [one]} for one in addresses] or None,
    }


def said(*items: dict[str, Any]) -> list[str]:
    return [str(trouble) for trouble in read_troubles(items)]


def test_what_is_well_is_no_trouble() -> None:
    done = pod("job", {"phase": "Succeeded", "conditions": [ready("False", reason="PodCompleted")]})
    leaving = pod("old", WAITING, deletionTimestamp="2026-11-23T10:00:00Z")
    node = {"kind": "Node", "metadata": {"name": "node-1"}, "status": {"conditions": [ready("True")]}}
    no_selector = {**SERVICE, "spec": {}}
    assert said(WELL, done, leaving, node, no_selector) == []
    assert said(SERVICE, slice_of("web", "10.244.0.4")) == []


def test_pods_that_do_not_run_are_named_as_their_author_knows_them() -> None:
    hashed = {"pod-template-hash": "7887448d46"}
    owner = [{"kind": "ReplicaSet", "name": "web-7887448d46"}]
    unscheduled = {
        "phase": "Pending",
        "conditions": [ready("False", "PodScheduled", reason="Unschedulable", message="0/2")],
    }
    killed = {
        "phase": "Failed",
        "containerStatuses": [{"state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}],
    }
    unready = {"phase": "Running", "conditions": [ready("False", reason="ContainersNotReady")], "containerStatuses": []}
    assert said(
        pod("broken", WAITING),
        pod("web-7887448d46-x", WAITING, ownerReferences=owner, labels=hashed),
        pod("db-0", unscheduled, ownerReferences=[{"kind": "StatefulSet", "name": "db"}]),
        pod("hungry", killed, namespace="shop"),
        pod("slow", unready),
    ) == [
        "pod/broken: ErrImagePull: no",
        "deployment/web: ErrImagePull: no",
        "statefulset/db: Unschedulable: 0/2",
        "shop/pod/hungry: OOMKilled, exit status 137",
        "pod/slow: ContainersNotReady",
    ]


def test_what_crashes_is_not_well_while_it_runs_in_between() -> None:
    def restarted(ago: float, status: int) -> dict[str, Any]:
        moment = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
        last = {"terminated": {"exitCode": status}} if status >= 0 else {}
        container = {"state": {"running": {"startedAt": moment}}, "lastState": last}
        return pod("p", {"phase": "Running", "conditions": [ready("True")], "containerStatuses": [container]})

    assert said(restarted(3, 7)) == ["pod/p: started again a moment ago, after exit status 7"]
    assert said(restarted(12, 7)) == []
    assert said(restarted(3, 0)) == []
    assert said(restarted(3, -1)) == []
    assert said(restarted(0, -1)) == ["pod/p: has only just started"]


def test_services_that_lead_nowhere_and_nodes_that_are_lost() -> None:
    node = {
        "kind": "Node",
        "metadata": {"name": "node-2"},
        "status": {"conditions": [ready("Unknown", message="gone")]},
    }
    assert said(SERVICE) == ["service/web: its selector matches no Pod"]
    assert said(SERVICE, slice_of("web")) == ["service/web: its selector matches no Pod"]
    assert said(SERVICE, slice_of("other", "10.244.0.4")) == ["service/web: its selector matches no Pod"]
    assert said(node) == ["node/node-2: not ready: gone"]


def test_a_page_states_what_is_not_well() -> None:
    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        if "config" in argv:
            return 0, ""
        return 0, json.dumps({"items": [pod("broken", WAITING)]})

    def contradicted(*stated: str) -> tuple[str, ...]:
        return contradictions(ask, stated, patience=0, sleep=lambda _: None)

    assert contradicted("pod/broken") == ()
    assert contradicted() == ("pod/broken: ErrImagePull: no",)
    assert contradicted("pod/broken", "pod/web") == ("pod/web is well, and the page says that it is not",)


def test_a_cluster_has_time_to_settle() -> None:
    answers = [[pod("web", WAITING)], [WELL], [pod("web", WAITING)], [WELL], [WELL]]  # crashes once more in between

    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        if "config" in argv:
            return 0, ""
        return 0, json.dumps({"items": answers.pop(0)})

    assert contradictions(ask, (), patience=60, sleep=lambda _: None) == ()
    assert not answers


def test_an_api_server_that_does_not_answer_is_a_trouble_itself() -> None:
    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        if "config" in argv:
            return 0, ""
        return 1, "The connection to the server 10.213.1.4:6443 was refused\n"

    assert contradictions(ask, (), patience=0) == (
        "api-server: The connection to the server 10.213.1.4:6443 was refused",
    )
    assert circumstances(ask).splitlines()[1].startswith("  api-server: The connection")


def test_a_failed_step_hears_what_is_wrong_with_the_cluster() -> None:
    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        if "config" in argv:
            return 0, ""
        if "events" in argv:
            return 0, "\n".join(f"broken: Failed: try {number}" for number in range(9))
        if "logs" in argv:
            return 0, "x" * 9000
        return 0, json.dumps({"items": [pod("broken", WAITING)]})

    text = circumstances(ask)
    assert text.startswith("In the cluster:\n  pod/broken: ErrImagePull: no\n  event: broken: Failed: try 4\n")
    assert "broken said: xxx" in text
    assert len(text) < 3100


def test_nothing_is_said_of_a_cluster_that_is_well() -> None:
    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        return 0, "" if {"events", "config"} & {*argv} else json.dumps({"items": [WELL]})

    assert circumstances(ask) == ""
