"""Check the medians of a measurement: bound.py FILE 'EXPRESSION', in which a case's name in brackets is its median."""

import csv
import re
import statistics
import sys

file, expression = sys.argv[1:]
values = {}
with open(file, newline="") as text:
    for case, _, value in list(csv.reader(text))[1:]:
        values.setdefault(case.removesuffix(" [emulated]"), []).append(float(value))
medians = {case: statistics.median(found) for case, found in values.items()}
holds = eval(re.sub(r"\[(.*?)\]", lambda name: f"medians[{name[1]!r}]", expression))
if not holds:
    sys.exit(f"{expression} does not hold: {medians}")
