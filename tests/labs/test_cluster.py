"""A lab with a Kubernetes cluster: the contract of labs, pages that are wrong and right about it, and its end."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from pagelab import owner
from pagelab.engine import DockerProvider
from pagelab.errors import LabError, PageError
from pagelab.images import LabImages
from pagelab.lab import Lab, Shell, ask
from pagelab.leak import read_state, settled_differences
from pagelab.model import Cluster, Kind
from pagelab.nodeimage import ClusterImages, NodeSource
from pagelab.page import parse_page, read_page
from pagelab.recipes import read_cookbook
from pagelab.report import describe
from pagelab.run import Run
from pagelab.session import merge_languages
from pagelab.visit import Entered

HERE = Path(__file__).parent / "clusters"
WRONG, RIGHT = (sorted((HERE / kind).glob("*.md")) for kind in ("wrong", "right"))
ONE = Cluster(1)
BOOK = read_cookbook()
HEAD = "---\nlab: {cluster: {nodes: 1}}\n---\n"

# Words without which the message would not say what is wrong, as patterns.
SAYS = {
    "logs-of-a-pending-pod": "`kubectl logs` printed nothing",
    "empty-variable": "the variable is empty",
    "get-finds-nothing": "`kubectl get` found nothing",
    "applied-and-never-started": r'deployment/web: (ErrImagePull|ImagePullBackOff): .*"\S*nginx:none"',
    "account-that-is-missing": 'deployment/web: FailedCreate: pods "web-.*serviceaccount "nobody" not found',
    "job-whose-pods-are-gone": "job/once: BackoffLimitExceeded: ",
    "no-node-for-a-daemon": "daemonset/agent: no node fits",
    "rollout-without-end": "no time limit",
    "service-that-selects-nothing": "service/shop: its selector matches no Pod",
    "dry-run-on-the-client": "checks nothing against the cluster",
    "unwell-that-is-well": "pod/p is well, and the page says that it is not",
    "crash-loop": "pod/p: ",
    "unknown-kind": 'no matches for kind "Pud"',
    "other-pods-name": "a value is not the one that the page showed before",
}


@pytest.fixture(scope="module")
def provider(cluster_provider: DockerProvider) -> DockerProvider:
    return cluster_provider


@pytest.fixture(scope="module")
def lab(provider: DockerProvider) -> Iterator[Lab]:
    """One cluster for many tests, because starting one is the slow part."""
    with provider.lab("tests", ("host", *ONE.names), ONE) as lab:
        yield lab


class Shared(Entered):
    """The provider of one cluster for several pages, each of which finds it without what the others left."""

    @contextmanager
    def lab(
        self, name: str, hosts: tuple[str, ...] = (), cluster: Cluster | None = None, kvm: bool = False
    ) -> Iterator[Lab]:
        with super().lab(name, hosts, cluster, kvm) as lab:
            yield lab
            which = "--field-selector=metadata.name!=kubernetes"  # the Service by which Pods reach the API server
            kinds = "deployments,daemonsets,cronjobs,jobs,services,pods"
            assert ask(lab, ("kubectl", "delete", kinds, which, "--now", "--timeout=30s"), 60)[0] == 0


def complaints(page: Path, lab: Lab) -> str:
    try:
        session = merge_languages(page.stem, {"en": read_page(page, page.name)})
    except PageError as error:
        return str(error)
    run = Run(session, Shared(lab))
    run.finish()
    return "\n".join(describe(o, o.step.location) for o in run.outcomes if o.kind is not Kind.PASSED)


@pytest.mark.parametrize("page", WRONG, ids=[page.stem for page in WRONG])
def test_a_page_that_is_wrong_about_its_cluster_is_caught(page: Path, lab: Lab) -> None:
    text = complaints(page, lab)
    assert re.search(SAYS[page.stem], text)
    assert "not run: " not in text, "that says nothing about the page"


@pytest.mark.parametrize("page", RIGHT, ids=[page.stem for page in RIGHT])
def test_a_page_that_is_right_passes(page: Path, lab: Lab) -> None:
    assert complaints(page, lab) == ""


def test_the_cluster_is_a_real_one_and_says_what_it_is(lab: Lab) -> None:
    facts = dict(lab.facts().details)
    assert (facts["cluster"], facts["nodes"]) == ("kubeadm", "1")
    assert facts["kubernetes"] in ask(lab, ("kubectl", "version"))[1]
    _, pods = ask(lab, ("kubectl", "get", "pods", "--namespace=kube-system", "--output=name"))
    for part in ("etcd-node-1", "kube-apiserver-node-1", "kube-scheduler-node-1", "kube-proxy-", "coredns-"):
        assert part in pods


def test_shells_run_beside_the_cluster_and_on_its_nodes(lab: Lab) -> None:
    for host, name in (("", b"host\n"), ("node-1", b"node-1\n")):
        shell = Shell.open(lab, host)
        assert shell.run("hostname", 10).output == name
        lab.write("sub/file.txt", "text ü\n", host)
        assert shell.run("cat sub/file.txt", 10).output == "text ü\n".encode()
        shell.connection.close()


def test_what_a_page_builds_and_pushes_runs_in_the_cluster(lab: Lab) -> None:
    lab.write("own/Dockerfile", "FROM busybox\nRUN echo made here > /words\n")
    steps = (
        "docker build -q -t registry:5000/own:1 own && docker push -q registry:5000/own:1",
        "kubectl run own --image=registry:5000/own:1 --restart=Never -- cat /words",
        "kubectl wait pod/own --for=jsonpath={.status.phase}=Succeeded --timeout=30s",
        "kubectl logs own",
    )
    shell = Shell.open(lab)
    last = [shell.run(step, 60).output for step in steps][-1]
    shell.connection.close()
    assert last == b"made here\n"


def test_a_node_that_ends_says_nothing_about_the_page(engine: docker.DockerClient, provider: DockerProvider) -> None:
    text = f"{HEAD}```console\n$ kubectl get nodes -o name\nnode/node-1\n$ kubectl get pods\n```\n"
    run = Run(merge_languages("dies", {"en": parse_page("p.md", text)}), provider)
    try:
        assert run.advance(("block-1", 1)).kind is Kind.PASSED
        label = f"{owner.RUNNER}={owner.labels('')[owner.RUNNER]}"
        nodes = [c for c in engine.containers.list(filters={"label": label}) if str(c.name).endswith("-node-1")]
        max(nodes, key=lambda node: str(node.attrs["Created"])).kill()
        outcome = run.advance(("block-1", 2))
        assert outcome.kind is Kind.ERROR
        assert outcome.reason == "the lab's host `node-1` is exited"
    finally:
        run.close()


# In place of a node's `iptables`: as on a kernel without these two, all else is the real thing.
LACKING = """FROM {node}
RUN printf '%s\\n' '#!/bin/sh' 'case "$*" in *statistic*|*MASQUERADE*) exit 4 ;; esac' 'exec /usr/sbin/iptables "$@"' \
      > /usr/local/sbin/iptables && chmod +x /usr/local/sbin/iptables
