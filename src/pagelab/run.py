"""Session + lab → outcomes, one step at a time, in reading order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pagelab.compare import compare
from pagelab.errors import LabError
from pagelab.lab import Lab, Provider, Shell, ask
from pagelab.match import Bindings
from pagelab.model import Ending, Facts, Failure, Kind, Observation, Outcome, Record, Session, Step
from pagelab.requirements import lacks, parse_requirement

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
    insists: frozenset[str] = (
        frozenset()
    )  # names of requirements that must not be lacking; `all` but for Docker versions
    restored: bool = False  # its outcomes are those of an earlier run
    lab_key: str = ""
    _facts: Facts | None = None
    _started: str = ""
    _finished: str = ""
    _stack: ExitStack = field(default_factory=ExitStack)
    _lab: Lab | None = None
    _lacking: dict[str, str] = field(default_factory=dict)  # requirement → why the lab lacks it, empty when it does not
    _shells: dict[str, Shell] = field(default_factory=dict)  # by host
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
                self._facts = self._lab.facts()
        except LabError:
            self._facts = None  # the lab is broken: its outcomes say so
        finally:
            self._finished = self._finished or self.now()
            self._lab = None
            self._shells.clear()
            self._stack.close()

    def record(self) -> Record:
        """What the evidence keeps of the run."""
        return Record(self.session, tuple(self.outcomes), self._facts, self._started, self._finished, self.lab_key)

    @property
    def complete(self) -> bool:
        return len(self.outcomes) == len(self.session.steps)

    def _next(self, step: Step) -> Outcome:
        if step.options.skip:
            return Outcome(step, Kind.SKIPPED, step.options.skip)
        if self._stopped:
            kind, reason = self._stopped
            return Outcome(step, kind, reason)
        started = self.now()
        self._started = self._started or started
        try:
            if lacking := self._lacks(step):
                return lacking
            outcome = self._write(step, started) if step.file else self._attempts(step, started)
        except LabError as error:
            self._stopped = Kind.ERROR, error.problem
            return Outcome(step, Kind.ERROR, error.problem, advice=error.advice, started=started)
        if outcome.kind is Kind.FAILED and not only_output_differs(outcome):
            self._stopped = Kind.BLOCKED, f"blocked by the step at {step.location}: {outcome.reason}"
        return outcome

    def _lacks(self, step: Step) -> Outcome | None:
        """The outcome of a step that requires what this lab does not have, None when it has everything."""
        for text in step.options.requires:
            requirement = parse_requirement(text)
            if text not in self._lacking:
                lab = self._open()
                self._lacking[text] = lacks(requirement, lambda argv, lab=lab: ask(lab, argv))  # type: ignore[misc]
            if reason := self._lacking[text]:
                every = set() if requirement.version else {"all"}  # no engine is of two versions at once
                if self.insists & {requirement.name, text, *every}:
                    advice = f"This run insists on `{text}` (--require): run it where that can be had."
                    return Outcome(step, Kind.ERROR, f"{text} is required: {reason}", advice=advice)
                return Outcome(step, Kind.SKIPPED, f"{text} is required: {reason}")
        return None

    def _write(self, step: Step, started: str) -> Outcome:
        self._open().write(step.file, step.command, step.options.host)
        seen = Observation(b"", 0, Ending.RETURNED, 0.0)
        return Outcome(step, Kind.PASSED, observation=seen, started=started)

    def _attempts(self, step: Step, started: str) -> Outcome:
        """The step's outcome; with `eventually`, that of the last try before the time was up."""
        end = time.monotonic() + step.options.eventually
        while True:
            outcome = self._once(step, started)
            if outcome.kind is Kind.PASSED or not _may_retry(outcome) or time.monotonic() >= end:
                return outcome
            time.sleep(PAUSE)

    def _once(self, step: Step, started: str) -> Outcome:
        lab = self._open()
        host = step.options.host or self.session.hosts[0]
        if host not in self._shells:
            self._shells[host] = Shell.open(lab, host)
        seen = self._shells[host].run(step.command, step.options.timeout)
        outcome, self.bindings = judge(step, seen, self.bindings, self._authored(), started)
        if outcome.kind is Kind.FAILED and (trouble := lab.alive()):
            raise LabError(trouble, "The page is not to blame: see why the engine stopped, then run again.")
        return outcome

    def _open(self) -> Lab:
        if self._lab is None:
            self._lab = self._stack.enter_context(self.provider.lab(self.session.document, self.session.hosts))
        return self._lab

    def _authored(self) -> str:
        return "\n".join(step.command for step in self.session.steps)


