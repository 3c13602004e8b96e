"""What --update writes: the new output, in the page's own words, and nothing that would run."""

import pytest

from pagelab.match import Bindings
from pagelab.model import Ending, Kind, Observation
from pagelab.page import parse_page
from pagelab.update import can_show, update_text
from pagelab.verdict import judge


def updated(block: str, output: str, bindings: Bindings | None = None) -> str:
    """The block after its first step printed `output`."""
    text = f"```console\n{block}```\n"
    page = parse_page("p.md", text)
    new = update_text(text, page, {("block-1", 1): output}, bindings or Bindings())
    return new.removeprefix("```console\n").removesuffix("```\n")


def judged(text: str, outputs: dict[tuple[str, int], str]) -> tuple[list[Kind], Bindings]:
    """What becomes of the page's steps when they print these outputs."""
    kinds, bindings = [], Bindings()
    for step in parse_page("p.md", text).steps:
        seen = Observation(outputs[step.key].encode(), 0, Ending.RETURNED, 0.1)
        outcome, bindings = judge(step, seen, bindings, "")
        kinds.append(outcome.kind)
    return kinds, bindings


@pytest.mark.parametrize(
    ("block", "output", "expected"),
    [
        ("$ a\nold\n$ b\nb\n", "new\n", "$ a\nnew\n$ b\nb\n"),
        ("$ a\n", "new\n\nnew\n", "$ a\nnew\n\nnew\n"),
        ("$ a\nold\n", "", "$ a\n"),
        ("$ a\n1\nUp 2 seconds\n", "2\nUp 9 minutes\n", "$ a\n2\nUp 2 seconds\n"),
        ("$ a\nfirst\n...\nlast 1\n", "first\nx\ny\nlast 2\n", "$ a\nfirst\nx\ny\nlast 2\n"),
        ("$ a\nfirst 1\n...\nlast\n", "first 2\nx\nlast\n", "$ a\nfirst 2\nx\nlast\n"),
        ("$ a\nkeep\n...\nlast\nmore\n", "keep\nx\nlast\nless\n", "$ a\nkeep\n...\nlast\nless\n"),
        ("$ a\n", "\x1b[31mred\x1b[0m  \n", "$ a\nred\n"),
        ("$ a\n", "$ looks like a command\n# does not\n", "$ a\n...\n# does not\n"),
        ("# a\n", "$ does not\n# looks like a command\n", "# a\n$ does not\n...\n"),
        ("$ a\n", "> looks continued\n> does not\n", "$ a\n...\n> does not\n"),
        ("$ a\n", "```\n", "$ a\n...\n"),
        ("$ a\n", "a\0b\nc\a\nd\te\n\1\n", "$ a\nab\nc\nd\te\n...\n"),
        ("$ a\n", ">\nb\n", "$ a\n...\nb\n"),
        ("$ a\nA   B   C\nx   y\n", "A   B   C\nx       y\n", "$ a\nA   B   C\nx       y\n"),
    ],
)
def test_output_is_taken_over(block: str, output: str, expected: str) -> None:
    assert updated(block, output) == expected
    parse_page("p.md", f"```console\n{updated(block, output)}```\n")


@pytest.mark.parametrize("options", ["", ' {match="lines"}', ' {match="contains"}'])
def test_a_table_whose_rows_are_wider_than_its_header_was_is_written_anew(options: str) -> None:
    """Below the old header, which is the new one but for its gaps, a new row's cell would stand under another name."""
    text = f"```console{options}\n$ a\nNAME   PORTS     OWNER\nweb    80/tcp    bob\ndb     81/tcp\n```\n"
    table = "NAME             PORTS     OWNER\nweb-with-suffix  80/tcp    bob\nlonger-name-two  81/tcp\n"
    output = {("block-1", 1): table}
    new = update_text(text, parse_page("p.md", text), output, Bindings())
    assert new == f"```console{options}\n$ a\n{table}```\n"
    assert judged(new, output)[0] == [Kind.PASSED]


JSON, CONTAINS, LINES = '{match="json"}', '{match="contains"}', '{match="lines"}'


