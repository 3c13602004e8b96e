"""What is not well in a cluster, read from what its API server says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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


def workload(kind: str, spec: dict[str, Any], status: dict[str, Any], **about: Any) -> dict[str, Any]:
    """One whose controller has seen it in its present state, unless its status says otherwise."""
    about = {"namespace": "default", "name": "web", "generation": 2, **about}
    return {"kind": kind, "metadata": about, "spec": spec, "status": {"observedGeneration": 2, **status}}


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


def test_a_pod_whose_image_cannot_be_had_is_named_with_the_image() -> None:
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nginx:none": ErrImagePull: not found'}
    refused = pod("p", {"phase": "Pending", "containerStatuses": [{"state": {"waiting": waiting}}]})
    assert said(refused) == ['pod/p: ImagePullBackOff: Back-off pulling image "nginx:none": ErrImagePull: not found']


FORBIDDEN = ready("True", "ReplicaFailure", reason="FailedCreate", message='pods "web-" is forbidden')
FAILED = ready("True", "Failed", reason="BackoffLimitExceeded", message="Job has failed")
TWO = {"replicas": 2}
ONE_LEFT = {"parallelism": 1, "completions": 1}


@pytest.mark.parametrize(
    ("item", "trouble"),
    [
        (
            workload("Deployment", TWO, {"conditions": [ready("False", "Available"), FORBIDDEN]}),
            'deployment/web: FailedCreate: pods "web-" is forbidden',
        ),
        (
            workload("Deployment", TWO, {"readyReplicas": 2, "updatedReplicas": 2, "observedGeneration": 1}),
            "deployment/web: no controller has acted yet on what was last applied",
        ),
        ({**workload("Deployment", TWO, {}), "status": {}}, "deployment/web: no controller has acted yet"),
        (workload("Deployment", TWO, {"readyReplicas": 1, "updatedReplicas": 2}), "deployment/web: 1 of 2 Pods ready"),
        (
            workload("Deployment", TWO, {"readyReplicas": 2, "updatedReplicas": 1}),
            "deployment/web: 1 of 2 Pods up to date",
        ),
        (
            workload("Deployment", {**TWO, "paused": True}, {"conditions": [FORBIDDEN]}),
            'deployment/web: FailedCreate: pods "web-" is forbidden',
        ),
        (workload("StatefulSet", TWO, {"readyReplicas": 1}), "statefulset/web: 1 of 2 Pods ready"),
        (workload("StatefulSet", TWO, {}, namespace="shop"), "shop/statefulset/web: 0 of 2 Pods ready"),
        (workload("ReplicaSet", TWO, {"conditions": [FORBIDDEN]}), "replicaset/web: FailedCreate: pods"),
        (workload("ReplicationController", TWO, {}), "replicationcontroller/web: 0 of 2 Pods ready"),
        (
            workload("DaemonSet", {}, {"desiredNumberScheduled": 2, "numberReady": 1}),
            "daemonset/web: 1 of 2 Pods ready",
        ),
        (
            workload("DaemonSet", {}, {"desiredNumberScheduled": 0, "numberReady": 0}),
            "daemonset/web: no node fits its selector",
        ),
        (workload("Job", ONE_LEFT, {"conditions": [FAILED]}), "job/web: BackoffLimitExceeded: Job has failed"),
        ({**workload("Job", ONE_LEFT, {}), "status": {}}, "job/web: 0 of 1 Pods started"),
        (workload("Job", {"parallelism": 3, "completions": 5}, {"active": 1, "succeeded": 3}), "job/web: 1 of 2 Pods"),
    ],
)
def test_what_makes_pods_and_has_too_few_is_not_well(item: dict[str, Any], trouble: str) -> None:
    found = said(item)
    assert len(found) == 1
    assert found[0].startswith(trouble)


@pytest.mark.parametrize(
    "item",
    [
        workload("Deployment", TWO, {"readyReplicas": 2, "updatedReplicas": 2, "replicas": 2}),
        workload("Deployment", {"replicas": 0}, {}),
        workload("Deployment", {**TWO, "paused": True}, {"readyReplicas": 1}),
        workload("Deployment", TWO, {}, deletionTimestamp="2026-11-23T10:00:00Z"),
        workload("StatefulSet", TWO, {"readyReplicas": 2, "updatedReplicas": 1}),  # a partition holds one back
        workload("StatefulSet", {"replicas": 0}, {}),
        workload("ReplicaSet", TWO, {}, ownerReferences=[{"kind": "Deployment", "name": "web"}]),
        workload("ReplicaSet", {"replicas": 0}, {}),
        workload("ReplicationController", TWO, {"readyReplicas": 2}),
        workload("DaemonSet", {}, {"desiredNumberScheduled": 2, "numberReady": 2}),
        workload("Job", ONE_LEFT, {"succeeded": 1, "conditions": [ready("True", "Complete")]}),
        workload("Job", {**ONE_LEFT, "suspend": True}, {"conditions": [ready("True", "Suspended")]}),
        workload("Job", {"parallelism": 0, "completions": 1}, {}),
        workload("Job", {"parallelism": 2}, {"active": 1, "succeeded": 1}),
        workload("Job", ONE_LEFT, {"active": 1}),
        workload("CronJob", {"suspend": True}, {}),
    ],
)
def test_what_makes_pods_is_well_when_it_has_them_or_wants_none(item: dict[str, Any]) -> None:
    assert said(item) == []


def test_what_is_reported_through_its_pods_is_reported_once() -> None:
    hashed = {"pod-template-hash": "7887448d46"}
    owner = [{"kind": "ReplicaSet", "name": "web-7887448d46"}]
    broken = pod("web-7887448d46-x", WAITING, ownerReferences=owner, labels=hashed)
    lacking = workload("Deployment", TWO, {"readyReplicas": 1, "updatedReplicas": 2})
    assert said(lacking, broken) == ["deployment/web: ErrImagePull: no"]
    assert len(said(workload("Job", ONE_LEFT, {"conditions": [FAILED]}), broken)) == 2, "they only have one name"


def test_a_job_that_succeeded_in_the_end_is_well_with_its_failed_pods() -> None:
    ended = {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"reason": "Error", "exitCode": 1}}}]}
    first = pod("web-x", ended, ownerReferences=[{"kind": "Job", "name": "web"}])
    done = {"conditions": [ready("True", "Complete")]}
    assert said(first, workload("Job", ONE_LEFT, done)) == []
    assert said(first, workload("Job", ONE_LEFT, done, name="other")) == ["job/web: Error, exit status 1"]
    assert said(first, workload("Job", ONE_LEFT, {"conditions": [FAILED]})) == ["job/web: Error, exit status 1"]


def test_a_long_reason_is_cut() -> None:
    long = {**FORBIDDEN, "message": "violates PodSecurity " * 50}
    (found,) = said(workload("Deployment", TWO, {"conditions": [long]}))
    assert found.startswith("deployment/web: FailedCreate: violates PodSecurity")
    assert found.endswith("…")
    assert len(found) < 350


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


@pytest.mark.parametrize("everywhere", [True, False])
def test_of_somebodys_cluster_only_the_pages_namespace_is_asked_for(everywhere: bool) -> None:
    asked: list[tuple[str, ...]] = []

    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        if "config" in argv:
            return 0, "demo"  # a page may set it on a cluster of its own, too
        asked.append(argv)
        return 0, "" if "events" in argv else json.dumps({"items": []})

    assert circumstances(ask, guest=not everywhere) == ""
    objects, events = asked
    assert ("--all-namespaces" in objects, "--all-namespaces" in events) == (everywhere, everywhere)
    assert ("nodes," in objects[3]) is everywhere


def test_events_that_one_may_not_read_are_no_warning() -> None:
    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        if "events" in argv:
            return 1, "Error from server (Forbidden): events is forbidden"
        return 0, "pagelab-1" if "config" in argv else json.dumps({"items": []})

    assert circumstances(ask) == ""


def test_all_that_can_lack_pods_is_asked_for() -> None:
    asked: list[str] = []

    def ask(argv: tuple[str, ...]) -> tuple[int, str]:
        asked.append(" ".join(argv))
        return 0, "" if "config" in argv else json.dumps({"items": []})

    assert contradictions(ask, (), patience=0, sleep=lambda _: None) == ()
    for kind in "deployments statefulsets daemonsets replicasets replicationcontrollers jobs".split():
        assert kind in asked[1]
