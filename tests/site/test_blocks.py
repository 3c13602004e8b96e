"""What a block shows, for each state of its evidence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from smalldocs import SmallDocs

GOOD, BAD, STALE = "networking/bridge-and-host", "containers/what-a-container-is", "storage/volumes"


@pytest.mark.parametrize(
    ("page", "block", "state", "english", "chinese"),
    [
        (GOOD, "greet", "verified", "Verified", "已驗證"),
        (GOOD, "in-list", "verified", "Verified", "已驗證"),
        (GOOD, "in-tab", "verified", "Verified", "已驗證"),
        (GOOD, "script", "verified", "Verified", "已驗證"),
        (GOOD, "file", "verified", "Verified", "已驗證"),
        (GOOD, "fails-as-shown", "verified", "Verified", "已驗證"),
        (GOOD, "left-out", "skipped", "Not run here", "此處不執行"),
        (BAD, "fine", "verified", "Verified", "已驗證"),
        (BAD, "wrong-output", "failed", "Failed", "驗證失敗"),
        (BAD, "wrong-command", "failed", "Failed", "驗證失敗"),
        (BAD, "not-reached", "blocked", "Not reached", "未執行到"),
        (STALE, "new", "stale", "Out of date", "已過期"),
    ],
)
def test_a_block_says_its_state_in_a_word(
    small: SmallDocs, page: str, block: str, state: str, english: str, chinese: str
) -> None:
    for language, word in (("en", english), ("zh-Hant", chinese)):
        html = small.block(page, block, language)
        assert f'class="lab-block lab-{state}"' in html
        assert f'<span class="lab-icon" aria-hidden="true"></span><strong>{word}</strong>' in html


def test_a_verified_block_says_when_and_where(small: SmallDocs) -> None:
    html = small.block(GOOD, "greet")
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ">\d{4}-\d\d-\d\d \d\d:\d\d UTC</time>', html)
    assert "this machine, no Docker Engine" in html


def test_engine_version_and_image_origin_come_from_the_evidence(
    tmp_path: Path,
) -> None:
    page = "# P {#top}\n\n```console {#pull}\n$ echo nginx\nnginx\n```\n"
    docs = SmallDocs.make(tmp_path, {STALE: page})
    docs.run()
    path = docs.base / "evidence" / f"{STALE}.json"
    record = json.loads(path.read_text())
    record["lab"] = {"provider": "docker", "engine": "26.1.5"}
    record["images"] = [{"name": "nginx:latest", "digest": "sha256:0", "origin": "debian packages"}]
    path.write_text(json.dumps(record))
    assert docs.build().returncode == 0
    assert "Docker Engine 26.1.5" in docs.block(STALE, "pull")
    assert "<code>nginx</code> built from Debian packages" in docs.block(STALE, "pull")
    assert "<code>nginx</code> 以 Debian 套件建置" in docs.block(STALE, "pull", "zh-Hant")


def test_raw_output_of_each_command_is_there_with_its_exit_status(small: SmallDocs) -> None:
    html = small.block(GOOD, "fails-as-shown")
    assert html.count('<div class="lab-step">') == 2
    assert "exit status 0" in html
    assert "exit status 3" in html
    assert "seen only in the raw output" in small.block(GOOD, "script")
    assert "&lt;b&gt;&amp;" in small.block(GOOD, "greet")


def test_a_failed_block_shows_what_was_expected_and_what_happened(small: SmallDocs) -> None:
    html = small.block(BAD, "wrong-output")
    assert '<details class="lab-status" data-search-exclude open>' in html
    assert re.search(r"The page shows</p><pre[^>]*>two</pre><p>What happened</p><pre[^>]*>one</pre>", html)


def test_a_block_that_was_not_reached_names_the_step_that_blocks_it(small: SmallDocs) -> None:
    assert "containers/what-a-container-is.md:14" in small.block(BAD, "not-reached")


def test_a_skipped_block_gives_its_reason(small: SmallDocs) -> None:
    assert "needs /dev/kvm" in small.block(GOOD, "left-out")


def test_a_file_says_where_it_was_written(small: SmallDocs) -> None:
    assert "written to <code>conf/app.yaml</code>" in small.block(GOOD, "file")


def test_the_evidence_is_published_and_linked(small: SmallDocs) -> None:
    assert f'href="../../../evidence/{GOOD}.json"' in small.block(GOOD, "greet")
    assert json.loads((small.base / "site" / "evidence" / f"{GOOD}.json").read_text())["document"] == GOOD


@pytest.mark.parametrize(
    ("page", "english", "chinese"),
    [
        (GOOD, "10 of 11 commands verified", "11 道指令中有 10 道已驗證"),
        (BAD, "Only 1 of 4 commands verified", "4 道指令中只有 1 道已驗證"),
        (STALE, "Not verified as it is now", "目前內容尚未驗證"),
    ],
)
def test_the_line_below_the_title_sums_up_the_page(small: SmallDocs, page: str, english: str, chinese: str) -> None:
    for language, text in (("en", english), ("zh-Hant", chinese)):
        summary = re.search(r'</h1>\s*<p class="lab-summary .*?</p>', small.html(page, language), re.DOTALL)
        assert summary
        assert text in summary[0]


def test_a_page_without_a_lab_has_no_summary(small: SmallDocs) -> None:
    assert "lab-summary" not in small.html("index")


def test_macros_count_from_evidence(small: SmallDocs) -> None:
    assert "11 of 16 commands, <time datetime=" in small.html("index")


def test_status_and_raw_output_are_not_in_the_search_index(small: SmallDocs) -> None:
    index = (small.base / "site" / "en" / "search" / "search_index.json").read_text()
    assert "hello" in index
    assert "seen only in the raw output" not in index.replace("printf 'seen only in the raw output", "")
    assert "Raw output" not in index


def test_a_page_that_never_ran_says_so(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {STALE: "# P {#top}\n\n```console {#x}\n$ echo x\nx\n```\n"})
    assert docs.build("--no-strict").returncode == 0
    assert "lab-never" in docs.block(STALE, "x")
    assert "<strong>從未執行</strong>" in docs.block(STALE, "x", "zh-Hant")


def test_hidden_steps_are_there_in_a_closed_box_where_they_run(tmp_path: Path) -> None:
    note = "<!-- pagelab: what follows is only set-up -->\n"
    hidden = f"{note}\nSomething between.\n\n<!-- pagelab {{#prepare}}\n$ X=hidden\n-->\n"
    page = f"# P {{#top}}\n\n{hidden}\n```console {{#show}}\n$ echo $X\nhidden\n```\n"
    docs = SmallDocs.make(tmp_path, {STALE: page})
    docs.run()
    assert docs.build().returncode == 0, "a strict build knows where the hidden steps went"
    for language, words in (("en", "Hidden steps"), ("zh-Hant", "隱藏步驟")):
        html = docs.block(STALE, "prepare", language)
        assert 'class="lab-block lab-verified"' in html
        assert f'<details class="lab-hidden"><summary>{words}' in html
        assert "X=hidden" in html
    page = docs.html(STALE)
    assert "<!-- pagelab {" not in page
    assert page.index("Something between.") < page.index("lab-hidden"), "a note about pagelab is no place for steps"
