"""Page + proof → what a strict build refuses, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from pagelab.evidence import Proof
from pagelab.model import Kind, Page

_FINE = (Kind.PASSED, Kind.SKIPPED)


def problems(page: Page, proof: Proof) -> Iterator[str]:
    """One message for a page without current evidence, else one for each step that is not proven."""
    if not page.steps:
        return
    place = page.steps[0].location
    if proof.state == "missing":
        yield f"{place}: there is no evidence for this page\n  Run it: pytest {page.path}"
        return
    if proof.state == "stale":
        yield f"{place}: the page has changed since its evidence of {proof.finished}\n  Run it: pytest {page.path}"
        return
    for step in page.steps:
        found = proof.step(*step.key)
        if found is None:
            yield f"{step.location}: the evidence does not speak of this step\n  Run the page: pytest {page.path}"
        elif found.outcome not in set(Kind):
            said = f"the evidence says `{found.outcome}` of this step, which nobody knows"
            yield f"{step.location}: {said}\n  Run the page: pytest {page.path}"
        elif found.outcome not in _FINE:
            advice = _ADVICE[Kind(found.outcome)]
            yield f"{step.location}: {found.outcome}: {found.reason}\n  {advice} pytest {page.path}"


_ADVICE = {
    Kind.FAILED: "Correct the page, or take over the output with --update, then run it:",
    Kind.ERROR: "The page is not to blame. See what the lab says:",
    Kind.BLOCKED: "Correct the step that blocks it, then run the page:",
}
