"""A page's lab, entered: its steps as far as one of them, then a shell for whoever sits there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pagelab.daemon import Say
from pagelab.errors import LabError, Location
from pagelab.lab import Lab, Provider
from pagelab.model import Cluster, Kind, Options, Outcome, Session, Step
from pagelab.place import headline
from pagelab.report import describe
from pagelab.run import Run
from pagelab.secret import NONE, Secrets
from pagelab.terminal import Line, open_line

STATE = ".pagelab-shell"  # below the home directory; the shell that reads it removes it

# Written by the page's own bash as its last step: what of it a new bash can take over.
_REMEMBER = rf"""(umask 077; : > "$HOME/{STATE}")
{{
  echo 'rm -f "$HOME/{STATE}"'
  for __pagelab_name in $(compgen -v); do
    case $__pagelab_name in
      BASH*|__pagelab*|COLUMNS|COMP_*|DIRSTACK|EPOCH*|EUID|FUNCNAME|GROUPS|HIST*|LINENO|LINES|OPT*|PIPESTATUS|PPID) ;;
      PS[0-9]|RANDOM|REPLY|SECONDS|SHELLOPTS|SHLVL|SRANDOM|TERM|UID|_) ;;
      *) [[ ${{!__pagelab_name@a}} == *r* ]] || declare -p "$__pagelab_name" || true ;;
    esac
  done
  for __pagelab_name in $(compgen -A function); do
    [[ $__pagelab_name == __pagelab* ]] || declare -f "$__pagelab_name"
  done
  alias -p
  printf 'cd %q\n' "$PWD"
  echo "PS1='\u@\h:\w\\$ '"
}} > "$HOME/{STATE}" 2>/dev/null
"""
_ENTER = ("bash", "-c", f'exec bash --rcfile "$HOME/{STATE}" -i')


@dataclass(frozen=True, slots=True)
class Entered:
    """The provider of one lab that is already there, and that somebody else removes."""

    entered: Lab

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002 - the interface has it
        return ""

    def lacks_cluster(self, cluster: Cluster) -> str:  # noqa: ARG002
        return ""

    @contextmanager
    def lab(
        self,
        name: str,  # noqa: ARG002 - as the others
        hosts: tuple[str, ...] = (),  # noqa: ARG002
        cluster: Cluster | None = None,  # noqa: ARG002
        kvm: bool = False,  # noqa: ARG002
    ) -> Iterator[Lab]:
        yield self.entered

    def sweep(self) -> tuple[str, ...]:
        return ()


def visit(
    session: Session,
    last: Step | None,
    provider: Provider,
    say: Say,
    talk: Callable[[Line], None],
    secrets: Secrets = NONE,
) -> None:
    """Run the session's steps up to `last` (none without), let `talk` use a shell in the lab, and remove the lab.

    The shell is on the host of that step. A step that fails is told, and the shell stands where the page stopped.
    Raises LabError.
    """
    if session.cluster and (reason := provider.lacks_cluster(session.cluster)):
        raise LabError(f"{session.document} needs a Kubernetes cluster: {reason}", "See `pagelab doctor`.")
    host = (last.options.host if last else "") or session.hosts[0]
    part, remember = _part(session, last, host)
    with provider.lab(*session.wanted) as lab:
        run = Run(part, Entered(lab), secrets=secrets, whole=False)
        for outcome in _outcomes(run, part, say):
            if outcome.kind in (Kind.FAILED, Kind.ERROR):
                say(describe(outcome, outcome.step.location))
            if outcome.kind is Kind.SKIPPED and not outcome.step.options.skip:
                say(f"{outcome.step.location.line}: skipped: {outcome.reason}")
        if run.advance(remember.key).kind is not Kind.PASSED:
            say("the page's own shell cannot go on: yours is a new one on the same host, in the session's directory")
        line = open_line(lab, _ENTER, host)
        try:
            talk(line)
        finally:
            line.close()


def _outcomes(run: Run, part: Session, say: Say) -> Iterator[Outcome]:
    steps = part.steps[:-1]
    for step in steps:
        if not step.options.skip:
            say(f"{step.location.line}: {headline(step)}")
        outcome = run.advance(step.key)
        yield outcome
        if outcome.kind in (Kind.BLOCKED, Kind.ERROR):
            return


def _part(session: Session, last: Step | None, host: str) -> tuple[Session, Step]:
    """The session up to the step, with a last step that writes down the shell's state; and that step."""
    steps = session.steps
    until = next((n for n, step in enumerate(steps, 1) if last and step.key == last.key), 0)
    language, page = session.pages[0]
    remember = Step(Location(page.path, 1), "(shell)", 1, _REMEMBER, "", Options(hidden_output=True, host=host))
    return replace(session, pages=((language, replace(page, steps=(*steps[:until], remember))),)), remember
