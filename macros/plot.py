"""Measurement → SVG: every run is a dot. One drawing serves light and dark, because its colours are the page's."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as Xml

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from macros.measurement import Case, Measurement, rounded

WIDTH, ROW, BELOW = 420, 46, 46  # in units of the drawing: a phone shows 0.8 of a pixel for each
SIDE = 28  # beside the axes, for half of the number below their last line
_SVG = "{http://www.w3.org/2000/svg}"
# Colours that Matplotlib draws, and the variables of site.css that take their place.
_TEXT, _QUIET, _LINE, _PAPER = "#000001", "#000002", "#000003", "#000004"
_SERIES = ("#000011", "#000012", "#000013")
_VARIABLES = {
    _TEXT: "var(--md-default-fg-color)",
    _QUIET: "var(--md-default-fg-color--light)",
    _LINE: "var(--site-line)",
    _PAPER: "var(--md-default-bg-color)",
    _SERIES[0]: "var(--site-plot-1)",
    _SERIES[1]: "var(--site-plot-2)",
    _SERIES[2]: "var(--site-plot-3)",
}
_MARKERS = ("o", "s", "D")


class PlotError(Exception):
    """A wish for a drawing that there is not."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the page says of a drawing, in its language."""

    key: str  # makes ids inside the drawing unique on the page
    title: str
    description: str
    median: str  # the word
    unit: str
    count: str  # what the x axis of lines counts
    kind: str = "dots"  # or "lines": the second column is the x axis
    log: bool = False
    names: Mapping[str, str] = field(default_factory=dict)  # of cases, where they are shown under another
    emulated: str = "software emulation"  # the words; what was emulated always says so

    def name(self, case: Case) -> str:
        """The case as readers see it."""
        name = self.names.get(case.name, case.name)
        return f"{name} ({self.emulated})" if case.emulated else name


def draw(measurement: Measurement, look: Look) -> str:
    """The drawing as SVG text, the same whenever it is drawn. Raises PlotError."""
    if look.kind not in ("dots", "lines"):
        raise PlotError(f'unknown kind="{look.kind}": say dots or lines')
    if look.kind == "lines" and len(measurement.cases) > len(_SERIES):
        raise PlotError(f"{len(measurement.cases)} lines cannot be told apart: draw {len(_SERIES)} at most")
    if look.log and min(value for case in measurement.cases for value in case.values) <= 0:
        raise PlotError("a logarithmic scale has no place for 0 or less")
    with (
        mpl.rc_context({"svg.fonttype": "none", "text.parse_math": False, "svg.hashsalt": look.key}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's browser has the fonts
        figure = (_dots if look.kind == "dots" else _lines)(measurement, look)
        written = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(written, format="svg", metadata=nothing, transparent=True)
    return _inline(written.getvalue(), look)


def _dots(measurement: Measurement, look: Look) -> Figure:
    """A row for each case: its name and median above, below each run, the middle half and the median."""
    cases = measurement.cases
    figure, axes = _canvas(len(cases) * ROW + BELOW, left=SIDE, bottom=BELOW, top=0)
    axes.set_ylim(len(cases), 0)
    _scale(axes, "x", look, measurement)
    axes.set_yticks([])
    for row, case in enumerate(cases):
        middle = row + 0.71
        axes.text(0, row + 0.4, look.name(case), transform=axes.get_yaxis_transform(), color=_TEXT, fontsize=14)
        told = f"{look.median} {rounded(case.median)} {look.unit}"
        axes.text(1, row + 0.4, told, transform=axes.get_yaxis_transform(), color=_TEXT, fontsize=14, ha="right")
        low, high = case.quartiles
        axes.plot([low, high], [middle, middle], color=_SERIES[0], linewidth=11, alpha=0.25, solid_capstyle="butt")
        heights = [middle + (number % 3 - 1) * 0.09 for number in range(len(case.runs))]
        axes.plot(
            case.values, heights, "o", color=_SERIES[0], markerfacecolor=_fill(case, 0), markersize=6.5, clip_on=False
        )
        axes.plot([case.median] * 2, [middle - 0.2, middle + 0.2], color=_TEXT, linewidth=2)
    axes.set_xlabel(look.unit, color=_QUIET, fontsize=13, labelpad=4)
    return figure


def _lines(measurement: Measurement, look: Look) -> Figure:
    """A line for each case over what the second column counts, its name above the drawing with its marker."""
    cases = measurement.cases
    top = 24 * len(cases) + 30
    figure, axes = _canvas(220 + top + BELOW, left=58, bottom=BELOW, top=top)
    _scale(axes, "y", look, measurement)
    furthest = max(run for case in cases for run, _ in case.runs)
    axes.set_xlim(0, furthest * 1.04)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: rounded(value)))
    for number, case in enumerate(cases):
        style = {"color": _SERIES[number], "marker": _MARKERS[number], "markerfacecolor": _fill(case, number)}
        axes.plot(*zip(*case.runs, strict=True), markersize=5, linewidth=1.4, clip_on=False, **style)  # type: ignore[arg-type]  # its options have many types
        height = 1 + (top - 12 - 24 * number) / 220
        axes.plot([0.012], [height], transform=axes.transAxes, clip_on=False, markersize=6, **style)  # type: ignore[arg-type]  # the same
        axes.text(0.04, height, look.name(case), transform=axes.transAxes, va="center", color=_TEXT, fontsize=14)
    axes.text(-46 / (WIDTH - 58 - SIDE), 1 + 12 / 220, look.unit, transform=axes.transAxes, color=_QUIET, fontsize=13)
    axes.set_xlabel(look.count, color=_QUIET, fontsize=13, labelpad=4)
    return figure


