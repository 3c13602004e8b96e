"""Text as it is compared: colours, carriage returns and trailing space taken out; volatile shapes named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def plain(text: str) -> str:
    """The text as a terminal would leave it: no escape sequences, the last state of overwritten lines."""
    lines = _ESCAPE.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in lines).strip("\n")


@dataclass(frozen=True, slots=True)
class Shape:
    """A class of values that differ between two runs of the same page."""

    name: str
    pattern: str
    why: str  # what draws the value anew in each run
    identity: bool = True  # equal values are the same thing; times that look equal need not be
    seen: str = ""  # a wider pattern for observed values, where one run's value may look plainer


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_UNIT = r"(?:second|minute|hour|day|week|month|year)s?"
_SPAN = rf"(?:Less than a second|About an? (?:minute|hour)|\d+ {_UNIT})"
_EPHEMERAL = r"(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})"

# The first halves of the names that Docker Engine gives; the second half is a surname.
_ADJECTIVES = "|".join(
    """admiring adoring affectionate agitated amazing angry awesome beautiful blissful bold boring brave busy charming
    clever compassionate competent condescending confident cool cranky crazy dazzling determined distracted dreamy eager
    ecstatic elastic elated elegant eloquent epic exciting fervent festive flamboyant focused friendly frosty funny
    gallant gifted goofy gracious great happy hardcore heuristic hopeful hungry infallible inspiring intelligent
    interesting jolly jovial keen kind laughing loving lucid magical modest musing mystifying naughty nervous nice nifty
    nostalgic objective optimistic peaceful pedantic pensive practical priceless quirky quizzical recursing relaxed
    reverent romantic sad serene sharp silly sleepy stoic strange stupefied suspicious sweet tender thirsty trusting
    unruffled upbeat vibrant vigilant vigorous wizardly wonderful xenodochial youthful zealous zen""".split()
)

SHAPES = (
    Shape("digest", r"sha256:[0-9a-f]{64}", "images built from packages differ in their file times"),
    Shape("id", r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", "the engine draws container, network and exec ids"),
    Shape("uuid", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "drawn by the kernel or by a program"),
    Shape(
        "short-id",
        r"(?<![0-9a-z])(?=\d*[a-f])[0-9a-f]{12}(?![0-9a-z])",
        "the first 12 digits of an id",
        seen=r"(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])",
    ),
    Shape("veth", r"\bveth[0-9a-f]{7}\b", "the engine draws the host side's interface names"),
    Shape(
        "interface-index",
        r"(?<=@if)\d+\b",
        "counts the interfaces that the kernel ever made in a namespace",
        identity=False,
    ),
    Shape("mac", r"(?<![0-9a-f:])(?!02:42:ac:)(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])", "drawn at random"),
    Shape("inode", r"(?<=:\[)4026\d{6}(?=\])", "the kernel numbers namespaces as it makes them"),
    Shape(
        "timestamp",
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?[+-]\d\d:?\d\d|Z)?(?: UTC)?",
        "the time",
        identity=False,
    ),
    Shape("log-time", r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "the time", identity=False),
    Shape("access-time", rf"\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}}", "the time", identity=False),
    Shape("http-date", rf"{_DAY}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT", "the time", identity=False),
    Shape("clock", r"(?<![\d:.])\d\d:\d\d:\d\d(?:\.\d+)?(?![\d:])", "the time", identity=False),
    Shape("age", rf"\b{_SPAN} ago\b", "time since an event", identity=False),
    Shape("uptime", rf"(?<=\bUp ){_SPAN}", "time since start", identity=False),
    Shape("duration", r"(?<![\w.])(?:\d+m)?\d+\.\d+ ?(?:s|ms|us|µs|seconds)\b", "measured", identity=False),
    Shape("port", rf"(?<=[\d\]][:.]){_EPHEMERAL}(?!\d|\.\d)", "the kernel draws the port of a client"),
    Shape("name", rf"(?<![\w/-])(?:{_ADJECTIVES})_[a-z]+\d?(?![\w-])", "the engine draws a name where none is given"),
)
_ANY = re.compile("|".join(f"(?P<s{n}>{shape.pattern})" for n, shape in enumerate(SHAPES)))


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a shown line: its text, and its shape when it is volatile."""

    text: str
    shape: Shape | None = None


def tokens(line: str, authored: str) -> Iterator[Token]:
    """The line in pieces. A value that the page's own commands contain (`authored`) is never volatile."""
    end = 0
    for found in _ANY.finditer(line):
        shape = SHAPES[int(str(found.lastgroup)[1:])]
        if re.search(rf"(?<!\w){re.escape(found[0])}(?!\w)", authored):
            continue
        if found.start() > end:
            yield Token(line[end : found.start()])
        yield Token(found[0], shape)
        end = found.end()
    if end < len(line):
        yield Token(line[end:])
