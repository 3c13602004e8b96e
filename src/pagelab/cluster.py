"""Node containers → a Kubernetes cluster, made by kubeadm as on machines, and ready for a page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from docker.errors import APIError
from docker.models.containers import Container

from pagelab.errors import LabError
from pagelab.hosts import HOME, put_file, run_on
from pagelab.unwell import circumstances

# What containerd and kubelet need in a container, and no more. `--privileged` is neither needed nor asked for.
CAPABILITIES = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK KILL MKNOD NET_ADMIN NET_BIND_SERVICE "
    "NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_CHROOT SYS_NICE SYS_PTRACE SYSLOG"
).split()
VOLUMES = ("/var/lib/containerd", "/var/lib/kubelet", "/var/lib/etcd")  # on the disk, not in the container's layers
TOKEN = "pagelb.0123456789abcdef"  # that of kubeadm.yaml
LENIENT = "--ignore-preflight-errors=all"  # as kubeadm.yaml says for the first
CONFIGURED = "--config /etc/kubeadm.yaml"
ADDON = (  # as kubeadm applies it, but for one line more, after a line that begins so
    f"kubeadm init phase addon {{name}} {CONFIGURED} --print-manifest"
    " | sed 's/^\\( *\\){after}:.*/&\\n\\1{line}/' > /tmp/{name}.yaml && "
    "kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f /tmp/{name}.yaml"
)
# kubeadm gives kube-proxy no share of the processors of its own: on a busy node, Services then lag by half a minute.
PROXY = ADDON.format(name="kube-proxy", after="imagePullPolicy", line="resources: { requests: { cpu: 100m } }")
# CoreDNS is asked whether it is ready when it starts, just before it is, and by default not again for ten seconds.
DNS = ADDON.format(name="coredns", after="readinessProbe", line="  periodSeconds: 1")
# CoreDNS that starts before kube-proxy has its rules does not reach the API, and backs off for half a minute.
PROXIED = "until iptables-save -t nat | grep -q 10.96.0.1/32; do sleep 0.1; done"
# A node that asks before the cluster has signed what it tells newcomers asks again five seconds later.
SIGNED = (
    "until kubectl --kubeconfig /etc/kubernetes/admin.conf get configmap cluster-info --namespace kube-public"
    " --output yaml 2> /dev/null | grep -q jws-kubeconfig; do sleep 0.1; done"
)
SUBNET = "10.244.{}.0/24"  # of kubeadm.yaml's podSubnet, by the number of the node
READ_TRIES = 5
KILLED = 137  # the status of what was killed
DEAD = "See that the machine has room (`docker system df`, `free`), then run again."
READY_LIMIT = 180  # seconds that each part of the start may take, on a busy machine
_PLACES = '{range .items[*]}{.metadata.name} {.spec.podCIDR} {.status.addresses[0].address}{"\\n"}{end}'


def make_cluster(nodes: tuple[tuple[str, Container], ...], desk: Container, *, network: bool) -> dict[str, float]:
    """Make one of the nodes, the first with the control plane, and give `desk` its kubeconfig.

    Returns when nodes, DNS and the default service account are ready; without a network, nodes never get ready, and
    what needs them neither. How many seconds each part took is the result. Raises LabError.
    """
    making = _Making(nodes, desk)
    making.make(network=network)
    return making.phases


def await_cluster(nodes: tuple[tuple[str, Container], ...], desk: Container, *, network: bool) -> dict[str, float]:
    """Return when a cluster that something else made is as ready as one of `make_cluster`. Raises LabError."""
    making = _Making(nodes, desk)
    making.await_ready(network=network)
    return making.phases


def kubelets_said(nodes: Iterable[tuple[str, Container]]) -> str:
    """What kubelet on each node said last; of a node that has ended, what the node itself did."""
    last = "tail -n 4 /var/log/kubelet.log 2> /dev/null || journalctl --unit kubelet -n 4 --no-pager -o cat"
    told = []
    for name, node in nodes:
        _, said = _run(node, "sh", "-c", last)
        words = _last_words(node)
        told.append(f"`{name}` is {node.status}: {words}" if words else f"kubelet on {name}: {said.strip()}")
    return "\n  ".join(told)


def _run(node: Container, *argv: str) -> tuple[int, str]:
    """As `run_on`; on a node that has ended, a command counts as killed."""
    try:
        return run_on(node, *argv)
    except APIError:
        if _last_words(node):
            return KILLED, ""
        raise


def _last_words(node: Container) -> str:
    """What a node said before it ended; empty while it runs."""
    node.reload()
    if node.status == "running":
        return ""
    said = node.logs(tail=4).decode(errors="replace").strip()
    return said.replace("\n", "\n  ") or "it said nothing"


@dataclass(slots=True)
class _Making:
    """A cluster that is being made."""

    nodes: tuple[tuple[str, Container], ...]  # by name, the first has the control plane
    desk: Container
    phases: dict[str, float] = field(default_factory=dict)
    _told: float = field(default_factory=time.monotonic)

    def make(self, *, network: bool) -> None:
        first, *others = self.nodes
        for name, node in self.nodes:
            self._on(name, node, "import of images", "until [ -e /run/pagelab-ready ]; do sleep 0.05; done")
        self._check_kernel()
        self._phase("images")
        if network:
            self._on(*first, "Pod network", f"pagelab-network {SUBNET.format(0)}")
        self._on(*first, "kubeadm init", f"kubeadm init {CONFIGURED} --skip-token-print --skip-phases addon")
        self._on(*first, "kube-proxy", PROXY)
        put_file(self.desk, ".kube/config", self._read(*first, "kubeconfig", "cat /etc/kubernetes/admin.conf"))
        self._phase("init")
        address = self._read(*first, "address", "hostname -i").split()[0]
        join = f"kubeadm join {address}:6443 --token {TOKEN} --discovery-token-unsafe-skip-ca-verification"
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            dns = pool.submit(self._on, *first, "cluster DNS", f"{PROXIED}; {DNS}")
            self._on(*first, "signed cluster-info", SIGNED)
            joining = [pool.submit(self._on, *other, "kubeadm join", f"{join} {LENIENT}") for other in others]
            for done in (dns, *joining):
                done.result()
        self._assign()
        self._phase("join")
        if network:
            self._connect()
        self.await_ready(network=network)

    def _check_kernel(self) -> None:
        """Raise LabError where Services could not work: kube-proxy would only log it, and a page time out."""
        status, lacking = run_on(self.nodes[0][1], "timeout", str(READY_LIMIT), "pagelab-kernel")
        if status:
            raise LabError(
                f"the cluster could not be made: this kernel lacks what kube-proxy's rules need: {lacking.strip()}",
                "Load the modules (`modprobe xt_…`), or run on a kernel that has them; "
                "`iptables -t nat -A …` with such a rule tells what is missing.",
            )

    def _assign(self) -> None:
        """Give the nodes their Pod subnets by number, each as soon as it is there.

        The controller manager would go by their order of arrival, and skip a subnet when the API server is slow to
        confirm it (`updateCIDRsAllocation` in pkg/controller/nodeipam/ipam/range_allocator.go).
        """
        for number, (name, _) in enumerate(self.nodes):
            subnet = SUBNET.format(number)
            patch = json.dumps({"spec": {"podCIDR": subnet, "podCIDRs": [subnet]}})
            self._on(
                "host", self.desk, "Pod subnets", f"until kubectl patch node {name} -p '{patch}'; do sleep 0.1; done"
            )

    def _connect(self) -> None:
        """Set up each node's Pod subnet on it, and routes to the others'."""
        listed = self._read("host", self.desk, "Pod subnets", f"kubectl get nodes -o jsonpath='{_PLACES}'")
        places = {name: (subnet, address) for name, subnet, address in map(str.split, listed.splitlines())}
        for name, node in self.nodes:
            ways = [f"{subnet} {address}" for other, (subnet, address) in places.items() if other != name]
            self._on(name, node, "Pod network", " ".join(["pagelab-network", places[name][0], *ways]))

    def await_ready(self, *, network: bool) -> None:
        system = "kubectl --namespace kube-system rollout status --timeout=10s"
        waits = {
            "account": "kubectl get serviceaccount default",
            "proxy": f"{system} daemonset/kube-proxy",  # it may crash once while its configuration comes
        }
        if network:
            waits |= {
                "nodes": "kubectl wait --for=condition=Ready node --all --timeout=10s",
                "dns": f"{system} deployment/coredns",
            }
        for what, command in waits.items():
            try:
                self._on("host", self.desk, what, f"until {command}; do sleep 0.2; done")
            except LabError as error:
                inside = circumstances(lambda argv: run_on(self.desk, "env", f"HOME={HOME}", *argv))
                raise LabError(error.problem, f"{inside}\n  {kubelets_said(self.nodes)}".strip()) from None
            self._phase(what)

    def _read(self, name: str, node: Container, what: str, script: str) -> str:
        """What the script prints. A busy engine now and then ends such a command well and has lost what it printed."""
        for _ in range(READ_TRIES):
            if output := self._on(name, node, what, script).strip():
                return output
        raise LabError(f"the cluster could not be made: {what} on `{name}` was empty", "Run again.")

    def _on(self, name: str, node: Container, what: str, script: str) -> str:
        status, output = _run(node, "timeout", str(READY_LIMIT), "env", f"HOME={HOME}", "sh", "-c", script)
        if status == 0:
            return output
        if words := _last_words(node):
            raise LabError(f"the cluster could not be made: `{name}` is {node.status}: {words}", DEAD)
        how = f"was not done within {READY_LIMIT} s" if status == 124 else f"ended with status {status}"
        tail = "\n  ".join(output.strip().splitlines()[-8:])
        raise LabError(
            f"the cluster could not be made: {what} {how} on `{name}`",
            f"It said:\n  {tail}\n  {kubelets_said(self.nodes)}",
        )

    def _phase(self, name: str) -> None:
        now = time.monotonic()
        self.phases[name] = round(now - self._told, 2)
        self._told = now
