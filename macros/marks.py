"""Pages + register → whether every claim is marked where it is made, and where not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from macros.register import Claim, Register
from macros.standing import Blocks
from pagelab.documents import Documentation
from pagelab.errors import Location

_MARK = re.compile(r"""\{=\s*claim\(\s*["']([^"']*)["']\s*\)\s*=\}""")
_LISTED = re.compile(r"^claims:")


@dataclass(frozen=True, slots=True)
class Marked:
    """The claims of one page in one language: listed in its front matter, and marked in its text."""

    document: str
    language: str
    listed: tuple[str, ...]
    marks: tuple[tuple[str, Location], ...]
    location: Location  # of the list; of the first line where there is none

    @property
    def marked(self) -> tuple[str, ...]:
        return tuple(claim for claim, _ in self.marks)


def read_marks(documentation: Documentation) -> tuple[Marked, ...]:
    """What every page lists and marks, in every language that has it."""
    found: list[Marked] = []
    for document, _ in documentation.documents():
        for language in documentation.languages:
            path = documentation.root / language / f"{document}.md"
            if path.is_file():
                found.append(_marked(document, language, documentation.shown(path), path))
    return tuple(found)


def _marked(document: str, language: str, shown: str, path: Path) -> Marked:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    listed: tuple[str, ...] = ()
    if lines[0].rstrip() == "---" and "---" in lines[1:]:
        try:
            matter = yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)]))
            listed = tuple(map(str, matter.get("claims") or ()))
        except (yaml.YAMLError, AttributeError):
            pass  # pagelab says so, with its line
    marks = [(name, Location(shown, number)) for number, line in enumerate(lines, 1) for name in _MARK.findall(line)]
    at = next((number for number, line in enumerate(lines, 1) if _LISTED.match(line)), 1)
    return Marked(document, language, listed, tuple(marks), Location(shown, at))


def wrong_marks(register: Register, pages: tuple[Marked, ...]) -> Iterator[str]:
    """What is wrong in pages: each message has its place and says what to do."""
    for page in pages:
        for name, place in page.marks:
            claim = register.claim(name)
            if claim is None:
                yield f"{place}: there is no claim {name}\n  docs/claims/ has them all."
            elif claim.page != page.document:
                yield f"{place}: {name} is made in {claim.page}\n  Mark it there, or say otherwise at {claim.location}."
            elif page.marked.count(name) > 1:
                yield f"{place}: {name} is marked more than once on this page\n  Mark it where it is settled, only."
        for name in sorted(set(page.marked) ^ set(page.listed)):
            listed = name in page.listed
            yield (
                f"{page.location}: {name} is {'listed' if listed else 'marked'} but not "
                f"{'marked' if listed else 'listed'}\n"
                f'  Write {{= claim("{name}") =}} after the sentence, and {name} in the front matter\'s `claims:`.'
            )


def wrong_claims(register: Register, pages: tuple[Marked, ...], blocks: Blocks) -> Iterator[str]:
    """What is wrong in the register, seen beside the pages that are there."""
    marked = {(page.document, page.language): page.marked for page in pages}
    written = {page.document for page in pages}
    for document, place in register.pending:
        if document in written:
            yield f"{place}: {document} is written now\n  Take it off this list."
        elif document not in {claim.page for claim in register.claims}:
            yield f"{place}: no claim waits for {document}\n  Take it off this list."
    for claim in register.claims:
        if claim.page in written:
            for (document, language), names in marked.items():
                if document == claim.page and claim.id not in names:
                    yield (
                        f"{claim.location}: {claim.id} is not marked in docs/{language}/{document}.md\n"
                        f'  Write {{= claim("{claim.id}") =}} after the sentence that settles it.'
                    )
        elif not register.is_pending(claim.page):
            yield f"{claim.location}: there is no document {claim.page}\n  Write it, or name another."
        yield from _wrong_grounds(register, claim, claim.page in written, blocks)
    used = {source for claim in register.claims for source in claim.sources}
    for source in register.sources:
        if source.id not in used:
            yield f"{source.location}: no claim cites {source.id}\n  Cite it, or remove it."
    for contradiction in register.contradictions:
        for name in contradiction.claims:
            if register.claim(name) is None:
                yield f"{contradiction.location}: there is no claim {name}"


def _wrong_grounds(register: Register, claim: Claim, written: bool, blocks: Blocks) -> Iterator[str]:
    for reference in claim.proof:
        if blocks(reference).state is None:
            yield f"{claim.location}: {claim.id} rests on {reference}: there is no such block\n  Correct its `proof:`."
    for source in claim.sources:
        if register.source(source) is None:
            yield f"{claim.location}: {claim.id} cites {source}, which docs/claims/sources.yml does not have"
    if not written or claim.proof:
        return
    if claim.status == "proven":
        yield f"{claim.location}: {claim.id} is proven, but names no block\n  Write `proof: [document#block]`."
    elif claim.kind == "experiment" and claim.reason is None:
        yield f"{claim.location}: {claim.id} is an experiment without blocks\n  Name them, or give a `reason:`."
