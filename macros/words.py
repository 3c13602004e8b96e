"""What the site says around snippets, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from macros.verdict import State


@dataclass(frozen=True, slots=True)
class Words:
    """One language's texts. Placeholders are named as the values they take."""

    verified: str
    failed: str
    error: str
    blocked: str
    stale: str
    never: str
    skipped: str

    stale_why: str
    never_why: str
    never_some: str
    official: str
    debian_packages: str
    built_here: str
    no_engine: str
    cluster: str
    ran_on_nodes: str
    api_server_only: str
    schema_checked: str
    seconds: str
    raw: str
    hidden: str
    status: str
    no_output: str
    not_run: str
    expected: str
    observed: str
    wrote: str
    evidence: str
    summary: str
    summary_some: str
    summary_stale: str
    summary_never: str
    count: str
    other_engines: str
    differs: str
    left_out: str
    not_meant: str
    differs_on: str
    ran_on: str
    elsewhere: str
    from_version: str
    before_version: str
    up_to_version: str
    after_version: str
    only_version: str
    not_version: str
    required: str
    lacking: Mapping[str, str]  # its words for what pagelab.requirements says in English
    engine_numbers: str
    comma: str

    not_measured: str
    median: str
    emulated: str
    dots: str
    lines: str
    case_runs: str
    case_told: str
    case_series: str
    machine: str
    cores: str
    memory: str
    kernel: str
    data: str
    data_table: str
    case: str
    runs: str
    lower: str
    upper: str
    least: str
    most: str

    def state(self, state: State) -> str:
        """The word for a state; the icon beside it says the same."""
        return {
            State.VERIFIED: self.verified,
            State.FAILED: self.failed,
            State.ERROR: self.error,
            State.BLOCKED: self.blocked,
            State.STALE: self.stale,
            State.NEVER: self.never,
            State.SKIPPED: self.skipped,
        }[state]

    def versions(self, comparison: str, version: str) -> str:
        """Which Docker versions are meant by a requirement such as `>=` and `28`."""
        return {
            ">=": self.from_version,
            "<": self.before_version,
            "<=": self.up_to_version,
            ">": self.after_version,
            "==": self.only_version,
            "!=": self.not_version,
        }[comparison].format(version=version)

    def listed(self, items: list[str]) -> str:
        """Several things in one sentence."""
        return self.comma.join(items)

    def origin(self, origin: str) -> str:
        """Where an image came from; an origin that is new to us is shown as it is."""
        known = {
            "official": self.official,
            "debian packages": self.debian_packages,
            "built on the page": self.built_here,
        }
        return known.get(origin, origin)


ENGLISH = Words(
    verified="Verified",
    failed="Failed",
    error="Could not be run",
    blocked="Not reached",
    stale="Out of date",
    never="Never run",
    skipped="Not run here",
    stale_why="the page has changed since its last run on {when}",
    never_why="there is no record of a run",
    never_some="not all of its commands have a record of a run",
    official="official image",
    debian_packages="built from Debian packages",
    built_here="built on this page",
    no_engine="this machine, no Docker Engine",
    cluster="Kubernetes {version} ({kind}), nodes: {nodes}",
    ran_on_nodes="Kubernetes {version}, ran on nodes ({nodes})",
    api_server_only="Kubernetes {version}, API server only",
    schema_checked="Kubernetes {version}, schema-checked",
    seconds="{number} s",
    raw="Raw output",
    hidden="Hidden steps: they run here, and readers need not see them",
    status="exit status {status}",
    no_output="no output",
    not_run="did not run",
    expected="The page shows",
    observed="What happened",
    wrote="written to {file}",
    evidence="Evidence (JSON)",
    summary="{passed} of {total} commands verified",
    summary_some="Only {passed} of {total} commands verified",
    summary_stale="Not verified as it is now: the page has changed since its last run on {when}",
    summary_never="Never run: there is no record of these {total} commands",
    count="{number} {state}",
    other_engines="On other Docker versions",
    differs="different",
    left_out="not run",
    not_meant="not meant for it",
    differs_on="differs on Docker {versions}",
    ran_on="this page ran on {engine}",
    elsewhere="{number} of them on another Docker version",
    from_version="Docker {version} or newer",
    before_version="before Docker {version}",
    up_to_version="up to Docker {version}",
    after_version="after Docker {version}",
    only_version="Docker {version} only",
    not_version="not Docker {version}",
    required="{what} is required: {lacking}",
    lacking={},
    engine_numbers="{engine}: {numbers}",
    comma=", ",
    not_measured="Nothing was measured in this build, so there is no plot: {why}.",
    median="median",
    emulated="software emulation",
    dots="Each dot is a run, the upright line the median, the pale bar the middle half of the runs.",
    lines="Each point is a measured value.",
    case_runs="n = {number}",
    case_told="{case}: median {median} {unit}, quartiles {lower} to {upper} {unit}, {runs}",
    case_series="{case}: {first} {unit} at {count} = {start}, {last} {unit} at {count} = {end}",
    machine="Machine",
    cores="{number} cores",
    memory="{size} of memory",
    kernel="kernel {version}",
    data="Data (CSV)",
    data_table="The same as a table",
    case="Case",
    runs="Runs",
    lower="Lower quartile",
    upper="Upper quartile",
    least="Least",
    most="Most",
)

