"""The pytest adapter: pages are files, blocks are collectors, steps are tests; what became of them is told."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pagelab import interrupt
from pagelab.errors import LabError, PageError
from pagelab.evidence import last_duration
from pagelab.lab import Provider
from pagelab.ledger import Ledger
from pagelab.local import LocalProvider
from pagelab.model import Kind, Session
from pagelab.nodes import PLUGIN, PageFile, StepItem, keep_documents_together
from pagelab.recipes import read_cookbook
from pagelab.report import annotation, describe_end
from pagelab.runner import Runner
from pagelab.settings import add_options, cluster_source, evidence_folder, insisted, kube_context, project_of

if TYPE_CHECKING:
    from pagelab.daemon import Say
    from pagelab.leak import State

PAGE_IS_WRONG = 1  # pytest's own status for failed tests
COULD_NOT_RUN = 69  # EX_UNAVAILABLE of sysexits.h: says nothing about the pages
CRASHED = "???"  # pytest-xdist's phase of the test that a worker ended in
GROUPED = "pagelab-grouped"  # what a parallel worker is told: whether documents are kept together


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Have parallel workers take whole documents: each of them runs all that it has a step of."""
    option: Any = config.option
    parallel = getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no"
    pages = config.getini("pagelab_languages") or any(str(arg).split("::")[0].endswith(".md") for arg in config.args)
    if parallel and pages and option.dist != "each":
        option.dist = "loadgroup"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker, which reads the command line anew."""
    node.workerinput[GROUPED] = node.config.option.dist == "loadgroup"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "xdist_group(name): the steps of a document stay together")
    if getattr(config, "workerinput", {}).get(GROUPED):
        config.option.loadgroup = True
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # pytest-xdist would go by how many steps a document has
    _runs(config)


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """For `-n auto` over pages alone: no more workers than processors or documents to run, none if none has to."""
    runs = _runs(config)
    if not all(Path(str(arg).split("::")[0]).resolve().is_relative_to(runs.documentation.root) for arg in config.args):
        return None
    return min(os.cpu_count() or 1, runs.waiting())


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    runs = _runs(parent.config)
    if file_path.suffix == ".md" and runs.wants(file_path):
        return PageFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a document's steps together, so that its lab can go when they are done; for workers, longest first."""
    runs = _runs(config)
    keep_documents_together(items, runs.last_duration if _is_worker(config) else lambda _: 0.0)
    gc.freeze()  # what lives as long as the run: to look at it again and again takes a fifth of one that only restores


