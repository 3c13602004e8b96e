"""The command line as a contributor meets it: what it prints, and its exit statuses. No Docker."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pagelab.cli import main

PAGE = """---
title: Page
---
# Page

Prose with `$ a command`.

```console {#greet}
$ echo hello
hello
$ printf '%s\\n' 'id: '"$(tr -d - </proc/sys/kernel/random/uuid)$(tr -d - </proc/sys/kernel/random/uuid)"
id: 8dee427713dd0a2eb8eecd1b51662f139419b1228e759e11be59ce707eac6631
```

```yaml
key: value
```

```text {#config file="c.txt"}
content
```

```console {#more timeout="9" match="contains"}
$ (cat c.txt; exit 3) ||
> echo "status $?"
status 3
...
```

<!-- a comment -->

```console {#later skip="needs two hosts"}
$ echo later
```
"""
LOCAL = ("--provider", "local")


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A documentation in two languages, its own project; the tests run in it."""
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npagelab_languages = ["en", "zh-Hant"]\n')
    for language in ("en", "zh-Hant"):
        (tmp_path / "docs" / language).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    write(PAGE)
    return tmp_path


def write(text: str, name: str = "page.md") -> None:
    for language in ("en", "zh-Hant"):
        Path("docs", language, name).write_text(text, encoding="utf-8")