CHINESE = Words(
    verified="已驗證",
    failed="驗證失敗",
    error="無法執行",
    blocked="未執行到",
    stale="已過期",
    never="從未執行",
    skipped="此處不執行",
    stale_why="頁面在上次執行（{when}）之後有所更動",
    never_why="沒有執行紀錄",
    never_some="有些指令沒有執行紀錄",
    official="官方映像檔",
    debian_packages="以 Debian 套件建置",
    built_here="在本頁建置",
    no_engine="本機，未使用 Docker 引擎",
    cluster="Kubernetes {version}（{kind}），節點數：{nodes}",
    ran_on_nodes="Kubernetes {version}，在節點上執行（{nodes} 個）",
    api_server_only="Kubernetes {version}，僅經 API 伺服器",
    schema_checked="Kubernetes {version}，僅檢查結構描述",
    seconds="{number} 秒",
    raw="原始輸出",
    hidden="隱藏步驟：在此執行，讀者不必細看",
    status="結束狀態 {status}",
    no_output="沒有輸出",
    not_run="未執行",
    expected="頁面所示",
    observed="實際結果",
    wrote="寫入 {file}",
    evidence="執行證據（JSON）",
    summary="{total} 道指令中有 {passed} 道已驗證",
    summary_some="{total} 道指令中只有 {passed} 道已驗證",
    summary_stale="目前內容尚未驗證：頁面在上次執行（{when}）之後有所更動",
    summary_never="從未執行：這 {total} 道指令沒有執行紀錄",
    count="{number} 道{state}",
    other_engines="在其他 Docker 版本上",
    differs="結果不同",
    left_out="不執行",
    not_meant="不適用",
    differs_on="在 Docker {versions} 上結果不同",
    ran_on="本頁在 {engine} 上執行",
    elsewhere="其中 {number} 道在其他 Docker 版本上",
    from_version="Docker {version} 以上",
    before_version="Docker {version} 之前",
    up_to_version="到 Docker {version} 為止",
    after_version="Docker {version} 之後",
    only_version="僅限 Docker {version}",
    not_version="Docker {version} 除外",
    required="需要 {what}：{lacking}",
    lacking={
        "this host has cgroup v1": "這台主機用的是 cgroup v1",
        "this host's kernel runs without AppArmor": "這台主機的核心沒有啟用 AppArmor",
        "this host's kernel has no IPVS": "這台主機的核心沒有 IPVS",
        "this host's kernel has no ESP, which IPsec needs": "這台主機的核心沒有 IPsec 需要的 ESP",
        "this kernel has no VXLAN, which a swarm's overlay networks need": "這個核心沒有 overlay 網路需要的 VXLAN",
        "labs have no way out to the internet": "執行指令的環境連不到網際網路",
    },
    engine_numbers="{engine}：{numbers}",
    comma="、",
    not_measured="這次建置沒有量測，因此沒有圖：{why}。",
    median="中位數",
    emulated="軟體模擬",
    dots="每個點是一次量測，直線是中位數，淺色橫條涵蓋中間一半的量測值。",
    lines="每個點是一個量測值。",
    case_runs="n = {number}",
    case_told="{case}：中位數 {median} {unit}，四分位數 {lower} 至 {upper} {unit}，{runs}",
    case_series="{case}：{count} = {start} 時為 {first} {unit}，{count} = {end} 時為 {last} {unit}",
    machine="機器",
    cores="{number} 個處理器核心",
    memory="記憶體 {size}",
    kernel="核心版本 {version}",
    data="資料（CSV）",
    data_table="以表格呈現同樣的資料",
    case="項目",
    runs="次數",
    lower="下四分位數",
    upper="上四分位數",
    least="最小值",
    most="最大值",
)


def words_of(language: str) -> Words:
    """The texts for a language tag; English for one that is not translated yet."""
    return CHINESE if language.lower().startswith("zh") else ENGLISH
