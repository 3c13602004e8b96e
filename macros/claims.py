"""The macros about claims: the mark in a text, a page's table, and the parts of the page that has them all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from html import escape

from macros.claim_words import ClaimWords, claim_words
from macros.factcheck import contradictions_html, counts_html, facts_html
from macros.marks import read_marks, wrong_claims, wrong_marks
from macros.prose import prose
from macros.register import Register, read_register
from macros.site import Site
from macros.standing import Blocks, Judgement, Standing, blocks_of, judge_claim
from macros.verdict import State
from pagelab.errors import Location, PageError

LOG = logging.getLogger("mkdocs.pagelab")  # below `mkdocs.`, so that --strict counts its warnings
PAGE = "fact-check"  # the document that has the whole register
ABOUT = ("start/how-this-site-proves", "article")  # where readers learn what the article is, and what a mark means


class Claims:
    """The register as one language's pages show it. `page` says which document is being rendered."""

    def __init__(self, site: Site, page: Callable[[], str]) -> None:
        self.site = site
        self.page = page
        self.words: ClaimWords = claim_words(site.language)
        self.blocks: Blocks = blocks_of(site)
        self.register = self._register()
        self.judged = {claim.id: judge_claim(self.register, claim, self.blocks) for claim in self.register.claims}

    def _register(self) -> Register:
        try:
            return read_register(self.site.claims, self.site.documentation.base)
        except PageError as error:
            LOG.warning(str(error))
            return Register(error.location)

    def report(self) -> None:
        """Say what is wrong, so that a strict build refuses it; once, where several languages are built together."""
        first = self.site.language == self.site.documentation.languages[0]
        if not self.register.claims or (self.site.beside and not first):
            return
        pages = read_marks(self.site.documentation)
        for problem in (*wrong_marks(self.register, pages), *wrong_claims(self.register, pages, self.blocks)):
            LOG.warning(problem)
        for judgement in self.judged.values():
            if problem := not_proven(judgement, self.site.documentation.languages[0]):
                LOG.warning(problem)

    @property
    def macros(self) -> tuple[Callable[..., str], ...]:
        """What pages can call."""
        return self.claim, self.claim_table, self.fact_counts, self.fact_list, self.contradictions

    def claim(self, identity: str) -> str:
        """The mark of a claim: a small link to its entry, to be written after the sentence that settles it."""
        judgement = self.judged.get(identity)
        if judgement is None:
            if not self.register.claims:  # else `report` has said so, with the line
                LOG.warning(f"{self._place()}: there is no claim {identity}\n  docs/claims/ has them all.")
            return ""
        return mark_html(judgement, self.words, address(self.page(), PAGE, identity))

    def settled(self, document: str) -> str:
        """How many claims a document settles, with the way to what that means; empty where it settles none."""
        number = sum(each.claim.page == document for each in self.judged.values())
        return self.words.settled.format(number=number, about=address(document, *ABOUT)) if number else ""

    def claim_table(self) -> str:
        """The claims that this page settles: what the article says, our verdict, and what it rests on."""
        own = [each for each in self.judged.values() if each.claim.page == self.page()]
        others = [each for each in self.judged.values() if each not in own and self._proves(each)]
        rows = "".join(self._row(each) for each in own)
        if others:
            rows += f'<tr><th colspan="4" scope="rowgroup">{self.words.elsewhere}</th></tr>'
            rows += "".join(self._row(each) for each in others)
        words = self.words
        heads = "".join(f"<th>{head}</th>" for head in (words.claim, words.says, words.verdict, words.grounds))
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        return f'<div class="claims">{table}</div>'

    def _proves(self, judgement: Judgement) -> bool:
        return any(block.document == self.page() for block in judgement.blocks)

    def _row(self, judgement: Judgement) -> str:
        claim, words, language = judgement.claim, self.words, self.site.language
        entry = address(self.page(), PAGE, claim.id)
        limit = claim.caveat or claim.correction or claim.reason
        verdict = f"<strong>{words.verdicts[claim.verdict]}</strong>"
        verdict += f"<br>{prose(limit.in_(language))}" if limit else ""
        grounds = []
        for block in judgement.blocks:
            elsewhere = "" if block.document == self.page() else block.document.rpartition("/")[2]
            to = address(self.page(), block.document, block.block)
            grounds.append(f'<a href="{to}">{escape(f"{elsewhere}#{block.block}")}</a>')
        for name in claim.sources:
            if source := self.register.source(name):
                grounds.append(f'<a href="{escape(source.url)}">{escape(source.title)}</a>')
        cells = [
            f'<a href="{entry}">{claim.id}</a>', prose(claim.statement.in_(language)), verdict,
            words.comma.join(grounds) or "–",
        ]  # fmt: skip
        return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"

    def fact_counts(self) -> str:
        """How many claims there are of each status, counted, and how each stands in this build."""
        return counts_html(tuple(self.judged.values()), self.words)

    def fact_list(self) -> str:
        """The whole register, by section, with its filters."""
        return facts_html(self.register, self.judged, self.words, self.site.language, self._link)

    def contradictions(self) -> str:
        """Where the article contradicts itself."""
        return contradictions_html(self.register, self.site.language)

    def _link(self, document: str, anchor: str, after: str) -> str:
        title = escape(self._titles.get(document, document))
        return f'<a href="{address(self.page(), document, anchor)}">{title}{escape(after)}</a>'

    @cached_property
    def _titles(self) -> dict[str, str]:
        """The documents' titles, in the language of the site; none of one that cannot be read: its page says why."""
        titles = {}
        for document, path in self.site.documentation.documents():
            with suppress(PageError):
                titles[document] = dict(self.site.documentation.session_of(path).pages)[self.site.language].title
        return titles

    def _place(self) -> Location:
        path = self.site.documentation.root / self.site.language / f"{self.page()}.md"
        lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
        line = next((number for number, line in enumerate(lines, 1) if "claim(" in line), 1)
        return Location(self.site.documentation.shown(path), line)


def mark_html(judgement: Judgement, words: ClaimWords, entry: str) -> str:
    """Small, told by its sign and its words, not by its colour; left out of search and of what readers copy."""
    claim = judgement.claim
    said = escape(words.mark.format(id=claim.id, standing=words.standings[judgement.standing]))
    return (
        f'<a class="claim claim-{judgement.standing}" id="claim-{claim.id}" href="{entry}" title="{said}" '
        f'aria-label="{said}" data-search-exclude><span class="claim-sign" aria-hidden="true"></span>{claim.id}</a>'
    )


def not_proven(judgement: Judgement, language: str) -> str:
    """What a strict build says of a claim that should be proven; empty where there is nothing to say.

    A block that is skipped, as its page allows, makes no build fail: the claim says that it is not proven here.
    """
    claim = judgement.claim
    failed = [block for block in judgement.blocks if block.state not in (State.VERIFIED, State.SKIPPED, None)]
    if judgement.standing is not Standing.UNPROVEN or not failed:
        return ""
    told = ", ".join(f"{block.reference} ({block.state})" for block in failed)
    pages = " ".join(sorted({f"docs/{language}/{block.document}.md" for block in failed}))
    return f"{claim.location}: {claim.id} is not proven in this build: {told}\n  Run it: pytest {pages}"


def address(here: str, document: str, anchor: str = "") -> str:
    """The address of a document, relative to the page of another."""
    depth = 0 if here == "index" else here.removesuffix("/index").count("/") + 1
    place = document.removesuffix("index").rstrip("/")
    base = "../" * depth + (f"{place}/" if place else "")
    if document == here:
        base = ""
    return f"{base}#{anchor}" if anchor else base or "./"
