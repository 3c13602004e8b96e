"""Proof of a measurement → the figure on the page: plot, caption, table and data, or a box that says why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from mkdocs.structure.pages import Page as SitePage

from macros.measurement import Case, Measurement, MeasurementError, read_measurement, rounded
from macros.plot import Look, PlotError, draw
from macros.site import Site
from macros.status import engine, moment
from macros.verdict import State, state_of
from macros.words import Words
from pagelab.errors import Location, PageError
from pagelab.evidence import Proof, StepProof
from pagelab.model import Step

_GIB = 1024.0**3


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page asks for: the step that printed the measurement, and how to show it."""

    block: str
    step: int
    title: str
    unit: str = ""  # as the page's language writes it; else as the header does
    count: str = ""  # the same, of what the second column counts
    kind: str = "dots"
    note: str = ""  # a sentence below the plot
    log: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of its data on the site, beside the page."""
        return f"{self.block}-{self.step}.csv"


def figure_of(wish: Wish, site: Site, page: SitePage, target: Path) -> str:
    """The figure as HTML; its data is written beside the page below `target`. Raises PageError where it is wished."""
    path = Path(page.file.abs_src_path or "")
    session = site.documentation.session_of(path)
    known = dict(session.pages)[site.language]
    step = next((step for step in known.steps if step.key == (wish.block, wish.step)), None)
    place = Location(known.path, _line(path, wish.block))
    if step is None:
        raise PageError(
            place, f"there is no step {wish.step} in a block `{wish.block}` to draw", "Name a block and its step."
        )
    proof = site.proof_of(session)
    found = proof.step(*step.key)
    if found is None or state_of(found) is not State.VERIFIED or found.output is None:
        return _box(proof, step, found, site.words)
    try:
        html = figure_html(wish, found.output, proof, found.started, site.words)
    except MeasurementError as error:
        raise PageError(
            step.location, f"its output is no measurement: {error}", "Print a header `case,run,<unit>`, then values."
        ) from None
    except PlotError as error:
        raise PageError(place, str(error), "Correct the macro `plot`.") from None
    data = target / Path(page.file.dest_uri).parent / wish.file
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_text(found.output, encoding="utf-8")
    return html


def figure_html(wish: Wish, output: str, proof: Proof, measured: str, words: Words) -> str:
    """The figure for a measurement that was made. Raises MeasurementError, PlotError."""
    measurement = read_measurement(output)
    unit, count = wish.unit or measurement.unit, wish.count or measurement.count
    key = f"plot-{wish.block}-{wish.step}-{wish.kind}"
    about = (wish.title, "", words.median, unit, count, wish.kind, wish.log, wish.names, words.emulated)
    look = Look(key, *about)
    told = list(_told(measurement, look, words))
    drawing = draw(measurement, replace(look, description=". ".join(told)))
    note = f"<p>{escape(wish.note)}</p>" if wish.note else ""
    how = words.dots if wish.kind == "dots" else words.lines
    spans = "".join(f'<span class="lab-fact">{fact}</span>' for fact in (*machine(proof, words), moment(measured)))
    items = "".join(f"<li>{escape(text)}</li>" for text in told)
    link = f'<a href="{escape(wish.file)}" download>{words.data}</a>'
    return (
        f'<figure class="lab-plot" data-search-exclude><p class="lab-plot-title">{escape(wish.title)}</p>{drawing}'
        f"<figcaption><p>{escape(how)}</p>{note}<ul>{items}</ul>"
        f"<p><strong>{words.machine}</strong>{spans}</p>"
        f'<details class="lab-plot-data"><summary>{words.data_table}</summary>'
        f"{_table(measurement, look, words)}</details><p>{link}</p></figcaption></figure>"
    )


def machine(proof: Proof, words: Words) -> Iterator[str]:
    """What is known of the machine that measured, as HTML."""
    lab = dict(proof.lab)
    if processor := lab.get("processor"):
        yield escape(processor)
    if cores := lab.get("cores"):
        yield words.cores.format(number=escape(cores))
    if memory := lab.get("memory"):
        yield words.memory.format(size=f"{int(memory) / _GIB:.1f} GiB")
    if kernel := lab.get("kernel"):
        yield words.kernel.format(version=escape(kernel))
    yield engine(proof, words)


def _told(measurement: Measurement, look: Look, words: Words) -> Iterator[str]:
    """A sentence for each case: what the plot shows, in words."""
    for case in measurement.cases:
        name = look.name(case)
        if look.kind == "lines":
            (start, first), (end, last) = case.runs[0], case.runs[-1]
            yield words.case_series.format(
                case=name, unit=look.unit, first=rounded(first), last=rounded(last),
                count=look.count, start=rounded(start), end=rounded(end),
            )  # fmt: skip
        else:
            lower, upper = map(rounded, case.quartiles)
            runs = words.case_runs.format(number=len(case.runs))
            yield words.case_told.format(
                case=name, median=rounded(case.median), unit=look.unit, lower=lower, upper=upper, runs=runs
            )


def _table(measurement: Measurement, look: Look, words: Words) -> str:
    """Every case in numbers; for lines, every point."""
    head: list[str]
    if look.kind == "lines":
        head = [words.case, look.count, look.unit]
        rows = [
            [look.name(case), rounded(run), rounded(value)] for case in measurement.cases for run, value in case.runs
        ]
    else:
        head = [
            f"{words.case} ({look.unit})",
            words.runs,
            words.least,
            words.lower,
            words.median,
            words.upper,
            words.most,
        ]
        rows = [[look.name(case), str(len(case.runs)), *map(rounded, _five(case))] for case in measurement.cases]
    cells = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(text)}</td>" for text in rest)}</tr>'
        for first, *rest in rows
    )
    table = f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="lab-plot-table" tabindex="0">{table}</div>'


def _five(case: Case) -> tuple[float, ...]:
    lower, upper = case.quartiles
    return min(case.values), lower, case.median, upper, max(case.values)


def _box(proof: Proof, step: Step, found: StepProof | None, words: Words) -> str:
    """Why there is no plot: an old one would show what nobody measured."""
    state = {"missing": State.NEVER, "stale": State.STALE}.get(proof.state) or (
        state_of(found) if found else State.NEVER
    )
    why = words.state(state)
    if state is State.SKIPPED and found:
        why = f"{why} ({step.options.skip or found.reason})"
    text = words.not_measured.format(why=escape(why))
    return f'<p class="lab-plot lab-{state}"><span class="lab-icon" aria-hidden="true"></span> {text}</p>'


def _line(path: Path, block: str) -> int:
    """The line of the page that wishes a plot of the block."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((n for n, line in enumerate(lines, 1) if "plot(" in line and f'"{block}"' in line), 1)
