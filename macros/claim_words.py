"""What the site says of claims, in each language."""

from __future__ import annotations

from dataclasses import dataclass

from macros.standing import Standing


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """One language's texts. Placeholders are named as the values they take."""

    standings: dict[Standing, str]
    statuses: dict[str, str]
    verdicts: dict[str, str]
    kinds: dict[str, str]
    mark: str
    settled: str
    claim: str
    claims: str
    total: str
    says: str
    verdict: str
    status: str
    section: str
    kind: str
    grounds: str
    every: str
    search: str
    reset: str
    shown: str
    statement: str
    caveat: str
    correction: str
    reason: str
    proof: str
    no_block: str
    sources: str
    read: str
    not_read: str
    a_copy: str
    secondary: str
    made_in: str
    not_written: str
    in_build: str
    experiments: str
    of_these: str
    elsewhere: str
    colon: str
    comma: str


ENGLISH = ClaimWords(
    standings={
        Standing.PROVEN: "proven",
        Standing.UNPROVEN: "not proven in this build",
        Standing.PENDING: "not proven yet: its page is not written",
        Standing.CITED: "cited",
        Standing.CORRECTED: "corrected",
        Standing.SHOWN: "corrected, shown by experiment",
        Standing.UNVERIFIABLE: "cannot be verified",
    },
    statuses={
        "proven": "Proven",
        "cited": "Cited",
        "corrected": "Corrected",
        "unverifiable": "Cannot be verified",
    },
    verdicts={
        "holds": "holds",
        "limited": "holds within limits",
        "incomplete": "incomplete",
        "outdated": "outdated",
        "wrong": "wrong",
        "unverifiable": "open",
    },
    kinds={"experiment": "experiment", "citation": "citation", "judgement": "judgement"},
    mark="Claim {id} of the article: {standing}",
    settled='<a href="{about}">Claims of the article</a> settled here: {number}',
    claim="Claim",
    claims="Claims",
    total="All",
    says="The article says",
    verdict="Verdict",
    status="Status",
    section="Section",
    kind="Settled by",
    grounds="Proof or source",
    every="all ({number})",
    search="Words",
    reset="Show all",
    shown="{shown} of {total} claims are shown",
    statement="The article says",
    caveat="Its limit",
    correction="What is true instead",
    reason="Why",
    proof="Proof",
    no_block="there is no such block",
    sources="Sources",
    read="read on {date}",
    not_read="named from earlier research, not read again for this build",
    a_copy="copy that was read",
    secondary="secondary source",
    made_in="Treated in",
    not_written="page not written yet",
    in_build="In this build",
    experiments="Experiments",
    of_these="{number} settled by running something",
    elsewhere="Treated on another page, with proof from here",
    colon=": ",
    comma=", ",
)

CHINESE = ClaimWords(
    standings={
        Standing.PROVEN: "已證實",
        Standing.UNPROVEN: "此次建置未能證實",
        Standing.PENDING: "尚未證實：頁面還沒寫",
        Standing.CITED: "有出處",
        Standing.CORRECTED: "已更正",
        Standing.SHOWN: "已更正，並以實驗示範",
        Standing.UNVERIFIABLE: "無法查證",
    },
    statuses={"proven": "證實", "cited": "引述", "corrected": "更正", "unverifiable": "無法查證"},
    verdicts={
        "holds": "成立",
        "limited": "有條件成立",
        "incomplete": "不完整",
        "outdated": "過時",
        "wrong": "錯誤",
        "unverifiable": "無從判定",
    },
    kinds={"experiment": "實驗", "citation": "文獻", "judgement": "判斷"},
    mark="文章的說法 {id}：{standing}",
    settled='本頁檢驗<a href="{about}">文章</a>的 {number} 條說法',
    claim="編號",
    claims="條數",
    total="全部",
    says="文章的說法",
    verdict="判定",
    status="狀態",
    section="章節",
    kind="查核方式",
    grounds="證據或出處",
    every="全部（{number}）",
    search="關鍵字",
    reset="全部顯示",
    shown="共 {total} 條，顯示 {shown} 條",
    statement="文章的說法",
    caveat="成立的條件",
    correction="正確的說法",
    reason="原因",
    proof="證據",
    no_block="沒有這個區塊",
    sources="出處",
    read="{date} 查閱",
    not_read="依先前的研究列出，此次建置未重新查閱",
    a_copy="實際查閱的副本",
    secondary="二手資料",
    made_in="說明頁面",
    not_written="頁面還沒寫",
    in_build="此次建置",
    experiments="實驗",
    of_these="其中 {number} 條由實際執行得出結果",
    elsewhere="說明在別頁，證據在本頁",
    colon="：",
    comma="、",
)


def claim_words(language: str) -> ClaimWords:
    """The texts for a language tag; English for one that is not translated yet."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