def judge(
    step: Step, seen: Observation, bindings: Bindings, authored: str, started: str = ""
) -> tuple[Outcome, Bindings]:
    """Compare what happened with what the page says. Pure: the outcome and the bindings after it."""
    text = seen.output.decode(errors="backslashreplace")
    for reason, advice in _wrong_ends(step, seen):
        return Outcome(step, Kind.FAILED, reason, _tail(text), advice, seen, started), bindings
    if step.options.hidden_output and not step.expected:
        return Outcome(step, Kind.PASSED, observation=seen, started=started), bindings
    result = compare(step.expected, text, step.options.match, bindings, authored)
    if result.matched:
        return Outcome(step, Kind.PASSED, observation=seen, started=started), result.bindings
    reason = "the output is not what the page shows"
    if not step.expected:
        reason = "the command printed something, and the page shows nothing"
    advice = 'Run again with --update to take over the output, or say output="hidden" if readers need not see it.'
    return Outcome(step, Kind.FAILED, reason, result.detail, advice, seen, started), bindings


def _wrong_ends(step: Step, seen: Observation) -> Iterator[tuple[str, str]]:
    """Reasons, with advice, why a command's end is not the end that the page states."""
    wanted = step.options.exit
    match seen.ending:
        case Ending.TIMEOUT:
            yield (
                f"not finished after {step.options.timeout:g} s",
                'Give the block more time with timeout="…", or stop the command from waiting (`-d`, `timeout 5 …`).',
            )
        case Ending.SHELL_ENDED:
            status = "" if seen.status is None else f" with status {seen.status}"
            yield (
                f"the command ended the page's shell{status}",
                "Commands of a page share one shell: put `exit` and `exec` in parentheses, as in `(exit 3)`.",
            )
        case Ending.TOO_MUCH:
            yield "the command printed more than 1 MB", "Cut it with `head`, or send it to a file."
    if seen.ending is not Ending.RETURNED:
        return
    if not seen.watched:
        yield (
            "the command switched off what reports failures",
            "Leave `trap … ERR`, `trap … DEBUG`, `set +E` and `set +T` to a shell of its own: `bash -c '…'`.",
        )
    if seen.status != wanted:
        yield f"exit status {seen.status}, expected {wanted}", _exit_advice(seen.status, wanted)
    yield from (_hidden_failure(failure) for failure in _unseen(seen))
    for code in seen.piped:
        yield (
            f"a command inside a pipeline ended with status {code}, which the pipeline hides",
            "Make it succeed, or write `(command || true) | …` to say that its failure does not matter.",
        )


def _exit_advice(status: int | None, wanted: int) -> str:
    if status == 127:
        return "The command was not found: check its spelling, and that the lab's host or the image has it."
    if status == 0:
        return f'Take exit="{wanted}" off the block if readers should see it succeed.'
    return f'If readers should see that, say exit="{status}" on the block; only its last command may fail.'


def _unseen(seen: Observation) -> tuple[Failure, ...]:
    """Failures that the step's own exit status does not show: all but the one that became it.

    A failure that ends a function or a subshell is reported again outside, at a smaller depth.
    """
    rest = list(seen.failures)
    if seen.status == 0 or not rest or rest[-1].status != seen.status:
        return tuple(rest)
    last = rest.pop()
    while rest and rest[-1].depth > last.depth and rest[-1].status == last.status:
        last = rest.pop()
    return tuple(rest)


def _hidden_failure(failure: Failure) -> tuple[str, str]:
    first = failure.command.splitlines()[0] if failure.command else "a command"
    return (
        f"`{first}` ended with status {failure.status}, but the line went on",
        "Write one command per line, or say what the failure means: `… || true`, `if …; then`, `&&`.",
    )


def _may_retry(outcome: Outcome) -> bool:
    return outcome.observation is not None and outcome.observation.ending is Ending.RETURNED


def only_output_differs(outcome: Outcome) -> bool:
    """Whether the step ended as the page says: what follows still means something, and the output can be taken over."""
    seen = outcome.observation
    return outcome.kind is Kind.FAILED and seen is not None and not list(_wrong_ends(outcome.step, seen))


def _tail(text: str, lines: int = 20) -> str:
    """The last lines of an output, for a message."""
    rows = text.rstrip("\n").split("\n") if text.strip() else []
    cut = [f"… ({len(rows) - lines} lines before)"] if len(rows) > lines else []
    return "\n".join([*cut, *rows[-lines:]])
