"""Text as it is compared: colours, carriage returns and trailing space taken out; volatile shapes named."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

_ERASE = r"\x1b\[[012]?K"  # of a line: from the cursor on, up to it, all; what it leaves depends on where that is
_ESCAPE = re.compile(rf"(?!{_ERASE})" r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+].|[@-Z\\-_=>])")
_SILENT = re.compile(r"[\x00\x07\x0e\x0f\x7f]")
_MOVES = re.compile(rf"[\r\b]|{_ERASE}")
_WRITTEN = re.compile(rf"{_ERASE}|.", re.DOTALL)


def plain(text: str) -> str:
    """The text without escape sequences and trailing space, each line as it stands after what overwrote it."""
    lines = _SILENT.sub("", _ESCAPE.sub("", text)).replace("\r\n", "\n").split("\n")
    return "\n".join(_overwritten(line).rstrip() for line in lines).rstrip("\n")


def _overwritten(line: str) -> str:
    """What a terminal's line holds after carriage returns, backspaces and erasures."""
    if not _MOVES.search(line):
        return line
    cells: list[str] = []
    column = 0
    for written in _WRITTEN.findall(line):
        if written == "\r":
            column = 0
        elif written == "\b":
            column = max(0, column - 1)
        elif len(written) > 1:
            _erase(cells, column, written[2:-1])
        else:
            cells += " " * (column - len(cells))
            cells[column : column + 1] = [written]
            column += 1
    return "".join(cells)


def _erase(cells: list[str], column: int, part: str) -> None:
    """Blank a part of the line, as ECMA-48 numbers them: `1` ends with the cursor's cell, `2` is the whole line."""
    if part == "1":
        cells[: column + 1] = " " * len(cells[: column + 1])
    else:
        del cells[0 if part == "2" else column :]


@dataclass(frozen=True, slots=True)
class Shape:
    """A class of values that differ between two runs of the same page."""

    name: str
    pattern: str
    why: str  # what draws the value anew in each run
    identity: bool = True  # equal values are the same thing; times that look equal need not be
    seen: str = ""  # a wider pattern for observed values, where one run's value may look plainer
    cluster: bool = False  # only where the page's own commands call kubectl: elsewhere nothing draws such values


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_UNIT = r"(?:second|minute|hour|day|week|month|year)s?"
_SPAN = rf"(?:Less than a second|About an? (?:minute|hour)|\d+ {_UNIT})"
_EPHEMERAL = r"(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})"
_PORT_PLACE = r"(?:(?<=\d:)|(?<=\]:)|(?<=\d\.)(?=\d+(?: >|:)))"
# A page that shows one of these means just that: MySQL X, Keystone, Tiller, Jenkins, gRPC, WireGuard.
_KNOWN_PORT = r"(?:33060|35357|44134|50000|50051|51820)(?!\d)"
_PAIR, _GROUP = "[0-9a-f]{2}", "[0-9a-f]{1,4}"
# The zero of Go, of Unix (west of Greenwich, too) and of archives: no time that anything happened at, so never another.
_ZERO = "(?:0001|1970|1980)[-/]01[-/]01|1969[-/]12[-/]31"
_ZERO_DAY = "01[-/ ]Jan[-/ ](?:0001|1970|1980)|31[-/ ]Dec[-/ ]1969"
_MOMENT = rf"(?!{_ZERO})" r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?"
_CLOCK = r"(?<![\d:.])\d\d:\d\d:\d\d(?:\.\d+)?(?![\d:])"
_KNOWN_MAC = r"02:42:(?:ac|0a|c0)|(?:00:){5}|(?:ff:){5}"  # made from an address, or everybody's

_DRAWN = "[bcdfghjklmnpqrstvwxz2456789]"  # the letters of a name that Kubernetes draws: no vowels, so no words
_HASHED = "[bcdf4-9]"  # the same for a hash: each stands for a digit of its decimal form
_WORDS = "https|xhtml|html5|httpd|httpx|http2|tmpfs|btrfs|sshfs|lxcfs|nfsv4|ppc64|mssql|pgsql|rdbms"  # but for these
_UNDER_TWO_MINUTES = r"(?:\d{1,2}|1[01]\d)s"  # from then on kubectl counts in minutes, and so on
_LONGER = r"[2-9]m(?:[1-5]?\ds)?|[3-7]h[1-5]?\dm|[2-7]d(?:1\d|2[0-3]|[1-9])h|[2-7]y[1-9]\d{0,2}d"
_AGE = rf"(?:{_UNDER_TWO_MINUTES}|{_LONGER})"  # as a page shows it: no `100m`, which is a share of a processor
_ANY_AGE = rf"(?:{_UNDER_TWO_MINUTES}|{_LONGER}|(?:[1-9]\d|1[0-7]\d)m|[1-9]\d?h|[1-9]\d{{0,2}}d)"
_NODE_PORT = r"(?:3[01]\d{3}|32[0-6]\d\d|327[0-5]\d|3276[0-7])"


