"""Each shape is there because two runs really differ in it; and what only looks like it is not forgiven.

The pairs are what the command on their left printed in two labs of Docker 26.1 that were made one after the other
(of several lines the one that matters).
"""

from __future__ import annotations

import pytest

from pagelab.match import Bindings, match_line
from pagelab.normalize import SHAPES, tokens

# shape → the command, what it printed in one run and in another, and a pair of lines that must not match
RUNS: dict[str, tuple[str, str, str, tuple[str, str]]] = {
    "digest": (
        "docker commit web",
        "sha256:cb3b432995a94007e0aded335af82d249078cea12eb3c5a4fd648dbd4bfbe6c2",
        "sha256:d2a98bb3a3ab40fc755698f7c521cf114a7a9fce27e92358fab76de7400fe74a",
        ("sha256:cb3b432995a94007", "sha256:d2a98bb3a3ab40fc"),
    ),
    "id": (
        "docker run -d nginx",
        "ef69c1e74d71afc8a5c55cc11df3a25acea6e46eac740afe37986799d096a9e3",
        "d1779317dad7c19c2bccbdda87673c6aa37fe118bdf46ef6331c4371e73dc006",
        ("7d99b2ecc2163c02" * 4 + "  file", "7e4afc68388055d9" * 4 + "  file"),  # what sha256sum prints
    ),
    "uuid": (
        "cat /proc/sys/kernel/random/uuid",
        "643ace23-240e-4220-885c-6e0d9fcb63e5",
        "e2ea5747-aa91-4534-af66-5a89d5538673",
        ("643ace23-240e-4220", "e2ea5747-aa91-4534"),
    ),
    "short-id": ("docker ps -q", "7d99b2ecc216", "7e4afc683880", ("7d99b2ecc21", "7e4afc68388")),
    "swarm-id": (
        "docker ps --no-trunc --format '{{.Names}}'",
        "web.1.dek6jwwr5rvoqss7adita0dt6",
        "web.1.1horopaqc87bzn1jsfzsrweyp",
        ("web.1.dek6jwwr5rvo", "web.1.1horopaqc87b"),
    ),
    "veth": ("ip -brief link", "veth044aad0", "veth3d57344", ("veth0", "veth1")),
    "interface-index": (
        "ip link show eth0 | cut -d' ' -f2-",
        "eth0@if6786: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default",
        "eth0@if6807: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default",
        ("eth20: mtu 1500", "eth24: mtu 1500"),
    ),
    "mac": (
        "ip link show docker0",
        "    link/ether 02:42:71:16:74:43 brd ff:ff:ff:ff:ff:ff",
        "    link/ether 02:42:86:6d:d0:24 brd ff:ff:ff:ff:ff:ff",
        ("link/ether 02:42:ac:11:00:02", "link/ether 02:42:ac:11:00:03"),  # made from the address
    ),
    "link-local": (
        "ip -6 -o addr show dev docker0 | cut -d' ' -f2-8",
        "docker0    inet6 fe80::42:6eff:fecb:9471/64 scope",
        "docker0    inet6 fe80::42:a7ff:fe77:a1f/64 scope",
        ("inet6 fe80::42:acff:fe11:2/64", "inet6 fe80::42:acff:fe11:3/64"),  # made from the address
    ),
    "inode": ("readlink /proc/self/ns/net", "net:[4026534878]", "net:[4026532797]", ("4026534878", "4026532797")),
    "timestamp-utc": (
        "docker inspect -f '{{.Created}}' web",
        "2026-11-23T20:25:38.721392517Z",
        "2026-11-23T20:25:53.130872188Z",
        ("2026-11-23T20:25:38.721392517Z", "0001-01-01T00:00:00Z"),  # never
    ),
    "timestamp-zone": (
        "docker images --format '{{.CreatedAt}}'",
        "2026-11-23 20:25:39 +0000 UTC",
        "2026-11-23 20:25:57 +0000 UTC",
        ("2026-11-23 20:25:39 +0000 UTC", "2026-11-23 20:25:57"),
    ),
    "timestamp": ("date '+%F %T'", "2026-11-23 20:25:41", "2026-11-23 20:26:02", ("2026-11-23", "2026-11-24")),
    "log-time": (
        "docker logs web",
        '2026/11/23 20:25:39 [notice] 1#1: using the "epoll" event method',
        '2026/11/23 20:25:54 [notice] 1#1: using the "epoll" event method',
        ("2026/11/23", "2026/11/24"),
    ),
    "access-time": (
        "docker logs web",
        '172.17.0.1 - - [23/Nov/2026:20:25:41 +0000] "GET / HTTP/1.1" 200 615 "-" "curl/8.14.1"',
        '172.17.0.1 - - [23/Nov/2026:20:26:02 +0000] "GET / HTTP/1.1" 200 615 "-" "curl/8.14.1"',
        ("[23/Nov/2026]", "[24/Nov/2026]"),
    ),
    "http-date": (
        "curl -sI localhost",
        "Date: Mon, 23 Nov 2026 20:25:41 GMT",
        "Date: Mon, 23 Nov 2026 20:26:02 GMT",
        ("Expires: Mon, 23 Nov 2026", "Expires: Tue, 24 Nov 2026"),
    ),
    "clock": ("date +%T", "20:25:41", "20:26:02", ("20:25", "20:26")),
    "age": ("docker ps --format '{{.RunningFor}}'", "3 seconds ago", "9 seconds ago", ("3 seconds", "9 seconds")),
    "uptime": (
        "docker ps --format '{{.Status}}'",
        "Up 2 seconds",
        "Up 8 seconds",
        ("Exited (0) 2 seconds", "Exited (0) 8 seconds"),
    ),
    "seconds": ("time sleep 0.1", "real\t0m0.103s", "real\t0m0.115s", ("scale 0.103", "scale 0.115")),
    "milliseconds": (
        "docker run --rm busybox ping -c 1 127.0.0.1",
        "64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.053 ms",
        "64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.129 ms",
        ("timeout 53 ms", "timeout 129 ms"),  # whole numbers are set, not measured
    ),
    "port": (
        "curl -4 -s -o /dev/null -w '%{local_ip}:%{local_port} -> %{remote_ip}:%{remote_port}' localhost",
        "127.0.0.1:55152 -> 127.0.0.1:80",
        "127.0.0.1:34856 -> 127.0.0.1:80",
        ("0.0.0.0:8080", "0.0.0.0:8081"),
    ),
    "name": (
        "docker ps --format '{{.Names}}'",
        "quizzical_shannon",
        "sharp_noether",
        ("web_shannon", "db_noether"),
    ),
    "pod-ip": (
        "kubectl get pods -o jsonpath={.items[0].status.podIP}",
        "10.244.1.2",
        "10.244.0.4",
        ("10.244.0.0/24", "10.244.1.0/24"),
    ),
    "cluster-ip": (
        "kubectl get service web --no-headers | cut -d: -f1",
        "web   NodePort   10.96.179.80   <none>   80",
        "web   NodePort   10.96.21.253   <none>   80",
        ("10.96.0.1", "10.96.0.10"),
    ),
    "node-ip": ("hostname -i", "10.213.1.4", "10.213.2.4", ("10.21.1.4", "10.21.2.4")),
    "node-port": (
        "kubectl get service web -o jsonpath={.spec.ports}",
        '[{"nodePort":31485,"port":80,"protocol":"TCP","targetPort":80}]',
        '[{"nodePort":30690,"port":80,"protocol":"TCP","targetPort":80}]',
        ("31485 files", "30690 files"),
    ),
    "template-hash": (
        "kubectl get replicaset -o name",
        "replicaset.apps/web-7887448d46",
        "replicaset.apps/web-799996dd5c",
        ("replicaset.apps/web-backends", "replicaset.apps/web-frontends"),
    ),
    "drawn-suffix": (
        "kubectl get endpointslices -o name",
        "endpointslice/web-f2dxq",
        "endpointslice/web-9sf29",
        ("a-https", "a-tmpfs"),
    ),
    "event-name": (
        "kubectl get events -o name",
        "event/web.18eacfc32724efb4",
        "event/web.18eacfce0cec3167",
        ("web.18a2c6d2", "web.18a2c6d9"),
    ),
    "resource-version": (
        "kubectl get service web -o yaml | grep resourceVersion",
        '  resourceVersion: "490"',
        '  resourceVersion: "487"',
        ('  version: "412"', '  version: "431"'),
    ),
    "endpoint-chain": (
        "iptables-save -t nat | grep -o 'KUBE-SEP-.*-s' | head -1",
        "KUBE-SEP-IG6ZFE2PVFCTIC6R -s",
        "KUBE-SEP-MQ4W7Q2CV67URU6Q -s",
        ("KUBE-SVC-LOLE4ISW44XBNF3G", "KUBE-SVC-NPX46M4PTMTKRN6Y"),
    ),
    "pull-time": (
        "kubectl describe pod p | grep -o 'in [0-9]*ms.*waiting'",
        "in 139ms (139ms including waiting",
        "in 217ms (217ms including waiting",
        ("in 139ms", "in 217ms"),
    ),
    "cluster-age": (
        "kubectl get nodes --no-headers node-1",
        "node-1   Ready   control-plane   18s   v1.36.3",
        "node-1   Ready   control-plane   22s   v1.36.3",
        ("timeout 15s", "timeout 23s"),
    ),
}


