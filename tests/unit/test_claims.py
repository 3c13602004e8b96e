"""The claim register: what its schema refuses, what claims rest on, and that pages mark them where they are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from macros.claim_words import CHINESE, ENGLISH
from macros.claims import address, mark_html, not_proven
from macros.glossary import read_glossary
from macros.marks import Marked, read_marks, wrong_claims, wrong_marks
from macros.prose import prose
from macros.register import Register, read_register
from macros.standing import Shown, Standing, judge_claim
from macros.verdict import State
from pagelab.documents import Documentation
from pagelab.errors import Location, PageError
from tests.unit.flaws import flaws

PROJECT = Path(__file__).parents[2]
LANGUAGES = ("en", "zh-Hant")
REGISTER = read_register(PROJECT / "docs" / "claims", PROJECT)

PLAN = "sections:\n  ABS: {en: One, zh-Hant: 一}\ncontradictions: []\npending: [later]\n"
SOURCES = """\
manual:
  title: The manual
  publisher: Somebody
  url: https://example.org/
  read: 2026-11-23
  says: {en: So., zh-Hant: 如此。}
"""
CLAIM = """\
ABS-01:
  kind: experiment
  status: proven
  page: page
  statement: {en: It is., zh-Hant: 是的。}
  proof: [page#block]
  sources: [manual]
"""
LATER = CLAIM.replace("ABS-01", "ABS-02").replace("page: page", "page: later").replace("  proof: [page#block]\n", "")
LATER = LATER.replace("  sources: [manual]\n", "")


def register(folder: Path, claims: str = CLAIM + LATER, plan: str = PLAN, sources: str = SOURCES) -> Register:
    """A register with these files and the project's schemas."""
    for schema in (PROJECT / "docs" / "claims").glob("*.schema.json"):
        (folder / schema.name).write_text(schema.read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in (("sections", plan), ("sources", sources), ("ABS", claims)):
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return read_register(folder, folder)


def page(document: str = "page", marks: tuple[str, ...] = ("ABS-01",), listed: tuple[str, ...] = ("ABS-01",)) -> Marked:
    place = Location(f"docs/en/{document}.md", 3)
    return Marked(document, "en", listed, tuple((name, place) for name in marks), place)


def blocks(state: State | None) -> Callable[[str], Shown]:
    return lambda reference: shown(reference, state)


def shown(reference: str, state: State | None) -> Shown:
    document, _, block = reference.partition("#")
    return Shown(document, block, "Page", state)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("status: proven", "status: sure", 3, "'sure' is not one of"),
        ("  page: page\n", "", 1, "'page' is a required property"),
        ("{en: It is., zh-Hant: 是的。}", "{en: It is.}", 5, "'zh-Hant' is a required property"),
        ("status: proven", "status: corrected", 1, "'correction' is a required property"),
        ("status: proven", "status: unverifiable", 1, "'reason' is a required property"),
        ("page#block", "page", 6, "'page' does not match"),
        ("ABS-01:", "abs-1:", 1, "'abs-1' does not match"),
        ("ABS-01:", "ISO-01:", 1, "ISO-01 is no claim of ABS"),
        ("  kind: experiment\n", "  kind: experiment\n  kind: citation\n", 3, "kind is here twice"),
        ("  statement:", " statement:", 5, "this is not YAML"),
    ],
)
def test_what_the_schema_refuses_has_its_line(tmp_path: Path, old: str, new: str, line: int, problem: str) -> None:
    with pytest.raises(PageError) as refused:
        register(tmp_path, CLAIM.replace(old, new, 1))
    assert str(refused.value).startswith(f"ABS.yml:{line}: ")
    assert problem in refused.value.problem


def test_a_folder_without_a_register_has_no_claims(tmp_path: Path) -> None:
    assert read_register(tmp_path, tmp_path).claims == ()


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (State.VERIFIED, Standing.PROVEN),
        *((state, Standing.UNPROVEN) for state in State if state is not State.VERIFIED),
        (None, Standing.UNPROVEN),
    ],
)
def test_proven_means_that_every_block_passed_in_this_build(
    tmp_path: Path, state: State | None, standing: Standing
) -> None:
    found = register(tmp_path)
    assert judge_claim(found, found.claims[0], blocks(state)).standing is standing


def test_one_block_of_several_that_did_not_pass_is_enough(tmp_path: Path) -> None:
    found = register(tmp_path, CLAIM.replace("[page#block]", "[page#block, page#other]") + LATER)
    states = {"page#block": State.VERIFIED, "page#other": State.FAILED}
    judged = judge_claim(found, found.claims[0], lambda name: shown(name, states[name]))
    assert judged.standing is Standing.UNPROVEN
    assert not_proven(judged, "en").startswith("ABS.yml:1: ABS-01 is not proven in this build: page#other (failed)\n")


