"""Clusters that kind makes: the contract of labs, pages beside and on its nodes, its refusals, and its end.

Real here: kind itself, built from its Go module, with all that it does (its configuration of kubeadm, its calls of
`docker`, its order of steps), and the cluster that kubeadm makes at its word.

What stands in: its node image, which only a registry has, is a node built here that is shaped like one (in
kind/kind-node/: no systemd, one script in place of `systemctl`, the bridge of built nodes in place of kindnet), and
its `docker` is a script that grants the capabilities of built nodes in place of --privileged. So these tests say
nothing of what is inside kind's own image: its tools, its storage class, its network policies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from test_cluster import RIGHT, Shared, complaints, kill_when
from test_contract import (  # noqa: F401 - they run here, too
    test_a_lab_can_be_asked_beside_the_session,
    test_a_lab_meets_the_contract,
)

from pagelab import owner
from pagelab.build import build_image
from pagelab.cluster import CAPABILITIES
from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.golang import programs_of
from pagelab.images import LabImages
from pagelab.kind import KindSource, own_clusters
from pagelab.lab import Lab, Provider, ask
from pagelab.leak import read_state, settled_differences
from pagelab.machine import diagnose
from pagelab.model import Cluster, Kind
from pagelab.nodeimage import NodeSource
from pagelab.page import parse_page
from pagelab.recipes import BROUGHT, Recipe, read_cookbook
from pagelab.report import describe
from pagelab.run import Run
from pagelab.session import merge_languages

HERE = Path(__file__).parent / "kind"
BOOK = read_cookbook()
TWO = Cluster(2)
WITHOUT_NETWORK = Cluster(1, network=False)
PAGE = """---
lab: {cluster: {nodes: 2}}
---
```console
$ kubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.spec.podCIDR,TAINTS:.spec.taints
NAME     PODS            TAINTS
node-1   10.244.0.0/24   <none>
node-2   10.244.1.0/24   <none>
$ kubectl run there --image=nginx --overrides='{"spec":{"nodeName":"node-2"}}'
pod/there created
$ kubectl wait --for=condition=Ready pod/there --timeout=60s
pod/there condition met
$ kubectl expose pod there --port=80
service/there exposed
$ echo "FROM busybox" > Dockerfile && docker build -q -t registry:5000/own:1 . && docker push -q registry:5000/own:1
...
registry:5000/own:1
$ kubectl run here --image=registry:5000/own:1 --overrides='{"spec":{"nodeName":"node-1"}}' --restart=Never -- \\
>   wget -qO /dev/null http://there.default.svc.cluster.local
pod/here created
$ kubectl wait pod/here --for=jsonpath={.status.phase}=Succeeded --timeout=60s
pod/here condition met
```

```console {host="node-2"}
$ hostname
node-2
$ ctr --namespace k8s.io containers list | grep -c nginx
1
$ curl -sk -o /dev/null -w '%{http_code}\\n' https://node-1:6443/livez
200
```
"""


@pytest.fixture(scope="module", autouse=True)
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """kind, and the `docker` that stands in for the one that it calls."""
    folder, modules = tmp_path_factory.mktemp("bin"), tmp_path_factory.mktemp("commands")
    shutil.copytree(HERE / "kind", modules / "kind")
    shutil.copy(BROUGHT / "commands" / "toolchain.txt", modules)
    try:
        (folder / "kind").symlink_to(programs_of(modules / "kind", print) / "kind")
    except LabError as error:
        pytest.skip(f"kind cannot be built here: {error}")
    if not (real := shutil.which("docker")):
        pytest.skip("kind calls `docker`, which is not installed here")
    (folder / "docker").symlink_to(HERE / "docker")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REAL_DOCKER", real)
        patch.setenv("CAPABILITIES", " ".join(CAPABILITIES))
        patch.setenv("REFUSED", "nothing")
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        yield


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient, cluster_provider: DockerProvider) -> str:
    """What stands in for kind's node image, by its digest."""
    assert cluster_provider.lacks_cluster(TWO) == "", "it is made of a node"
    made = NodeSource(engine, BOOK, print).images()
    recipe = Recipe("a node for kind", "", HERE / "kind-node")
    return str(engine.images.get(build_image(engine, recipe, made.node, print, {"VERSION": made.version})).id)


@pytest.fixture(scope="module")
def clusters(engine: docker.DockerClient, lab_images: LabImages, image: str) -> DockerProvider:
    return DockerProvider(engine, lab_images, KindSource(engine, BOOK, print, image=image))


@pytest.fixture(scope="module")
def lab(engine: docker.DockerClient, clusters: DockerProvider) -> Iterator[Lab]:
    """One cluster for many tests, because making one is the slow part; nothing of it may be left."""
    before = read_state(engine)
    with clusters.lab("tests", ("host", *TWO.names), TWO) as lab:
        yield lab
    assert settled_differences(engine, before, [before.runner]) == ()


@pytest.fixture
def provider(lab: Lab) -> Provider:
    """For the contract's tests."""
    return Shared(lab)


def test_a_page_runs_on_kinds_nodes_as_on_those_built_here(lab: Lab) -> None:
    run = Run(merge_languages("kind", {"en": parse_page("p.md", PAGE)}), Shared(lab))
    run.finish()
    assert [describe(o, o.step.location) for o in run.outcomes if o.kind is not Kind.PASSED] == []


@pytest.mark.parametrize("name", ["deploy-and-clean-up", "on-the-node"])
def test_pages_of_clusters_that_are_built_here_pass(name: str, lab: Lab) -> None:
    assert complaints(next(page for page in RIGHT if page.stem == name), lab) == ""


