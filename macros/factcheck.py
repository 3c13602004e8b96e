"""Register + judgements → the parts of the Fact check page, and the same as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from macros.claim_words import ClaimWords
from macros.prose import prose
from macros.register import Claim, Register, Source
from macros.standing import Judgement, Shown, Standing
from macros.status import moment
from macros.verdict import State
from macros.words import words_of

STATUSES = ("proven", "cited", "corrected", "unverifiable")
KINDS = ("experiment", "citation", "judgement")
Link = Callable[[str, str, str], str]  # document, anchor, what to add to the page's title → a link


def counts_html(judged: tuple[Judgement, ...], words: ClaimWords) -> str:
    """A table: how many claims have each status, and how they stand in this build."""
    rows = "".join(_count(status, judged, words) for status in STATUSES)
    settled = sum(each.by_experiment for each in judged if each.claim.kind == "experiment")
    experiments = sum(each.claim.kind == "experiment" for each in judged)
    rows += f"<tr><th>{words.total}</th><td>{len(judged)}</td><td></td></tr>"
    rows += (
        f'<tr><th><a href="?kind=experiment#facts">{words.experiments}</a></th><td>{experiments}</td>'
        f"<td>{words.of_these.format(number=settled)}</td></tr>"
    )
    head = f"<tr><th>{words.status}</th><th>{words.claims}</th><th>{words.in_build}</th></tr>"
    return f'<table id="counts"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def _count(status: str, judged: tuple[Judgement, ...], words: ClaimWords) -> str:
    found = [each for each in judged if each.claim.status == status]
    standings = Counter(each.standing for each in found)
    told = [
        f'<span class="claim-{standing}"><span class="claim-sign" aria-hidden="true"></span>'
        f"{standings[standing]} {escape(words.standings[standing])}</span>"
        for standing in Standing
        if standings[standing]
    ]
    link = f'<a href="?status={status}#facts">{words.statuses[status]}</a>'
    return f'<tr data-status="{status}"><th>{link}</th><td>{len(found)}</td><td>{"<br>".join(told)}</td></tr>'


def facts_html(
    register: Register, judged: Mapping[str, Judgement], words: ClaimWords, language: str, link: Link
) -> str:
    """Markdown: the filters, then a heading and a list for each section of the article."""
    parts = ['<div id="facts">', _filters(register, judged, words, language), "</div>"]
    for section in register.sections:
        claims = [claim for claim in register.claims if claim.section == section.id]
        items = "".join(_fact(register, judged[claim.id], words, language, link) for claim in claims)
        parts += [f"## {section.title.in_(language)} {{#{section.id}}}", f'<ul class="facts">{items}</ul>']
    return "\n\n".join(parts)


def _filters(register: Register, judged: Mapping[str, Judgement], words: ClaimWords, language: str) -> str:
    """Hidden until the script is there: without it every claim is shown."""
    claims = register.claims
    status = [(name, words.statuses[name], sum(c.status == name for c in claims)) for name in STATUSES]
    standings = Counter(each.standing for each in judged.values())
    status += [
        (name, words.standings[name], standings[name])
        for name in (Standing.SHOWN, Standing.UNPROVEN, Standing.PENDING)
        if standings[name]
    ]
    sections = [
        (each.id, each.title.in_(language), sum(c.section == each.id for c in claims)) for each in register.sections
    ]
    kinds = [(name, words.kinds[name], sum(c.kind == name for c in claims)) for name in KINDS]
    fields = "".join(
        _choice(name, label, options, words.every.format(number=len(claims)))
        for name, label, options in (
            ("status", words.status, status),
            ("section", words.section, sections),
            ("kind", words.kind, kinds),
        )
    )
    shown = words.shown.format(shown="<span></span>", total=len(claims))
    return (
        f'<form class="fact-filters" role="search" aria-label="{words.claims}" data-search-exclude hidden>{fields}'
        f'<label>{words.search}<input type="search" name="words" autocomplete="off"></label>'
        f'<p><output class="fact-shown">{shown}</output><button type="reset">{words.reset}</button></p></form>'
    )


def _choice(name: str, label: str, options: list[tuple[str, str, int]], every: str) -> str:
    listed = "".join(
        f'<option value="{escape(value)}">{escape(text)} ({number})</option>' for value, text, number in options
    )
    return f'<label>{label}<select name="{name}"><option value="">{every}</option>{listed}</select></label>'


def _fact(register: Register, judgement: Judgement, words: ClaimWords, language: str, link: Link) -> str:
    """One claim: what the article says, and all that we say of it."""
    claim = judgement.claim
    head = (
        f'<a class="fact-id" href="#{claim.id}">{claim.id}</a>'
        f'<strong><span class="claim-sign" aria-hidden="true"></span>{words.standings[judgement.standing]}</strong>'
        f"<span>{words.verdicts[claim.verdict]}</span><span>{words.kinds[claim.kind]}</span>"
    )
    rows = "".join(
        f"<dt>{term}</dt><dd>{text}</dd>" for term, text in _rows(register, judgement, words, language, link)
    )
    told = f"{claim.status} {judgement.standing}"
    return (
        f'<li class="fact claim-{judgement.standing}" id="{claim.id}" data-status="{told}" '
        f'data-section="{claim.section}" data-kind="{claim.kind}">'
        f'<p class="fact-head">{head}</p><dl>{rows}</dl></li>'
    )


def _rows(
    register: Register, judgement: Judgement, words: ClaimWords, language: str, link: Link
) -> Iterator[tuple[str, str]]:
    claim = judgement.claim
    yield words.statement, prose(claim.statement.in_(language))
    for term, text in (
        (words.correction, claim.correction), (words.caveat, claim.caveat), (words.reason, claim.reason),
    ):  # fmt: skip
        if text:
            yield term, prose(text.in_(language))
    if judgement.blocks:
        yield words.proof, "<br>".join(_block(block, words, language, link) for block in judgement.blocks)
    found = [source for name in claim.sources if (source := register.source(name))]
    if found:
        yield words.sources, "<br>".join(_source(source, words, language) for source in found)
    if register.is_pending(claim.page):
        yield words.made_in, f"<code>{escape(claim.page)}</code>{words.colon}{words.not_written}"
    else:
        yield words.made_in, link(claim.page, f"claim-{claim.id}", "")


def _block(block: Shown, words: ClaimWords, language: str, link: Link) -> str:
    if block.state is None:
        return f"<code>{escape(block.reference)}</code>{words.colon}{words.no_block}"
    when = f" {moment(block.started)}" if block.started else ""
    state = words_of(language).state(block.state)
    return (
        f"{link(block.document, block.block, f' #{block.block}')}{words.colon}"
        f'<span class="lab-{block.state}"><span class="fact-state">{state}</span>{when}</span>'
    )


def _source(source: Source, words: ClaimWords, language: str) -> str:
    read = words.read.format(date=source.read) if source.read else words.not_read
    notes = [escape(source.publisher), *([] if source.primary else [words.secondary]), read]
    if source.copy:
        notes.append(f'<a href="{escape(source.copy)}">{words.a_copy}</a>')
    said = prose(source.says.in_(language))
    return (
        f'<a href="{escape(source.url)}">{escape(source.title)}</a>{words.colon}{said}'
        f' <span class="fact-note">({words.comma.join(notes)})</span>'
    )


def contradictions_html(register: Register, language: str) -> str:
    """A list; each entry links to the claims that contradict each other."""
    items = []
    for each in register.contradictions:
        links = ", ".join(f'<a href="#{name}">{name}</a>' for name in each.claims)
        items.append(f'<li>{prose(each.text.in_(language))} <span class="fact-note">({links})</span></li>')
    return f"<ol>{''.join(items)}</ol>"


def facts_json(register: Register, judged: Mapping[str, Judgement]) -> dict[str, Any]:
    """The register as it stands in this build, for programs."""
    return {
        "counts": {status: sum(claim.status == status for claim in register.claims) for status in STATUSES},
        "standings": dict(Counter(str(each.standing) for each in judged.values())),
        "sections": [{"id": section.id, "title": dict(section.title.said)} for section in register.sections],
        "claims": [_claim_json(judged[claim.id]) for claim in register.claims],
        "sources": {source.id: _source_json(source) for source in register.sources},
    }


def _claim_json(judgement: Judgement) -> dict[str, Any]:
    claim: Claim = judgement.claim
    told = {
        name: dict(text.said)
        for name, text in (("caveat", claim.caveat), ("correction", claim.correction), ("reason", claim.reason))
        if text
    }
    return {
        "id": claim.id,
        "section": claim.section,
        "kind": claim.kind,
        "status": claim.status,
        "standing": str(judgement.standing),
        "verdict": claim.verdict,
        "page": claim.page,
        "statement": dict(claim.statement.said),
        **told,
        "proof": [
            {"block": block.reference, "state": str(block.state or State.NEVER), "started": block.started}
            for block in judgement.blocks
        ],
        "sources": list(claim.sources),
    }


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "title": source.title,
        "publisher": source.publisher,
        "url": source.url,
        "primary": source.primary,
        "read": source.read or None,
        "copy": source.copy or None,
        "says": dict(source.says.said),
    }
