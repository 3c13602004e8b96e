"""What happened when a step ran → its outcome: wrong ends, output that differs, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pagelab.compare import compare
from pagelab.errors import Location
from pagelab.match import Bindings, Contradiction
from pagelab.model import Ending, Failure, Kind, Observation, Outcome, Step
from pagelab.silence import proves_nothing

_NOT_THE_SAME = "a value is not the one that the page showed before"
_LOOK_AT_JOBS = "`wait` for the job in the step that starts it, or say what its failure means: `(… || true) &`."
_LOOK = (
    "Find out first which of them the command means: another container, network or image than before?\n"
    "If the command is right, show in both places what belongs to the same thing; --update does not know what does."
)


def judge(
    step: Step, seen: Observation, bindings: Bindings, authored: str, started: str = ""
) -> tuple[Outcome, Bindings]:
    """Compare what happened with what the page says. Pure: the outcome and the bindings after it."""
    text = seen.output.decode(errors="backslashreplace")
    for reason, advice in _wrong_ends(step, seen):
        return Outcome(step, Kind.FAILED, reason, _tail(text), advice, seen, started), bindings
    if objection := proves_nothing(step.command, text, step.expected):
        return Outcome(step, Kind.FAILED, objection[0], "", objection[1], seen, started), bindings
    if step.options.hidden_output and not step.expected:
        return Outcome(step, Kind.PASSED, observation=seen, started=started), bindings
    result = compare(step.expected, text, step.options.match, bindings, authored)
    if result.matched:
        after = _located(step, bindings, result.bindings)
        return Outcome(step, Kind.PASSED, observation=seen, started=started), after
    if result.contradictions:
        detail = "\n".join([result.detail, *map(_contradiction, result.contradictions)])
        return Outcome(step, Kind.FAILED, _NOT_THE_SAME, detail, _LOOK, seen, started, differs=True), bindings
    reason = "the output is not what the page shows"
    if not step.expected:
        reason = "the command printed something, and the page shows nothing"
    advice = 'Run again with --update to take over the output, or say output="hidden" if readers need not see it.'
    return Outcome(step, Kind.FAILED, reason, result.detail, advice, seen, started, differs=True), bindings


def _located(step: Step, before: Bindings, after: Bindings) -> Bindings:
    """The bindings after the step, each new one with the place on the page that it comes from."""
    lines = step.expected.split("\n")
    origins = dict(after.origins)
    for value in after.forward.keys() - before.forward.keys():
        row = next((n for n, line in enumerate(lines) if value in line), 0)
        origins[value] = f"{Location(step.location.path, step.output[0] + row)} (step {step.block}::{step.number})"
    return replace(after, origins=origins)


def _contradiction(found: Contradiction) -> str:
    """Where the value was first seen, and both values one below the other."""
    first = f"first at {found.origin}" if found.origin else "further up in this output"
    if found.shown == found.first_shown:
        return f"`{found.shown}` {first} was really\n  {found.first_seen}\nand here it is\n  {found.seen}"
    return (
        f"`{found.seen}` was observed {first}, where the page shows it as\n  {found.first_shown}"
        f"\nand here the page shows it as\n  {found.shown}"
    )


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
            "Leave `trap … ERR` (DEBUG, RETURN), `set +E` and `set +T` to a shell of its own: `bash -c '…'`.",
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
    sure = [failure for failure in seen.failures if failure.late or failure.job or failure.went_on]
    rest = [failure for failure in seen.failures if failure not in sure]
    if seen.status != 0 and rest and rest[-1].status == seen.status:
        last = rest.pop()
        while rest and rest[-1].depth > last.depth and rest[-1].status == last.status:
            last = rest.pop()
    return (*sure, *rest)


def _hidden_failure(failure: Failure) -> tuple[str, str]:
    first = failure.command.splitlines()[0] if failure.command else "a command"
    where = "a job that an earlier step left in the background" if failure.late else "a job in the background"
    if failure.job:
        return f"{where} ended with status {failure.status}: `{first}`", _LOOK_AT_JOBS
    if failure.late:
        return f"`{first}` ended with status {failure.status}, in {where}", _LOOK_AT_JOBS
    return (
        f"`{first}` ended with status {failure.status}, but the line went on",
        "Write one command per line, or say what the failure means: `… || true`, `if …; then`, `&&`.",
    )


def may_retry(outcome: Outcome) -> bool:
    """Whether the step ended, so that it can be tried again in the same shell; a failed job would be forgotten."""
    seen = outcome.observation
    return seen is not None and seen.ending is Ending.RETURNED and not any(failure.late for failure in seen.failures)


def ended_as_stated(outcome: Outcome) -> bool:
    """Whether a step that failed ended as the page says all the same: what follows still means something."""
    seen = outcome.observation
    return outcome.kind is Kind.FAILED and seen is not None and not list(_wrong_ends(outcome.step, seen))


def _tail(text: str, lines: int = 20) -> str:
    """The last lines of an output, for a message."""
    rows = text.rstrip("\n").split("\n") if text.strip() else []
    cut = [f"… ({len(rows) - lines} lines before)"] if len(rows) > lines else []
    return "\n".join([*cut, *rows[-lines:]])