def test_every_shape_is_justified() -> None:
    assert list(RUNS) == [shape.name for shape in SHAPES]


def authored_with(name: str, command: str = "") -> str:
    """The commands of a page on which the shape is volatile."""
    return f"{command}\nkubectl version" if next(shape for shape in SHAPES if shape.name == name).cluster else command


@pytest.mark.parametrize("name", RUNS)
def test_two_runs_differ_in_just_this_shape(name: str) -> None:
    command, one, other, _ = RUNS[name]
    assert one != other, command
    authored = authored_with(name, command)
    assert name in {token.shape.name for token in tokens(one, authored) if token.shape}
    assert match_line(one, other, Bindings(), authored) is not None
    assert match_line(other, one, Bindings(), authored) is not None
    assert [t.text for t in tokens(one, authored) if not t.shape] == [
        t.text for t in tokens(other, authored) if not t.shape
    ]


@pytest.mark.parametrize("name", RUNS)
def test_what_only_looks_like_it_is_not_forgiven(name: str) -> None:
    shown, seen = RUNS[name][3]
    assert shown != seen
    authored = authored_with(name)
    assert match_line(shown, shown, Bindings(), authored) is not None
    assert match_line(shown, seen, Bindings(), authored) is None


@pytest.mark.parametrize("name", [shape.name for shape in SHAPES if shape.cluster])
def test_what_only_a_cluster_draws_is_the_same_on_a_page_without_one(name: str) -> None:
    _, one, other, _ = RUNS[name]
    assert match_line(one, one, Bindings(), "docker ps") is not None
    assert match_line(one, other, Bindings(), "docker ps") is None


