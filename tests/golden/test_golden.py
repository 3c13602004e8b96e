"""Page → what a contributor reads about it. `pytest tests/golden --update` writes the texts anew: read the diff."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelab.errors import PageError
from pagelab.local import LocalProvider
from pagelab.model import Kind
from pagelab.page import read_page
from pagelab.report import describe
from pagelab.run import Run
from pagelab.session import merge_languages

PAGES = sorted((Path(__file__).parent / "pages").glob("*.md"))


def report(page: Path) -> str:
    """Everything that pagelab says about the page."""
    try:
        session = merge_languages("golden", {"en": read_page(page, page.name)})
    except PageError as error:
        return f"{error}\n"
    run = Run(session, LocalProvider(), now=lambda: "")
    run.finish()
    texts = [
        f"{outcome.step.location}: passed" if outcome.kind is Kind.PASSED else describe(outcome, outcome.step.location)
        for outcome in run.outcomes
    ]
    return "\n".join(texts) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_report_of_page(page: Path, request: pytest.FixtureRequest) -> None:
    golden = page.with_suffix(".txt")
    text = report(page)
    if request.config.getoption("update"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_page_has_its_text() -> None:
    assert {page.stem for page in PAGES} == {text.stem for text in PAGES[0].parent.glob("*.txt")}
