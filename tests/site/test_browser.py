"""What readers do: choose a language, copy, open raw output, search, switch colours, read on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

GOOD = "networking/bridge-and-host/"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
WAIT = 10_000  # milliseconds; nothing here takes long on a working machine


def opened(browser: Browser, **options: object) -> BrowserContext:
    context = browser.new_context(**options)  # type: ignore[arg-type]  # passed on as they are
    context.set_default_timeout(WAIT)
    return context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = opened(browser, viewport=WIDE, permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("en-GB", "en"),
        ("fr-FR", "en"),
    ],
)
def test_the_root_sends_readers_to_their_language(browser: Browser, small_url: str, locale: str, language: str) -> None:
    context = opened(browser, locale=locale)
    page = context.new_page()
    page.goto(small_url)
    page.wait_for_url(f"{small_url}{language}/")
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]")[0] == ""
    context.close()


def test_the_root_works_without_a_script(browser: Browser, small_url: str) -> None:
    context = opened(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(small_url)
    page.get_by_role("link", name="驗證過的容器").click()
    page.wait_for_url(f"{small_url}zh-Hant/")
    context.close()


def test_the_root_and_the_sitemap_name_every_language(page: Page, small_url: str) -> None:
    def stay(route: Route) -> None:
        route.abort()

    page.route("**/zh-Hant/", stay)
    page.route("**/en/", stay)
    page.route("**/zh-Hans/", stay)
    html = page.request.get(small_url).text()
    assert '<link rel="canonical" href="https://example.org/project/">' in html
    assert html.index("驗證過的容器</a>") < html.index("Containers, verified</a>") < html.index("验证过的容器</a>")
    for language in ("en", "zh-Hant", "zh-Hans"):
        assert f'hreflang="{language}" href="https://example.org/project/{language}/"' in html
        sitemap = page.request.get(f"{small_url}{language}/sitemap.xml").text()
        assert f'hreflang="{language}" href="https://example.org/project/{language}/{GOOD}"' in sitemap
        assert f"<loc>https://example.org/project/{language}/{GOOD}</loc>" in sitemap


@pytest.mark.parametrize(
    ("start", "name", "end"),
    [
        ("en", "繁體中文", "zh-Hant"),
        ("zh-Hant", "English", "en"),
        ("en", "简体中文", "zh-Hans"),
        ("zh-Hans", "English", "en"),
    ],
)
def test_the_language_switch_keeps_page_and_heading(
    page: Page, small_url: str, start: str, name: str, end: str
) -> None:
    page.goto(f"{small_url}{start}/{GOOD}#far")
    page.locator("header .md-select button").hover()
    page.get_by_role("link", name=name).click()
    page.wait_for_url(f"{small_url}{end}/{GOOD}#far")
    assert (page.locator("html").get_attribute("lang") or "")[:2] == end[:2]


def test_copy_takes_commands_only(page: Page, small_url: str) -> None:
    page.goto(f"{small_url}en/{GOOD}")
    page.locator("#greet .md-code__button[data-md-type=copy]").click()
    expect(page.locator(".md-dialog")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(
        [
            "echo hello",
            "cat <<EOF > notes",
            "one  two",
            "EOF",
            "cat <<'EOF'",
            "# not a prompt",
            "EOF",
            "printf '%s\\n' \"<b>&\" \\",
            "  end",
        ]
    )


def test_a_selection_leaves_prompts_out(page: Page, small_url: str) -> None:
    page.goto(f"{small_url}en/{GOOD}")
    page.locator("#greet pre > code").evaluate("code => getSelection().selectAllChildren(code)")
    assert "$ echo" not in page.evaluate("getSelection().toString()")


def test_raw_output_opens_by_keyboard(page: Page, small_url: str) -> None:
    page.goto(f"{small_url}en/{GOOD}")
    raw = page.locator("#script .lab-raw")
    expect(raw).to_be_hidden()
    page.locator("#script summary").focus()
    page.keyboard.press("Enter")
    expect(raw.locator("pre")).to_have_text("seen only in the raw output")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "PRE"


def test_a_block_is_a_link_target(page: Page, small_url: str) -> None:
    page.goto(f"{small_url}en/{GOOD}")
    page.get_by_role("link", name="the block").click()
    page.wait_for_url("**/#greet")
    expect(page.locator("#greet")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("language", "query", "found"),
    [
        ("zh-Hant", "容器", "容器"),
        ("en", "bridge", "bridge"),
        ("en", "--bridge", "bridge"),  # an option of a command, not a word to leave out
        ("zh-Hans", "容器", "容器"),
    ],
)
def test_search_finds(page: Page, small_url: str, language: str, query: str, found: str) -> None:
    page.goto(f"{small_url}{language}/")
    page.locator(".md-search__input").press_sequentially(query, delay=50)
    page.keyboard.press("End")  # Chinese arrives without a key; Material listens for one
    first = page.locator(".md-search-result__item").first
    expect(first).to_contain_text(found, ignore_case=True)
    first.locator("a").first.click()
    page.wait_for_url(f"**/{language}/**/?h=*")


@pytest.mark.parametrize("system", ["light", "dark"])
def test_colours_follow_the_system_and_can_be_switched(browser: Browser, small_url: str, system: str) -> None:
    context = opened(browser, color_scheme=system, viewport=WIDE)
    page = context.new_page()
    page.goto(f"{small_url}en/{GOOD}")
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", {"light": "default", "dark": "slate"}[system])
    before = body.evaluate("body => getComputedStyle(body).backgroundColor")
    for _ in range(2):  # from the system's to light, to dark
        page.locator("form[data-md-component=palette] label:visible").click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    if system == "light":
        assert body.evaluate("body => getComputedStyle(body).backgroundColor") != before
    context.close()


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize(
    "path", ["", GOOD, "containers/what-a-container-is/", "storage/volumes/"], ids=["home", "good", "bad", "stale"]
)
def test_a_phone_scrolls_in_one_direction_only(browser: Browser, small_url: str, language: str, path: str) -> None:
    context = opened(browser, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{small_url}{language}/{path}")
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def test_a_wrong_address_leads_back(page: Page, small_url: str) -> None:
    for place in ("", "en/"):
        html = page.request.get(f"{small_url}{place}404.html").text()
        assert "https://example.org/project/" in html or 'href="/project/en/' in html


@pytest.mark.parametrize(
    ("language", "heading"),
    [("en", "There is no such page"), ("zh-Hant", "找不到這個頁面"), ("zh-Hans", "找不到这个页面")],
)
def test_a_wrong_address_below_a_language_is_answered_in_it(
    page: Page, small_url: str, language: str, heading: str
) -> None:
    page.goto(f"{small_url}{language}/404.html")
    assert heading in page.title()
    expect(page.locator("h1")).to_have_text(heading)
    assert page.locator("article p a").get_attribute("href") == f"/project/{language}/."
