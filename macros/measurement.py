"""CSV text → measurement: cases with their runs, and what may be said of them in numbers."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from statistics import median, quantiles

EMULATED = " [emulated]"  # at the end of a case's name: measured in software emulation


class MeasurementError(Exception):
    """Text that is no measurement; says what is wrong with which line."""


@dataclass(frozen=True, slots=True)
class Case:
    """What was measured under one name: (run, value) in the order of the text, never empty."""

    name: str  # without the mark of emulation
    emulated: bool
    runs: tuple[tuple[float, float], ...]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(value for _, value in self.runs)

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between them lies the middle half of the values."""
        if len(self.runs) < 2:
            return self.values[0], self.values[0]
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, slots=True)
class Measurement:
    """Cases in the order in which they first appear, with the words of the header."""

    count: str  # what the second column counts: run, containers …
    unit: str
    cases: tuple[Case, ...]


def read_measurement(text: str) -> Measurement:
    """The measurement that a command printed: a header `case,run,<unit>`, then lines. Raises MeasurementError."""
    header, *lines = list(csv.reader(text.strip().splitlines())) or [[]]
    if len(header) != 3 or header[0] != "case" or _is_number(header[2]):
        raise MeasurementError(f"the first line is {','.join(header)!r}, not `case,run,<unit>`")
    runs: dict[str, list[tuple[float, float]]] = {}
    for number, line in enumerate(lines, 2):
        if len(line) != 3 or not line[0] or not (_is_number(line[1]) and _is_number(line[2])):
            raise MeasurementError(f"line {number} is {','.join(line)!r}, not a name and two numbers")
        runs.setdefault(line[0], []).append((float(line[1]), float(line[2])))
    if not runs:
        raise MeasurementError("there is no line below the header")
    cases = (Case(name.removesuffix(EMULATED), name.endswith(EMULATED), tuple(found)) for name, found in runs.items())
    return Measurement(header[1], header[2], tuple(cases))


def rounded(value: float) -> str:
    """Three figures; whole from a thousand on."""
    short = float(f"{value:.3g}")
    return f"{value:,.0f}" if abs(short) >= 1000 else f"{short:g}"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
