"""A cluster that somebody else made and names: pages run in a namespace of it, and leave nothing there."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from pagelab import owner
from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.golang import programs_of
from pagelab.hosts import HOME, DockerLab
from pagelab.images import LabImages
from pagelab.lab import Lab, Provider, ask
from pagelab.model import Cluster, Kind
from pagelab.named import NamedCluster
from pagelab.page import parse_page
from pagelab.pytest_plugin import COULD_NOT_RUN
from pagelab.recipes import read_cookbook
from pagelab.report import describe
from pagelab.run import Run
from pagelab.session import merge_languages

CONTEXT = "kubernetes-admin@kubernetes"
ONE = Cluster(1)
IN_A_NAMESPACE = Cluster(1, whole=False)
HEAD = "---\nlab: {cluster: {nodes: 1, namespace: true}}\n---\n"
PAGE = """---
lab: {cluster: {nodes: 1, namespace: true, unwell: [service/lonely]}}
---
```console
$ kubectl create deployment web --image=nginx
deployment.apps/web created
$ kubectl expose deployment web --port=80
service/web exposed
$ kubectl rollout status deployment/web --timeout=60s
...
deployment "web" successfully rolled out
$ kubectl create service clusterip lonely --tcp=80
service/lonely created
$ docker run --rm busybox echo and Docker beside it
...
and Docker beside it
```
"""
WHOLE = "---\nlab: {cluster: {nodes: 1}}\n---\n```console\n$ kubectl drain node-1\n```\n"


@pytest.fixture(scope="module")
def lab(cluster_provider: DockerProvider) -> Iterator[Lab]:
    """Somebody's cluster."""
    with cluster_provider.lab("somebody's", ("host", *ONE.names), ONE) as lab:
        yield lab