def test_a_word_of_consonants_is_a_word_where_there_is_no_cluster() -> None:
    assert match_line("dev: isa-pcspk", "dev: isa-fdcll", Bindings(), "info qtree") is None


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ("cpu:        100m", "cpu:        200m"),  # a tenth of a processor
        ("web   250m   64Mi", "web   500m   64Mi"),
        ("30s", "60s"),  # all that jsonpath prints of a field
        ("web   300s   Running", "web   600s   Running"),  # kubectl says 5m
        ("web   2m61s", "web   3m5s"),
        ("web   8h10m   x", "web   9h10m   x"),  # kubectl says 8h
        ("busybox-httpd", "busybox-nginx"),
        ("busybox-httpd", "busybox-f2dxq"),
        ("web-f2dxq", "web-httpd"),
        ("linux-ppc64", "linux-xzkfs"),
        ("odbc-mssql", "odbc-pgsql"),
        ("range 1024-65528", "range 1024-55999"),
        ("build-24578965", "build-57824596"),
        ("web-hgkmwrst", "web-vxzqlhkn"),  # no digits of a hash
    ],
)
def test_a_pages_own_numbers_and_words_are_not_taken_for_what_a_cluster_draws(shown: str, seen: str) -> None:
    assert match_line(shown, shown, Bindings(), "kubectl get pods") is not None
    assert match_line(shown, seen, Bindings(), "kubectl get pods") is None


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        ("web   Running   12s", "web   Running   45m"),
        ("web   Running   12s", "web   Running   2d3h"),
        ("web   Running   2m31s", "web   Running   400d"),
        ("12s   Normal   Pulled", "100m   Normal   Pulled"),
        ("pod/web-f2dxq created", "pod/web-24578 created"),
        ("replicaset.apps/web-7887448d46", "replicaset.apps/web-4567894567"),
    ],
)
def test_another_run_may_draw_what_looks_plainer(shown: str, seen: str) -> None:
    assert match_line(shown, seen, Bindings(), "kubectl get pods") is not None