def _canvas(height: float, left: float, bottom: float, top: float) -> tuple[Figure, Axes]:
    """A figure of that height with axes that leave these margins, without a frame."""
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    axes = figure.add_axes(
        (left / WIDTH, bottom / height, (WIDTH - left - SIDE) / WIDTH, (height - bottom - top) / height)
    )
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=12, labelcolor=_QUIET, pad=6)
    return figure, axes


def _scale(axes: Axes, which: str, look: Look, measurement: Measurement) -> None:
    """The axis of the values: from 0, or, where the page says so, over whole powers of ten; its lines are quiet."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    set_limits = axes.set_xlim if which == "x" else axes.set_ylim
    values = [value for case in measurement.cases for value in case.values]
    if look.log:
        low, high = math.floor(math.log10(min(values))), math.floor(math.log10(max(values))) + 1
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        ticks = [10.0**power for power in range(low, high + 1)]
        set_limits(ticks[0], ticks[-1])
        axis.set_minor_locator(NullLocator())
    else:
        most = max(values) or 1
        ticks = [tick for tick in MaxNLocator(5).tick_values(0, most) if tick <= most * 1.05]
        set_limits(0, most * 1.05)
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FuncFormatter(lambda value, _: rounded(value)))
    axes.grid(axis="x" if which == "x" else "y", color=_LINE, linewidth=1)
    axes.set_axisbelow(True)


def _fill(case: Case, number: int) -> str:
    """Emulated runs are hollow."""
    return _PAPER if case.emulated else _SERIES[number]


def _inline(text: str, look: Look) -> str:
    """The drawing as a part of a page: nothing in it names a font, styles the page, or has an id of its own."""
    root = Xml.fromstring(text)
    box = root.attrib["viewBox"]
    for parent in [*root.iter()]:
        for child in [*parent]:
            style = child.find(f"{_SVG}style")
            if style is not None or (child.tag == f"{_SVG}path" and child.get("style") == "fill: none"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.tag == "g":
            element.attrib.pop("id", None)
        if element.tag == "text":
            size, anchor = _style(element, "font-size") or _size(element), _style(element, "text-anchor") or "start"
            element.set("style", f"font-size: {size}; text-anchor: {anchor}; fill: {_style(element, 'fill') or _TEXT}")
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            element.set(name.rpartition("}")[2], f"{look.key}-{value}" if name == "id" else _local(value, look.key))
    kept = "".join(Xml.tostring(child, encoding="unicode") for child in root)
    for drawn, variable in _VARIABLES.items():
        kept = kept.replace(drawn, variable)
    title, description = Xml.Element("title", id=f"{look.key}-title"), Xml.Element("desc", id=f"{look.key}-desc")
    title.text, description.text = look.title, look.description
    about = "".join(Xml.tostring(element, encoding="unicode") for element in (title, description))
    named = f'aria-labelledby="{look.key}-title" aria-describedby="{look.key}-desc"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" {named}>'
    return f"{head}{about}{' '.join(kept.split())}</svg>"


def _style(element: Xml.Element, name: str) -> str:
    """One property of an element's style, empty when it is not there."""
    parts = (part.partition(":") for part in element.get("style", "").split(";"))
    return next((value.strip() for key, _, value in parts if key.strip() == name), "")


def _size(element: Xml.Element) -> str:
    """The size in the short form of a font: `14px 'DejaVu Sans', …`."""
    return _style(element, "font").partition(" ")[0]


def _local(value: str, key: str) -> str:
    """An attribute's value; ids inside the drawing, and what leads to them, begin with its key."""
    if value.startswith("url(#"):
        return f"url(#{key}-{value[5:]}"
    return f"#{key}-{value[1:]}" if value.startswith("#") else value
