"""What readers see of other engines than the one that the site rests on."""

from __future__ import annotations

import json
import os
import re

import pytest
from smalldocs import SmallDocs

from pagelab.errors import LabError
from pagelab.evidence import engine_folder
from pagelab.lab import Unavailable

PAGE, OTHER = "storage/volumes", "networking/bridge-and-host"
# What the steps print, and whether they succeed, is decided by the engine: here by the environment.
STEPS = """\
# P {#top}

```console {#same}
$ echo same
same
```

```console {#prints}
$ echo ${PRINTS-usual}
usual
```

```console {#succeeds}
$ ${DOES-true}
```

```console {#after}
$ echo after
after
```

```console {#left-out skip="needs two hosts"}
$ true
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SmallDocs:
    """A strictly built site: one page differs on 20.10, holds on 28.5, could not be run on 29.0, is stale on 30.0."""
    docs = SmallDocs.make(tmp_path_factory.mktemp("engines"), {PAGE: STEPS.replace("usual", "old"), OTHER: STEPS})
    docs.run(engine="30.0")
    docs.write(PAGE, STEPS)
    docs.run()
    docs.run(engine="28.5")
    docs.run(Unavailable(LabError("no engine for this page")), engine="29.0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRINTS", "<unusual>")
        patch.setenv("DOES", "false")
        docs.run(engine="20.10")
    path = docs.base / "evidence" / "engines" / "20.10" / f"{PAGE}.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"lab": {"provider": "docker", "engine": "20.10.24"}}))
    built = docs.build()
    assert (built.returncode, built.stderr) == (0, ""), "another engine never makes the strict build fail"
    return docs


def line(site: SmallDocs, block: str, language: str = "en") -> str:
    """The status line, without tags."""
    found = re.search(r"<summary>.*?</summary>|<p class=.lab-status.*?</p>", site.block(PAGE, block, language))
    assert found
    return re.sub("<[^>]+>", " ", found[0])


def below(site: SmallDocs, block: str, language: str = "en") -> list[str]:
    """What the opened details say of each other engine, without tags."""
    _, _, engines = site.block(PAGE, block, language).partition('<div class="lab-engines">')
    parts = re.findall(r'<div class="lab-step">(.*?)</div>', engines, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", part)).strip() for part in parts]


@pytest.mark.parametrize(
    ("block", "english", "chinese"),
    [("prints", "differs on Docker 20.10", "在 Docker 20.10 上結果不同"), ("succeeds", "differs on Docker 20.10", "")],
)
def test_a_block_that_differs_elsewhere_says_where(site: SmallDocs, block: str, english: str, chinese: str) -> None:
    assert english in line(site, block)
    assert chinese in line(site, block, "zh-Hant")


@pytest.mark.parametrize("block", ["same", "after", "left-out"])
def test_a_line_is_silent_where_no_engine_differs(site: SmallDocs, block: str) -> None:
    assert "Docker 2" not in line(site, block).replace("Docker Engine", "")


def test_the_details_list_every_engine_with_current_evidence_oldest_first(site: SmallDocs) -> None:
    assert [text.split("Evidence")[0][:24] for text in below(site, "same")] == [
        "Docker Engine 20.10.24 v",
        "Docker Engine 28.5 verif",
        "Docker Engine 29.0 could",
    ]
    assert "no engine for this page" in below(site, "same")[2]


def test_the_details_show_what_was_different(site: SmallDocs) -> None:
    old, new, _ = below(site, "prints")
    assert "different" in old
    assert "$ echo ${PRINTS-usual} the output is not what the page shows &lt;unusual&gt;" in old
    assert "unusual" not in new
    assert "exit status 1, expected 0" in below(site, "succeeds")[0]
    assert "結果不同" in below(site, "prints", "zh-Hant")[0]


def test_a_block_that_was_not_reached_elsewhere_says_why(site: SmallDocs) -> None:
    assert "not reached blocked by the step at" in below(site, "after")[0]


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("en", "Docker 20.10 : 1 verified, 2 different, 1 not reached, 1 not run ", "Docker 28.5 : 4 verified"),
        ("zh-Hant", "Docker 20.10 ：1 道已驗證、2 道結果不同、1 道未執行到", "Docker 28.5 ：4 道已驗證"),
    ],
)
def test_the_line_below_the_title_counts_for_each_engine(site: SmallDocs, language: str, old: str, new: str) -> None:
    summary = re.search(r'<p class="lab-summary .*?</p>', site.html(PAGE, language), re.DOTALL)
    assert summary
    text = re.sub(r" +", " ", re.sub("<[^>]+>", " ", summary[0]))
    assert old in text
    assert new in text
    assert "30.0" not in text, "the page has changed since"


def test_evidence_of_each_engine_is_published_where_the_page_links_to_it(site: SmallDocs) -> None:
    address = f"evidence/engines/20.10/{PAGE}.json"
    assert f'href="../../../{address}"' in site.block(PAGE, "prints")
    assert json.loads((site.base / "site" / address).read_text())["lab"]["engine"] == "20.10.24"


HOME = "---\nlab: none\n---\n# Home\n\n{= numbers().verified =} of {= numbers().commands =} verified\n"
PAIR = """\
# P {#top}

