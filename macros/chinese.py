"""Words for jieba, which splits Chinese text for the search index and knows Simplified Chinese best."""

from __future__ import annotations

import logging

import jieba  # type: ignore[import-untyped]  # it has no types

# Parts, not compounds: who looks for 網路 wants to find 橋接網路 too, and a query is split like the text.
GLOSSARY = """
容器 映像檔 映像 命名 空間 虛擬 虛擬機 機器 主機 核心 行程 執行 執行緒 階段 引擎 指令
指令稿 網路 橋接 覆蓋 連接埠 埠 位址 子網路 閘道 路由 介面 封包 防火牆 名稱 解析 服務
發現 負載 平衡 儲存 儲存卷 掛載 綁定 檔案 系統 寫時 複製 快照 資料 備份 還原 目錄
權限 隔離 資源 限制 記憶體 處理器 磁碟 開銷 效能 排程器 控制 平面 節點 叢集 部署 副本
設定 環境 變數 日誌 驗證 證據 預設 伺服器 用戶端 瀏覽器 軟體 硬體 套件 程式 參數 選項
訊號 逾時 啟動 重新 刪除 建立 交換器
"""


def teach_jieba(words: str) -> None:
    """Add the words to jieba's dictionary for this process; doing so again changes nothing."""
    jieba.setLogLevel(logging.WARNING)
    for word in words.split():
        jieba.add_word(word)