def _aged(age: str) -> str:
    """An age where kubectl prints one: in a column beside others, or in brackets."""
    column = rf"{age}(?: \(x\d+ over {age}\))?"
    return rf"(?:^{column}(?=\s\s)|(?<=\s\s){column}(?=\s\s|$)|(?<=\(){age}(?= ago\)))"


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
    Shape(
        "id",
        r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
        r"(?<!\)= .{64})(?<!\) = .{64})(?! [ *]\S(?: ?\S)*$)",  # not what sha256sum and openssl print
        "the engine draws container, network and exec ids",
    ),
    Shape("uuid", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "drawn by the kernel or by a program"),
    Shape(
        "short-id",
        r"(?<![0-9a-z])(?=\d*[a-f])[0-9a-f]{12}(?![0-9a-z])",
        "the first 12 digits of an id",
        seen=r"(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])",
    ),
    Shape(
        "swarm-id",
        r"(?<![0-9a-z])(?=[a-z]*\d)(?=[0-9a-f]*[g-z])[0-9a-z]{25}(?![0-9a-z])",
        "Swarm draws ids of nodes, services, tasks and networks",
        seen=r"(?<![0-9a-z])(?=[0-9a-f]*[g-z])[0-9a-z]{25}(?![0-9a-z])",
    ),
    Shape("veth", r"\bveth[0-9a-f]{7}\b", "the engine draws the host side's interface names"),
    Shape("interface-index", r"(?<=@if)\d+\b", "counts the interfaces that the kernel ever made", identity=False),
    Shape("mac", rf"(?<![0-9a-f:])(?!{_KNOWN_MAC}){_PAIR}(?::{_PAIR}){{5}}(?![0-9a-f:])", "drawn at random"),
    Shape(
        "link-local",
        rf"(?<![0-9a-f:])fe80::(?!42:(?:ac|a|c0)ff:){_GROUP}:[0-9a-f]{{0,2}}ff:fe{_PAIR}:{_GROUP}(?![0-9a-f:])",
        "made from a MAC address that is drawn",
    ),
    Shape("inode", r"(?<=:\[)4026\d{6}(?=\])", "the kernel numbers namespaces as it makes them"),
    Shape("timestamp-utc", rf"{_MOMENT}(?:Z| UTC)", "the time", identity=False),
    Shape("timestamp-zone", rf"{_MOMENT} ?[+-]\d\d:?\d\d(?: [A-Z]{{3,4}})?", "the time", identity=False),
    Shape("timestamp", rf"{_MOMENT}(?![\dZ.]| ?[+-]\d| UTC)", "the time", identity=False),
    Shape("log-time", rf"(?!{_ZERO})" r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "the time", identity=False),
    Shape(
        "access-time", rf"(?!{_ZERO_DAY})\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d [+-]\d{{4}}", "the time", identity=False
    ),
    Shape("http-date", rf"{_DAY}, (?!{_ZERO_DAY})\d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT", "the time", identity=False),
    Shape("clock", rf"(?<!(?:{_ZERO})[T ])(?<!(?:{_ZERO_DAY}) ){_CLOCK}", "the time", identity=False),
    Shape("age", rf"\b{_SPAN} ago\b", "time since an event", identity=False),
    Shape("uptime", rf"(?<=\bUp ){_SPAN}", "time since start", identity=False),
    Shape("seconds", r"(?<![\w.])(?:\d+m)?\d+\.\d+ ?s(?:ec(?:onds)?)?\b", "measured", identity=False),
    Shape("milliseconds", r"(?<![\w.])\d+\.\d+ ?ms\b", "measured", identity=False),
    Shape(
        "port",
        rf"{_PORT_PLACE}(?!{_KNOWN_PORT}){_EPHEMERAL}(?!\d|\.\d)",
        "the kernel draws a client's port",
        seen=rf"{_PORT_PLACE}{_EPHEMERAL}(?!\d|\.\d)",
    ),
    Shape("name", rf"(?<![\w/-])(?:{_ADJECTIVES})_[a-z]+\d?(?![\w-])", "the engine draws a name where none is given"),
    Shape(
        "pod-ip",
        r"(?<![\d.])10\.244\.\d+\.(?!0(?!\d)|1(?!\d))\d+(?![\d/])",
        "given to Pods as they start",
        cluster=True,
    ),
    Shape(
        "cluster-ip",
        r"(?<![\d.])10\.96\.(?!0\.(?:0|1|10)(?!\d))\d+\.\d+(?!\d)",
        "drawn for a Service",
        cluster=True,
    ),
    Shape(
        "node-ip",
        r"(?<![\d.])10\.213\.\d+\.\d+(?!\d)",
        "a lab's network is the first that is free",
        cluster=True,
    ),
    Shape(
        "node-port",
        rf"(?:(?<=\d:)|(?<![\w.])(?=\d+/(?:TCP|UDP))|(?<=nodePort: )|(?<=nodePort\": )|(?<=nodePort\":)|(?<=--dport ))"
        rf"{_NODE_PORT}(?!\d|\.\d)",
        "drawn for a Service",
        cluster=True,
    ),
    Shape(
        "template-hash",
        rf"(?<=[a-z0-9]-)(?=\d*[a-z]){_HASHED}{{8,10}}(?![\w.])",
        "made from a Pod's template and its defaults",
        seen=rf"(?<=[a-z0-9]-){_HASHED}{{8,10}}(?![\w.])",
        cluster=True,
    ),
    Shape(
        "drawn-suffix",
        rf"(?<=[a-z0-9]-)(?!(?:{_WORDS})\b)(?=\d*[a-z]){_DRAWN}{{5}}(?![\w.])",
        "drawn for a Pod's name",
        seen=rf"(?<=[a-z0-9]-)(?!(?:{_WORDS})\b){_DRAWN}{{5}}(?![\w.])",
        cluster=True,
    ),
    Shape("event-name", r"(?<=[a-z0-9]\.)[0-9a-f]{16}(?!\w)", "made from the time", cluster=True),
    Shape(
        "resource-version",
        r"(?:(?<=resourceVersion: \")|(?<=resourceVersion\": \")|(?<=resourceVersion\":\"))\d+",
        "counts all writes",
        cluster=True,
    ),
    Shape("endpoint-chain", r"\bKUBE-SEP-[A-Z2-7]{16}\b", "made from an endpoint's address", cluster=True),
    Shape(
        "pull-time",
        r"(?<=\bin )\d+ms(?= \()|(?<=\()\d+ms(?= including waiting)",
        "measured",
        identity=False,
        cluster=True,
    ),
    Shape("cluster-age", _aged(_AGE), "time since an event", identity=False, seen=_aged(_ANY_AGE), cluster=True),
)
_SHORT_ID = next(shape for shape in SHAPES if shape.name == "short-id")


