"""The source itself: no passage stands twice."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "src" / "pagelab").glob("*.py"), *(ROOT / "macros").glob("*.py")])
MOST = 5  # code lines that two places may have in common


def code_lines(text: str) -> list[tuple[int, str]]:
    """The lines with code, by their number: no imports, docstrings, comments or blank lines."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(node, ast.Import | ast.ImportFrom) or isinstance(getattr(value, "value", None), str):
            assert isinstance(node, ast.stmt)
            left_out.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    return [(number, line) for number, line in lines if line and line[0] != "#" and number not in left_out]


def twice(texts: dict[str, str]) -> list[str]:
    """Where each passage of more than MOST lines starts that stands in more than one place."""
    places: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, text in texts.items():
        lines = code_lines(text)
        for start in range(len(lines) - MOST):
            passage = lines[start : start + MOST + 1]
            places[tuple(line for _, line in passage)].append(f"{name}:{passage[0][0]}")
    return [" and ".join(found) for found in places.values() if len(found) > 1]


def test_no_passage_stands_twice() -> None:
    assert twice({path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in MODULES}) == []


def test_a_passage_that_stands_twice_is_found() -> None:
    six = "".join(f"{name} = 1\n" for name in "abcdef")
    assert twice({"one.py": f"import x\n\n{six}", "two.py": f'"""Text."""\n# x\n{six}'}) == ["one.py:3 and two.py:3"]
    assert twice({"one.py": six, "two.py": six.replace("f", "g")}) == []
