"""A page as pytest sees it: a file of blocks, each a collector of steps, each a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import pytest

from pagelab import interrupt
from pagelab.documents import Documentation
from pagelab.errors import PageError
from pagelab.model import Kind, Outcome, Session, Step
from pagelab.report import describe
from pagelab.runner import Runner

PLUGIN = "pagelab-runs"


class Runs(Protocol):
    """What a page needs of the pytest session: see pagelab.pytest_plugin.Runs."""

    documentation: Documentation
    runner: Runner

    def session_of(self, path: Path) -> Session: ...


def runs_of(config: pytest.Config) -> Runs:
    """The session's runs, which the plugin registers under its name."""
    runs: Any = config.pluginmanager.get_plugin(PLUGIN)
    return cast(Runs, runs)


class PageFile(pytest.File):
    """One page in one language."""

    def collect(self) -> Iterator[pytest.Collector]:
        runs = runs_of(self.config)
        session = runs.session_of(self.path)
        page = runs.documentation.page_in(session, self.path)
        for block in dict.fromkeys(step.block for step in page.steps):
            steps = [step for step in page.steps if step.block == block]
            yield BlockNode.from_parent(self, name=block, session_of_page=session, steps=steps)

    def repr_failure(  # type: ignore[override]  # pytest's own Collector narrows it the same way
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        if isinstance(excinfo.value, PageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class BlockNode(pytest.Collector):
    """One block of a page."""

    def __init__(self, *, session_of_page: Session, steps: list[Step], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session_of_page = session_of_page
        self.steps = steps

    def collect(self) -> Iterator[pytest.Item]:
        for step in self.steps:
            yield StepItem.from_parent(self, name=str(step.number), session_of_page=self.session_of_page, step=step)


class StepFailed(Exception):  # noqa: N818 - named like pytest's own outcomes
    """A step whose outcome is not what the page says."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class StepItem(pytest.Item):
    """One command of a page."""

    def __init__(self, *, session_of_page: Session, step: Step, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session_of_page = session_of_page
        self.step = step
        self.outcome: Kind | None = None
        self.restored = False
        self.add_marker(pytest.mark.xdist_group(session_of_page.document))

    def runtest(self) -> None:
        runs = runs_of(self.config)
        outcome = runs.runner.advance(self.session_of_page, self.step)
        interrupt.check()
        self.outcome = outcome.kind
        self.restored = runs.runner.restored
        if outcome.kind is Kind.SKIPPED:
            pytest.skip(outcome.reason)
        if runs.runner.updates(outcome):
            pytest.skip("the page now shows what was observed: run again to verify it")
        if outcome.kind is not Kind.PASSED:
            raise StepFailed(runs.runner.advised(outcome))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, StepFailed):
            return describe(excinfo.value.outcome, self.step.location)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.step.location.line - 1, f"{self.step.location.path}:{self.step.location.line}"


def keep_documents_together(items: list[pytest.Item], seconds: Callable[[str], float]) -> None:
    """Sort items so that the steps of a document follow one another; the longest by `seconds`, then by steps, first.

    Those that need a cluster come last: its nodes may have to be built, which takes longer than all others run.
    """
    first: dict[str, tuple[bool, float, int, int]] = {}
    for position, item in enumerate(items):
        if isinstance(item, StepItem) and item.session_of_page.document not in first:
            session = item.session_of_page
            length = seconds(session.document)
            steps = len(session.steps) if length else 0  # where nobody asks how long, pages keep their order
            first[session.document] = (session.cluster is not None, -length, -steps, position)
    order = {
        id(item): first[item.session_of_page.document] if isinstance(item, StepItem) else (False, 0.0, 0, position)
        for position, item in enumerate(items)
    }
    items.sort(key=lambda item: order[id(item)])