def test_evidence_says_that_it_was_kind(lab: Lab, image: str) -> None:
    facts = dict(lab.facts().details)
    assert facts["cluster"] == f"kind v{subprocess.check_output(('kind', 'version', '-q'), text=True).strip()}"
    assert (facts["nodes"], facts["node image"]) == ("2", image)
    assert facts["kubernetes"] in ask(lab, ("kubectl", "version"))[1]


def test_a_living_runners_nodes_are_its_own_and_nobody_elses(
    engine: docker.DockerClient, clusters: DockerProvider, lab: Lab
) -> None:
    _, server = ask(lab, ("kubectl", "config", "view", "--output=jsonpath={.clusters[0].cluster.server}"))
    cluster = server.removeprefix("https://").removesuffix("-control-plane:6443")
    nodes = {thing.name: thing.runner for thing in read_state(engine).things if thing.name.startswith(f"{cluster}-")}
    assert {f"{cluster}-control-plane", f"{cluster}-worker"} <= nodes.keys()
    assert set(nodes.values()) == {owner.labels("")[owner.RUNNER]}
    assert clusters.sweep() == ()
    assert lab.alive() == ""


def test_nodes_without_a_lab_are_swept_and_those_of_others_stay(
    engine: docker.DockerClient, clusters: DockerProvider, lab_images: LabImages
) -> None:
    """As a `docker run` leaves one that kind started, and that came after its lab was removed."""
    names = {name: f"{name}-control-plane" for name in ("pagelab-0badcafe", "pagelab-dev")}
    for cluster, name in names.items():
        engine.containers.create(lab_images.registry, name=name, labels={owner.KIND: cluster})
    try:
        assert "pagelab-0badcafe" in clusters.sweep()
        left = [c.name for c in engine.containers.list(all=True, filters={"label": owner.KIND})]
        assert names["pagelab-dev"] in left
        assert names["pagelab-0badcafe"] not in left
    finally:
        for container in engine.containers.list(all=True, filters={"label": owner.KIND}):
            if container.name in names.values():
                container.remove()


def test_what_kind_said_last_is_told_when_it_fails(
    engine: docker.DockerClient, clusters: DockerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_state(engine)
    monkeypatch.setenv("REFUSED", "kubeadm init")
    with pytest.raises(LabError) as caught, clusters.lab("fails", ("host", "node-1"), Cluster(1)):
        pass
    assert caught.value.problem == "`kind create cluster` ended with status 1"
    assert "ERROR: failed to create cluster: failed to init node with kubeadm" in caught.value.advice
    assert "docker: refused: kubeadm init" in caught.value.advice
    assert "kubelet on node-1: " in caught.value.advice
    assert settled_differences(engine, before, [before.runner]) == ()


def test_the_first_that_can_be_had_makes_clusters(
    engine: docker.DockerClient, image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreachable = f"no-such-registry.invalid/node@sha256:{'0' * 64}"
    ways = {("", image): KindSource, ("built", image): NodeSource, ("", unreachable): NodeSource}
    for (way, named), kind in ways.items():
        assert type(own_clusters(engine, BOOK, print, way, named)) is kind, (way, named)
    only_kind = own_clusters(engine, BOOK, print, "kind", unreachable)
    assert "no-such-registry.invalid" in only_kind.lacks()
    assert (
        own_clusters(engine, BOOK, print, "kind", "kindest/node:v1")
        .lacks()
        .startswith("the node image kindest/node:v1 is not pinned. Name it with its digest")
    )
    (tmp_path / "kind").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "kind").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "does not say what its node image is" in own_clusters(engine, BOOK, print, "kind").lacks()
    (tmp_path / "kind").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert type(own_clusters(engine, BOOK, print, "", image)) is NodeSource
    assert own_clusters(engine, BOOK, print, "kind", image).lacks().startswith("kind is not installed")


def test_kinds_own_image_is_read_from_it(engine: docker.DockerClient) -> None:
    assert " node image kindest/node:v1." in KindSource(engine, BOOK, print).words()
    assert "@sha256:" in KindSource(engine, BOOK, print).key(), "what is reused was made with the same"
    finding = next(finding for finding in diagnose(None, None).checks if finding.name == "kind")
    assert "kindest/node:v1." in finding.seen, "in reach or not"


KILLED = """
import sys, time
from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.images import provide_images
from pagelab.kind import KindSource
from pagelab.lab import ask
from pagelab.model import Cluster
from pagelab.recipes import read_cookbook
client, book, one = ensure_engine(print), read_cookbook(), Cluster(1, network=False)
kind = KindSource(client, book, print, image=sys.argv[1])
with DockerProvider(client, provide_images(client, book, print), kind).lab("killed", ("host", *one.names), one) as lab:
    print("READY", *ask(lab, ("kubectl", "get", "nodes", "--no-headers"))[1].split(), flush=True)
    time.sleep(300)
"""


@pytest.mark.parametrize("moment", ["starts", "runs"])
def test_a_killed_runner_leaves_nothing_after_the_next_sweep(
    clusters: DockerProvider, engine: docker.DockerClient, image: str, moment: str
) -> None:
    """Its cluster has no Pod network, as it asked for none: the node is not ready, and the lab is."""
    before = read_state(engine)
    others = set(_clusters(engine))
    runner = subprocess.Popen([sys.executable, "-c", KILLED, image], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = b"READY node-1 NotReady" if moment == "runs" else b""
    kill_when(runner, said, lambda: set(_clusters(engine)) - others)
    assert clusters.sweep()
    assert settled_differences(engine, before, [before.runner]) == ()
    assert set(_clusters(engine)) == others


def _clusters(engine: docker.DockerClient) -> list[str]:
    listed = engine.containers.list(all=True, filters={"label": owner.KIND}, ignore_removed=True)
    return [container.labels[owner.KIND] for container in listed]
