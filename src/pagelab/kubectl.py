"""What a kubectl command cannot prove whatever it prints, and how far one goes: seen in its words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pagelab.calls import calls, from_verb, option

_ABOUT_THE_API = ("api-resources", "api-versions", "auth", "cluster-info", "explain", "version")
_AT_HOME = ("completion", "config", "help", "kustomize", "options", "plugin")
_ON_THE_CLIENT = {"--dry-run=client", "--dry-run=true", "--dry-run"}  # the two others are old, and mean the same
_MANIFEST = re.compile(r"k?yaml|json|jsonpath.*|(?:go-)?template.*")  # outputs that have what was given
_ZERO = re.compile(r"[0.hmsnuµ]+")
_LIMIT = "Say how long readers are to wait: --timeout=60s."


def objections(command: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the command whatever it prints, each with advice."""
    for words in calls(command):
        limit = option(words, "--timeout")
        if _watches(words) and (limit is None or limit.startswith("-") or _ZERO.fullmatch(limit)):
            yield "`kubectl rollout status` has no time limit", _LIMIT
        if words[:1] == ["wait"] and (limit or "").startswith("-"):  # with 0 it looks once
            yield "`kubectl wait` has no time limit", _LIMIT
        if _ON_THE_CLIENT & {*words} and not _MANIFEST.fullmatch(option(words, "-o", "--output") or ""):
            yield (
                "`--dry-run=client` checks nothing against the cluster",
                "Have the API server judge it: --dry-run=server; to write a manifest, add -o yaml.",
            )


def _watches(words: list[str]) -> bool:
    """Whether the call is one of `rollout status` that waits."""
    status = words[:1] == ["rollout"] and from_verb(words[1:])[:1] == ["status"]
    return status and not {"--watch=false", "-w=false"} & {*words}


def level(command: str) -> str:
    """How far a command that kubectl runs goes: `nodes`, or `api-server` where nothing of it reaches one; else empty.

    A dry run on the server, and a question about the API itself, say nothing of what nodes would do. A dry run on the
    client, and what kubectl answers by itself, say nothing of the cluster.
    """
    reached = {_level(words) for words in calls(command)}
    return next((one for one in ("nodes", "api-server") if one in reached), "")


def _level(words: list[str]) -> str:
    verb = words[0] if words else "help"
    by_itself = verb == "version" and option(words, "--client") in ("", "true")
    if verb in _AT_HOME or by_itself or {"--help", "-h", *_ON_THE_CLIENT} & {*words}:
        return ""
    return "api-server" if verb in _ABOUT_THE_API or "--dry-run=server" in words else "nodes"