def test_a_claim_whose_page_is_not_written_is_pending(tmp_path: Path) -> None:
    found = register(tmp_path)
    assert judge_claim(found, found.claims[1], blocks(None)).standing is Standing.PENDING


@pytest.mark.parametrize(("state", "refused"), [(State.STALE, True), (State.NEVER, True), (State.SKIPPED, False)])
def test_a_strict_build_refuses_what_should_be_proven_but_for_what_is_skipped_here(
    tmp_path: Path, state: State, refused: bool
) -> None:
    found = register(tmp_path)
    assert bool(not_proven(judge_claim(found, found.claims[0], blocks(state)), "en")) is refused


@pytest.mark.parametrize(("state", "standing"), [(State.VERIFIED, Standing.SHOWN), (State.SKIPPED, Standing.CORRECTED)])
def test_a_correction_is_shown_by_experiment_only_where_its_blocks_passed(
    tmp_path: Path, state: State, standing: Standing
) -> None:
    correction = "  status: corrected\n  fault: wrong\n  correction: {en: No., zh-Hant: 不。}\n"
    found = register(tmp_path, CLAIM.replace("  status: proven\n", correction))
    assert judge_claim(found, found.claims[0], blocks(state)).standing is standing


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        (page(marks=("ABS-09",), listed=("ABS-09",)), "docs/en/page.md:3: there is no claim ABS-09"),
        (page("other"), "docs/en/other.md:3: ABS-01 is made in page"),
        (page(marks=("ABS-01", "ABS-01")), "docs/en/page.md:3: ABS-01 is marked more than once"),
        (page(listed=()), "docs/en/page.md:3: ABS-01 is marked but not listed"),
        (page(marks=()), "docs/en/page.md:3: ABS-01 is listed but not marked"),
    ],
)
def test_what_is_wrong_in_a_page_has_its_line(tmp_path: Path, pages: Marked, problem: str) -> None:
    assert any(found.startswith(problem) for found in wrong_marks(register(tmp_path), (pages,)))


@pytest.mark.parametrize(
    ("claims", "pages", "state", "problem"),
    [
        (CLAIM, page(marks=()), State.VERIFIED, "ABS.yml:1: ABS-01 is not marked in docs/en/page.md"),
        (CLAIM, page("other", (), ()), State.VERIFIED, "ABS.yml:1: there is no document page"),
        (CLAIM, page(), None, "ABS.yml:1: ABS-01 rests on page#block: there is no such block"),
        (CLAIM.replace("[manual]", "[other]"), page(), State.VERIFIED, "ABS.yml:1: ABS-01 cites other"),
        (CLAIM.replace("[manual]", "[other]"), page(), State.VERIFIED, "sources.yml:1: no claim cites manual"),
        (CLAIM.replace("  proof: [page#block]\n", ""), page(), None, "ABS.yml:1: ABS-01 is proven, but names no block"),
        (
            CLAIM.replace("proven", "cited").replace("  proof: [page#block]\n", ""),
            page(),
            None,
            "ABS.yml:1: ABS-01 is an experiment without blocks",
        ),
        (CLAIM, page("later", ("ABS-02",)), State.VERIFIED, "sections.yml:4: later is written now"),
    ],
)
def test_what_is_wrong_in_the_register_has_its_line(
    tmp_path: Path, claims: str, pages: Marked, state: State | None, problem: str
) -> None:
    found = tuple(wrong_claims(register(tmp_path, claims + LATER), (pages,), blocks(state)))
    assert any(each.startswith(problem) for each in found), found


def test_a_register_without_faults_has_no_problems(tmp_path: Path) -> None:
    assert tuple(wrong_claims(register(tmp_path), (page(),), blocks(State.VERIFIED))) == ()


def test_a_document_that_no_claim_waits_for_is_not_pending(tmp_path: Path) -> None:
    found = register(tmp_path, CLAIM)
    assert tuple(wrong_claims(found, (page(),), blocks(State.VERIFIED))) == (
        "sections.yml:4: no claim waits for later\n  Take it off this list.",
    )


@pytest.mark.parametrize(
    ("here", "document", "anchor", "expected"),
    [
        ("index", "fact-check", "ABS-01", "fact-check/#ABS-01"),
        ("storage/volumes", "fact-check", "ABS-01", "../../fact-check/#ABS-01"),
        ("fact-check", "storage/volumes", "bind", "../storage/volumes/#bind"),
        ("fact-check", "index", "", "../"),
        ("storage/volumes", "storage/volumes", "bind", "#bind"),
    ],
)
def test_addresses_are_relative(here: str, document: str, anchor: str, expected: str) -> None:
    assert address(here, document, anchor) == expected


