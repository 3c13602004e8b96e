"""Drawings: the same twice, safe in a page, and never silent about emulation."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest

from macros.measurement import read_measurement
from macros.plot import Look, PlotError, draw

TEXT = (
    "case,run,ms\ncontainer,1,231\ncontainer,2,250\ncontainer,3,240\nguest [emulated],1,1500\nguest [emulated],2,1800\n"
)
LOOK = Look(
    "plot-a-1", "Start <&>", "what it shows", "median", "ms", "run", names={"container": '容器 <b>&"', "guest": "客體"}
)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str = TEXT, **changes: object) -> Xml.Element:
    return Xml.fromstring(draw(read_measurement(text), replace(LOOK, **changes)))  # type: ignore[arg-type]  # fields


def texts(svg: Xml.Element) -> list[str]:
    return [element.text or "" for element in svg.iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", ["dots", "lines"])
def test_it_is_the_same_whenever_it_is_drawn(kind: str) -> None:
    look = replace(LOOK, kind=kind)
    assert draw(read_measurement(TEXT), look) == draw(read_measurement(TEXT), look)


@pytest.mark.parametrize("kind", ["dots", "lines"])
def test_every_run_is_a_mark(kind: str) -> None:
    marks = list(drawn(kind=kind).iter(f"{SVG}use"))
    assert len(marks) == 5 + (2 if kind == "lines" else 0)  # and one beside each name


def test_text_is_text_and_escaped() -> None:
    svg = drawn()
    assert '容器 <b>&"' in texts(svg)
    assert svg.findtext(f"{SVG}title") == "Start <&>"
    assert svg.findtext(f"{SVG}desc") == "what it shows"


def test_median_stands_in_the_drawing() -> None:
    assert {"median 240 ms", "median 1,650 ms"} <= set(texts(drawn()))


@pytest.mark.parametrize("kind", ["dots", "lines"])
def test_emulation_is_said_under_any_name(kind: str) -> None:
    assert "客體 (software emulation)" in texts(drawn(kind=kind))


def test_nothing_in_it_reaches_the_rest_of_the_page() -> None:
    for kind in ("dots", "lines"):
        text = draw(read_measurement(TEXT), replace(LOOK, kind=kind))
        assert "<style" not in text
        assert "font-family" not in text
        assert "\n" not in text
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert all(found.startswith("plot-a-1-") for found in ids)
        assert set(re.findall(r"#([\w-]+)", text)) <= set(ids)  # no fixed colour either: each # leads to an id


def test_a_single_run_can_be_drawn() -> None:
    assert "median 5 ms" in texts(drawn("case,run,ms\na,1,5\n"))
    assert "median 0 ms" in texts(drawn("case,run,ms\na,1,0\n"))


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("case,run,ms\na,1,0.0012\na,2,99999\n", {"log": True}),
        ("case,run,ms\na,1,98000\n", {}),
        ("case,run,ms\na,0,1\na,96000,2\n", {"kind": "lines"}),
    ],
)
def test_the_numbers_below_fit_into_the_drawing(text: str, changes: dict[str, object]) -> None:
    svg = drawn(text, **changes)
    width = float(svg.attrib["viewBox"].split()[2])
    numbers = [
        (float(each.attrib["x"]), 0.6 * 12 * len(each.text or ""))
        for each in svg.iter(f"{SVG}text")
        if re.fullmatch(r"[\d,.]+", each.text or "") and "middle" in each.attrib["style"]
    ]
    assert len(numbers) > 3
    for middle, long in numbers:
        assert long / 2 < middle < width - long / 2


def test_the_scale_begins_at_zero_unless_it_is_logarithmic() -> None:
    assert "0" in texts(drawn())
    assert "0" not in texts(drawn(log=True))


@pytest.mark.parametrize(
    ("values", "ticks"), [((2, 8), ["1", "10"]), ((0.5, 1500), ["0.1", "1", "10", "100", "1,000", "10,000"])]
)
def test_a_logarithmic_scale_shows_every_power_of_ten_around_the_values(
    values: tuple[float, float], ticks: list[str]
) -> None:
    shown = texts(drawn(f"case,run,ms\na,1,{values[0]}\na,2,{values[1]}\n", log=True))
    assert [text for text in shown if text[0].isdigit()] == ticks


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        (TEXT, {"kind": "pie"}, 'unknown kind="pie"'),
        ("case,run,ms\na,1,0\n", {"log": True}, "a logarithmic scale"),
        ("case,run,ms\na,1,1\nb,1,1\nc,1,1\nd,1,1\n", {"kind": "lines"}, "4 lines cannot be told apart"),
    ],
)
def test_what_cannot_be_drawn_is_refused(text: str, changes: dict[str, object], said: str) -> None:
    with pytest.raises(PlotError, match=said):
        drawn(text, **changes)