"""


def test_a_kernel_without_what_services_need_is_named(provider: DockerProvider, lab_images: LabImages) -> None:
    images = NodeSource(provider.client, BOOK, print).images()
    image, _ = provider.client.images.build(fileobj=io.BytesIO(LACKING.format(node=images.node).encode()), rm=True)

    class Lacking(NodeSource):
        def images(self) -> ClusterImages:
            return replace(images, node=str(image.id))

    labs = DockerProvider(provider.client, lab_images, Lacking(provider.client, BOOK, print))
    try:
        with (
            pytest.raises(LabError, match=r"lacks what kube-proxy's rules need: .*statistic.*, .*MASQUERADE") as caught,
            labs.lab("old", ("host", *ONE.names), ONE),
        ):
            pass
    finally:
        provider.client.images.remove(str(image.id), force=True)
    assert "addrtype" not in str(caught.value)
    assert "modprobe" in caught.value.advice


def test_what_cannot_become_a_node_is_named(provider: DockerProvider, lab_images: LabImages) -> None:
    """A Docker host has no images of a cluster to import: nothing gets ready."""

    class Broken(NodeSource):
        def images(self) -> ClusterImages:
            return replace(super().images(), node=lab_images.registry)

    source = Broken(provider.client, BOOK, print)
    with (
        pytest.raises(LabError, match="node-1"),
        DockerProvider(provider.client, lab_images, source).lab("broken", ("host", *ONE.names), ONE),
    ):
        pass


KILLED = """
import time
from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.images import provide_images
from pagelab.model import Cluster
from pagelab.nodeimage import NodeSource
from pagelab.recipes import read_cookbook
client, book = ensure_engine(print), read_cookbook()
nodes = NodeSource(client, book, print)
with DockerProvider(client, provide_images(client, book, print), nodes).lab("killed", ("host", "node-1"), Cluster(1)):
    print("READY", flush=True)
    time.sleep(300)
"""


def kill_when(runner: subprocess.Popen[bytes], said: bytes, made: Callable[[], object]) -> None:
    """Kill the process after it has said a line that begins so (nothing: at once), and something is there."""
    try:
        assert runner.stdout is not None
        assert not said or any(line.startswith(said) for line in runner.stdout)
        end = time.monotonic() + 120
        while not made():
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        runner.kill()
        runner.communicate(timeout=60)


@pytest.mark.parametrize("moment", ["starts", "runs"])
def test_a_killed_runner_leaves_nothing_after_the_next_sweep(
    provider: DockerProvider, engine: docker.DockerClient, moment: str
) -> None:
    before = read_state(engine)
    runner = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    mine = {"label": f"{owner.RUNNER}={runner.pid}:{owner.start_time(str(runner.pid))}"}
    kill_when(
        runner,
        b"READY" if moment == "runs" else b"",
        lambda: any("-node-" in str(c.name) for c in engine.containers.list(filters=dict(mine))),
    )
    assert provider.sweep()
    assert settled_differences(engine, before, [before.runner]) == ()
