"""The third language, which nobody writes: made of the Traditional Chinese pages when the site is built."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from smalldocs import PROJECT, SmallDocs

PAGE = "storage/volumes"
CHINESE = """\
---
title: 儲存卷與預設值
description: 關於記憶體與檔案系統。
---

# 儲存卷與預設值 {#top}

行程使用 `記憶體`，見[核心](#kernel)。

## 核心 {#kernel}

```console {#greet}
$ echo 檔案 預設
檔案 預設
```

```text
網路介面
```

!!! note "網路"
    ![介面](../figure.svg)
"""
FIGURE = '<svg xmlns="http://www.w3.org/2000/svg"><title>核心</title><text id="檔案">檔案</text></svg>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SmallDocs:
    docs = SmallDocs.make(tmp_path_factory.mktemp("simplified"), {PAGE: CHINESE})
    for language in ("en", "zh-Hant"):
        (docs.base / "docs" / language / "figure.svg").write_text(FIGURE, encoding="utf-8")
    docs.run()
    built = docs.build("--url", "https://example.org/")
    assert (built.returncode, built.stderr) == (0, "")
    return docs


def blocks(html: str) -> list[str]:
    return re.findall(r"<pre.*?</pre>|<code.*?</code>", html, re.DOTALL)


def test_titles_prose_and_what_the_site_says_are_simplified(site: SmallDocs) -> None:
    html = site.html(PAGE, "zh-Hans")
    assert '<html lang="zh-Hans"' in html
    assert "<title>存储卷与默认值 - 验证过的容器</title>" in html
    assert '<meta name="description" content="关于内存与文件系统。">' in html
    assert '<p>进程使用 <code class="site-word">記憶體</code>，见<a href="#kernel">内核</a>。</p>' in html
    assert '<p class="admonition-title">网络</p>' in html
    assert "<strong>已验证</strong>" in html
    assert re.search(r'<nav class="md-nav md-nav--secondary".*?内核', html, re.DOTALL), "the table of contents"


def test_nothing_traditional_is_left_outside_of_code(site: SmallDocs) -> None:
    html = re.sub(
        r"<pre.*?</pre>|<code.*?</code>|<a [^>]*lang=.*?</a>", "", site.html(PAGE, "zh-Hans"), flags=re.DOTALL
    )
    for word in ("儲", "預", "檔", "記憶體", "驗證", "網路", "執行"):
        assert word not in re.sub(r"<[^>]+>", "", html)


def test_code_is_byte_for_byte_that_of_the_traditional_page(site: SmallDocs) -> None:
    assert blocks(site.html(PAGE, "zh-Hans")) == blocks(site.html(PAGE, "zh-Hant"))
    assert "檔案 預設" in site.block(PAGE, "greet", "zh-Hans")


def test_the_page_says_that_it_is_generated_and_leads_to_the_original(site: SmallDocs) -> None:
    assert '本页由<a href="../../../zh-Hant/storage/volumes/" hreflang="zh-Hant">繁体中文版</a>自动转换' in site.html(
        PAGE, "zh-Hans"
    )
    for language in ("en", "zh-Hant"):
        assert "自动转换" not in site.html(PAGE, language)


def test_figures_are_converted_too(site: SmallDocs) -> None:
    built = (site.base / "site" / "zh-Hans" / "figure.svg").read_text(encoding="utf-8")
    assert built == FIGURE.replace(">核心<", ">内核<").replace(">檔案<", ">文件<")
    assert (site.base / "site" / "zh-Hant" / "figure.svg").read_text(encoding="utf-8") == FIGURE


def test_the_search_index_is_simplified(site: SmallDocs) -> None:
    index = json.loads((site.base / "site" / "zh-Hans" / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = "".join(entry["title"] + entry["text"] for entry in index["docs"]).replace("\u200b", "")
    assert "存储卷与默认值" in found
    assert "进程使用" in found
    assert "自动转换" not in found


def test_a_warning_of_a_page_is_given_once(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: CHINESE.replace("![介面](../figure.svg)", "")})
    built = docs.build()
    assert built.returncode == 1
    assert built.stderr.count(f"docs/zh-Hant/{PAGE}.md:13: there is no evidence for this page") == 1
    assert not (docs.base / "site" / "zh-Hans").exists()


def test_code_of_every_published_page_is_that_of_the_original(published: Path) -> None:
    pages = sorted((published / "zh-Hant").rglob("index.html"))
    assert len(pages) >= len(list((PROJECT / "docs" / "zh-Hant").rglob("*.md")))
    for page in pages:
        made = published / "zh-Hans" / page.relative_to(published / "zh-Hant")
        assert blocks(made.read_text(encoding="utf-8")) == blocks(page.read_text(encoding="utf-8")), made
