"""The conversion to Simplified Chinese: what it says, what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from opencc import OpenCC

from macros.glossary import Term, glossary_html, read_glossary
from macros.simplified import Converter
from tests.unit.flaws import flaws

DOCS = Path(__file__).parents[2] / "docs"
GLOSSARY = read_glossary(DOCS)
CONVERTER = Converter(GLOSSARY)
PHRASES = """
容器 容器
映像檔 镜像
從映像檔登錄庫拉取 从镜像仓库拉取
核心 内核
處理器核心 处理器核心
行程 进程
執行緒 线程
預設值 默认值
網路介面 网络接口
子網路 子网
記憶體 内存
檔案系統 文件系统
檔案 文件
儲存卷 存储卷
寫時複製 写时复制
命名空間 命名空间
叢集 集群
排程器 调度器
連接埠 端口
80埠 80端口
位址 地址
封包 数据包
伺服器與用戶端 服务器与客户端
使用者 用户
程式碼 代码
常駐程式 守护进程
一條網路線上 一条网络线上
逾時 超时
磁碟 磁盘
頻寬 带宽
效能 性能
有效能力 有效能力
負載平衡 负载均衡
「引號」 “引号”
單獨的檔 单独的文件
客體機的核心 客户机的内核
網際網路 互联网
中繼資料 元数据
埠對應到埠 端口映射到端口
兩張網路卡 两张网卡
同一顆磁碟 同一块磁盘
函式傳回參照 函数返回引用
簽章 签名
群播 组播
印出來 打印出来
只讀一份空檔案 只读一份空文件
在這段空檔裡 在这段空档里
核心當掉 内核崩溃
檔案擁有者 文件所有者
以網路政策為核心 以网络策略为核心
直接執行客體機的指令 直接执行客户机的指令
2個處理器核心 2个处理器核心
"""


@pytest.mark.parametrize("pair", PHRASES.strip().split("\n"))
def test_terms_become_those_of_the_mainland(pair: str) -> None:
    traditional, simplified = pair.split(" ")
    assert CONVERTER.text(traditional) == simplified


def test_a_word_after_a_space_is_converted_as_a_whole() -> None:
    assert CONVERTER.text("Markdown 檔與 overlay 檔案系統") == "Markdown 文件与 overlay 文件系统"


@pytest.mark.parametrize("term", GLOSSARY.terms, ids=lambda term: term.id)
def test_every_term_is_converted_as_the_glossary_says(term: Term) -> None:
    assert CONVERTER.text(f"有{term.traditional}的") == f"有{term.simplified}的"


@pytest.mark.parametrize("page", sorted((DOCS / "zh-Hant").rglob("*.md")), ids=lambda page: page.name)
def test_no_traditional_character_is_left(page: Path) -> None:
    once = CONVERTER.text(page.read_text(encoding="utf-8"))
    assert OpenCC("t2s").convert(once) == once


@pytest.mark.parametrize(
    "html",
    [
        "<p><code>echo 預設</code></p>",
        '<div class="highlight"><pre><span class="go">檔案</span>\n</pre></div>',
        '<p lang="zh-Hant">記憶體</p>',
        '<a href="檔案.html#預設" id="預設" data-copy="檔案">Docker &amp; &#20;</a>',
        "<script>var a = '預設' < 1</script><style>/* 預設 */</style><!-- 預設 -->",
        '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><br><img src="預設.svg">',
        "no Chinese at all — “quoted”",
    ],
)
def test_what_is_not_prose_is_left_as_it_is(html: str) -> None:
    assert CONVERTER.html(html) == html


@pytest.mark.parametrize(
    ("html", "converted"),
    [
        ("<p>用 <code>檔案</code> 存檔案</p>", "<p>用 <code>檔案</code> 存文件</p>"),
        ("<p lang='en'>檔案<br>檔案</p><p>檔案</p>", "<p lang='en'>檔案<br>檔案</p><p>文件</p>"),
        ('<img alt="檔案" title="核心" src="檔案.svg">', '<img alt="文件" title="内核" src="檔案.svg">'),
        ("<svg><title>核心</title><text>檔案</text></svg>", "<svg><title>内核</title><text>文件</text></svg>"),
        ("<ul><li>檔案<li>檔案</ul>檔案", "<ul><li>文件<li>文件</ul>文件"),
    ],
)
def test_prose_is_converted_wherever_it_stands(html: str, converted: str) -> None:
    assert CONVERTER.html(html) == converted


def test_the_glossary_has_a_row_for_each_term_and_no_id_twice() -> None:
    ids = [term.id for term in GLOSSARY.terms]
    assert 60 <= len(ids) == len(set(ids))
    for language in ("en", "zh-Hant"):
        html = glossary_html(GLOSSARY, language)
        assert [f'<tr id="{each}">' in html for each in ids] == [True] * len(ids)


def test_the_glossary_does_not_contradict_itself() -> None:
    """No term that the site uses is one that it refuses, and none is refused in favour of itself."""
    assert set(GLOSSARY.refused) & set(GLOSSARY.conversions) == set()
    for term in GLOSSARY.terms:
        assert list(flaws(term.id, term.means["zh-Hant"], GLOSSARY.refused, frozenset(GLOSSARY.conversions))) == []
