"""Commands of kubectl that end with 0 and prove nothing; and those that look like them and are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelab.documents import Documentation
from pagelab.kubectl import level, objections
from pagelab.match import ELISION
from pagelab.model import Step
from pagelab.silence import assigned, proves_nothing

ROOT = Path(__file__).parents[2]
FOUND_NOTHING = "No resources found in default namespace.\n"
NO_LIMIT = "kubectl rollout status deployment/web"
ONLY_A_HEADER = "NAME   NODE\n"
COLUMNS = "kubectl get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName"


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
        ("kubectl rollout status deployment/web --timeout=0s", "has no time limit"),
        ("kubectl rollout status deployment/web --timeout 0", "has no time limit"),
        ("kubectl rollout status deployment/web --timeout=0m", "has no time limit"),
        ("kubectl rollout status deployment/web --timeout=-1s", "has no time limit"),
        ("kubectl rollout -n shop status deployment/web", "has no time limit"),
        ("kubectl wait pod -l 'app in (web)' --for=condition=Ready --timeout=-1s", "has no time limit"),
        ("kubectl apply -f a.yaml --dry-run=client -o name", "checks nothing"),
        ("kubectl apply -f a.yaml --dry-run=client -oname", "checks nothing"),
        ("kubectl apply -f a.yaml --dry-run=client --output=wide", "checks nothing"),
        ("kubectl apply -f a.yaml --dry-run", "checks nothing"),
        ("kubectl run p --image=busybox --dry-run=client -- sort -o yaml", "checks nothing"),
        (f"time {NO_LIMIT}", "has no time limit"),
        (f"time -p {NO_LIMIT}", "has no time limit"),
        (f"! {NO_LIMIT}", "has no time limit"),
        (f"if ! {NO_LIMIT}; then echo late; fi", "has no time limit"),
        (f"if false; then :; elif {NO_LIMIT}; then :; fi", "has no time limit"),
        (f"KUBECONFIG=/etc/admin.conf {NO_LIMIT}", "has no time limit"),
        (f"A='x y' B=\"$HOME/z\" {NO_LIMIT}", "has no time limit"),
        (f"env -u HOME KUBECONFIG=k {NO_LIMIT}", "has no time limit"),
        (f"sudo -u bob -E {NO_LIMIT}", "has no time limit"),
        (f"echo a && command {NO_LIMIT}", "has no time limit"),
        *(
            (f"kubectl {option} rollout status deployment/web", "has no time limit")
            for option in (
                "--as bob",
                "--as=bob --as-group admins",
                "--user bob",
                "--cluster a --token b",
                "--request-timeout 5s",
                "-v 6 --v 6",
                "-v6 -nshop",
                "--insecure-skip-tls-verify -s https://a",
            )
        ),
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
        "kubectl rollout status deployment/web -w=false",
        "kubectl rollout status deployment/web --timeout=0.5s",
        "kubectl rollout status deployment/web --timeout=10s",
        'kubectl rollout status deployment/web --timeout="$limit"',
        "kubectl rollout status deployment -l 'app in (web)' --timeout=60s",
        "kubectl wait pod/p --for=condition=Ready --timeout=0",  # which looks once
        "kubectl --as bob rollout status deployment/web --timeout=60s",
        "kubectl exec p -- kubectl apply -f a.yaml --dry-run=client",
        "kubectl rollout history deployment/web",
        "kubectl --namespace shop",
        "timeout 30 kubectl rollout status deployment/web",
        "kubectl wait pod/p --for=condition=Ready",  # 30 s, says its help
        "kubectl create deployment web --image=nginx --dry-run=client -o yaml > web.yaml",
        "kubectl create deployment web --image=nginx --dry-run=client -ojson",
        "kubectl create deployment web --image=nginx --dry-run=client --output jsonpath='{.kind}'",
        "kubectl create deployment web --image=nginx --dry-run=client -o go-template='{{.kind}}'",
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
        ("kubectl logs web | head", "", ""),
        ("kubectl logs web |\n  tail -n 3", "", ""),
        ("kubectl logs web 2>&1 | tail -1", "", "..."),
        ("kubectl logs web --tail=5 2>/dev/null", "", ""),
        ("kubectl logs -l app=wbe", FOUND_NOTHING, ""),
        ("kubectl --as bob get pods -l app=wbe -o name", "", ""),
        ("KUBECONFIG=k kubectl get pods -l app=wbe -o name", "", ""),
        ("kubectl get pods -l app=wbe -o name | sort", "", ""),
        ("kubectl get pods -l app=wbe -o name | sort -k 2,2 -t / -u | tee -a names | cat", "", ""),
        ("kubectl get pods -l app=wbe -o name | uniq -c | nl | column -t -s ,", "", ""),
        ("kubectl get pods -l app=wbe 2>&1 | cat", FOUND_NOTHING, ""),
        ("kubectl get pods -l app=wbe 2> /dev/null", "", "..."),
        ("kubectl get pods -o jsonpath='{range .items[*]}{.a}{\"|\"}{end}'", "", ""),
        (COLUMNS, ONLY_A_HEADER, ""),
        (COLUMNS, ONLY_A_HEADER, "..."),
        (COLUMNS, ONLY_A_HEADER, "NAME   NODE\n..."),
        (f"{COLUMNS} --no-headers=false", ONLY_A_HEADER, "..."),
        (f"{COLUMNS} --no-headers=true", "", "..."),
        ("kubectl get pods -o custom-columns=:metadata.name", "\n", "..."),
        ("kubectl get pods -l app=wbe -o jsonpath='{.items}'", "[]", ""),
        ("kubectl get pods -l app=wbe -o=jsonpath-as-json='{.items}'", "[\n    []\n]\n", "..."),
        ("kubectl delete pods -l app=wbe", "No resources found\n", ""),
        ("kubectl delete pods --all", "No resources found\n", "..."),
        ("kubectl describe pods -l app=wbe", FOUND_NOTHING, ""),
        ("kubectl rollout status deployment -l app=wbe --timeout=60s", FOUND_NOTHING, ""),
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
        ("kubectl delete pods -l app=wbe", "No resources found\n", "No resources found"),
        ("kubectl delete pods -l app=wbe --ignore-not-found", "No resources found\n", ""),
        ("kubectl exec p -- cat log", FOUND_NOTHING, ""),
        ("kubectl logs web | grep -v ready", "", ""),
        ("kubectl get pods | jq .", "", ""),
        ("kubectl get pods -o name | sort -c", "", ""),
        ("kubectl get pods -o name | sort -o names", "", ""),
        ("kubectl get pods -o name | uniq -d", "", ""),
        ("kubectl logs web | tail -n +2", "", ""),
        ("kubectl logs web | head -n -1", "", ""),
        ("kubectl get pods -o name || cat", "", ""),
        ("kubectl get pods -o name | cat > names", "", ""),
        ("kubectl get pods -o name | sort; true", "", ""),
        ("! kubectl get pods -o name", "", ""),
        (COLUMNS, ONLY_A_HEADER, "NAME   NODE"),
        (f"{COLUMNS} | head -n 1", ONLY_A_HEADER, "..."),
        (f"{COLUMNS} --no-headers", "web   node-1\n", ""),
        (f"{COLUMNS} --no-headers=true", "web   node-1\n", "..."),
        ("kubectl get pods -o custom-columns=:metadata.name", "\nweb\n", "..."),
        (COLUMNS, "NAME   NODE\nweb    node-1\n", ""),
        ("kubectl get pods -l app=wbe -o jsonpath='{.items}'", "[]", "[]"),
        ("kubectl get pod p -o jsonpath='{.metadata.finalizers}'", "[]", "..."),
        ("docker logs web", "", ""),
    ],
)
def test_what_is_said_does(command: str, output: str, expected: str) -> None:
    assert proves_nothing(command, output, expected) is None


@pytest.mark.parametrize(
    ("command", "reached"),
    [
        ("kubectl apply -f a.yaml", "nodes"),
        ("kubectl --as bob auth can-i get pods", "api-server"),
        ("kubectl apply -f a.yaml --dry-run=server", "api-server"),
        ("kubectl exec p -- kubectl apply -f a.yaml --dry-run=server", "nodes"),
        ("kubectl create deployment web --image=nginx --dry-run=client -o yaml > web.yaml", ""),
        ("kubectl create deployment web --image=nginx --dry-run=client -o yaml | kubectl apply -f -", "nodes"),
        ("kubectl config view; kubectl version", "api-server"),
        ("sudo kubectl get pods", "nodes"),
        ("if ! kubectl get pods; then kubectl version; fi", "nodes"),
        ("kubectl version --client", ""),
        ("kubectl version --client=true", ""),
        ("kubectl get --help", ""),
        *(
            (f"kubectl {verb}", "")
            for verb in ("config view", "kustomize .", "completion bash", "options", "plugin list")
        ),
        ("kubectl", ""),
        ("echo kubectl", ""),
    ],
)
def test_how_far_a_command_goes(command: str, reached: str) -> None:
    assert level(command) == reached


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("pod=$(kubectl -n shop get pods -o name)", "pod"),
        ('pod="$(kubectl --as bob logs web 2> /dev/null)"', "pod"),
        ("ips=$(kubectl get pods -o json |\n  jq -r '.items[] | (.ip)')", "ips"),
        ("for pod in $(kubectl get pods -o name); do kubectl delete $pod; done", "pod"),
        ("for pod in $(kubectl get pods -o name)\ndo\n  echo $pod\ndone", "pod"),
        ("for pod in $(kubectl get pods -o name); do echo $pod; done | sort", ""),  # a shell of its own
        ("for a in $(kubectl get pods -o name); do for b in 1 2; do echo $a; done; done", ""),
        ("for pod in web $(kubectl get pods -o name); do echo $pod; done", ""),
        ("pod=$(kubectl exec p -- get x)", ""),
    ],
)
def test_what_keeps_what_kubectl_prints(command: str, name: str) -> None:
    assert assigned(command) == name


def test_no_page_that_says_what_it_means_is_objected_to() -> None:
    documentation = Documentation(ROOT / "docs", ("en", "zh-Hant"), ROOT)
    sessions = [documentation.session_of(path) for _, path in documentation.documents()]
    steps = [step for session in sessions if session.cluster for step in session.steps if not step.file]
    assert [step for step in steps if "kubectl" in step.command]
    assert [f"{step.location}: {found}" for step in steps for found in objections(step.command)] == []
    assert [str(step.location) for step in steps if proves_nothing(step.command, printed(step), step.expected)] == []


def printed(step: Step) -> str:
    """What the step may have printed: what the page shows, and something wherever it does not say what."""
    return "something" if step.options.hidden_output else step.expected.replace(ELISION, "something")