@pytest.mark.parametrize(
    ("options", "shown", "output", "expected"),
    [
        (JSON, '{"a": 9}', '{"a": 1, "b": 2, "c": 3}', '{"a": 1}'),
        (
            JSON,
            '{\n  "a": [9, {"b": "x"}],\n  ...\n}',
            '{"a":[1,{"b":"é","c":0}],"d":0}',
            '{\n  "a": [1, {"b": "é"}],\n  ...\n}',
        ),
        (
            JSON,
            '{"Up": "Up 2 seconds", "image": "nginx:...", "a": 9}',
            '{"image":"nginx:1","a":null,"Up":"Up 8 days"}',
            '{"Up": "Up 2 seconds", "image": "nginx:...", "a": null}',
        ),
        (JSON, '{"a": 9}\n{"a": 2}', '{"a":1,"b":2}\n{"a":2,"b":2}', '{"a": 1}\n{"a": 2}'),
        (JSON, '{"a": 9}', '{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        (JSON, "", '{"a":1}', '{"a":1}'),
        (CONTAINS, "port 80", "start\nport 81\nend", "port 81"),
        (CONTAINS, "same\nport 80", "start\nport 81\nsame\nport 81\nend", "same\nport 81"),
        (CONTAINS, "", "a\nb", "a\nb"),
        (LINES, "b\na", "a\nc", "a\nc"),
    ],
)
def test_part_that_is_shown_stays_a_part(options: str, shown: str, output: str, expected: str) -> None:
    text = f"```console {options}\n$ a\n{shown}{shown and chr(10)}```\n"
    page = parse_page("p.md", text)
    assert can_show(page.steps[0], output)
    new = update_text(text, page, {("block-1", 1): output}, Bindings())
    assert new == text.replace(f"\n{shown}{shown and chr(10)}```", f"\n{expected}\n```")
    assert judged(new, {("block-1", 1): output})[0] == [Kind.PASSED]


@pytest.mark.parametrize(
    ("options", "shown", "output"),
    [
        (JSON, '{"a": 9}', '{"b": 1}'),
        (JSON, '{"a": [9]}', '{"a": [1, 2]}'),
        (JSON, '{"a": {"b": 9}}', '{"a": 1}'),
        (JSON, '{\n  "a": [\n    ...\n    9\n  ]\n}', '{"a": [1, 2]}'),
        (JSON, '{"a": 9}', '{"a": 1}\n{"a": 1}'),
        (JSON, "", "not JSON"),
        (JSON, '{"a": 9', '{"a": 1}'),
        (CONTAINS, "port 80", "quite another thing"),
        (CONTAINS, "port 80\n...\nend", "port 81\nx\nend"),
        (CONTAINS, "a\nb", "a"),
        (LINES, "a\n...", "b\nc"),
    ],
)
def test_what_cannot_be_told_is_left_to_the_author(options: str, shown: str, output: str) -> None:
    text = f"```console {options}\n$ a\n{shown}{shown and chr(10)}```\n"
    page = parse_page("p.md", text)
    assert not can_show(page.steps[0], output)


def test_ids_of_a_part_are_in_the_pages_words() -> None:
    text = '```console {match="json"}\n$ a\n{"Id": "?", "Name": "web"}\n```\n'
    bindings = Bindings().bind("a1" * 32, "b2" * 32)
    assert bindings is not None
    output = f'{{"Id": "{"b2" * 32}", "Name": "web", "Up": true}}'
    new = update_text(text, parse_page("p.md", text), {("block-1", 1): output}, bindings)
    assert new == text.replace("?", "a1" * 32)


def test_output_of_a_hidden_step_does_not_end_its_comment() -> None:
    text = "<!-- pagelab\n$ a\nold\n-->\n"
    new = update_text(text, parse_page("p.md", text), {("block-1", 1): "a --> b\nc\n"}, Bindings())
    assert new == "<!-- pagelab\n$ a\n...\nc\n-->\n"


def test_known_ids_keep_the_pages_value() -> None:
    bindings = Bindings().bind("a1" * 32, "b2" * 32)
    assert bindings is not None
    assert updated("$ a\n?\n", f"{'b2' * 6} web\n{'c3' * 6} new\n", bindings) == (
        f"$ a\n{'a1' * 6} web\n{'c3' * 6} new\n"
    )


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_long_form_of_an_id_that_the_page_shows_short_begins_with_that(prefix: str) -> None:
    """Else the page would contradict itself in every later run."""
    text = f"```console\n$ a\n{'a1' * 6} web\n$ b\n```\n"
    seen = {("block-1", 1): f"{'b2' * 6} web\n", ("block-1", 2): f"{prefix}{'b2' * 32}\n"}
    _, bindings = judged(text, seen)
    new = update_text(text, parse_page("p.md", text), {("block-1", 2): seen["block-1", 2]}, bindings)
    kinds, _ = judged(new, seen)
    assert kinds == [Kind.PASSED, Kind.PASSED]


def test_id_that_the_page_shows_as_a_digest_is_the_same_without_its_prefix() -> None:
    bindings = Bindings().bind(f"sha256:{'a1' * 32}", f"sha256:{'b2' * 32}")
    assert updated("$ a\n?\n", f"{'b2' * 32}\n", bindings) == f"$ a\n{'a1' * 32}\n"


def test_indentation_and_line_ends_of_the_file_are_kept() -> None:
    text = "- x\r\n\r\n    ```console\r\n    $ a\r\n    old\r\n    ```\r\n"
    page = parse_page("p.md", text)
    assert update_text(text, page, {("block-1", 1): "new\n"}, Bindings()) == text.replace("old", "new")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("```console\r\n$ a\nold\n```\n", "```console\r\n$ a\nnew\n```\n"),
        ("x\r\n\n```console\n$ a\r\nold\n```\r\n", "x\r\n\n```console\n$ a\r\nnew\r\n```\r\n"),
        ("```console\n$ a\r\nold\nsame \n```\n", "```console\n$ a\r\nnew\r\nsame \n```\n"),
        ("- x\n\n\t```console\n\t$ a\n\told\n\t```\n", "- x\n\n\t```console\n\t$ a\n\tnew\n\t```\n"),
        (">```console\n>$ a\n>old\n>```\n", ">```console\n>$ a\n>new\n>```\n"),
    ],
)
def test_line_keeps_its_own_end_and_indentation(old: str, new: str) -> None:
    output = "new\nsame\n" if "same" in old else "new\n"
    assert update_text(old, parse_page("p.md", old), {("block-1", 1): output}, Bindings()) == new


def test_one_observed_id_is_never_written_as_two() -> None:
    old, other, seen = "a1" * 32, "d4" * 32, "b2" * 32
    page = parse_page("p.md", f"```console\n$ a\n{old}\n$ b\n{other}\n$ c\nx\n```\n")
    outputs = {("block-1", number): f"{seen}\n" for number in (1, 2, 3)}
    new = update_text(f"```console\n$ a\n{old}\n$ b\n{other}\n$ c\nx\n```\n", page, outputs, Bindings())
    assert new == f"```console\n$ a\n{old}\n$ b\n{old}\n$ c\n{old}\n```\n"
