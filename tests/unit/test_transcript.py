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
        ('$ echo "a\n>\n> b"\nout\n', [(2, 'echo "a\n\nb"', "out")]),
        ("$ cat > q <<'E'\n> quoted\ntext\nE\nout\n", [(2, "cat > q <<'E'\n> quoted\ntext\nE", "out")]),
        ("$ cat <<E\n> a\n\n> E\nout\n", [(2, "cat <<E\na\n\nE", "out")]),
        ("$ if x; then cat <<E\n> a\n> E\n> fi\nout\n", [(2, "if x; then cat <<E\na\nE\nfi", "out")]),
        ("$ cat <<E \\\n  | sort\na\nE\nout\n", [(2, "cat <<E \\\n  | sort\na\nE", "out")]),
        ("$ cat <<E\na \\\nE\nout\n", [(2, "cat <<E\na \\\nE", "out")]),
        ("$ echo a # b \\\nout\n", [(2, "echo a # b \\", "out")]),
        ("$ sh -c 'cat <<E\n> a\n> E'\nout\n", [(2, "sh -c 'cat <<E\na\nE'", "out")]),
    ],
)
def test_block_becomes_steps(block: str, expected: list[tuple[int, str, str]]) -> None:
    assert steps(block) == expected


@pytest.mark.parametrize(
    "command",
    [
        "echo $((1<<3))",
        "echo $((x << n))",
        "echo $(( (1<<2) + $(( 1<<1 )) ))",
        "(( x = 1 << 2 )); echo $x",
        "if (( x << 2 )); then echo; fi",
        "for ((i=1; i<<1 < 9; i++)); do echo; done",
        "echo $[1<<3]",
        "echo a # not a <<EOF",
        "echo ${x:-<<EOF}",
        'echo "a <<EOF"',
        "echo $'it\\'s <<EOF'",
        "echo \\<\\<x",
        "cat <<<EOF",
        "awk 'BEGIN {\n>   print \"<<EOF\"\n> }'",
    ],
)
def test_what_is_no_here_document_takes_no_output(command: str) -> None:
    assert [expected for _, _, expected in steps(f"$ {command}\nout\n")] == ["out"]


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("END-OF-FILE", "END-OF-FILE"),
        ("END.TXT", "END.TXT"),
        ("'THE END'", "THE END"),
        ('"E"OF', "EOF"),
        ("\\EOF", "EOF"),
        ("E\\ F", "E F"),
        ("$x", "$x"),
        ("-E.O-F", "\tE.O-F"),
        ("E;", "E"),
        ("E|sort", "E"),
    ],
)
def test_here_document_ends_with_its_whole_word(word: str, end: str) -> None:
    assert [s[1:] for s in steps(f"$ cat <<{word}\n$ a\n{end}\nout\n")] == [(f"cat <<{word}\n$ a\n{end}", "out")]


@pytest.mark.parametrize(
    "command",
    ["x=$(cat <<E\n> a\n> E\n> )", 'echo "$(cat <<E\n> a\n> E\n> )"', "(cat <<E\n> a\n> E\n> )", "cat 3<<E\na\nE"],
)
def test_here_document_stands_inside_other_things(command: str) -> None:
    assert [expected for _, _, expected in steps(f"$ {command}\nout\n")] == ["out"]


@pytest.mark.parametrize(
    ("block", "line", "problem"),
    [
        ("out\n$ a\n", 2, "starts with a command"),
        ("", 1, "starts with a command"),
        ("$ \n", 2, "a prompt without a command"),
        ("$ a\n$ cat <<E\nx\n", 3, "here-document that ends with `E` is never ended"),
        ("$ a \\\n", 2, "continues after its backslash"),
        ("$ a\n$ cat <<E\nx\n  E\n", 3, "never ended\\n  Line 5 has `E` with other white space"),
        ("$ a\n$ b\0c\n", 3, "a NUL byte"),
    ],
)
def test_broken_block_is_an_error_at_its_line(block: str, line: int, problem: str) -> None:
    with pytest.raises(PageError, match=problem) as caught:
        steps(block)
    assert caught.value.location.line == line


@pytest.mark.parametrize("block", ["$ a\nout\n", "$ a\n$ b\nout\n"])
def test_output_is_not_hidden_and_shown(block: str) -> None:
    with pytest.raises(PageError, match='hidden", and shows output'):
        steps(block, ' {output="hidden"}')


def test_exit_is_expected_of_the_last_command_only() -> None:
    page = parse_page("p.md", '```console {exit="3"}\n$ a\n$ b\n```\n')
    assert [step.options.exit for step in page.steps] == [0, 3]


def test_script_is_one_step_with_hidden_output() -> None:
    page = parse_page("p.md", "```bash\na\nb\n```\n")
    assert [(step.command, step.options.hidden_output) for step in page.steps] == [("a\nb", True)]
