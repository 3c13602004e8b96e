"""A cluster that somebody names: each lab gets a namespace of its own in it, and nothing else of it."""

from __future__ import annotations

import ipaddress
import json
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.models.containers import Container

from pagelab import owner
from pagelab.daemon import asking
from pagelab.errors import LabError
from pagelab.hosts import put_file, put_program, run_on

MARK = "pagelab=lab"  # label of the namespaces; whose they are is in annotations, which may hold any text
CALL_LIMIT = 60  # seconds


@dataclass(frozen=True, slots=True)
class NamedCluster:
    """The cluster of a context. Never the current one: that may be anybody's."""

    context: str
    kubeconfig: str = ""  # a file; empty for those that kubectl reads by itself

    def enter(self, client: docker.DockerClient, desk: Container, identity: str) -> tuple[tuple[str, str], ...]:
        """Give the host `desk` a namespace in the cluster, with kubectl and a kubeconfig for it. What facts say of it.

        Raises LabError where the context is unknown, or the cluster out of reach.
        """
        config = json.loads(self._kubectl("config", "view", "--minify", "--flatten", "--output=json"))
        version = json.loads(self._kubectl("version", "--output=json"))["serverVersion"]["gitVersion"]
        nodes = len(self._kubectl("get", "nodes", "--output=name").split())
        self._make_namespace(_namespace(identity), owner.labels(identity))
        config["contexts"][0]["context"]["namespace"] = _namespace(identity)
        _refuse_plugins(config)
        server = config["clusters"][0]["cluster"]["server"]
        with asking(f"giving the lab a way to {server}"):
            network_of(client, server).connect(desk)
            _copy_kubectl(desk)
            put_file(desk, ".kube/config", json.dumps(config))
        status, said = run_on(desk, "env", "HOME=/root", "kubectl", "--request-timeout=10s", "get", "--raw", "/readyz")
        if status:
            raise LabError(f"the lab does not reach {server}: {_last(said)}", _REACH)
        return (("cluster", f"context {self.context}"), ("kubernetes", version), ("nodes", str(nodes)))

    def check(self) -> None:
        """Raise LabError where the context is unknown, or its cluster does not answer or is not ready."""
        self._kubectl("get", "--raw", "/readyz")

    def trouble(self) -> str:
        """What is wrong with the cluster, empty when nothing is."""
        try:
            self.check()
        except LabError as error:
            return error.problem
        return ""

    def leave(self, identity: str) -> None:
        """Remove the lab's namespace; that it goes on ending for some seconds is the cluster's business."""
        self._kubectl("delete", "namespace", _namespace(identity), "--ignore-not-found", "--wait=false")

    def sweep(self) -> tuple[str, ...]:
        """Remove namespaces whose runner is gone. Raises LabError."""
        self.check()  # one question: others are asked again and again where nobody answers
        listed = json.loads(self._kubectl("get", "namespaces", f"--selector={MARK}", "--output=json"))
        removed = []
        for namespace in listed["items"]:
            about = namespace["metadata"]
            if "deletionTimestamp" not in about and owner.left_over(about.get("annotations", {}), time.time()):
                self._kubectl("delete", "namespace", about["name"], "--wait=false")
                removed.append(str(about["name"]))
        return tuple(removed)

    def _make_namespace(self, name: str, annotations: dict[str, str]) -> None:
        """A namespace in which Pods can be made: its service account comes a moment after it."""
        key, value = MARK.split("=")
        about = {"name": name, "labels": {key: value}, "annotations": annotations}
        self._kubectl("create", "-f", "-", said={"apiVersion": "v1", "kind": "Namespace", "metadata": about})
        end = time.monotonic() + CALL_LIMIT
        account = ("get", "serviceaccount", "default", f"--namespace={name}", "--ignore-not-found", "--output=name")
        while not self._kubectl(*account):
            if time.monotonic() >= end:
                raise LabError(
                    f"the namespace {name} got no service account within {CALL_LIMIT} s", "Look at its events."
                )
            time.sleep(0.1)

    def _kubectl(self, *arguments: str, said: dict[str, Any] | None = None) -> str:
        """What kubectl prints, asked of this cluster from this machine. Raises LabError."""
        where = ("--context", self.context, *(("--kubeconfig", self.kubeconfig) if self.kubeconfig else ()))
        try:
            done = subprocess.run(
                ("kubectl", *where, "--request-timeout=10s", *arguments),
                input=json.dumps(said) if said else "",
                capture_output=True,
                text=True,
                timeout=CALL_LIMIT,
                check=False,
            )
        except OSError as error:
            problem = f"kubectl, which the context {self.context} needs, cannot be started: {error.strerror}"
            raise LabError(problem, "Install it: kubernetes.io/docs/tasks/tools") from None
        except subprocess.TimeoutExpired:
            raise LabError(f"the cluster of the context {self.context} does not answer", _REACH) from None
        if done.returncode:
            problem = f"the cluster of the context {self.context} cannot be used: {_last(done.stderr)}"
            raise LabError(problem, "`kubectl config get-contexts` lists the contexts; see that it answers there.")
        return done.stdout


_REACH = (
    "See that its server answers, from containers too: an address of this machine's loopback does not. "
    "For kind, give a file made by `kind get kubeconfig --internal`."
)


def _namespace(identity: str) -> str:
    return f"pagelab-{identity}"


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def _refuse_plugins(config: dict[str, Any]) -> None:
    """A program that gets credentials is not in a lab, nor would it have what it needs there."""
    user = (config.get("users") or [{}])[0].get("user") or {}
    if "exec" in user or "auth-provider" in user:
        raise LabError(
            "the context gets its credentials from a program, which labs do not have",
            "Make a service account for this, and a kubeconfig with its token: `kubectl create token`.",
        )


def network_of(client: docker.DockerClient, server: str) -> Any:
    """The engine's network that the server is in, the default one for a server elsewhere. Raises LabError."""
    name = urlsplit(server).hostname or ""
    try:
        address = ipaddress.ip_address(socket.gethostbyname(name))
    except OSError:
        raise LabError(f"{name}, the cluster's server, has no address", _REACH) from None
    if address.is_loopback:
        raise LabError(f"{server} is this machine's loopback, which labs do not reach", _REACH)
    for network in client.networks.list():
        pools = (network.attrs.get("IPAM") or {}).get("Config") or []
        if any(address in ipaddress.ip_network(pool["Subnet"], strict=False) for pool in pools if pool.get("Subnet")):
            return network
    return client.networks.get("bridge")


def _copy_kubectl(desk: Container) -> None:
    """Put this machine's kubectl on the host. Raises LabError where it does not run there."""
    put_program(desk, "kubectl", Path(shutil.which("kubectl") or "").resolve().read_bytes())
    status, said = run_on(desk, "kubectl", "version", "--client")
    if status:
        raise LabError(
            f"this machine's kubectl does not run in a lab: {_last(said)}", "Put a release's own on the PATH."
        )
