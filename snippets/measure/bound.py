"""Check a measurement: bound.py FILE 'EXPRESSION'. There [case] is a median, max[case] and min[case] the ends."""

import csv
import re
import statistics
import sys

file, expression = sys.argv[1:]
values = {}
with open(file, newline="") as text:
    for case, _, value in list(csv.reader(text))[1:]:
        values.setdefault(case.removesuffix(" [emulated]"), []).append(float(value))
median = statistics.median
holds = eval(re.sub(r"(min|max|)\[(.*?)\]", lambda name: f"{name[1] or 'median'}(values[{name[2]!r}])", expression))
if not holds:
    sys.exit(f"{expression} does not hold: {values}")