```console {#same}
$ echo same
same
```

```console {#old requires="docker<28"}
$ echo old
old
```

```console {#new requires="docker>=28"}
$ echo new
new
```

```console {#newest requires="docker>=29"}
$ echo newest
newest
```

```console {#hands requires="kvm"}
$ echo hands
hands
```

<!-- pagelab {#quiet requires="docker==28.5"}
$ echo quiet
-->
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> SmallDocs:
    """A strictly built site with blocks for some versions only, run where `docker` says 26.1.5, and 28.5.2."""
    programs = tmp_path_factory.mktemp("programs")
    (programs / "docker").write_text("#!/bin/sh\necho $SAYS\n")
    (programs / "docker").chmod(0o755)
    docs = SmallDocs.make(tmp_path_factory.mktemp("pair"), {PAGE: PAIR, "index": HOME})
    for engine, full in (("", "26.1.5"), ("28.5", "28.5.2")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
            patch.setenv("SAYS", full)
            docs.run(engine=engine)
        path = engine_folder(docs.base / "evidence", engine) / f"{PAGE}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"lab": {"provider": "docker", "engine": full}}))
    built = docs.build()
    assert (built.returncode, built.stderr) == (0, "")
    return docs


def test_a_block_for_other_versions_is_told_by_an_engine_that_verified_it(pair: SmallDocs) -> None:
    for block in ("new", "quiet"):
        assert 'class="lab-block lab-verified"' in pair.block(PAGE, block)
    said = re.sub(" +", " ", line(pair, "new"))
    assert re.search(r" Verified Docker 28 or newer 20\S+ \S+ UTC Docker Engine 28\.5\.2 \S+ s ", said)
    assert "Docker 28 以上" in line(pair, "new", "zh-Hant")
    html = pair.block(PAGE, "new")
    assert re.search(r"exit status 0.*?<pre[^>]*>new</pre>", html), "its raw output is that engine's"
    assert f'<p class="lab-evidence"><a href="../../../evidence/engines/28.5/{PAGE}.json">' in html
    assert below(pair, "new") == ["Docker Engine 26.1.5 not run not meant for it Evidence (JSON)"]


def test_a_block_for_the_pages_own_version_says_so(pair: SmallDocs) -> None:
    assert " Verified before Docker 28 20" in re.sub(" +", " ", line(pair, "old"))
    assert "Docker Engine 26.1.5" in line(pair, "old")
    assert "Docker 28 之前" in line(pair, "old", "zh-Hant")
    assert below(pair, "old") == ["Docker Engine 28.5.2 not run not meant for it Evidence (JSON)"]


def test_a_block_that_no_engine_verified_is_not_run(pair: SmallDocs) -> None:
    for language, said in (("en", "29 or newer this page ran on Docker Engine 26.1.5"), ("zh-Hant", "29 以上")):
        assert 'class="lab-block lab-skipped"' in pair.block(PAGE, "newest", language)
        assert said in re.sub(" +", " ", line(pair, "newest", language))
    assert "Not run here kvm is required: " in re.sub(" +", " ", line(pair, "hands"))


def test_what_another_engine_verified_is_counted_and_said(pair: SmallDocs) -> None:
    for language, said in (
        ("en", "4 of 6 commands verified 2 of them on another Docker version 2 not run here "),
        ("zh-Hant", "6 道指令中有 4 道已驗證 其中 2 道在其他 Docker 版本上 2 道此處不執行"),
    ):
        summary = re.search(r'<p class="lab-summary .*?</p>', pair.html(PAGE, language), re.DOTALL)
        assert summary
        assert said in re.sub(r" +", " ", re.sub("<[^>]+>", " ", summary[0]))
    assert "4 of 6 verified" in pair.html("index")
