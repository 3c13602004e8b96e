"""Commands of kubectl that end with 0 and prove nothing; and those that look like them and are right."""

from __future__ import annotations

import pytest

from pagelab.kubectl import objections, proves_nothing

FOUND_NOTHING = "No resources found in default namespace.\n"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("kubectl rollout status deployment/web", "has no time limit"),
        ("kubectl -n kube-system rollout status deployment/coredns", "has no time limit"),
        ("kubectl apply -f a.yaml && kubectl rollout status deployment/web", "has no time limit"),
        ("kubectl wait pod/p --for=condition=Ready --timeout=-1s", "has no time limit"),
        ("kubectl wait pod/p --for=condition=Ready --timeout -1s", "has no time limit"),
        ("kubectl apply -f a.yaml --dry-run=client", "checks nothing"),
        ("for f in *.yaml; do kubectl apply --dry-run=client -f $f; done", "checks nothing"),
        ("kubectl \\\n  rollout status deployment/web", "has no time limit"),
    ],
)
def test_what_cannot_prove_anything_is_refused(command: str, problem: str) -> None:
    assert [problem in text for text, _ in objections(command)] == [True]


@pytest.mark.parametrize(
    "command",
    [
        "kubectl rollout status deployment/web --timeout=60s",
        "kubectl rollout status deployment/web --timeout 60s",
        "kubectl rollout status deployment/web --watch=false",
        "kubectl rollout history deployment/web",
        "timeout 30 kubectl rollout status deployment/web",
        "kubectl wait pod/p --for=condition=Ready",  # 30 s, says its help
        "kubectl create deployment web --image=nginx --dry-run=client -o yaml > web.yaml",
        "kubectl apply -f a.yaml --dry-run=server",
        "echo 'kubectl rollout status deployment/web'",
    ],
)
def test_what_can_is_not(command: str) -> None:
    assert not list(objections(command))


@pytest.mark.parametrize(
    ("command", "output", "expected"),
    [
        ("kubectl logs web", "", ""),
        ("kubectl -n shop logs deployment/web --tail=5", "\n", ""),
        ("kubectl get pods -l app=wbe", FOUND_NOTHING, ""),
        ("kubectl get pods -l app=wbe -o name", "", ""),
        ("kubectl get pods \\\n  -l app=wbe -o name", "", ""),
        ("kubectl logs web", "", "..."),
        ("kubectl get pods -l app=wbe", "", "..."),
        ("kubectl get pods -l app=wbe", FOUND_NOTHING, "..."),
        (
            "kubectl get pods -l app=wbe -o json",
            '{\n    "apiVersion": "v1",\n    "items": [],\n    "kind": "List"\n}\n',
            "",
        ),
        ("kubectl get pods -l app=wbe -o yaml", "apiVersion: v1\nitems: []\nkind: List\n", "...\nkind: List"),
    ],
)
def test_silence_proves_nothing(command: str, output: str, expected: str) -> None:
    assert proves_nothing(command, output, expected)


@pytest.mark.parametrize(
    ("command", "output", "expected"),
    [
        ("kubectl logs web", "ready\n", "ready"),
        ("kubectl logs web", "", "ready"),  # the comparison says more
        ("kubectl get pods -l app=wbe", FOUND_NOTHING, FOUND_NOTHING.strip()),
        ("kubectl get pods -l app=wbe -o yaml", "apiVersion: v1\nitems: []\nkind: List\n", "...\nitems: []\n..."),
        ("kubectl get pod p -o json", '{\n    "spec": {\n        "items": []\n    }\n}\n', ""),
        ("kubectl get pod p", "NAME\np\n", "..."),
        ('test -z "$(kubectl get pods -o name)"', "", ""),
        ("until kubectl get serviceaccount default; do sleep 1; done", FOUND_NOTHING, ""),
        ("kubectl get pods -o name > pods", "", ""),
        ("kubectl delete pod p --now", "", ""),
        ("docker logs web", "", ""),
    ],
)
def test_what_is_said_does(command: str, output: str, expected: str) -> None:
    assert proves_nothing(command, output, expected) is None
