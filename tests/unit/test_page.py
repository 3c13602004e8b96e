"""Where Markdown puts blocks, what their options mean, and what is refused."""

from pathlib import Path

import pytest

from pagelab.errors import PageError
from pagelab.page import parse_page, read_page

RUN = "```console\n$ a\n```\n"


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ a\n```\n",
        "~~~console\n$ a\n~~~\n",
        "````console\n$ a\n````\n",
        "   ```console\n   $ a\n   ```\n",
        "- item\n\n    ```console\n    $ a\n    ```\n",
        "- item\n  ```console\n  $ a\n  ```\n",
        "1. item\n\n    ```console\n    $ a\n    ```\n",
        "- a\n    - b\n\n        ```console\n        $ a\n        ```\n",
        "> ```console\n> $ a\n> ```\n",
        "!!! note\n\n    ```console\n    $ a\n    ```\n",
        '??? note "x"\n    ```console\n    $ a\n    ```\n',
        '1. item\n\n    ??? example "x"\n        ```console\n        $ a\n        ```\n',
        '- item\n\n    === "Tab"\n\n        ```console\n        $ a\n        ```\n',
        "!!! note\n\n    - item\n\n        ```console\n        $ a\n        ```\n",
        '=== "Tab"\n\n    ```console\n    $ a\n    ```\n',
        "```console\r\n$ a\r\n```\r\n",
        "<!-- a comment --> \n```console\n$ a\n```\n",
        "---\ntitle: x\n---\n```console\n$ a\n```\n",
        "Term\n\n:   Text\n\n    ```console\n    $ a\n    ```\n",
        "Term\n\n:   ```console\n    $ a\n    ```\n",
        "Text[^1]\n\n[^1]:\n    Note\n\n    ```console\n    $ a\n    ```\n",
        "- item\n\n\t```console\n\t$ a\n\t```\n",
        "- a\n\t- b\n\n\t\t```console\n\t\t$ a\n\t\t```\n",
        "100. item\n\n    ```console\n    $ a\n    ```\n",
        "```console\n$ a\n```\t\n",
        "```\tconsole\n$ a\n```\n",
        "```console{#a}\n$ a\n```\n",
        "    <!-- shown as code\n\n```console\n$ a\n```\n",
        "<!-- pagelab: a note -->\n```console\n$ a\n```\n",
        "<!-- Pagelab\n$ a\n-->\n",
        "> <!-- pagelab\n> $ a\n> -->\n",
        "10.\n    ```console\n    $ a\n    ```\n",
        "- \n    ```console\n    $ a\n    ```\n",
        "<!-->\n\n```console\n$ a\n```\n",
    ],
)
def test_block_counts_wherever_markdown_puts_it(text: str) -> None:
    assert [step.command for step in parse_page("p.md", text).steps] == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "    ```console\n    $ b\n    ```\n",
        "-     ```console\n      $ b\n      ```\n",
        "<!--\n```console\n$ b\n```\n-->\n",
        "````markdown\n```console\n$ b\n```\n````\n",
        "~~~text\n```console\n$ b\n```\n~~~\n",
        "```text\n$ b\n```\n",
        "```yaml\na: b\n```\n",
        "Some `console` text and ``` ```console ``` inline\n",
        "```console``` starts a line\n",
        "Title\n=====\n\n    ```console\n    $ b\n    ```\n",
        '```text title="run.sh"\n$ b\n```\n',
        '```python {title="a.py" linenums="1"}\nb\n```\n',
        "```haskell {#fold .numberLines}\nb\n```\n",
        "```js {1,4-6}\nb\n```\n",
        "<!--\n<!-- pagelab\n$ b\n-->\n",
        "x <!-- pagelab: a note\nof two lines -->\n",
        "x `<!-- pagelab`\n$ b\n",
        "<!-- pagelabs are many -->\n",
        "```powershell\nb\n```\n",
    ],
)
def test_what_is_no_block_does_not_run(text: str) -> None:
    assert [step.command for step in parse_page("p.md", text + "\n" + RUN).steps] == ["a"]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("x\n```console\n$ a\n", 2, "never closed"),
        ("- x\n\n    ```console\n    $ a\n\nout\n", 3, "never closed"),
        ("```console exit=1\n$ a\n```\n", 1, "options without braces"),
        ('```console {colour="red"}\n$ a\n```\n', 1, "unknown option `colour`"),
        ("```console {exit=1}\n$ a\n```\n", 1, "cannot read the option"),
        ('```console {exit="one"}\n$ a\n```\n', 1, "not a whole number"),
        ('```console {exit="' + "9" * 5000 + '"}\n$ a\n```\n', 1, 'exit="99999999999999999999…" is not a whole number'),
        ('```console {exit="१"}\n$ a\n```\n', 1, "not a whole number"),
        ('```console {exit="0" exit="1"}\n$ a\n```\n', 1, "`exit` is given twice"),
        ("```console {#a #b}\n$ a\n```\n", 1, "`#id` is given twice"),
        ('```console {exit="256"}\n$ a\n```\n', 1, "not a whole number"),
        ('```console {match="fuzzy"}\n$ a\n```\n', 1, "unknown match"),
        ('```console {output="none"}\n$ a\n```\n', 1, "unknown output"),
        ('```console {skip=""}\n$ a\n```\n', 1, "skip needs a reason"),
        ('```text {file="../x"}\n$ a\n```\n', 1, "leaves the session's directory"),
        ('```console {file="x"}\n$ a\n```\n', 1, "cannot be a file"),
        ("```console {#a}\n$ a\n```\n\n```console {#a}\n$ a\n```\n", 5, "the id `a` is taken by the block at line 1"),
        ("no commands\n", 1, "no console block"),
        ("```consle\n$ a\n```\n" + RUN, 1, "a block `consle` that shows a command, but does not run"),
        ("```\n$ a\n```\n" + RUN, 1, "a block without a language that shows a command"),
        ("<!-- pagelab\n$ a\n", 1, "hidden steps are never ended"),
        ("<!-- pagelab\n$ a -->\n", 1, "hidden steps are never ended"),
        ("<!-- pagelab $ a\n-->\n", 1, "cannot read"),
        ("<!-- pagelab\na\n-->\n", 2, "starts with a command"),
        ("---\nlab: none\n---\n" + RUN, 5, "says `lab: none`, but has commands"),
        ("---\nlab: moon\n---\n" + RUN, 2, "unknown lab"),
        ("---\ntitle: x\nlab: {hosts: [a, b], colour: red}\n---\n" + RUN, 3, "unknown lab"),
        ("---\nlab: {hosts: []}\n---\n" + RUN, 2, "list of different names"),
        ("---\nlab: {hosts: [a, a]}\n---\n" + RUN, 2, "list of different names"),
        ("---\nlab: {hosts: [Host_A]}\n---\n" + RUN, 2, "is no host name"),
        ('```console {host="b"}\n$ a\n```\n', 1, "the page has no host `b`"),
        ("---\ntitle: a: b\n---\n" + RUN, 2, "not valid YAML"),
        ("---\ntitle: a\n" + RUN, 1, "front matter is not closed"),
        ("---\n- a\n---\n" + RUN, 2, "not a mapping"),
        ("---\ndate: 2024-13-45\n---\n" + RUN, 1, "cannot be read: month must be"),
        (RUN + "```Console\n$ a\n```\n", 4, "looks like a block that runs"),
        (RUN + "```CONSOLE\n$ a\n```\n", 4, "looks like a block that runs"),
        (RUN + "~~~ Bash\nfalse\n~~~\n", 4, "looks like a block that runs"),
        (RUN + "```{.console #a}\n$ a\n```\n", 4, "looks like a block that runs"),
        (RUN + "``` { .console }\n$ a\n```\n", 4, "looks like a block that runs"),
        (RUN + "- x\n\n    ```bash-session\n    $ a\n    ```\n", 6, "looks like a block that runs"),
        (RUN + '```console {skip="`x` is missing"}\n$ a\n```\n', 4, "a backtick after ```"),
        (RUN + "<!-- todo\n\n" + RUN, 4, "the comment is never closed"),
        (RUN + "<!-- pagelab $ a -->\n", 4, "hidden steps are never ended"),
        (RUN + "<!-- pagelab:\n$ a\n-->\n", 4, "cannot read `:`"),
        ("```console {#a} linenums\n$ a\n```\n", 1, "text after the braces: linenums"),
        ('```console {exit="1"\n$ a\n```\n', 1, "the brace is not closed"),
        ('```yaml {file="a.yml"\nk: v\n```\n' + RUN, 1, "the brace is not closed"),
        (RUN + "```bas {#clean}\ndocker rm web\n```\n", 4, "the id `clean` on a block `bas`, which neither runs nor"),
        (RUN + '```shell {timeout="9"}\ndocker rm web\n```\n', 4, "looks like a block that runs"),
        (RUN + '```yaml {fil="a.yml"}\nk: v\n```\n', 4, "`fil` on a block `yaml`"),
        (RUN + '```yaml {title="x" files="a.yml"}\nk: v\n```\n', 4, "`files` on a block `yaml`"),
        ('```yaml file="a.yml"\nk: v\n```\n' + RUN, 1, "options without braces"),
        *(
            (RUN + f'```yaml {{file="a.yaml" {option}}}\nk: v\n```\n', 4, f"`{option.split('=')[0]}` means nothing")
            for option in ('exit="3"', 'timeout="9"', 'eventually="5"', 'match="json"', 'output="hidden"')
        ),
        (RUN + '```bash {match="exact"}\na\n```\n', 4, "`match` means nothing on a script"),
        (
            '```console {match="json" output="hidden"}\n$ a\n```\n',
            1,
            "`match` means nothing where the output is hidden",
        ),
        (RUN + '<!-- pagelab {file="a.sh"}\n$ a\n-->\n', 4, "hidden steps run, so they cannot be a file"),
        (RUN + "<!--- pagelab\n$ a\n-->\n", 4, "looks like hidden steps"),
        (RUN + "x <!-- pagelab\n$ a\n-->\n", 4, "looks like hidden steps"),
        (RUN + "<!-- a\n--> <!-- pagelab\n$ a\n-->\n", 5, "looks like hidden steps"),
        (RUN + "- <!-- setup\n\n  $ a\n  -->\n", 4, "looks like hidden steps"),
        (RUN + "<!--- pagelab $ a -->\n", 4, "looks like hidden steps"),
        (RUN + "```shell\na\n```\n", 4, "looks like a block that runs"),
        (RUN + "```{.zsh}\na\n```\n", 4, "looks like a block that runs"),
        (RUN + "```Ksh\na\n```\n", 4, "looks like a block that runs"),
    ],
)
def test_broken_page_is_an_error_at_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(PageError, match=problem) as caught:
        parse_page("p.md", text)
    assert caught.value.location.line == line
    assert str(caught.value).startswith(f"p.md:{line}: ")
    assert caught.value.advice