@pytest.mark.parametrize(
    ("words", "said"), [(ENGLISH, "Claim ABS-01 of the article: proven"), (CHINESE, "文章的說法 ABS-01：已證實")]
)
def test_a_mark_is_a_link_that_says_what_it_is(tmp_path: Path, words: object, said: str) -> None:
    found = register(tmp_path)
    html = mark_html(judge_claim(found, found.claims[0], blocks(State.VERIFIED)), words, "#x")  # type: ignore[arg-type]
    assert html.startswith('<a class="claim claim-proven" id="claim-ABS-01" href="#x"')
    assert f'aria-label="{said}"' in html


def test_texts_are_escaped_and_know_code() -> None:
    assert prose("a <b> `x < y`\n  c") == "a &lt;b&gt; <code>x &lt; y</code> c"


def test_every_status_and_standing_has_words_in_both_languages() -> None:
    for words in (ENGLISH, CHINESE):
        assert set(words.standings) == set(Standing)
        assert {claim.verdict for claim in REGISTER.claims} <= set(words.verdicts)


def known(reference: str) -> Shown:
    """Whether the project has such a block; evidence does not count here."""
    document, _, block = reference.partition("#")
    path = PROJECT / "docs" / "en" / f"{document}.md"
    session = Documentation(PROJECT / "docs", LANGUAGES, PROJECT).session_of(path) if path.is_file() else None
    names = {each.id for _, found in (session.pages if session else ()) for each in found.blocks}
    return Shown(document, block, document, State.VERIFIED if block in names else None)


def test_the_projects_pages_and_register_agree() -> None:
    pages = read_marks(Documentation(PROJECT / "docs", LANGUAGES, PROJECT))
    assert [*wrong_marks(REGISTER, pages), *wrong_claims(REGISTER, pages, known)] == []


def test_the_register_is_complete() -> None:
    """As many claims as the article makes, in each of its sections, numbered without a gap."""
    sizes = "PRE 7 ABS 10 PERF 13 ISO 13 BRG 7 HST 4 OVL 6 COM 10 COW 6 VOL 6 PST 14 SEL 9 NFX 16 FIN 12 CON 8".split()
    expected = [f"{name}-{number:02}" for name, size in zip(sizes[::2], sizes[1::2], strict=True)
                for number in range(1, int(size) + 1)]  # fmt: skip
    assert [claim.id for claim in REGISTER.claims] == expected
    assert len(expected) == 141


def test_four_of_five_experiments_on_written_pages_are_run_here_and_the_others_say_why_not() -> None:
    experiments = [
        claim for claim in REGISTER.claims if claim.kind == "experiment" and not REGISTER.is_pending(claim.page)
    ]
    run = [claim for claim in experiments if claim.proof]
    assert len(run) >= 0.8 * len(experiments), [claim.id for claim in experiments if not claim.proof]


def test_a_citation_that_is_cited_has_a_primary_source_or_says_that_it_has_none() -> None:
    secondary = [
        claim.id
        for claim in REGISTER.claims
        if claim.status == "cited" and claim.kind == "citation"
        if not any(source.primary for name in claim.sources if (source := REGISTER.source(name)))
    ]
    assert secondary == ["PRE-01"], "the survey itself could not be read: its press release was, in a reprint"


def test_no_text_of_the_register_is_english_in_chinese() -> None:
    for claim in REGISTER.claims:
        for text in (claim.statement, claim.caveat, claim.correction, claim.reason):
            if text:
                assert re.search(r"[\u4e00-\u9fff]", text.in_("zh-Hant")), claim.id
                assert not re.search(r"[\u4e00-\u9fff]", text.in_("en")), claim.id


def chinese() -> Iterator[tuple[str, str]]:
    """Every Chinese text of the register, with where it stands."""
    for claim in REGISTER.claims:
        for text in (claim.statement, claim.caveat, claim.correction, claim.reason):
            if text:
                yield claim.id, text.in_("zh-Hant")
    yield from ((source.id, source.says.in_("zh-Hant")) for source in REGISTER.sources)
    yield from ((section.id, section.title.in_("zh-Hant")) for section in REGISTER.sections)
    yield from (("contradictions", each.text.in_("zh-Hant")) for each in REGISTER.contradictions)


def test_the_registers_chinese_is_written_as_the_site_writes() -> None:
    glossary = read_glossary(PROJECT / "docs")
    allowed = frozenset(glossary.conversions)
    assert list(flaws("page.md", "內核", glossary.refused, allowed))  # it does look
    found = [str(flaw) for place, text in chinese() for flaw in flaws(place, text, glossary.refused, allowed)]
    assert found == []
