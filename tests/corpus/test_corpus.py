"""Pages that are wrong, each for one reason, and pages that are right though they look awkward: each says why."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from pagelab.errors import PageError
from pagelab.local import LocalProvider
from pagelab.model import Kind
from pagelab.page import read_page
from pagelab.report import describe
from pagelab.run import Run
from pagelab.session import merge_languages

HERE = Path(__file__).parent
WRONG = sorted((HERE / "wrong").glob("*.md"))
RIGHT = sorted((HERE / "right").glob("*.md"))
LIMIT = 30.0  # seconds for a page: most take less than one, and what takes longer hangs

# Words without which the message would not say what is wrong.
SAYS = {
    "same-status-hidden": "line went on",
    "first-fails-with-the-promised-status": "line went on",
    "pipeline-fails-then-line-goes-on": "pipeline",
    "substitution-ends-in-pipeline": "which the pipeline hides",
    "function-ends-in-pipeline-substituted": "which the pipeline hides",
    "background-fails-later": "in a job that an earlier step left in the background",
    "set-u-unbound": "unbound",
    "ifs-then-false": "not what the page shows",
    "ifs-empty-status": "exit status 1, expected 0",
    "option-brace-unclosed": "the brace is not closed",
    "option-extra-word-after": "text after the braces: linenums",
    "json-not-json": "JSON",
    "heredoc-unended-indented-end": "Line 4 has `EOF` with other white space",
    "console-capital": "looks like a block that runs",
    "comment-unclosed": "the comment is never closed",
    "nul-in-command": "NUL",
}


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in here after so many seconds, whatever runs then."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not judged within {seconds:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def complaints(page: Path) -> str:
    """What pagelab says against the page; empty when all that runs on it passes."""
    try:
        session = merge_languages(page.stem, {"en": read_page(page, page.name)})
    except PageError as error:
        return str(error)
    run = Run(session, LocalProvider())
    try:
        with limited(LIMIT):
            run.finish()
    except TimeoutError as error:
        pytest.fail(f"{error}: `{session.steps[len(run.outcomes)].command}`")
    held = (Kind.PASSED, Kind.SKIPPED)
    return "\n".join(describe(o, o.step.location) for o in run.outcomes if o.kind not in held)


@pytest.mark.parametrize("page", WRONG, ids=[page.stem for page in WRONG])
def test_wrong_page_is_caught(page: Path) -> None:
    text = complaints(page)
    assert text, "nothing is said against this page"
    assert SAYS.get(page.stem, "") in text


@pytest.mark.parametrize("page", RIGHT, ids=[page.stem for page in RIGHT])
def test_right_page_passes(page: Path) -> None:
    assert complaints(page) == ""


def test_every_word_to_be_said_belongs_to_a_page() -> None:
    assert SAYS.keys() <= {page.stem for page in WRONG}
