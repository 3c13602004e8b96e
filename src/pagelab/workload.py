"""Why what makes Pods, such as a Deployment or a Job, is not well, whether or not it made any. Pure."""

from __future__ import annotations

from typing import Any

# As kubectl is asked for them.
KINDS = "deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,replicationcontrollers,jobs.batch"
MOST_REASON = 300  # characters of what a condition says: admission lists all that it minds
_UNSEEN = "no controller has acted yet on what was last applied"
_NOWHERE = "no node fits its selector, affinity and tolerations (`unwell` names it where that is meant)"


def shortage(item: dict[str, Any]) -> str:
    """What it lacks; empty for other kinds, and when it is well, or has no Pods on purpose.

    A ReplicaSet of a Deployment lacks nothing: the Deployment does.
    """
    about, spec, status = item["metadata"], item.get("spec", {}), item.get("status", {})
    if "deletionTimestamp" in about or any(owner["kind"] == "Deployment" for owner in about.get("ownerReferences", ())):
        return ""
    match item["kind"]:
        case "Job":
            return _of_job(spec, status)
        case "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" | "DaemonSet" as kind:
            if status.get("observedGeneration", 0) < about["generation"]:
                return _UNSEEN
            return _of_daemons(status) if kind == "DaemonSet" else _of_replicas(kind, spec, status)
    return ""


def is_done(item: dict[str, Any]) -> bool:
    """Whether it is a Job that succeeded, even if some of its Pods did not."""
    return item["kind"] == "Job" and bool(_condition(item.get("status", {}), "Complete"))


def _of_replicas(kind: str, spec: dict[str, Any], status: dict[str, Any]) -> str:
    wanted, paused = spec.get("replicas", 1), spec.get("paused", False)
    made = status.get("updatedReplicas", 0) if kind == "Deployment" and not paused else wanted
    lack = _lack(status.get("readyReplicas", 0), wanted, "ready") or _lack(made, wanted, "up to date")
    refusal = lack and _condition(status, "ReplicaFailure")
    return refusal or ("" if paused else lack)


def _of_daemons(status: dict[str, Any]) -> str:
    wanted = status.get("desiredNumberScheduled", 0)
    return _lack(status.get("numberReady", 0), wanted, "ready") if wanted else _NOWHERE


def _of_job(spec: dict[str, Any], status: dict[str, Any]) -> str:
    if spec.get("suspend") or _condition(status, "Complete"):
        return ""
    at_once = spec.get("parallelism", 1)
    left = (spec.get("completions") or at_once) - status.get("succeeded", 0)
    return _condition(status, "Failed") or _lack(status.get("active", 0), min(at_once, left), "started")


def _lack(there: int, wanted: int, what: str) -> str:
    return f"{there} of {wanted} Pods {what}" if there < wanted else ""


def _condition(status: dict[str, Any], kind: str) -> str:
    """What the condition says, cut to a line or two; empty unless it holds."""
    held = (one for one in status.get("conditions", ()) if one["type"] == kind and one["status"] == "True")
    if not (condition := next(held, None)):
        return ""
    text = f"{condition.get('reason') or kind}: {condition.get('message', '')}".rstrip(": ")
    return text if len(text) <= MOST_REASON else f"{text[:MOST_REASON]}…"
