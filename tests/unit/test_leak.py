"""What counts as left behind, and what is somebody else's."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest

from pagelab import owner
from pagelab.leak import State, Thing, differences, read_state

ME, OTHER = "10:1", "20:2"
BRIDGE = Thing("network", "bridge")
LAB = Thing("container", "pagelab-a-host", ME)
VETH = Thing("interface", "veth1")
RULE = Thing("firewall rule", "-A FORWARD -o docker0 -j DOCKER")
DRAWN = Thing("volume", "ab" * 32)


BR = "br-24cc782fa547"


def state(*things: Thing, shared: bool = False, bridges: frozenset[str] = frozenset()) -> State:
    return State(ME, things, shared, bridges)


@pytest.mark.parametrize("thing", [LAB, VETH, RULE, DRAWN, Thing("mount", "/run/docker/x"), Thing("process", "7 (sh)")])
def test_what_was_not_there_before_is_named(thing: Thing) -> None:
    assert differences(state(BRIDGE), state(BRIDGE, thing), [ME]) == (f"left behind: {thing}",)


def test_what_is_there_no_longer_is_named() -> None:
    assert differences(state(BRIDGE, RULE), state(BRIDGE), [ME]) == (f"taken away: {RULE}",)


@pytest.mark.parametrize("thing", [VETH, Thing("mount", "/run/docker/x"), Thing("process", "7 (sh)")])
def test_what_a_lab_that_was_just_removed_leaves_for_a_moment_was_not_taken_away(thing: Thing) -> None:
    assert differences(state(BRIDGE, thing), state(BRIDGE), [ME]) == ()


@pytest.mark.parametrize("thing", [Thing("interface", BR), Thing("firewall rule", f"-A FORWARD -i {BR} -j DROP")])
def test_a_bridge_whose_network_was_gone_already_was_not_taken_away(thing: Thing) -> None:
    assert differences(state(BRIDGE, thing), state(BRIDGE), [ME]) == ()
    before = state(BRIDGE, thing, bridges=frozenset([BR]))
    assert differences(before, state(BRIDGE), [ME]) == (f"taken away: {thing}",)
    assert differences(state(BRIDGE), state(BRIDGE, thing), [ME]) == (f"left behind: {thing}",)


@pytest.mark.parametrize("seen", [0, 1])
def test_a_lab_that_another_runner_makes_or_removes_while_we_look_is_seen(seen: int) -> None:
    """Its interfaces and rules are among what is read, and may be gone at the end."""
    client = MagicMock()
    theirs = owner.labels("theirs") | {owner.RUNNER: f"1:{owner.start_time('1')}"}  # the first process lives
    lab = [{"Id": "a" * 64, "Names": ["/pagelab-theirs-host"], "Labels": theirs}]
    client.api.containers.side_effect = [lab, []] if seen == 0 else [[], lab]
    client.api.networks.return_value = []
    client.api.volumes.return_value = {"Volumes": None}
    assert read_state(client).shared


@pytest.mark.parametrize(
    ("label", "runner"), [("pagelab-abad1dea", ME), ("pagelab-0badcafe", "nobody"), ("pagelab-dev", "")]
)
def test_nodes_that_kind_made_are_his_whose_lab_their_cluster_is_named_for(label: str, runner: str) -> None:
    """They bear no label of a runner; one that nobody has a lab for was left all the same, and is nobody else's."""
    client = MagicMock()
    node = {"Id": "a" * 64, "Names": [f"/{label}-control-plane"], "Labels": {owner.KIND: label}}
    client.api.containers.return_value = [node]
    client.api.networks.return_value = [
        {"Name": "pagelab-abad1dea", "Id": "b" * 64, "Labels": {owner.LAB: "abad1dea", owner.RUNNER: ME}}
    ]
    client.api.volumes.return_value = {"Volumes": None}
    found = next(thing for thing in read_state(client, [ME]).things if thing.kind == "container")
    assert (found.runner, found.strange) == (runner, label == "pagelab-dev")


def test_a_machine_that_does_not_show_its_mounts_interfaces_and_processes_is_looked_at_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hidden(path: object, *_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    client = MagicMock()
    client.api.containers.return_value = client.api.networks.return_value = []
    client.api.volumes.return_value = {"Volumes": [{"Name": "v", "Labels": None}]}
    monkeypatch.setattr("os.listdir", hidden)
    monkeypatch.setattr("pathlib.Path.read_text", hidden)
    monkeypatch.setattr("pagelab.leak._rules", lambda: ())
    assert read_state(client).things == (Thing("volume", "v"),)


def test_a_rule_that_is_there_twice_was_left_once() -> None:
    assert differences(state(RULE), state(RULE, RULE), [ME]) == (f"left behind: {RULE}",)


def test_the_same_in_another_order_is_the_same() -> None:
    assert differences(state(BRIDGE, VETH, RULE), state(RULE, BRIDGE, VETH), [ME]) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (state(shared=True), state(LAB, VETH)),
        (state(), state(LAB, VETH, shared=True)),
        (state(), state(LAB, VETH, Thing("container", "somebody's"))),
        (state(Thing("volume", "somebody's")), state(LAB, VETH)),
    ],
)
def test_beside_others_only_what_carries_our_label_counts(before: State, after: State) -> None:
    assert differences(before, after, [ME]) == (f"left behind: {LAB}",)


def test_what_another_runner_has_is_not_ours() -> None:
    assert differences(state(), state(Thing("network", "pagelab-b", OTHER), shared=True), [ME]) == ()