@pytest.fixture(scope="module")
def kubeconfig(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    status, text = ask(lab, ("cat", f"{HOME}/.kube/config"))
    assert status == 0
    path = tmp_path_factory.mktemp("somebody") / "config"
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kubectl of this machine, for which labs take the one that was built for nodes."""
    module = next(module for module in read_cookbook().cluster.desk.commands)
    (tmp_path / "kubectl").symlink_to(programs_of(module, print) / "kubernetes")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/local/bin:/usr/bin:/bin")


def provider(engine: docker.DockerClient, images: LabImages, path: Path, context: str = CONTEXT) -> DockerProvider:
    return DockerProvider(engine, images, NamedCluster(context, str(path)))


def outcomes(text: str, provider: Provider) -> tuple[list[Kind], str]:
    run = Run(merge_languages("named", {"en": parse_page("p.md", text)}), provider)
    run.finish()
    said = "\n".join(describe(o, o.step.location) for o in run.outcomes if o.kind is not Kind.PASSED)
    return [outcome.kind for outcome in run.outcomes], said


def namespaces(lab: Lab) -> dict[str, str]:
    """Their phases by name."""
    _, text = ask(lab, ("kubectl", "get", "namespaces", "--output=json"))
    return {item["metadata"]["name"]: item["status"]["phase"] for item in json.loads(text)["items"]}


def test_a_page_runs_in_a_namespace_that_is_gone_afterwards(
    engine: docker.DockerClient, lab_images: LabImages, lab: Lab, kubeconfig: Path
) -> None:
    kinds, said = outcomes(PAGE, provider(engine, lab_images, kubeconfig))
    assert said == ""
    assert set(kinds) == {Kind.PASSED}
    left = {name: phase for name, phase in namespaces(lab).items() if name.startswith("pagelab-")}
    assert set(left.values()) <= {"Terminating"}
    assert "pods" not in ask(lab, ("kubectl", "get", "deployments", "--output=name"))[1], "nothing was in `default`"


def test_what_breaks_a_cluster_does_not_run_on_somebodys(
    engine: docker.DockerClient, lab_images: LabImages, kubeconfig: Path
) -> None:
    kinds, said = outcomes(WHOLE, provider(engine, lab_images, kubeconfig))
    assert kinds == [Kind.SKIPPED]
    assert "it needs a cluster of its own, and this run uses one that somebody named" in said


def test_what_a_killed_run_left_is_swept_and_a_living_ones_stays(
    engine: docker.DockerClient, lab_images: LabImages, lab: Lab, kubeconfig: Path
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait(timeout=10)
    of_gone = {**owner.labels("deadbeef"), owner.RUNNER: f"{gone.pid}:1"}
    for name, notes in (("pagelab-dead", of_gone), ("pagelab-living", owner.labels("living"))):
        about = {"name": name, "labels": {"pagelab": "lab"}, "annotations": notes}
        lab.write("namespace.json", json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": about}))
        assert ask(lab, ("kubectl", "create", "-f", f"{HOME}/namespace.json"))[0] == 0
    assert "pagelab-dead" in provider(engine, lab_images, kubeconfig).sweep()
    end = time.monotonic() + 60
    while namespaces(lab).get("pagelab-dead") == "Active" and time.monotonic() < end:
        time.sleep(0.2)
    assert namespaces(lab).get("pagelab-dead") != "Active"
    assert namespaces(lab)["pagelab-living"] == "Active"


def test_an_unknown_context_is_named(engine: docker.DockerClient, lab_images: LabImages, kubeconfig: Path) -> None:
    kinds, said = outcomes(PAGE, provider(engine, lab_images, kubeconfig, "nobody"))
    assert kinds[0] is Kind.ERROR
    assert "the cluster of the context nobody cannot be used" in said
    assert "kubectl config get-contexts" in said


@pytest.mark.parametrize(
    ("server", "problem"),
    [("https://127.0.0.1:1", "cannot be used"), ("https://192.0.2.1:6443", "cannot be used|does not answer")],
)
def test_a_cluster_that_does_not_answer_is_named(
    engine: docker.DockerClient, lab_images: LabImages, kubeconfig: Path, tmp_path: Path, server: str, problem: str
) -> None:
    other = tmp_path / "config"
    lines = kubeconfig.read_text().splitlines()
    other.write_text("\n".join(f"    server: {server}" if "server:" in line else line for line in lines))
    with (
        pytest.raises(LabError, match=problem),
        provider(engine, lab_images, other).lab("unreachable", cluster=IN_A_NAMESPACE),
    ):
        pass


NOWHERE = {
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "users": [{"name": "u", "user": {"token": "t"}}],
    "current-context": "c",
}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("--kube-context nobody", "the cluster of the context nobody cannot be used: *nobody*does not exist*"),
        ("--kube-context c", "the cluster of the context c cannot be used: *connection*refused*"),
        ("", "the cluster of the context c cannot be used: *connection*refused*"),
    ],
)
def test_only_pages_that_need_it_are_errors_where_a_named_cluster_cannot_be_used(
    pytester: pytest.Pytester, options: str, problem: str
) -> None:
    (pytester.path / "config").write_text(json.dumps(NOWHERE))
    (pytester.path / "docker.md").write_text("```console\n$ docker ps -q\n```\n")
    (pytester.path / "cluster.md").write_text(f"{HEAD}```console\n$ kubectl get pods\n```\n")
    pages = ("docker.md", "cluster.md")
    result = pytester.runpytest_subprocess(*pages, "--kubeconfig", "config", *options.split(), timeout=300)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"cluster.md:5: could not be run: {problem}"])
    assert result.ret == COULD_NOT_RUN


def test_a_cluster_that_dies_while_a_page_runs_says_nothing_about_the_page(
    engine: docker.DockerClient, lab_images: LabImages, cluster_provider: DockerProvider, tmp_path: Path
) -> None:
    """It is another one than that of the other tests, which go on with theirs."""
    steps = "$ kubectl auth can-i get pods\nyes\n$ kubectl create configmap a\nconfigmap/a created\n"
    text = f"{HEAD}```console\n{steps}```\n"
    with cluster_provider.lab("mortal", ("host", *ONE.names), ONE) as mortal:
        (tmp_path / "config").write_text(ask(mortal, ("cat", f"{HOME}/.kube/config"))[1])
        run = Run(
            merge_languages("dies", {"en": parse_page("p.md", text)}), provider(engine, lab_images, tmp_path / "config")
        )
        assert run.advance(("block-1", 1)).kind is Kind.PASSED
        assert isinstance(mortal, DockerLab)
        mortal.nodes[0][1].kill()
        outcome = run.advance(("block-1", 2))
        assert outcome.kind is Kind.ERROR
        assert f"the cluster of the context {CONTEXT} " in outcome.reason
        with pytest.raises(LabError, match=CONTEXT):
            run.close()  # nobody can say that the namespace is gone


def test_credentials_that_a_program_gets_are_refused(
    engine: docker.DockerClient, lab_images: LabImages, lab: Lab, kubeconfig: Path, tmp_path: Path
) -> None:
    token = ask(lab, ("kubectl", "--namespace=kube-system", "create", "serviceaccount", "robot"))
    assert token[0] == 0
    rights = ("--clusterrole=cluster-admin", "--serviceaccount=kube-system:robot")
    assert ask(lab, ("kubectl", "create", "clusterrolebinding", "robot", *rights))[0] == 0
    _, token_text = ask(lab, ("kubectl", "--namespace=kube-system", "create", "token", "robot"))
    plugin = tmp_path / "plugin"
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps({**credential, 'status': {'token': token_text.strip()}})}'\n")
    plugin.chmod(0o755)
    text = kubeconfig.read_text()
    head = text[: text.index("users:")]
    other = tmp_path / "config"
    called = f"{{apiVersion: client.authentication.k8s.io/v1, command: {plugin}, interactiveMode: Never}}"
    other.write_text(f"{head}users:\n- name: kubernetes-admin\n  user:\n    exec: {called}\n")
    with (
        pytest.raises(LabError, match="gets its credentials from a program"),
        provider(engine, lab_images, other).lab("plugin", cluster=IN_A_NAMESPACE),
    ):
        pass
    left = [name for name, phase in namespaces(lab).items() if name.startswith("pagelab-") and phase == "Active"]
    assert left == ["pagelab-living"] or left == []
