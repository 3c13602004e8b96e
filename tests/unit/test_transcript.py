"""What the reader of transcripts takes for a command, and what for its output."""

import pytest

from pagelab.errors import PageError
from pagelab.page import parse_page


def steps(block: str, options: str = "") -> list[tuple[int, str, str]]:
    page = parse_page("p.md", f"```console{options}\n{block}```\n")
    return [(step.location.line, step.command, step.expected) for step in page.steps]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("$ a\n", [(2, "a", "")]),
        ("$ a\nout\n$ b\n", [(2, "a", "out"), (4, "b", "")]),
        ("$ a \\\n  b\nout\n", [(2, "a \\\n  b", "out")]),
        ("$ a \\\n> b\n> c\nout\n", [(2, "a \\\nb\nc", "out")]),
        ("$ cat <<E\none\nE\nout\n", [(2, "cat <<E\none\nE", "out")]),
        ("$ cat <<'E' > f\n> one\n> E\n", [(2, "cat <<'E' > f\none\nE", "")]),
        ("$ cat <<-E\n\tone\n\tE\n", [(2, "cat <<-E\n\tone\n\tE", "")]),
        ("$ cat <<A <<B\n1\nA\n2\nB\nout\n", [(2, "cat <<A <<B\n1\nA\n2\nB", "out")]),
        ("$ echo '<<E'\nout\n", [(2, "echo '<<E'", "out")]),
        ("$ cat <<< word\nword\n", [(2, "cat <<< word", "word")]),
        ("$ echo a\\\\\nout\n", [(2, "echo a\\\\", "out")]),
        ("$ a\n\nx\n\n", [(2, "a", "\nx")]),
        ("$ a\n# not a prompt here\n", [(2, "a", "# not a prompt here")]),
        ("# a\n$ not a prompt here\n# b\n", [(2, "a", "$ not a prompt here"), (4, "b", "")]),
        ("$ a\n$x\n$\n", [(2, "a", "$x\n$")]),
    ],
)
def test_block_becomes_steps(block: str, expected: list[tuple[int, str, str]]) -> None:
    assert steps(block) == expected


@pytest.mark.parametrize(
    ("block", "line", "problem"),
    [
        ("out\n$ a\n", 2, "starts with a command"),
        ("", 1, "starts with a command"),
        ("$ \n", 2, "a prompt without a command"),
        ("$ a\n$ cat <<E\nx\n", 3, "here-document that ends with `E` is never ended"),
        ("$ a \\\n", 2, "continues after its backslash"),
    ],
)
def test_broken_block_is_an_error_at_its_line(block: str, line: int, problem: str) -> None:
    with pytest.raises(PageError, match=problem) as caught:
        steps(block)
    assert caught.value.location.line == line


def test_exit_is_expected_of_the_last_command_only() -> None:
    page = parse_page("p.md", '```console {exit="3"}\n$ a\n$ b\n```\n')
    assert [step.options.exit for step in page.steps] == [0, 3]


def test_script_is_one_step_with_hidden_output() -> None:
    page = parse_page("p.md", "```bash\na\nb\n```\n")
    assert [(step.command, step.options.hidden_output) for step in page.steps] == [("a\nb", True)]
