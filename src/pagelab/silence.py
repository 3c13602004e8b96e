"""What a kubectl command that ended with 0 has not shown: seen in what it printed, or left in a variable. Pure."""

from __future__ import annotations

import re

from pagelab.calls import PREFIX, QUOTED, calls, joined, option
from pagelab.match import ELISION

_PART = rf"(?:{QUOTED}|[^'\"|;&<>\n`])"
_ALONE = re.compile(rf"(\s*{PREFIX}kubectl\s{_PART}*)((?:\|{_PART}+)*)")
_UNHEARD = re.compile(r"(?<=\s)2>\s*(?:&1|/dev/null)")
_FILTER = re.compile(  # prints what it reads, or a part: not one that may print nothing (`sort -c`, `tail -n +2`)
    r"(?:cat|column|nl|tee)(?:\s.*)?"
    r"|sort(?:\s+(?!-\w*[cCo]|--(?:check|output))\S+)*"
    r"|uniq(?:\s+(?!-\w*[dDu]|--(?:all-)?repeated|--unique)\S+)*"
    r"|(?:head|tail)(?:\s+(?:-[nc]?|--lines=|--bytes=)\s*[1-9]\d*)?"
)
_PRINTED = r"(?P<quote>\"?)\$\((?P<call>kubectl\s(?:'[^']*'|[^()'\n])*)\)(?P=quote)"
_ASSIGNED = re.compile(rf"\s*(?P<name>\w+)={_PRINTED}\s*")
_BODY = r"[;\n]\s*do\s(?:(?!\bdone\b).)*\bdone"
_LOOP = re.compile(rf"\s*for\s+(?P<name>\w+)\s+in\s+{_PRINTED}\s*{_BODY}\s*", re.DOTALL)
_SEARCHES = ("certificate", "delete", "describe", "get", "logs", "rollout", "top")  # these may say, with 0:
_NOTHING = "No resources found"
_NO_ITEMS = re.compile(r'^(?:    "items"|items): \[\],?$', re.MULTILINE)  # a list as -o json and -o yaml print it
_LOGS = 'Wait for it before: `kubectl wait --for=condition=Ready pod/… --timeout=60s`, or say eventually="…".'
_GET = (
    "Wait for what is to be there, or say that nothing is: show the message, "
    'or write `test -z "$(kubectl get … -o name)"`.'
)
_DELETE = "Correct the selector, show the message, or say --ignore-not-found."
EMPTY = "the variable is empty: kubectl found nothing, and ended with 0"
FILL = (
    "Wait for it before: `kubectl wait --for=… --timeout=60s`; that nothing is there, "
    'a page says with `test -z "$(kubectl get … -o name)"`.'
)


def proves_nothing(command: str, output: str, expected: str) -> tuple[str, str] | None:
    """Why a command that ended with 0 has not shown what it seems to, with advice; None where it has."""
    words, filtered = _only_call(command)
    verb = words[0] if words else ""
    silent = not output.strip() and not _shown(expected)
    none = verb in _SEARCHES and _NOTHING in output and _NOTHING not in expected
    if verb == "logs" and silent:
        return "`kubectl logs` printed nothing, and ended with 0: the Pod has not started, or has said nothing", _LOGS
    if verb == "get" and (silent or _is_empty(words, output, expected, filtered)):
        return "`kubectl get` found nothing, and ended with 0", _GET
    if none and "--ignore-not-found" not in words:
        return f"`kubectl {verb}` found nothing, and ended with 0", _DELETE if verb == "delete" else _GET
    return None


def _is_empty(words: list[str], output: str, expected: str, filtered: bool) -> bool:
    """Whether a list is printed that has nothing in it, and the page does not show that."""
    template = option(words, "-o", "--output") or ""
    bare = any(word.startswith("--no-headers") and word != "--no-headers=false" for word in words)
    if template.startswith("custom-columns") and not filtered and not bare:
        return len(output.rstrip().splitlines()) == 1 and (ELISION in expected or not _shown(expected))
    if "items" in template:
        return "".join(output.split()) in ("[]", "[[]]") and "[]" not in expected
    return bool(_NO_ITEMS.search(output)) and "items" not in expected


def _shown(expected: str) -> str:
    return expected.replace(ELISION, "").strip()


def _only_call(command: str) -> tuple[list[str], bool]:
    """The words of the command's call, and whether others filter what it prints; no words where there is more to it."""
    found = _ALONE.fullmatch(_UNHEARD.sub("", joined(command)))
    filters = found[2].split("|")[1:] if found else []
    if not found or not all(_FILTER.fullmatch(text.strip()) for text in filters):
        return [], False
    return next(calls(found[1]), []), bool(filters)


def assigned(command: str) -> str:
    """The variable that the command, being nothing else, gives what `kubectl get` or `logs` prints; empty if none.

    That is also the variable of a loop over it: a loop over nothing leaves it as it was before, as a rule empty.
    """
    found = _ASSIGNED.fullmatch(joined(command)) or _LOOP.fullmatch(joined(command))
    words = next(calls(found["call"]), []) if found else []
    return found["name"] if found and words[:1] in (["get"], ["logs"]) else ""
