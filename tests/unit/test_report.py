"""Messages as GitHub shows them: at their line where they have one, all the same where they have none."""

from __future__ import annotations

import pytest

from pagelab.report import annotation


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ("p.md:3: wrong: a, b\n  50 %", "::error file=p.md,line=3,title=wrong%3A a%2C b::  50 %25"),
        ("p.md:3: wrong", "::error file=p.md,line=3,title=wrong::wrong"),
        ("removing a lab: the engine does not answer", "::error::removing a lab: the engine does not answer"),
        ("left behind: 3 processes\n  End them.", "::error::left behind: 3 processes%0A  End them."),
        ("Traceback", "::error::Traceback"),
        ("", "::error::"),
    ],
)
def test_a_message_is_shown_at_its_line_where_it_has_one(message: str, command: str) -> None:
    assert annotation(message) == command
