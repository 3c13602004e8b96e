"""The values that flow from page to proof. All are frozen; collections are tuples."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from pagelab.errors import Location


class Match(StrEnum):
    """How shown output is compared with observed output."""

    SHAPE = "shape"
    EXACT = "exact"
    CONTAINS = "contains"
    LINES = "lines"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Options:
    """What a block says about its run. Times are in seconds."""

    exit: int = 0
    timeout: float = 60.0
    eventually: float = 0.0
    match: Match = Match.SHAPE
    hidden_output: bool = False
    skip: str = ""
    file: str = ""
    host: str = ""  # empty for the lab's first host
    requires: tuple[str, ...] = ()  # what the lab must have, as pagelab.requirements reads it


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block that pagelab acts on: a transcript, a script, or a file to write."""

    location: Location  # of the opening fence
    language: str  # console, bash, sh; anything else only with the option file
    id: str  # as written, else block-N by its position among the page's blocks
    options: Options
    text: str  # content without the fence's indentation, ends with a newline unless empty
    prefix: str  # what precedes each content line in the file (indentation, quote marks)
    hidden: bool = False  # in a comment: it runs, and readers see only that it does
    source: str = ""  # the content as the page has it, where snippets stand in for a part of `text`
    places: tuple[Location, ...] = ()  # where each line of `text` stands, if `source` is set


@dataclass(frozen=True, slots=True)
class Step:
    """One command with the output that the page shows for it."""

    location: Location  # of the command's first line
    block: str  # id of its block
    number: int  # from 1, within its block
    command: str  # may span lines; no trailing newline
    expected: str  # shown output, lines joined by newlines, no trailing newline
    options: Options
    file: str = ""  # when set, the step writes `command`'s text to this file instead of running it
    hidden: bool = False
    output: tuple[int, int] = (0, 0)  # lines of the shown output in the file, from 1, end exclusive
    prefix: str = ""
    places: tuple[Location, ...] = ()  # where each line of a file stands that is not all on the page

    def place(self, line: int) -> Location:
        """Where that line of the command or the file stands, counted from 1: on the page, or in a snippet."""
        return self.places[line - 1] if self.places else replace(self.location, line=self.location.line + line - 1)

    @property
    def key(self) -> tuple[str, int]:
        """What the step is called in every language: block id and number."""
        return self.block, self.number


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Kubernetes cluster that a page asks for beside its hosts."""

    nodes: int = 1
    network: bool = True  # False: a cluster without a Pod network, which the page brings itself
    whole: bool = True  # False: a namespace in somebody's cluster is enough
    unwell: tuple[str, ...] = ()  # what is not well at the page's end, and is not meant to be: kind/name

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes' names, by which steps reach them as well."""
        return tuple(f"node-{number}" for number in range(1, self.nodes + 1))


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file in one language, read but not run."""

    path: str
    title: str
    blocks: tuple[Block, ...]
    steps: tuple[Step, ...]
    runs: bool = True  # False when the front matter says `lab: none`
    hosts: tuple[str, ...] = ("host",)  # names of the lab's hosts, the first is where steps run by default
    cluster: Cluster | None = None
    secrets: tuple[str, ...] = ()  # names of variables whose values the lab gets and nobody sees
    digest: str = ""  # of the text that was read, empty for one that is no file's

    @property
    def authored(self) -> str:
        """All commands and files together: what stands here the page itself has written, and no lab has drawn it."""
        return "\n".join(step.command for step in self.steps)


@dataclass(frozen=True, slots=True)
class Session:
    """One document: the steps that all its languages share, and where each language has them."""

    document: str  # path below docs/<language>/ without .md; the name of its evidence
    pages: tuple[tuple[str, Page], ...]  # (language, page), first is the one whose steps run
    key: str  # sha256 over everything that decides the run, 64 hex digits

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.pages[0][1].steps

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.pages[0][1].hosts

    @property
    def cluster(self) -> Cluster | None:
        return self.pages[0][1].cluster

    @property
    def wanted(self) -> tuple[str, tuple[str, ...], Cluster | None, bool]:
        """What a provider is told of the lab: whose it is, what is in it, and whether its hosts get /dev/kvm."""
        return self.document, self.hosts, self.cluster, any("kvm" in step.options.requires for step in self.steps)

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.pages[0][1].secrets

    @property
    def authored(self) -> str:
        return self.pages[0][1].authored


class Ending(StrEnum):
    """How a command came to its end."""

    RETURNED = "returned"
    TIMEOUT = "timeout"
    SHELL_ENDED = "shell-ended"  # exit, exec or a kill took the page's shell away
    TOO_MUCH = "too-much-output"


@dataclass(frozen=True, slots=True)
class Failure:
    """A command inside a step that did not succeed, in the order in which they happened."""

    status: int
    command: str
    depth: int = 0  # functions and subshells around it
    late: bool = False  # in a job that an earlier step left in the background
    job: bool = False  # it is the end of a job in the background; the command is the one that started it
    went_on: bool = False  # another command ran after it in the same function or subshell


@dataclass(frozen=True, slots=True)
class Observation:
    """What really happened when a command ran."""

    output: bytes
    status: int | None  # None when the command did not return
    ending: Ending
    duration: float  # seconds
    piped: tuple[int, ...] = ()  # statuses that a pipeline hides, but for 0 and that of an early end (SIGPIPE)
    failures: tuple[Failure, ...] = ()
    watched: bool = True  # False when the command switched off what reports failures
    jobs: tuple[str, ...] = ()  # background jobs of the page's shell that still run after it


class Kind(StrEnum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"  # it ran, and what happened is not what the page says
    ERROR = "error"  # it could not be run; nothing is known about the page
    BLOCKED = "blocked"  # an earlier step made running it meaningless
    SKIPPED = "skipped"  # the page says so, with a reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """One step's result: the step, its kind and the reason, and what was observed if it ran."""

    step: Step
    kind: Kind
    reason: str = ""  # one sentence, empty when passed
    detail: str = ""  # what to look at: a side-by-side view, a diff, a daemon's words
    advice: str = ""  # what to do
    observation: Observation | None = None
    started: str = ""  # UTC, ISO 8601 with seconds and Z
    level: str = ""  # on a cluster: `nodes`, `api-server` or `schema`, how far it was tried
    differs: bool = False  # all that is wrong is what the page shows of its output


BUILT_HERE = "built on the page"  # the origin of an image that no registry served


@dataclass(frozen=True, slots=True)
class Image:
    """An image that was in the lab when the run ended."""

    name: str  # repository:tag
    digest: str  # sha256:… as the registry serves it, empty for one built on the page
    origin: str  # `official`, `debian packages`, or BUILT_HERE


@dataclass(frozen=True, slots=True)
class Facts:
    """What a lab says about itself, for the evidence."""

    provider: str  # docker, local
    engine: str = ""  # Docker Engine version
    details: tuple[tuple[str, str], ...] = field(default=())  # kernel, cgroup, storage driver …
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A run that is over: everything that its evidence says."""

    session: Session
    outcomes: tuple[Outcome, ...]
    facts: Facts | None  # None when the lab never worked
    started: str  # UTC, ISO 8601; empty when nothing ran
    finished: str
    lab_key: str = ""  # the provider's identity; empty when the run must not be taken for a later one
