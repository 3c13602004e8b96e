"""What is not well in a cluster: Pods that do not run or were never made, Services that lead nowhere, lost nodes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pagelab.requirements import Ask
from pagelab.workload import KINDS, is_done, shortage

PATIENCE = 30.0  # seconds that a cluster has to become as a page says that it is at its end
LASTING = 1.0  # seconds that it must stay so
SETTLED = 10.0  # seconds that what has crashed must run to be well again
MOST_TEXT = 3000  # characters of what a failed step is told about its cluster
_NAMESPACED = f"pods,services,endpointslices.discovery.k8s.io,{KINDS}"
API = "api-server"


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """Something that is not well: `name` as a page's front matter would say it, and why."""

    name: str  # kind/name, with namespace/ before it outside of `default`
    reason: str
    pod: tuple[str, str] = ("", "")  # namespace and name, where it is one

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def troubles(ask: Ask, guest: bool = False) -> tuple[Trouble, ...]:
    """All that is not well now; to a guest, in its own namespace. Raises what `ask` raises."""
    mine = _namespace(ask) if guest else ""
    where = (_NAMESPACED,) if mine else (f"nodes,{_NAMESPACED}", "--all-namespaces")
    status, output = ask(("kubectl", "--request-timeout=10s", "get", *where, "--output=json"))
    try:
        return tuple(sorted(set(read_troubles(json.loads(output)["items"], mine or "default"))))
    except (ValueError, KeyError, TypeError):
        lines = output.strip().splitlines() or [f"kubectl ended with status {status}"]
        return (Trouble(API, lines[-1]),)


def _namespace(ask: Ask) -> str:
    """The one that the page has in somebody's cluster."""
    return ask(("kubectl", "config", "view", "--minify", "--output=jsonpath={..namespace}"))[1]


def read_troubles(items: Iterable[dict[str, Any]], home: str = "default") -> tuple[Trouble, ...]:
    """What is not well among objects as the API server returns them; the names of those in `home` need no namespace.

    A Deployment that lacks Pods is left out where one of its Pods is there and says why.
    """
    found = tuple(_each_trouble(tuple(items), home))
    through_pods = {trouble.name for trouble in found if trouble.pod[1]}
    return tuple(trouble for trouble in found if trouble.pod[1] or trouble.name not in through_pods)


def _each_trouble(items: tuple[dict[str, Any], ...], home: str) -> Iterator[Trouble]:
    served = {
        (item["metadata"]["namespace"], item["metadata"].get("labels", {}).get("kubernetes.io/service-name"))
        for item in items
        if item["kind"] == "EndpointSlice" and item.get("endpoints")
    }
    done = {(item["metadata"]["namespace"], f"job/{item['metadata']['name']}") for item in items if is_done(item)}
    for item in items:
        about = item["metadata"]
        namespace, name = about.get("namespace", "default"), about["name"]
        match item["kind"]:
            case "Pod" if "deletionTimestamp" not in about and (reason := _pod(item["status"])):
                if (namespace, _owner(about)) not in done:
                    yield Trouble(_named(namespace, _owner(about), home), reason, (namespace, name))
            case "Service" if item["spec"].get("selector") and (namespace, name) not in served:
                yield Trouble(_named(namespace, f"service/{name}", home), "its selector matches no Pod")
            case "Node" if (condition := _condition(item["status"], "Ready")).get("status") != "True":
                yield Trouble(f"node/{name}", f"not ready: {condition.get('message', 'nothing is known')}")
            case kind if reason := shortage(item):
                yield Trouble(_named(namespace, _known(kind, name, about), home), reason)


def _pod(status: dict[str, Any]) -> str:
    """Why the Pod is not well, empty when it runs and is ready, or has done its work."""
    if status.get("phase") == "Succeeded":
        return ""
    for container in [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]:
        state = container.get("state", {})
        if waiting := state.get("waiting"):
            return f"{waiting.get('reason', 'waiting')}: {waiting.get('message', '')}".rstrip(": ")
        ended = state.get("terminated")
        if ended and ended.get("exitCode"):
            return f"{ended.get('reason', 'ended')}, exit status {ended['exitCode']}"
        if unsettled := _unsettled(container):
            return unsettled
    for kind in ("PodScheduled", "Ready"):
        condition = _condition(status, kind)
        if condition.get("status") == "False":
            return f"{condition.get('reason', kind)}: {condition.get('message', '')}".rstrip(": ")
    return "" if status.get("phase") == "Running" else str(status.get("phase", "unknown"))


