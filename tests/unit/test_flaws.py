"""The check of Chinese prose: what it marks, what it leaves, and that the site's own pages pass it."""

from __future__ import annotations

from pathlib import Path

import pytest

from macros.glossary import read_glossary
from tests.unit.flaws import flaws

DOCS = Path(__file__).parents[2] / "docs"
GLOSSARY = read_glossary(DOCS)
ALLOWED = frozenset(GLOSSARY.conversions)
PAGES = sorted((DOCS / "zh-Hant").rglob("*.md"))


def marked(text: str) -> list[tuple[int, str]]:
    """Line and advice of each flaw."""
    return [(flaw.line, flaw.advice) for flaw in flaws("page.md", text, GLOSSARY.refused, ALLOWED)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_the_pages_are_written_as_the_site_writes(page: Path) -> None:
    shown = page.relative_to(DOCS.parent).as_posix()
    found = flaws(shown, page.read_text(encoding="utf-8"), GLOSSARY.refused, ALLOWED)
    assert "\n".join(map(str, found)) == ""


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("在Docker 上", "a space between"),
        ("執行 30秒", "a space between"),
        ("用了 70%的記憶體", "a space between"),
        ("用`docker run`啟動", "a space between"),
        ("見[說明](x.md)或[Docker](y.md)", "a space between"),
        ("容器,主機", "full-width punctuation"),
        ("容器, `web` 與主機", "full-width punctuation"),
        ("用 `web`, 容器", "full-width punctuation"),
        ("容器:主機", "full-width punctuation"),
        ("真的嗎?", "full-width punctuation"),
        ("容器停了.", "full-width stop"),
        ("使用 Docker. 容器", "full-width stop"),
        ("容器(runtime)", "full-width parentheses"),
        ("Docker (引擎)", "full-width parentheses"),
        ('所謂"容器"', "quotation marks"),
        ("所謂“容器”", "quotation marks"),
        ("容器 ，主機", "No space beside"),
        ("容器， 主機", "No space beside"),
        ("（ 容器）", "No space beside"),
        ("容器 主機", "No space between Chinese"),
        ("**容器** 主機", "No space between Chinese"),
        ("等等...", "ellipsis"),
        ("等等…", "ellipsis"),
        ("用了 70 % 的記憶體", "per cent"),
        ("容器１號", "half-width"),
        ("內核", "核心"),
        ("進程", "行程"),
        ("鏡像", "映像檔"),
        ("默認", "預設"),
        ("信息", "資訊"),
        ("用戶", "使用者"),
        ("这个容器", "Traditional"),
        ("## 內核 {#kernel}", "核心"),
        ("| 位址 | 內核 |", "核心"),
        ('!!! note "內核"', "核心"),
        ("- > 內核", "核心"),
        ("![內核](a.svg)", "核心"),
        ("---\ntitle: 內核\n---\n", "核心"),
    ],
)
def test_what_is_wrong_is_marked_with_advice(text: str, advice: str) -> None:
    found = marked(text)
    assert {line for line, _ in found} == {2 if text.startswith("---") else 1}
    assert len({advice for _, advice in found}) == 1
    assert advice in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "在 Docker 上執行 30 秒，用了 70% 的記憶體。",
        "用 `docker run` 啟動容器（runtime 是 `runc`）；主機：`web`。",
        "所謂「容器」，見[練習](#a)與 [Docker](https://docs.docker.com/)。",
        "**先說結論。** 容器就是行程。",
        "**往外**：換成主機的位址 192.0.2.1:80，也就是 `a, b`。",
        "用戶端與使用者都在登錄庫裡。",
        "1. 第一步\n2. 第二步\n\n- 容器\n",
        "| 位址 | `a|b` |\n| --- | --- |\n| 埠 | 80 |",
        '!!! warning "注意"\n    容器。',
        '??? example "解答"\n    容器。',
        "## 容器 {#container}",
        '這是容器。{= claim("ABS-01") =}\n這是容器。 {= claim("ABS-02") =} 這是行程。',
        "已驗證 {= numbers().verified =} 道指令",
        "等等……",
        "| 容器 | 主機 |",
        '<span lang="zh-Hans">内核</span>是簡體字。',
        "```console\n$ echo 內核,進程\n內核,進程\n```",
        "    ```text\n    內核(kernel)\n    ```",
        "````text\n```\n內核\n````",
        "<!-- pagelab {#x}\n$ echo 內核\n-->",
        '{= plot(\n  "內核",\n  title="內核,") =}\n\n容器。',
        "---\nclaims: [A,B]\nlab: none\n---\n容器。",
        "The kernel (Linux 6.4), i.e. 26.1: fine!",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert marked(text) == []


def test_a_flaw_names_its_place_and_what_to_write() -> None:
    (flaw,) = flaws("docs/zh-Hant/a.md", "容器。\n\n內核。", GLOSSARY.refused)
    assert str(flaw) == "docs/zh-Hant/a.md:3: “內核”\n  Taiwan says: 核心"
