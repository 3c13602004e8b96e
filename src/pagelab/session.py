"""Pages → session: the languages of a document merged into one run, differences found."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pagelab.errors import Location, PageError
from pagelab.model import Cluster, Page, Session, Step

FORMAT = "1"  # part of every key: raise it when the meaning of a run changes


def merge_languages(document: str, pages: Mapping[str, Page]) -> Session:
    """The one session that all pages of the document share. Raises PageError where they differ."""
    (first_language, first), *others = pages.items()
    for language, page in others:
        _refuse_drift(first_language, first, language, page)
    return Session(document, tuple(pages.items()), session_key(first.steps, first.hosts, first.cluster))


def session_key(steps: tuple[Step, ...], hosts: tuple[str, ...] = (), cluster: Cluster | None = None) -> str:
    """A sha256 over commands, shown output, options, hosts and cluster; positions and prose do not count."""
    content = [[s.block, s.number, s.command, s.expected, s.file, s.hidden, _options(s)] for s in steps]
    text = json.dumps(
        [FORMAT, hosts, content, *([asdict(cluster)] if cluster else [])], ensure_ascii=False, sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_drift(language: str, page: Page, other_language: str, other: Page) -> None:
    """Raise at the first step in which two languages differ, or where their labs do."""
    labs = (
        ("cluster", _cluster(page.cluster), _cluster(other.cluster)),  # before the hosts, as its nodes are among them
        ("hosts", page.hosts, other.hosts),
        ("secrets", page.secrets, other.secrets),
    )
    for what, here, there in labs:
        if here != there:
            raise PageError(
                Location(other.path, 1),
                f"its lab has the {what} {', '.join(there) or '(none)'}, "
                f"that of {page.path} has {', '.join(here) or '(none)'}",
                "Write the same `lab:` in the front matter of every language.",
            )
    for step, twin in zip(page.steps, other.steps, strict=False):
        if _shared(step) != _shared(twin):
            raise _drift(language, step.location, _shared(step), other_language, twin.location, _shared(twin))
    if len(page.steps) != len(other.steps):
        longer, shorter = (page, other) if len(page.steps) > len(other.steps) else (other, page)
        extra = longer.steps[len(shorter.steps)]
        what = f"the file {extra.file}" if extra.file else f"`{extra.command.splitlines()[0]}`"
        raise PageError(
            extra.location,
            f"this {'file' if extra.file else 'command'} is missing in {shorter.path}",
            f"Every language shows the same commands and files: add {what} there, after its "
            f"{len(shorter.steps)} steps, or remove it here.",
        )


def _cluster(wanted: Cluster | None) -> tuple[str, ...]:
    """All that a page says of its cluster, in the front matter's words."""
    if wanted is None:
        return ()
    network, shared = "bridge" if wanted.network else "none", "false" if wanted.whole else "true"
    unwell = ", ".join(wanted.unwell)
    return (f"nodes: {wanted.nodes}", f"network: {network}", f"namespace: {shared}", f"unwell: [{unwell}]")


def _shared(step: Step) -> list[str]:
    """What must be the same in every language, as lines to compare."""
    head = f"{{#{step.block}}} step {step.number}"
    options = ", ".join(f"{key}={value}" for key, value in _options(step).items())
    shown = "in a comment, which hides it" if step.hidden else "shown"
    return [head, shown, options, *(f"$ {step.command}".split("\n")), *step.expected.split("\n")]


def _options(step: Step) -> dict[str, Any]:
    """The step's options as every language gives them: the reason of a skip is prose."""
    given = {field.name: getattr(step.options, field.name) for field in fields(step.options)}
    return given | {"skip": bool(step.options.skip)}


def _drift(
    language: str, here: Location, lines: list[str], other_language: str, there: Location, other_lines: list[str]
) -> PageError:
    diff = difflib.unified_diff(
        lines, other_lines, f"{here} ({language})", f"{there} ({other_language})", lineterm="", n=1
    )
    return PageError(
        there,
        f"differs from {here}: the languages of a document carry the same commands, output and options",
        "\n  ".join(["Make them equal:", *diff]),
    )