def test_page_without_commands_may_say_so() -> None:
    assert parse_page("p.md", "---\nlab: none\n---\n# x\n").steps == ()


def test_options_become_values() -> None:
    page = parse_page("p.md", '```console {#a exit="2" timeout="9" eventually="3" match="lines"}\n$ a\n```\n')
    options = page.steps[0].options
    assert (page.blocks[0].id, options.exit, options.timeout, options.eventually, options.match.value) == (
        "a",
        2,
        9.0,
        3.0,
        "lines",
    )


def test_block_without_id_is_named_by_its_position() -> None:
    page = parse_page("p.md", RUN + RUN)
    assert [block.id for block in page.blocks] == ["block-1", "block-2"]


def test_file_block_is_a_step_that_writes() -> None:
    page = parse_page("p.md", '```yaml {file="a/b.yml"}\nk: v\n```\n' + RUN)
    assert (page.steps[0].file, page.steps[0].command) == ("a/b.yml", "k: v\n")


def test_hidden_steps_run_in_their_place() -> None:
    page = parse_page("p.md", RUN + '<!-- pagelab {#wait timeout="9"}\n$ b\nshown\n$ c\n-->\n' + RUN)
    assert [(step.block, step.command, step.hidden, step.location.line) for step in page.steps] == [
        ("block-1", "a", False, 2),
        ("wait", "b", True, 5),
        ("wait", "c", True, 7),
        ("block-3", "a", False, 10),
    ]
    assert page.steps[1].options.timeout == 9
    assert page.steps[1].options.hidden_output


def test_tabs_of_the_text_survive_in_a_container_that_is_indented_with_one() -> None:
    page = parse_page("p.md", "- x\n\n\t```console\n\t$ cat <<-E\n\t\tone\n\tE\n\t```\n")
    assert (page.steps[0].command, page.steps[0].prefix) == ("cat <<-E\n\tone\nE", "\t")


def test_hosts_of_a_lab_are_named_in_the_front_matter() -> None:
    page = parse_page("p.md", '---\nlab: {hosts: [host-a, host-b]}\n---\n```console {host="host-b"}\n$ a\n```\n')
    assert page.hosts == ("host-a", "host-b")
    assert page.steps[0].options.host == "host-b"


def test_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "p.md"
    file.write_bytes(b"\xef\xbb\xbf" + RUN.encode())
    assert len(read_page(file).steps) == 1


def test_file_that_is_not_utf8_is_an_error_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "p.md"
    file.write_bytes(b"one\ntwo\xff\n")
    with pytest.raises(PageError, match="not UTF-8") as caught:
        read_page(file, "p.md")
    assert caught.value.location.line == 2


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="cannot be read"):
        read_page(tmp_path / "none.md")
