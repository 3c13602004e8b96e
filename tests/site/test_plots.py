"""Measurements on pages: drawn from current evidence alone, readable in light and dark, with their data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import served
from playwright.sync_api import Browser, Page
from smalldocs import SmallDocs
from test_colours import contrast

PAGE = "storage/volumes"
CSV = "case,run,ms\ncontainer,1,231\ncontainer,2,250\nguest [emulated],1,1500\n"
PRINT = "cat measured.csv"
TEXT = f"""# P {{#top}}

```text {{#data file="measured.csv"}}
--8<-- "measured.csv"
```

```console {{#start}}
$ true
$ {PRINT}
case,run,ms
...
```

{{= plot("start", step=2, title="啟動 & start", unit="毫秒", names={{"container": "容器"}}, note="A <note>.") =}}

{{= plot("start", step=2, title="Again", kind="lines", count="次") =}}
"""


def made(base: Path, text: str = TEXT, csv: str = CSV) -> SmallDocs:
    docs = SmallDocs.make(base)
    (base / "snippets" / "measured.csv").write_text(csv)
    docs.write(PAGE, text)
    return docs


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SmallDocs:
    docs = made(tmp_path_factory.mktemp("plots"))
    docs.run()
    built = docs.build()
    assert (built.returncode, built.stderr) == (0, "")
    return docs


@pytest.fixture(scope="module")
def url(site: SmallDocs) -> Iterator[str]:
    with served(site.base / "site") as address:
        yield address


@pytest.mark.parametrize(("language", "words"), [("en", "software emulation"), ("zh-Hant", "軟體模擬")])
def test_the_figure_says_what_was_measured_where_and_how(site: SmallDocs, language: str, words: str) -> None:
    html = site.html(PAGE, language)
    figure = html[html.index('<figure class="lab-plot"') : html.index("</figure>")]
    assert f"guest ({words})" in figure
    assert "容器" in figure
    assert "A &lt;note&gt;." in figure
    record = json.loads((site.base / "evidence" / f"{PAGE}.json").read_text())
    assert record["steps"][-1]["started"] in figure
    assert record["lab"]["kernel"] in figure


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_the_data_can_be_downloaded_as_it_was_measured(browser: Browser, url: str, language: str) -> None:
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{url}{language}/{PAGE}/")
    with page.expect_download(timeout=10_000) as found:
        page.locator("figure a[download]").first.click()
    assert found.value.path().read_text() == CSV
    assert found.value.suggested_filename == "start-2.csv"
    context.close()


def colour(text: str) -> str:
    parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
    return "#" + "".join(f"{part:02x}" for part in parts)


def in_scheme(browser: Browser, url: str, scheme: str) -> Page:
    page = browser.new_page(color_scheme="dark" if scheme == "slate" else "light")
    page.goto(f"{url}zh-Hant/{PAGE}/")
    page.wait_for_function(f"document.body.dataset.mdColorScheme == '{scheme}'", timeout=10_000)
    return page


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_and_marks_stand_out_in_light_and_dark(browser: Browser, url: str, scheme: str) -> None:
    page = in_scheme(browser, url, scheme)
    paper = colour(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    texts = page.evaluate("[...document.querySelectorAll('.lab-plot svg text')].map(e => getComputedStyle(e).fill)")
    marks = page.evaluate("[...document.querySelectorAll('.lab-plot svg use')].map(e => getComputedStyle(e).stroke)")
    assert len(texts) > 10
    assert len(marks) == 8
    assert min(contrast(colour(text), paper) for text in texts) >= 4.5
    assert min(contrast(colour(mark), paper) for mark in marks) >= 3
    page.close()


def test_a_drawing_has_a_name_and_a_text_for_those_who_do_not_see_it(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(f"{url}en/{PAGE}/")
    image = page.get_by_role("img", name="啟動 & start")
    described = page.locator(f"#{image.get_attribute('aria-describedby')}")
    assert "容器: median 240 毫秒, quartiles 236 to 245 毫秒, n = 2" in (described.text_content() or "")
    page.locator(".lab-plot summary").first.click()
    rows = page.locator(".lab-plot table").first.locator("tbody tr").all_inner_texts()
    assert [row.split("\t") for row in rows] == [
        ["容器", "2", "231", "236", "240", "245", "250"],
        ["guest (software emulation)", "1", "1,500", "1,500", "1,500", "1,500", "1,500"],
    ]
    page.close()


def test_stale_evidence_draws_nothing(tmp_path: Path) -> None:
    docs = made(tmp_path)
    docs.run()
    docs.write(PAGE, TEXT.replace("$ true", "$ true -"))
    assert docs.build("--no-strict").returncode == 0
    html = docs.html(PAGE)
    assert "<figure" not in html
    assert "Nothing was measured in this build, so there is no plot: Out of date." in html
    assert not list((docs.base / "site").rglob("start-2.csv"))
    assert "the page has changed since its evidence" in docs.build().stderr


def test_a_failed_measurement_draws_nothing(tmp_path: Path) -> None:
    docs = made(tmp_path, TEXT.replace(PRINT, f"{PRINT}; false"))
    docs.run()
    assert docs.build("--no-strict").returncode == 0
    assert "there is no plot: Failed" in docs.html(PAGE)


@pytest.mark.parametrize(
    ("change", "csv", "said"),
    [
        (
            ('"start", step=2, title="啟', '"none", title="啟'),
            CSV,
            "md:14: there is no step 1 in a block `none` to draw",
        ),
        (("step=2", "step=3"), CSV, "md:14: there is no step 3 in a block `start` to draw"),
        (('unit="毫秒"', 'kind="pie"'), CSV, 'md:14: unknown kind="pie"'),
        (("", ""), "case,run,ms\na,b,c\n", "md:9: its output is no measurement: line 2 is 'a,b,c'"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(tmp_path: Path, change: tuple[str, str], csv: str, said: str) -> None:
    docs = made(tmp_path, TEXT.replace(*change), csv)
    docs.run()
    built = docs.build()
    assert built.returncode == 1
    assert said in built.stderr + built.stdout
