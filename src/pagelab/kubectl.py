"""What a kubectl command cannot prove, though it ends with 0: seen in its words, or in what it printed. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from pagelab.match import ELISION

_CALL = re.compile(r"(?:^|[|;&({]|\$\(|\b(?:then|do|else|until|while|if)\b)\s*kubectl\s+([^|;&\n)]*)", re.MULTILINE)
_PLAIN = re.compile(r"\s*kubectl\s[^|;&<>\n`]*\s*")
_ASSIGNED = re.compile(r"\s*(\w+)=(\"?)\$\(kubectl\s+(?:get|logs)\s(?:'[^']*'|[^()'\n])*\)\2\s*")
_ABOUT_THE_API = ("api-resources", "api-versions", "auth", "cluster-info", "explain", "version")
_NOTHING = "No resources found"
_NO_ITEMS = re.compile(r'^(?:    "items"|items): \[\],?$', re.MULTILINE)  # a list as -o json and -o yaml print it


def objections(command: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the command whatever it prints, each with advice."""
    for words in _calls(command):
        if words[:2] == ["rollout", "status"] and _limit(words) is None and "--watch=false" not in words:
            yield "`kubectl rollout status` has no time limit", "Say how long readers are to wait: --timeout=60s."
        if words[:1] == ["wait"] and (_limit(words) or "").startswith("-"):
            yield "`kubectl wait` has no time limit", "Say how long readers are to wait: --timeout=60s."
        if "--dry-run=client" in words and not any(word.startswith(("-o", "--output")) for word in words):
            yield (
                "`--dry-run=client` checks nothing against the cluster",
                "Have the API server judge it: --dry-run=server; to write a manifest, add -o yaml.",
            )


def proves_nothing(command: str, output: str, expected: str) -> tuple[str, str] | None:
    """Why a command that ended with 0 has not shown what it seems to, with advice; None where it has."""
    words = next(_calls(command), []) if _PLAIN.fullmatch(command.replace("\\\n", " ")) else []
    silent = not output.strip() and not expected.replace(ELISION, "").strip()
    none = _NOTHING in output and _NOTHING not in expected
    empty = _NO_ITEMS.search(output) and "items" not in expected
    if words[:1] == ["get"] and (silent or none or empty):
        return "`kubectl get` found nothing, and ended with 0", _GET
    if words[:1] == ["logs"] and silent:
        return "`kubectl logs` printed nothing, and ended with 0: the Pod has not started, or has said nothing", _LOGS
    return None


def assigned(command: str) -> str:
    """The variable that the command, being nothing else, gives what `kubectl get` or `logs` prints; empty if none."""
    found = _ASSIGNED.fullmatch(command.replace("\\\n", " "))
    return found[1] if found else ""


_LOGS = 'Wait for it before: `kubectl wait --for=condition=Ready pod/… --timeout=60s`, or say eventually="…".'
EMPTY = "the variable is empty: kubectl found nothing, and ended with 0"
FILL = (
    "Wait for it before: `kubectl wait --for=… --timeout=60s`; that nothing is there, "
    'a page says with `test -z "$(kubectl get … -o name)"`.'
)
_GET = (
    "Wait for what is to be there, or say that nothing is: show the message, "
    'or write `test -z "$(kubectl get … -o name)"`.'
)


def level(command: str) -> str:
    """How far a command that kubectl runs goes: `nodes`, or `api-server` where nothing of it reaches one; else empty.

    A dry run on the server, and a question about the API itself, say nothing of what nodes would do.
    """
    calls = list(_calls(command))
    if not calls:
        return ""
    return "api-server" if all(_only_asks(words) for words in calls) else "nodes"


def _only_asks(words: list[str]) -> bool:
    return "--dry-run=server" in words or words[:1] in ([verb] for verb in _ABOUT_THE_API)


def _calls(command: str) -> Iterator[list[str]]:
    """The words after each `kubectl` of the command; global options before the verb are left out."""
    for found in _CALL.finditer(command.replace("\\\n", " ")):
        try:
            words = shlex.split(found[1])
        except ValueError:  # a quote that ends in another part of the line
            words = found[1].split()
        while words and words[0].startswith("-"):
            takes_value = "=" not in words[0] and words[0] in ("-n", "--namespace", "--context", "--kubeconfig", "-s")
            words = words[2 if takes_value else 1 :]
        yield words


def _limit(words: list[str]) -> str | None:
    """The value of --timeout, None without one."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("--timeout="):
            return word.removeprefix("--timeout=")
        if word == "--timeout":
            return following
    return None