def _is_worker(config: pytest.Config) -> bool:
    """Whether this is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")


def _runs(config: pytest.Config) -> Runs:
    runs = config.pluginmanager.get_plugin(PLUGIN)
    if not isinstance(runs, Runs):
        runs = Runs(config)
        config.pluginmanager.register(runs, PLUGIN)
    return runs


class Runs:
    """One pytest session: what its options mean for runs, and what became of every step."""

    def __init__(self, config: pytest.Config) -> None:
        project = project_of(config)
        kube_context(config)  # one that makes no sense is refused before anything runs
        self.documentation = project.documentation
        self._config = config
        self._images = project.recipes
        self._evidence = evidence_folder(config, project)
        self.runner = Runner(
            self._connect,
            self._evidence,
            config.rootpath,
            reuse=not config.getoption("no_cache"),
            update=config.getoption("update"),
            insists=insisted(config),
        )
        self._before: list[State] = []  # what was there before the first lab, as each process that made labs saw it
        self._sessions: dict[str, Session] = {}  # by document
        self._ledger = Ledger()
        self._crashes = 0  # parallel workers that ended before their work

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        interrupt.listen()

    def wants(self, path: Path) -> bool:
        """Whether the file is a page: one below the documentation's folders, or one named on the command line."""
        named = {Path(str(arg).split("::")[0]).resolve() for arg in self._config.args}
        below = any(path.is_relative_to(self.documentation.root / lang) for lang in self.documentation.languages)
        return below or path.resolve() in named

    def session_of(self, path: Path) -> Session:
        """The session of the page's document, read once for all of its languages. Raises PageError."""
        document = self.documentation.name_of(path)
        if document not in self._sessions:
            self._sessions[document] = self.documentation.session_of(path)
        return self._sessions[document]

    def waiting(self) -> int:
        """How many documents would really run. Pages that cannot be read do not count: they are reported soon."""
        count = 0
        for _, path in self.documentation.documents():
            with suppress(PageError):
                session = self.session_of(path)
                count += bool(session.steps) and not self.runner.start(session).restored
        return count

    def last_duration(self, document: str) -> float:
        return last_duration(self._evidence, document)

    def _connect(self) -> Provider:
        if self._config.getoption("provider") == "local":
            return self._swept(LocalProvider())
        # Docker's SDK takes longer to import than all of pagelab: only a run that asks for an engine pays for it.
        from pagelab.daemon import ensure_engine
        from pagelab.engine import DockerProvider
        from pagelab.images import provide_images
        from pagelab.leak import read_state

        client = ensure_engine(self._say)
        version = self._config.getoption("engine") or ""
        book = read_cookbook(self._images)
        clusters = cluster_source(self._config, client, book, self._say)
        provider = DockerProvider(client, provide_images(client, book, self._say, version), clusters)
        self._swept(provider)
        self._before.append(read_state(client))
        return provider

    def _swept(self, provider: Provider) -> Provider:
        """The provider, after it cleared away what dead runs left."""
        for name in provider.sweep():
            self._say(f"removed what a killed run left: {name}")
        return provider

    @property
    def _say(self) -> Say:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        capture = self._config.pluginmanager.get_plugin("capturemanager")

        def say(text: str) -> None:
            if reporter and not _is_worker(self._config):
                reporter.ensure_newline()
                reporter.write_line(f"pagelab: {text}")
            elif capture:  # a parallel worker has nobody to report to but the terminal that it shares
                with capture.global_and_fixture_disabled():
                    print(f"pagelab: {text}", file=sys.stderr, flush=True)

        return say

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
        """Close a document's run behind its last step, after pytest's own teardown, which a failure must not keep."""
        yield
        if not isinstance(item, StepItem):
            return
        document = item.session_of_page.document
        if isinstance(nextitem, StepItem) and nextitem.session_of_page.document == document:
            return
        problem = ""
        try:
            self.runner.close()
        except LabError as error:
            problem = str(error)
        if problem:
            item.outcome = Kind.FAILED if item.outcome is Kind.FAILED else Kind.ERROR
            pytest.fail(describe_end(problem, item.step.location), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let the report say what became of the step, so that it reaches the controller of parallel workers."""
        report: Any = yield
        if isinstance(item, StepItem) and item.outcome:
            step = item.step
            report.pagelab = {
                "key": (item.session_of_page.document, step.block, str(step.number)),
                "outcome": item.outcome.value,
                "restored": item.restored,
                "message": report.longreprtext if report.failed else "",
            }
        return report

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: Any) -> None:
        if step := getattr(report, "pagelab", None):
            self._ledger.add(step)
        elif report.failed and report.when != CRASHED:
            self._ledger.failed_tests += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        try:
            self.runner.close()  # only after an interrupt is anything left to close
        except LabError as error:
            self._say(str(error))
        self._sweep_after_crash()
        for name in (left := self._left()):
            self._say(f"the run did not clean up after itself: {name}")
        path = "" if _is_worker(self._config) else self._config.getoption("run_summary")
        if unwritten := path and self._ledger.write(Path(path)):
            self._say(unwritten)
        could_not = Kind.ERROR in self._ledger.kinds.values() or self._crashes
        if exitstatus == pytest.ExitCode.INTERRUPTED and self._ledger.broken_pages:
            session.exitstatus = PAGE_IS_WRONG
        elif (exitstatus == pytest.ExitCode.TESTS_FAILED and could_not and not self._ledger.wrong) or (
            exitstatus == pytest.ExitCode.OK and (left or unwritten)
        ):
            session.exitstatus = COULD_NOT_RUN

    def _sweep_after_crash(self) -> None:
        """Remove the labs of workers that were killed: another one did, if it started its first lab afterwards."""
        if not self._crashes:
            return
        try:
            self._connect()
        except LabError as error:
            self._say(str(error))

    def _left(self) -> tuple[str, ...]:
        """What this run's labs left on the machine; a parallel worker leaves the question to the controller."""
        if not self._before:
            return ()
        from pagelab.daemon import connect
        from pagelab.leak import settled_differences

        if (worker := getattr(self._config, "workeroutput", None)) is not None:
            worker[PLUGIN] = pickle.dumps(self._before)
            return ()
        first = min(self._before, key=lambda state: state.shared)
        client = connect()
        try:
            return settled_differences(client, first, [state.runner for state in self._before]) if client else ()
        except LabError as error:
            return (str(error),)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take over what a parallel worker saw before its first lab; one that was killed cannot tell."""
        self._crashes += bool(error)
        if states := getattr(node, "workeroutput", {}).get(PLUGIN):
            self._before += pickle.loads(states)

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and str(report.nodeid).endswith(".md"):
            self._ledger.broken_pages += 1
            self._ledger.messages.append(report.longreprtext)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for message in self._ledger.messages:
                terminalreporter.write_line(annotation(message))
            if path := os.environ.get("GITHUB_STEP_SUMMARY"):
                with Path(path).open("a", encoding="utf-8") as file:
                    file.write(self._ledger.markdown())
        for line in self._ledger.lines():
            terminalreporter.write_line(f"pagelab: {line}")
