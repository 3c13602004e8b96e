"""The Fact check page and the marks that lead to it, as readers use them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from smalldocs import LANGUAGES, PROJECT

from macros.register import Register, read_register

WAIT = 10_000
MARKED = "containers/what-a-container-is"
REGISTER = read_register(PROJECT / "docs" / "claims", PROJECT)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WAIT)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def counted(register: Register) -> dict[str, str]:
    counts = Counter(claim.status for claim in register.claims)
    return {status: str(number) for status, number in counts.items()}


def told(page: Page) -> dict[str, str]:
    rows = page.locator("#counts tr[data-status]")
    return {str(row.get_attribute("data-status")): row.locator("td").first.inner_text() for row in rows.all()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_counts_are_the_registers(page: Page, published_url: str, language: str) -> None:
    page.goto(f"{published_url}{language}/fact-check/")
    assert told(page) == counted(REGISTER)
    ids = page.locator(".fact").evaluate_all("facts => facts.map(fact => fact.id)")
    assert sorted(ids) == sorted(claim.id for claim in REGISTER.claims)


def test_the_data_is_what_the_page_shows(page: Page, published: Path, published_url: str) -> None:
    data: dict[str, Any] = json.loads((published / "claims.json").read_text(encoding="utf-8"))
    page.goto(f"{published_url}en/fact-check/")
    assert {status: str(number) for status, number in data["counts"].items()} == told(page)
    standings = {claim["id"]: claim["standing"] for claim in data["claims"]}
    shown = page.locator(".fact").evaluate_all(
        "facts => facts.map(fact => [fact.id, fact.dataset.status.split(' ').at(-1)])"
    )
    assert dict(shown) == standings
    unproven = [claim["id"] for claim in data["claims"] if claim["standing"] == "proven" and not claim["proof"]]
    assert unproven == []
    link = page.locator('a[href$="claims.json"]').first
    assert page.request.get(link.evaluate("link => link.href")).ok


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        *(("status", status, int(number)) for status, number in sorted(counted(REGISTER).items())),
        ("section", "ABS", sum(claim.section == "ABS" for claim in REGISTER.claims)),
        ("kind", "judgement", sum(claim.kind == "judgement" for claim in REGISTER.claims)),
    ],
)
def test_a_filter_shows_as_many_as_it_says(page: Page, published_url: str, name: str, value: str, number: int) -> None:
    page.goto(f"{published_url}en/fact-check/")
    field = page.locator(f".fact-filters select[name={name}]")
    expect(field.locator(f"option[value={value}]")).to_contain_text(f"({number})")
    field.select_option(value)
    expect(page.locator(".fact:visible")).to_have_count(number)
    expect(page.locator(".fact-shown span")).to_have_text(str(number))
    assert page.url.endswith(f"/fact-check/?{name}={value}")
    page.reload()
    expect(page.locator(".fact:visible")).to_have_count(number)
    expect(field).to_have_value(value)
    assert page.locator("h2:visible + .facts:not(:has(.fact:not([hidden])))").count() == 0  # no heading of nothing
    page.locator(".fact-filters button").click()
    expect(page.locator(".fact:visible")).to_have_count(len(REGISTER.claims))
    expect(page).to_have_url(re.compile(r"/fact-check/$"))


def test_filters_combine_and_words_are_found(page: Page, published_url: str) -> None:
    page.goto(f"{published_url}en/fact-check/?status=corrected&section=ABS")
    wanted = [claim.id for claim in REGISTER.claims if (claim.status, claim.section) == ("corrected", "ABS")]
    assert wanted
    shown = page.locator(".fact:visible")
    expect(shown).to_have_count(len(wanted))
    page.locator(".fact-filters input").fill("ABS-07")
    expect(shown).to_have_count(1)
    page.locator(".fact-filters input").fill("no claim has these words")
    expect(shown).to_have_count(0)


def test_an_unknown_filter_hides_nothing(page: Page, published_url: str) -> None:
    page.goto(f"{published_url}en/fact-check/?status=nonsense")
    expect(page.locator(".fact:visible")).to_have_count(len(REGISTER.claims))


def test_filters_need_only_the_keyboard(page: Page, published_url: str) -> None:
    page.goto(f"{published_url}en/fact-check/")
    page.locator(".fact-filters select[name=status]").focus()
    page.keyboard.press("c")  # the first that starts so: Cited
    expect(page.locator(".fact:visible")).to_have_count(int(counted(REGISTER)["cited"]))
    for name in ("section", "kind", "words"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == name
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".fact:visible")).to_have_count(len(REGISTER.claims))


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_scripts_every_claim_is_there(browser: Browser, published_url: str, language: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(f"{published_url}{language}/fact-check/?status=corrected")
    expect(page.locator(".fact:visible")).to_have_count(len(REGISTER.claims))
    expect(page.locator(".fact-filters")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_how_many_claims_it_settles_and_leads_to_what_that_means(
    page: Page, published_url: str, language: str
) -> None:
    page.goto(f"{published_url}{language}/{MARKED}/")
    link = page.locator('.lab-summary a[href$="#article"]')
    number = sum(claim.page == MARKED for claim in REGISTER.claims)
    assert re.findall(r"\d+", link.locator("xpath=..").inner_text()) == [str(number)]
    link.click()
    expect(page).to_have_url(f"{published_url}{language}/start/how-this-site-proves/#article")
    expect(page.locator("h2#article")).to_be_in_viewport()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mark_is_reached_by_tab_and_leads_to_its_claim(page: Page, published_url: str, language: str) -> None:
    page.goto(f"{published_url}{language}/{MARKED}/")
    marks = page.locator("a.claim")
    assert marks.count() > 5
    first = marks.first
    identity = first.inner_text().strip()
    name = first.get_attribute("aria-label") or ""
    assert identity in name
    assert len(name) > len(identity) + 4
    page.evaluate(
        """mark => {
            const all = [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")]
            const before = all.slice(0, all.indexOf(mark)).filter(each => each.closest("article"))
            before.filter(each => each.checkVisibility()).at(-1).focus()
        }""",
        first.element_handle(),
    )
    for _ in range(3):  # a code block or a table that scrolls may stand between
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className").startswith("claim"):
            break
    assert page.evaluate("document.activeElement.id") == f"claim-{identity}"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{language}/fact-check/#{identity}")
    expect(page.locator(f"#{identity}")).to_be_in_viewport()
    page.locator(f'#{identity} a[href$="#claim-{identity}"]').click()
    page.wait_for_url(f"**/{language}/**/#claim-{identity}")
    expect(page.locator(f"#claim-{identity}")).to_be_in_viewport()


def test_a_mark_is_not_copied_with_its_sentence(page: Page, published_url: str) -> None:
    page.goto(f"{published_url}en/{MARKED}/")
    copied = page.evaluate(
        """() => {
            const mark = document.querySelector("a.claim")
            getSelection().selectAllChildren(mark.parentElement)
            return [mark.textContent.trim(), getSelection().toString()]
        }"""
    )
    assert copied[0] not in copied[1]
    assert len(copied[1]) > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_marks_are_not_in_the_search(published: Path, language: str) -> None:
    index = json.loads((published / language / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts = [each["text"] for each in index["docs"] if each["location"].startswith(f"{MARKED}/")]
    assert texts
    assert not any('class="claim' in text or "≠" in text for text in texts)


def test_a_claim_asked_for_is_shown_though_the_filter_hides_it(page: Page, published_url: str) -> None:
    hidden = next(claim.id for claim in REGISTER.claims if claim.status == "cited")
    page.goto(f"{published_url}en/fact-check/?status=corrected#{hidden}")
    expect(page.locator(f"#{hidden}")).to_be_in_viewport()
