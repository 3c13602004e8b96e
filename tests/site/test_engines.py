"""What readers see of other engines than the one that the site rests on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from smalldocs import SmallDocs

from pagelab.errors import LabError
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
        ("en", "Docker 20.10 : 1 verified, 2 different, 1 not reached, 1 not run here", "Docker 28.5 : 4 verified"),
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


def test_a_step_that_is_left_out_here_may_be_verified_elsewhere(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: STEPS})
    docs.run()
    docs.run(engine="28.5")
    here = docs.base / "evidence" / f"{PAGE}.json"
    record = json.loads(here.read_text())
    record["steps"][0] |= {"outcome": "skipped", "reason": "needs docker>=28", "output": None, "started": ""}
    here.write_text(json.dumps(record))
    assert docs.build().returncode == 0
    assert "Not run here needs docker&gt;=28" in re.sub(" +", " ", line(docs, "same"))
    assert "verified on Docker 28.5" in line(docs, "same")
    assert "在 Docker 28.5 上已驗證" in line(docs, "same", "zh-Hant")
    assert below(docs, "same")[0].startswith("Docker Engine 28.5 verified")