def _unsettled(container: dict[str, Any]) -> str:
    """Why a container that runs may be one that crashes over and over: then it runs for moments in between."""
    started = container.get("state", {}).get("running", {}).get("startedAt")
    seconds = (datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds() if started else PATIENCE
    status = container.get("lastState", {}).get("terminated", {}).get("exitCode")
    if status and seconds < SETTLED:
        return f"started again a moment ago, after exit status {status}"
    return "has only just started" if seconds < LASTING else ""


def _condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    return next((condition for condition in status.get("conditions", ()) if condition["type"] == kind), {})


def _owner(about: dict[str, Any]) -> str:
    """What a page's author knows the Pod by: the workload that made it, or its own name."""
    owner = next(iter(about.get("ownerReferences", ())), None)
    if owner is None:
        return f"pod/{about['name']}"
    return _known(owner["kind"], owner["name"], about)


def _known(kind: str, name: str, about: dict[str, Any]) -> str:
    """A workload's name; the Deployment's for a ReplicaSet that one made, as labels of the set and its Pods tell."""
    if kind == "ReplicaSet" and (hashed := about.get("labels", {}).get("pod-template-hash")):
        return f"deployment/{name.removesuffix(f'-{hashed}')}"
    return f"{kind.lower()}/{name}"


def _named(namespace: str, name: str, home: str) -> str:
    return name if namespace == home else f"{namespace}/{name}"


def contradictions(
    ask: Ask,
    stated: tuple[str, ...],
    guest: bool = False,
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[str, ...]:
    """How the cluster differs from what its page says is not well at its end, once it had time to settle."""
    end = time.monotonic() + patience
    was_right = False
    while True:
        found = troubles(ask, guest)
        names = {trouble.name for trouble in found}
        wrong = [str(trouble) for trouble in found if trouble.name not in stated]
        wrong += [f"{name} is well, and the page says that it is not" for name in stated if name not in names]
        if (was_right and not wrong) or (wrong and time.monotonic() >= end):
            return tuple(wrong)
        was_right = not wrong
        sleep(LASTING if was_right else 0.5)


def circumstances(ask: Ask, guest: bool = False) -> str:
    """What a failed step is to know of its cluster: what is not well, warnings, and what unwell Pods said last."""
    found = troubles(ask, guest)
    parts = ["In the cluster:", *(f"  {trouble}" for trouble in found)]
    if [trouble.name for trouble in found] != [API]:
        parts += [f"  event: {line}" for line in _warnings(ask, guest)]
        for namespace, name in [trouble.pod for trouble in found if trouble.pod[1]][:3]:
            options = ("--all-containers", "--tail=5", "--request-timeout=5s")
            status, said = ask(("kubectl", "--namespace", namespace, "logs", name, *options))
            parts += [f"  {name} said: {line}" for line in said.strip().splitlines() if status == 0]
    text = "\n".join(re.sub(r"\s+$", "", part) for part in parts)
    return text[:MOST_TEXT] + ("\n  …" if len(text) > MOST_TEXT else "") if len(parts) > 1 else ""


def _warnings(ask: Ask, guest: bool) -> list[str]:
    """The last ones where the page is; none where one may not read them."""
    status, events = ask(
        (
            "kubectl",
            "--request-timeout=5s",
            *"get events --field-selector=type=Warning --sort-by=.lastTimestamp".split(),
            *(() if guest else ("--all-namespaces",)),
            "--output=jsonpath={range .items[*]}{.involvedObject.name}: {.reason}: {.message}{'\\n'}{end}",
        )
    )
    return [line for line in events.strip().splitlines()[-5:] if line and status == 0]
