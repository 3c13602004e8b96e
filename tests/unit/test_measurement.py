"""Measurements: what counts as one, and the numbers that are drawn from it."""

from __future__ import annotations

import pytest

from macros.measurement import MeasurementError, read_measurement, rounded

TEXT = "case,run,ms\na,1,10\nb [emulated],1,7\na,2,30\na,3,20\na,4,40\n"


def test_cases_keep_their_order_and_their_runs() -> None:
    measurement = read_measurement(TEXT)
    assert (measurement.count, measurement.unit) == ("run", "ms")
    first, second = measurement.cases
    assert (first.name, first.emulated, first.values) == ("a", False, (10, 30, 20, 40))
    assert (second.name, second.emulated, second.runs) == ("b", True, ((1, 7),))


def test_median_and_quartiles() -> None:
    first, second = read_measurement(TEXT).cases
    assert (first.median, first.quartiles) == (25, (17.5, 32.5))
    assert (second.median, second.quartiles) == (7, (7, 7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line is ''"),
        ("a,1,2\n", "the first line is 'a,1,2'"),
        ("case,1,2\n", "the first line is 'case,1,2'"),
        ("case,run,ms\n", "there is no line below the header"),
        ("case,run,ms\na,1\n", "line 2 is 'a,1'"),
        ("case,run,ms\na,1,2\na,2,fast\n", "line 3 is 'a,2,fast'"),
        ("case,run,ms\na,1,nan\n", "line 2 is 'a,1,nan'"),
        ("case,run,ms\n,1,2\n", "line 2 is ',1,2'"),
    ],
)
def test_anything_else_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(MeasurementError) as error:
        read_measurement(text)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (2.0, "2"),
        (231.4, "231"),
        (999.9, "1,000"),
        (12345.6, "12,346"),
        (-1500, "-1,500"),
    ],
)
def test_numbers_are_shown_with_three_figures(value: float, shown: str) -> None:
    assert rounded(value) == shown