def pagelab(*argv: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as pytest within pytest would not be."""
    return subprocess.run([sys.executable, "-m", "pagelab", *argv], capture_output=True, text=True, timeout=60)


@pytest.mark.usefixtures("docs")
def test_list_knows_every_state(capsys: pytest.CaptureFixture[str]) -> None:
    write("---\nlab: none\n---\n", "b.md")
    write("```console\n$ echo\n", "c.md")
    write("```console\n$ false\n```\n", "d.md")
    write("```console\n$ true\n```\n", "e.md")
    write('```console {skip="why not"}\n$ true\n```\n```console {requires="gvisor"}\n$ true\n```\n', "g.md")
    assert pagelab("run", "docs/en/page.md", "docs/en/d.md", "docs/en/e.md", "docs/en/g.md", *LOCAL).returncode == 1
    write("```console\n$ true true\n```\n", "e.md")
    write("```console\n$ true\n```\n", "f.md")
    assert main(["list", "--json"]) == 0
    rows = {row["document"]: row for row in json.loads(capsys.readouterr().out)}
    assert {name: row["state"] for name, row in rows.items()} == {
        "b": "nothing to run",
        "c": "broken",
        "d": "wrong",
        "e": "stale",
        "f": "never run",
        "g": "skipped",
        "page": "verified",
    }
    assert rows["page"]["languages"] == ["en", "zh-Hant"]
    assert (rows["page"]["blocks"], rows["page"]["steps"]) == (4, 5)
    assert "1 failed, first at docs/en/d.md:2" in rows["d"]["detail"]
    assert rows["c"]["detail"].startswith("docs/en/c.md:1: ")

    assert main(["list", "docs/zh-Hant/page.md", "docs/en/page.md"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["DOCUMENT", "LANGUAGES", "BLOCKS", "STEPS", "STATE"]
    assert table[1].startswith("page      en zh-Hant  4       5      verified: 20")
    assert table[1].endswith(", 1 skipped")
    assert table[-1] == "1 document: 1 verified"


@pytest.mark.usefixtures("docs")
def test_list_counts_passed_steps_by_how_far_they_were_tried(capsys: pytest.CaptureFixture[str]) -> None:
    write("```console\n$ true\n```\n", "never.md")
    assert pagelab("run", "docs/en/page.md", *LOCAL).returncode == 0
    evidence = Path("evidence/page.json")
    record = json.loads(evidence.read_text())
    for step, level in zip(record["steps"], ("nodes", "nodes", "schema", "api-server"), strict=False):
        step["level"] = level
    evidence.write_text(json.dumps(record))
    assert main(["list", "--levels"]) == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table == [
        ["DOCUMENT", "STEPS", "PASSED", "NODES", "API-SERVER", "SCHEMA", "SKIPPED"],
        ["never", "1", "-", "-", "-", "-", "-"],
        ["page", "5", "4", "2", "1", "1", "1"],
        ["all", "6", "4", "2", "1", "1", "1"],
        [],
        ["2", "documents:", "1", "never", "run,", "1", "verified"],
    ]
    assert main(["list", "--json"]) == 0
    never, page = json.loads(capsys.readouterr().out)
    assert never["tally"] is None
    assert page["tally"] == {"passed": 4, "nodes": 2, "api_server": 1, "schema": 1, "skipped": 1}
    for path in Path("docs").rglob("*.md"):
        path.unlink()
    assert main(["list", "--levels"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["all", *"000000"]


@pytest.mark.usefixtures("docs")
def test_run_and_update_end_as_pytest_does() -> None:
    assert pagelab("run", "docs", *LOCAL).returncode == 0
    write(PAGE.replace("\nhello\n", "\nnever\n"))
    wrong = pagelab("run", "docs/en/page.md::greet::1", *LOCAL)
    assert (wrong.returncode, "docs/en/page.md:9: the page is wrong" in wrong.stdout) == (1, True)
    assert pagelab("update", "docs", *LOCAL).returncode == 0
    assert Path("docs/zh-Hant/page.md").read_text() == PAGE
    quiet = pagelab("run", "docs", *LOCAL, "--", "-q", "--no-summary", "-k", "config")
    assert (quiet.returncode, "8 deselected" in quiet.stdout) == (0, True)


@pytest.mark.usefixtures("docs")
def test_no_engine_is_not_the_pages_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    done = pagelab("run", "docs")
    assert done.returncode == 69
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.usefixtures("docs")
@pytest.mark.parametrize(
    ("argv", "status", "said"),
    [
        ("list no/such", 2, "no/such: there is no such file"),
        ("list docs/en/no.md", 2, "docs/en/no.md: there is no such file"),
        ("list pyproject.toml", 2, "pyproject.toml: this is not a page"),
        ("list empty", 2, "empty: there is no page in this folder"),
        ("list -- -q", 2, "`list` takes nothing after --"),
        ("run docs/en/no.md", 2, "there is no such file"),
        ("run", 2, "required: PATH"),
        ("run docs --provider moon", 2, "invalid choice: 'moon'"),
        ("explain docs/en/page.md", 2, "docs/en/page.md: a line is missing\n  Say which one: docs/en/page.md:12"),
        ("explain docs/en/page.md:0", 2, "docs/en/page.md:0: there is no such line\n  The page has 34 lines."),
        ("explain docs/en/page.md:40", 2, "there is no such line"),
        ("explain docs/en:1", 2, "docs/en: this is a folder"),
        ("explain docs/en/page.md::none", 2, "there is no block `none`\n  Blocks: greet, config, more, later."),
        ("explain docs/en/page.md::greet::7", 2, "there is no step `7` in block `greet`\n  It has steps 1 to 2."),
        ("explain docs/en/broken.md:1", 1, "docs/en/broken.md:1: the block that opens with"),
        ("explain docs/en/binary.md:1", 1, "docs/en/binary.md:1: the file is not UTF-8"),
        ("completion fish", 2, "invalid choice: 'fish'"),
        ("", 2, "required: COMMAND"),
    ],
)
def test_bad_words_get_an_answer(docs: Path, argv: str, status: int, said: str) -> None:
    (docs / "empty").mkdir()
    Path("docs/en/broken.md").write_text("```console\n")
    Path("docs/en/binary.md").write_bytes(b"\xff")
    done = pagelab(*argv.split())
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("docs")
@pytest.mark.parametrize(
    ("place", "said"),
    [
        (":2", "This is front matter"),
        (":5", "This line is empty."),
        (":4", "This is prose."),
        (":6", "This is prose; a command inside it is only shown."),
        (":8", "docs/en/page.md:8: `console` block `greet`, lines 8 to 13, 2 steps"),
        (":9", "step 1 of 2 in block `greet` (step 1 of 5 on the page)"),
        (":9", "Nothing: it is the first step, in a new lab."),
        (":9", "A scratch directory on this machine, as yourself"),
        (":10", "docs/en/page.md:9: step 1 of 2"),
        (":10", "Line 10 is output that the page shows for it."),
        (":12", "8dee427713dd0a2eb8e…: any id (the engine draws container, network and exec ids), then the same one"),
        ("::greet::2", "docs/en/page.md:11: step 2 of 2"),
        (":16", "This is a `yaml` block: it is shown, and never run."),
        (":20", "The block's text (1 line) is written to `c.txt` in the session's directory."),
        (":24", '    $ (cat c.txt; exit 3) ||\n    > echo "status $?"'),
        (":25", "docs/en/page.md:24: step 1 of 1 in block `more`"),
        (":26", 'somewhere in what it prints. (match="contains")'),
        (":26", "    | ...\n        any lines, or none"),
        (":26", 'Within 9 s (timeout="9").'),
        (":26", "    20: (writes the file c.txt)"),
        ("::more", "Unknown: there is no evidence of a run."),
        (":30", "This is a comment"),
        (":33", "It does not run, and the page tells readers why: needs two hosts"),
    ],
)
def test_explain_teaches(place: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"docs/en/page.md{place}", *LOCAL]) == 0
    assert said in capsys.readouterr().out


@pytest.mark.usefixtures("docs")
def test_explain_names_the_host_and_what_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    matter = "---\nlab: {hosts: [one, two]}\n---\n"
    write(matter + '```console {#a host="two" requires="swarm kvm"}\n$ true\n```\n<!-- pagelab {#b}\n$ true\n-->\n')
    assert main(["explain", "docs/en/page.md::a"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "On `two`, one of the hosts one, two; each has a shell of its own." in said
    assert "It needs swarm, kvm. Where the lab lacks that, it is skipped" in said
    assert main(["explain", "docs/en/page.md:4"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "It runs on the host `two`. It needs swarm, kvm; where the lab lacks that, it is skipped." in said
    assert main(["explain", "docs/en/page.md:8"]) == 0
    assert "Readers do not see this step" in capsys.readouterr().out


@pytest.mark.usefixtures("docs")
def test_explain_tells_the_last_outcome_and_whether_it_still_counts(capsys: pytest.CaptureFixture[str]) -> None:
    write(PAGE.replace("\nhello\n", "\nnever\n"))
    pagelab("run", "docs", *LOCAL)
    assert main(["explain", "docs/zh-Hant/page.md:9"]) == 0
    assert "  failed in 0" in (said := capsys.readouterr().out)
    assert "the output is not what the page shows" in said
    write(PAGE)
    assert main(["explain", "docs/zh-Hant/page.md:9"]) == 0
    assert "The page has changed since" in capsys.readouterr().out


@pytest.mark.usefixtures("docs")
def test_explain_works_while_the_other_language_is_behind(capsys: pytest.CaptureFixture[str]) -> None:
    Path("docs/zh-Hant/page.md").unlink()
    assert main(["explain", "docs/en/page.md:9"]) == 0
    said = capsys.readouterr()
    assert "this page does not exist in `zh-Hant`" in said.err
    assert "step 1 of 2 in block `greet`" in said.out


@pytest.mark.parametrize("command", "list run update explain shell doctor setup completion".split())
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"  pagelab {command}" in capsys.readouterr().out


def test_bash_completes_commands_options_and_files(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    (tmp_path / "page.md").write_text("")
    script = pagelab("completion", "bash").stdout
    ask = 'COMP_WORDS=({words}); COMP_CWORD={at}; _shtab_pagelab; printf "%s\\n" "${{COMPREPLY[@]}}"'
    for words, at, expected in (
        ("pagelab do", 1, "doctor"),
        ("pagelab run --prov", 2, "--provider"),
        ("pagelab explain pa", 2, "page.md"),
    ):
        done = subprocess.run(
            [bash, "-c", f"{script}\n{ask.format(words=words, at=at)}"], capture_output=True, text=True, cwd=tmp_path
        )
        assert done.stdout.split() == [expected], done.stderr
    assert "#compdef pagelab" in pagelab("completion", "zsh").stdout


@pytest.mark.usefixtures("docs")
@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("docs/en/page.md", "shell: this is no terminal"),
        ("docs/en/page.md --to none", "there is no block `none`"),
        ("docs/en/page.md --to greet::x", "there is no step `x` in block `greet`"),
        ("docs/en", "this is a folder"),
        ("docs/en/no.md", "there is no such file"),
    ],
)
def test_a_shell_needs_a_page_a_step_and_a_terminal(argv: str, said: str) -> None:
    done = pagelab("shell", *argv.split(), *LOCAL)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.parametrize("option", ["--json", "--lab"])
def test_doctor_ends_with_69_where_pages_cannot_be_run(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    done = pagelab("doctor", option)
    assert (done.returncode, done.stderr) == (69, "")
    assert ("able" in done.stdout) if option == "--json" else ("Pages cannot be run here yet" in done.stdout)
