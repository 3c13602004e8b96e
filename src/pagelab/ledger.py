"""What became of every step of a run over many documents, and the summaries that are made of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pagelab.model import Kind
from pagelab.report import job_summary, summary


@dataclass(slots=True)
class Ledger:
    """Filled from reports, which may come from parallel workers."""

    kinds: dict[tuple[str, ...], Kind] = field(default_factory=dict)  # by document, block and number
    restored: set[str] = field(default_factory=set)  # documents that were not run again
    messages: list[str] = field(default_factory=list)  # what is wrong, in order
    told: set[tuple[str, ...]] = field(default_factory=set)  # steps with a message; what fails without one was updated
    broken_pages: int = 0  # that cannot be read
    failed_tests: int = 0  # that are no steps of pages

    @property
    def wrong(self) -> bool:
        """Whether something is wrong, whatever else could not be run."""
        return Kind.FAILED in self.kinds.values() or bool(self.broken_pages or self.failed_tests)

    def add(self, step: Mapping[str, Any]) -> None:
        """Enter what a report says of one step in one language: key, outcome, message, whether restored."""
        key = tuple(step["key"])
        self.kinds[key] = Kind(step["outcome"])
        if step["restored"]:
            self.restored.add(key[0])
        if step["message"]:
            self.messages.append(step["message"])
            self.told.add(key)

    def lines(self) -> tuple[str, ...]:
        """The closing lines for a terminal; none when no step was reported."""
        updated = {key for key, kind in self.kinds.items() if kind is Kind.FAILED} - self.told
        kinds = Counter(kind for key, kind in self.kinds.items() if key not in updated)
        names = ", ".join(sorted(self.restored))
        lines = {
            f"steps, run once for all languages: {summary(kinds)}": kinds,
            f"steps whose shown output was rewritten, to be verified by another run: {len(updated)}": updated,
            f"not run again, as nothing has changed (--no-cache): {names}": names,
        }
        return tuple(line for line, said in lines.items() if said)

    def markdown(self) -> str:
        """The summary for a job's page on GitHub."""
        documents: dict[str, Counter[Kind]] = {}
        for (document, *_), kind in self.kinds.items():
            documents.setdefault(document, Counter())[kind] += 1
        return job_summary(documents, self.messages)

    def write(self, path: Path) -> str:
        """Write the summary for programs; why that could not be done, empty when it was."""
        try:
            path.write_text(self.json(), encoding="utf-8")
        except OSError as error:
            return f"the summary {path} cannot be written: {error.strerror}"
        return ""

    def json(self) -> str:
        """The summary for programs: counts by outcome, documents not run again, and every message."""
        counts = Counter(self.kinds.values())
        record = {
            "steps": {kind.value: counts[kind] for kind in Kind},
            "not_run_again": sorted(self.restored),
            "messages": self.messages,
        }
        return json.dumps(record, ensure_ascii=False, indent=1) + "\n"
