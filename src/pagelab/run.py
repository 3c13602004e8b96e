"""Session + lab → outcomes, one step at a time, in reading order."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from pagelab.calls import functions, meant
from pagelab.errors import LabError
from pagelab.interrupt import check
from pagelab.kubectl import level
from pagelab.lab import Lab, Provider, Shell, ask
from pagelab.manifest import can_check, flaws, is_manifest, only_known
from pagelab.match import Bindings
from pagelab.model import Ending, Facts, Kind, Observation, Outcome, Record, Session, Step
from pagelab.requirements import Requirement, lacks, parse_requirement
from pagelab.secret import NONE, Secrets
from pagelab.silence import EMPTY, FILL, assigned
from pagelab.unwell import circumstances, contradictions
from pagelab.verdict import ended_as_stated, judge, may_retry

_SCHEMA = "Correct the manifest; `kubectl explain` tells what a field may hold."
PAUSE = 0.25  # seconds between the tries of a step that may become true eventually


def utc_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Run:
    """A document's run. `advance` takes it as far as a step; `close` ends its lab."""

    session: Session
    provider: Provider
    now: Callable[[], str] = utc_now
    outcomes: list[Outcome] = field(default_factory=list)
    bindings: Bindings = field(default_factory=Bindings)  # which shown value stood for which observed one
    insists: frozenset[str] = frozenset()  # requirements that must not be lacking; `all` but for Docker versions
    secrets: Secrets = NONE  # values of those that the session names
    restored: bool = False  # its outcomes are those of an earlier run
    whole: bool = True  # it goes to the page's end, so that what it leaves can be judged
    lab_key: str = ""
    _facts: Facts | None = None
    _started: str = ""
    _finished: str = ""
    _stack: ExitStack = field(default_factory=ExitStack)
    _lab: Lab | None = None
    _lacking: dict[tuple[str, str], str] = field(default_factory=dict)  # (host, requirement) → why it lacks it, or ""
    _shells: dict[str, Shell] = field(default_factory=dict)  # by host
    _functions: dict[str, str] = field(default_factory=dict)  # what those that the page has defined run
    _stopped: tuple[Kind, str] | None = None  # why nothing more can run

    def advance(self, key: tuple[str, int]) -> Outcome:
        """The outcome of the step with that key, after running it and all before it."""
        wanted = next(n for n, step in enumerate(self.session.steps) if step.key == key)
        while len(self.outcomes) <= wanted:
            self.outcomes.append(self._next(self.session.steps[len(self.outcomes)]))
        return self.outcomes[wanted]

    def finish(self) -> None:
        """Run what is left, then close."""
        try:
            if self.session.steps:
                self.advance(self.session.steps[-1].key)
        finally:
            self.close()

    def close(self) -> None:
        """Note the lab's facts and destroy it; safe to call twice. Raises LabError if something is left."""
        try:
            if self._lab is not None and self._facts is None:
                self._facts = self._hidden(self._lab.facts())
        except LabError:
            self._facts = None  # the lab is broken: its outcomes say so
        finally:
            self._finished = self._finished or self.now()
            self._lab = None
            self._shells.clear()
            self._stack.close()

    def _hidden(self, facts: Facts) -> Facts:
        """The facts with placeholders for secrets: a page may name an image after one."""
        images = tuple(replace(image, name=self.secrets.hide_text(image.name)) for image in facts.images)
        return replace(facts, images=images)

    def record(self) -> Record:
        """What the evidence keeps of the run."""
        return Record(self.session, tuple(self.outcomes), self._facts, self._started, self._finished, self.lab_key)

    @property
    def complete(self) -> bool:
        return len(self.outcomes) == len(self.session.steps)

    def _next(self, step: Step) -> Outcome:
        check()
        if self._stopped and not step.options.skip:
            kind, reason = self._stopped
            return Outcome(step, kind, reason)
        started = self.now()
        try:
            outcome = self._tried(step, started)
            outcome = self._at_the_end(outcome) if step is self.session.steps[-1] else outcome
        except LabError as error:
            reason, advice = self.secrets.hide_text(error.problem), self.secrets.hide_text(error.advice)
            self._stopped = Kind.ERROR, reason
            return Outcome(step, Kind.ERROR, reason, advice=advice, started=started)
        if outcome.kind is Kind.FAILED and not ended_as_stated(outcome):
            self._stopped = Kind.BLOCKED, f"blocked by the step at {step.location}: {outcome.reason}"
        return outcome

    def _tried(self, step: Step, started: str) -> Outcome:
        """The step's own outcome. Raises LabError."""
        if step.options.skip:
            return Outcome(step, Kind.SKIPPED, step.options.skip)
        self._started = self._started or started
        if lacking := self._lacks(step):
            return lacking
        return self._write(step, started) if step.file else self._explained(self._attempts(step, started))

    def _lacks(self, step: Step) -> Outcome | None:
        """The outcome of a step that requires what this lab does not have, None when it has everything."""
        host = step.options.host or self.session.hosts[0]
        for text in step.options.requires:
            requirement = parse_requirement(text)
            if requirement.secret:
                if lacking := self._lacks_secret(step, requirement.secret, text):
                    return lacking
                continue
            if (host, text) not in self._lacking:
                self._lacking[host, text] = self._reason(requirement, host)
            if reason := self._lacking[host, text]:
                every = set() if requirement.version else {"all"}  # no engine is of two versions at once
                if self.insists & {requirement.name, text, *every}:
                    advice = f"This run insists on `{text}` (--require): run it where that can be had."
                    return Outcome(step, Kind.ERROR, f"{text} is required: {reason}", advice=advice)
                return Outcome(step, Kind.SKIPPED, f"{text} is required: {reason}")
        return None

    def _reason(self, requirement: Requirement, host: str) -> str:
        """Why that host lacks what is required, empty when it does not. Of a cluster, the one who makes it knows."""
        if requirement.name == "kubernetes" and self.session.cluster:
            return self.provider.lacks_cluster(self.session.cluster)
        return lacks(requirement, partial(ask, self._open(), host=host))

    def _lacks_secret(self, step: Step, name: str, text: str) -> Outcome | None:
        """The outcome of a step whose secret was not given, or is of no use."""
        if problem := self.secrets.problems.get(name):
            advice = f"Give {name} its real value, or unset it: then the page's steps are skipped."
            return Outcome(step, Kind.ERROR, f"the secret {name} cannot be used: {problem}", advice=advice)
        if name in self.secrets.values:
            return None
        reason = f"needs the secret {name}"
        if self.insists & {"all", "secret", text}:
            advice = f"This run insists on `{text}` (--require): set {name} in the environment of this run."
            return Outcome(step, Kind.ERROR, reason, advice=advice)
        return Outcome(step, Kind.SKIPPED, reason)

    def _write(self, step: Step, started: str) -> Outcome:
        lab = self._open()
        lab.write(step.file, step.command, step.options.host)
        seen = Observation(b"", 0, Ending.RETURNED, 0.0)
        version = dict(lab.cluster).get("kubernetes", "")
        if not is_manifest(step.file, step.command) or not can_check(version):
            return Outcome(step, Kind.PASSED, observation=seen, started=started)
        if flaw := next(flaws(step.command, version), None):
            reason = f"{step.file} does not keep to the schema of Kubernetes {version}: {flaw.problem}"
            detail = f"{step.place(flaw.line)}: {step.command.splitlines()[flaw.line - 1]}"
            return Outcome(step, Kind.FAILED, reason, detail, _SCHEMA, seen, started, "schema")
        reached = "schema" if only_known(step.command) else ""
        return Outcome(step, Kind.PASSED, observation=seen, started=started, level=reached)

    def _attempts(self, step: Step, started: str) -> Outcome:
        """The step's outcome; with `eventually`, that of the last try before the time was up."""
        end = time.monotonic() + step.options.eventually
        while True:
            outcome = self._once(step, started)
            if outcome.kind is Kind.PASSED or not may_retry(outcome) or time.monotonic() >= end:
                return outcome
            time.sleep(PAUSE)

    def _once(self, step: Step, started: str) -> Outcome:
        lab = self._open()
        host = step.options.host or self.session.hosts[0]
        if host not in self._shells:
            self._shells[host] = Shell.open(lab, host, self.secrets)
        check()  # making a lab calls libraries that may have lost a Ctrl-C
        seen = self._shells[host].run(step.command, step.options.timeout)
        variable = self._variable(step, self._shells[host]) if seen.status == 0 else None
        if variable:  # a job may have ended meanwhile
            seen = replace(seen, failures=(*seen.failures, *(failure for failure in variable.failures if failure.late)))
        outcome, self.bindings = judge(step, seen, self.bindings, self.session.authored, started)
        if outcome.kind is Kind.PASSED and variable and variable.status == 1:
            outcome = replace(outcome, kind=Kind.FAILED, reason=EMPTY, advice=FILL)
        if outcome.kind is Kind.FAILED:
            _refuse_dead(lab)
        if self.session.cluster:
            on_node = host in self.session.cluster.names
            outcome = replace(outcome, level=self._level(step.command) or ("nodes" if on_node else ""))
        return outcome

    def _level(self, command: str) -> str:
        """How far the command goes, the page's own functions that it calls included."""
        defined = {name: meant(body, self._functions) for name, body in functions(command).items()}
        self._functions |= defined
        return level(meant(command, self._functions))

    def _variable(self, step: Step, shell: Shell) -> Observation | None:
        """How a look at the variable ended in which the step was to keep what kubectl prints: with 1, it is empty."""
        name = assigned(step.command)
        return shell.run(f'[[ -n "${name}" ]]', step.options.timeout) if name else None

    def _at_the_end(self, outcome: Outcome) -> Outcome:
        """The last step's outcome: what a page was told to apply must be there, and well, when it is over."""
        cluster, kinds = self.session.cluster, {earlier.kind for earlier in (*self.outcomes, outcome)}
        if self._lab is None or cluster is None or not self.whole or kinds - {Kind.PASSED, Kind.SKIPPED}:
            return outcome
        wrong = contradictions(partial(ask, self._lab), cluster.unwell, self._lab.guest)
        if not wrong:
            return outcome
        _refuse_dead(self._lab)
        return replace(
            outcome,
            kind=Kind.FAILED,
            reason="every step passed, but the cluster is not as the page leaves its readers to think",
            detail=self.secrets.hide_text("\n".join(wrong)),
            advice="Wait for what you apply (`kubectl rollout status`, `kubectl wait`), or remove it at the end. "
            "What is not meant to be well, the front matter names: `lab: {cluster: {unwell: [pod/broken]}}`.",
        )

    def _explained(self, outcome: Outcome) -> Outcome:
        """A failed step's outcome with what is not well in the cluster that it ran on."""
        if outcome.kind is not Kind.FAILED or not self.session.cluster or self._lab is None:
            return outcome
        around = self.secrets.hide_text(circumstances(partial(ask, self._lab), self._lab.guest))
        return replace(outcome, detail="\n".join(part for part in (outcome.detail, around) if part))

    def _open(self) -> Lab:
        if self._lab is None:
            self._lab = self._stack.enter_context(self.provider.lab(*self.session.wanted))
        return self._lab


def _refuse_dead(lab: Lab) -> None:
    """Raise LabError where the lab is not well: then what went wrong says nothing about the page."""
    if trouble := lab.alive():
        raise LabError(trouble, "The page is not to blame: see why it stopped, then run again.")
