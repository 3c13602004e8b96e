"""Where a line goes on after an `&&`, a mark is set; and nowhere else."""

import pytest

from pagelab.statement import MARK, marked, unmarked


def _said(text: str) -> list[str]:
    """What the marks in the text speak of."""
    return [part.split("'")[1] for part in text.split(f"{MARK} ")[1:]]


@pytest.mark.parametrize(
    ("command", "statements"),
    [
        ("cd x && ls; echo ok", ["cd x && ls"]),
        ("cd x && ls\necho ok", ["cd x && ls"]),
        ("cd x &&\n  ls # all\n\n# then\necho ok;", ["cd x &&"]),
        ("a && b; c && d; e && f", ["a && b", "c && d"]),
        ("a && b || c; d", ["a && b || c"]),
        ("(a && b; c)", ["a && b"]),
        ("{ a && b; c; }; d", ["a && b", "{ a && b; c; }"]),
        ("cat << END && a\nx && y; z\nEND\nb", ["cat << END && a"]),
        ("for n in 1; do a && b; done; c", ["for n in 1; do a && b; done"]),
    ],
)
def test_what_goes_on_is_marked(command: str, statements: list[str]) -> None:
    assert _said(marked(command)) == statements
    assert unmarked(marked(command)) == command
    assert marked(command).count("\n") == command.count("\n"), "LINENO stays"


@pytest.mark.parametrize(
    "command",
    [
        "cd x && ls",
        "cd x && ls;",
        "echo 'a && b; c'; d",
        "f() { a && b; c; }; f",
        "a && b & c",
        "(a && b; c) & d",
        "if a && b; then c; fi",
        "a && b; echo ${PIPESTATUS[0]}",
        "a && b; echo 'open",
        "cat << END\na && b; c\nEND",
        "x && (a && b; c) || d",
    ],
)
def test_what_does_not_go_on_is_left_as_it_is(command: str) -> None:
    assert marked(command) == command


def test_a_statement_may_hold_quotes_and_other_scripts() -> None:
    command = 'echo "it\'s" && echo 測; c'
    assert marked(command).endswith('測\' "$_"; c')
    assert unmarked(marked(command)) == command
