"""The runs of many documents, one after the other: each has a lab when first needed, and leaves its evidence."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pagelab.errors import LabError
from pagelab.evidence import judge_key, restore, write_evidence
from pagelab.lab import Provider, Unavailable
from pagelab.model import Cluster, Kind, Outcome, Session, Step
from pagelab.requirements import missing_modules
from pagelab.run import Run
from pagelab.secret import read_secrets
from pagelab.update import can_show, update_files

MODULES = Path("/sys/module")

LEFT_ALONE = "--update leaves this step alone: it cannot tell what the page would show of this output. Edit the page."


class Runner:
    """Runs one document at a time, all languages at once.

    `connect` makes the provider when the first document needs it. `reuse` takes earlier runs that would go the
    same again; `update` rewrites shown output below `base`; `insists` names requirements that must not be lacking.
    """

    def __init__(
        self,
        connect: Callable[[], Provider],
        evidence: Path,
        base: Path,
        *,
        reuse: bool = True,
        update: bool = False,
        insists: frozenset[str] = frozenset(),
    ) -> None:
        self._connect = connect
        self._evidence = evidence
        self._base = base
        self._reuse = reuse
        self._update = update
        self._insists = insists
        self._current: Run | None = None
        self._keys: dict[Cluster | None, str] = {}  # asked for once

    @cached_property
    def _provider(self) -> Provider:
        """The provider, or one that says with each lab why there is none."""
        try:
            return self._connect()
        except LabError as error:
            return Unavailable(error)

    def _key(self, cluster: Cluster | None) -> str:
        """What decides the runs of all documents alike; empty where that cannot be known. Raises LabError."""
        if cluster not in self._keys:
            identity = self._provider.identity(cluster)
            self._keys[cluster] = f"{identity} {judge_key()}" if identity else ""
        return self._keys[cluster]

    def advance(self, session: Session, step: Step) -> Outcome:
        """The step's outcome, after all steps before it. Ends the run of another document first: may raise LabError."""
        now = self._current and (self._current.session.document, self._current.session.key)
        if self._current is None or now != (session.document, session.key):
            self.close()
            self._current = self.start(session)
        return self._current.advance(step.key)

    def start(self, session: Session) -> Run:
        """The document's run: an earlier one if it would go the same again."""
        provider = self._provider
        try:
            key = self._key(session.cluster)
        except LabError as error:
            provider, key = Unavailable(error), ""
        secrets = read_secrets(session.secrets, os.environ)
        key += "".join(f" {name}" for name in secrets.values) if key else ""  # never the value, nor what tells it
        earlier = restore(self._evidence, session, key) if self._reuse and not secrets.problems else None
        lacked = [o.reason for o in earlier or () if o.kind is Kind.SKIPPED and not o.step.options.skip]
        if lacked and (self._insists or session.cluster or any(map(_has_come, lacked))):
            earlier = None  # what was lacking then must not be, or may not be, lacking now
        return Run(
            session,
            provider,
            outcomes=list(earlier or ()),
            restored=earlier is not None,
            lab_key=key,
            insists=self._insists,
            secrets=secrets,
        )

    @property
    def restored(self) -> bool:
        """Whether the current document's outcomes are those of an earlier run."""
        return self._current is not None and self._current.restored

    def updates(self, outcome: Outcome) -> bool:
        """Whether the step's shown output is about to be rewritten rather than reported."""
        return self._update and outcome.differs and can_show(outcome.step, _output(outcome))

    def advised(self, outcome: Outcome) -> Outcome:
        """The outcome as it is reported: with what to do where only the author knows what to show of the output."""
        left = self._update and outcome.differs and not self.updates(outcome)
        return replace(outcome, advice=LEFT_ALONE) if left else outcome

    def close(self) -> None:
        """End the current document's lab and write its evidence. Raises LabError."""
        run, self._current = self._current, None
        if run is None or run.restored:
            return
        try:
            run.close()
        finally:
            if run.complete or any(outcome.kind in (Kind.FAILED, Kind.ERROR) for outcome in run.outcomes):
                write_evidence(self._evidence, run.record())
        self._rewrite(run)

    def _rewrite(self, run: Run) -> None:
        outputs = {outcome.step.key: _output(outcome) for outcome in run.outcomes if self.updates(outcome)}
        if outputs:  # languages may be one file, by links
            files = {Path(os.path.realpath(self._base / page.path)): page for _, page in run.session.pages}
            update_files(files, outputs, run.bindings)


def _has_come(lacking: str) -> bool:
    """Whether this kernel now has the modules that were lacking. What is built into it was never lacking."""
    modules = missing_modules(lacking)
    return bool(modules) and all((MODULES / module).is_dir() for module in modules)


def _output(outcome: Outcome) -> str:
    """What the step printed, as the evidence has it."""
    return outcome.observation.output.decode(errors="backslashreplace") if outcome.observation else ""
