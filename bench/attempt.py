"""One mutant and what became of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """One mutant and what became of it."""

    kind: str
    where: str  # path:line
    change: str  # what was there → what stands there now
    caught: bool
    equivalent: str = ""  # the rule by which the page is still true
    hint: str = ""  # for a survivor: what may have let it pass
