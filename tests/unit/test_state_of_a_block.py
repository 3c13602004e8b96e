"""What the site says of a block: never better than the worst of its steps, one that never ran included."""

from __future__ import annotations

import pytest

from macros.engines import Elsewhere, stand_ins
from macros.status import status_html
from macros.summary import summary_html
from macros.verdict import State, judge_block
from macros.words import ENGLISH
from pagelab.evidence import Proof, StepProof
from pagelab.page import parse_page

PAGE = parse_page("p.md", "```console {#two}\n$ echo one\none\n$ echo two\ntwo\n```\n")


def proof(*outcomes: str) -> Proof:
    """Current evidence that has these outcomes of the block's first steps, and does not speak of the others."""
    steps = tuple((("two", number), _step(outcome)) for number, outcome in enumerate(outcomes, 1))
    return Proof("current", "2026-11-28T10:00:00Z", (("engine", "26.1.5"),), (), steps, len(PAGE.steps))


def _step(outcome: str) -> StepProof:
    ran = outcome == "passed"
    return StepProof(outcome, "", "2026-11-28T10:00:00Z" if ran else "", 0, 0.1, "one\n" if ran else None)


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (("passed", "passed"), State.VERIFIED),
        (("passed",), State.NEVER),
        (("skipped",), State.NEVER),
        (("passed", "of another version of pagelab"), State.NEVER),
        ((), State.NEVER),
        (("failed",), State.FAILED),
        (("error",), State.ERROR),
        (("blocked",), State.BLOCKED),
        (("passed", "skipped"), State.SKIPPED),
    ],
)
def test_a_block_is_as_good_as_the_worst_of_its_steps(outcomes: tuple[str, ...], state: State) -> None:
    assert judge_block(PAGE, PAGE.blocks[0], proof(*outcomes)).state is state


@pytest.mark.parametrize(
    ("outcomes", "why"), [(("passed",), ENGLISH.never_some), ((), ENGLISH.never_why)], ids=["some", "none"]
)
def test_a_block_says_whether_none_or_only_some_of_its_steps_are_on_record(outcomes: tuple[str, ...], why: str) -> None:
    known = proof(*outcomes)
    html = status_html(judge_block(PAGE, PAGE.blocks[0], known), known, ENGLISH, "record.json")
    assert f'<strong>Never run</strong><span class="lab-fact">{why}</span>' in html


@pytest.mark.parametrize(
    ("outcomes", "state", "said"),
    [
        (("passed", "passed"), State.VERIFIED, "2 of 2 commands verified"),
        (("passed", "skipped"), State.VERIFIED, "1 of 2 commands verified"),
        (("skipped", "skipped"), State.SKIPPED, "Only 0 of 2 commands verified"),
    ],
)
def test_a_page_of_which_nothing_ran_is_not_verified(outcomes: tuple[str, ...], state: State, said: str) -> None:
    html = summary_html(PAGE, proof(*outcomes), ENGLISH, "record.json")
    assert html.startswith(f'<p class="lab-summary lab-{state}"')
    assert f"<strong>{said}</strong>" in html


@pytest.mark.parametrize(("there", "told"), [(("passed", "passed"), True), (("passed",), False)])
def test_another_engine_tells_of_a_block_only_when_it_ran_all_of_it(there: tuple[str, ...], told: bool) -> None:
    other = Elsewhere("28.5", proof(*there), "record.json")
    assert bool(stand_ins(PAGE, proof("skipped", "skipped"), (other,))) is told