def _any_of(cluster: bool) -> re.Pattern[str]:
    """Whatever is of one of the shapes, those of clusters included or not; the group tells which."""
    named = (f"(?P<s{n}>{shape.pattern})" for n, shape in enumerate(SHAPES) if cluster or not shape.cluster)
    return re.compile("|".join([*named, r"(?P<digits>(?<!\w)\d{12}(?!\w))"]))


_WITH_CLUSTER, _WITHOUT = _any_of(cluster=True), _any_of(cluster=False)
CLUSTER = "kubectl"  # a page whose commands say so looks at a cluster


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a shown line: its text, and its shape when it is volatile."""

    text: str
    shape: Shape | None = None


def is_authored(value: str, authored: str) -> bool:
    """Whether the page's own commands contain the value, as a word of its own."""
    return value in authored and bool(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", authored))


def tokens(line: str, authored: str, known: Container[str] = ()) -> Iterator[Token]:
    """The line in pieces. A value that the page's own commands contain (`authored`) is never volatile.

    Twelve digits are the short form of an id only where that is `known`. What only a cluster draws is volatile where
    the page's commands call kubectl.
    """
    end = 0
    volatile = _WITH_CLUSTER if CLUSTER in authored else _WITHOUT
    for found in volatile.finditer(line):
        group = str(found.lastgroup)
        shape = _SHORT_ID if group == "digits" else SHAPES[int(group[1:])]
        if is_authored(found[0], authored) or (group == "digits" and found[0] not in known):
            continue
        if found.start() > end:
            yield Token(line[end : found.start()])
        yield Token(found[0], shape)
        end = found.end()
    if end < len(line):
        yield Token(line[end:])
