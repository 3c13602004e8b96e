"""A small documentation of its own, built with the project's real configuration, for the tests beside it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pagelab.documents import Documentation
from pagelab.evidence import engine_folder, write_evidence
from pagelab.lab import Provider
from pagelab.local import LocalProvider
from pagelab.run import Run

PROJECT = Path(__file__).parents[2]
LANGUAGES = ("en", "zh-Hant")
BUILT = (*LANGUAGES, "zh-Hans")  # the last is generated
DOCS = PROJECT / "docs" / LANGUAGES[0]
PAGES = tuple(sorted(path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")))
PLAIN = {
    "en": "---\nlab: none\n---\n# Plain\n\nNothing runs here.\n",
    "zh-Hant": "---\nlab: none\n---\n# 純文字\n\n此頁沒有指令。\n",
}


@dataclass(frozen=True, slots=True)
class SmallDocs:
    """A folder like the project's, with the pages that its navigation names."""

    base: Path

    @classmethod
    def make(cls, base: Path, pages: Mapping[str, str] | None = None) -> SmallDocs:
        """Pages not given are plain; one given is the same in both languages. Links go to the real configuration."""
        for folder in ("macros", "overrides"):
            shutil.copytree(PROJECT / folder, base / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for config in PROJECT.glob("mkdocs*.yml"):
            shutil.copy(config, base)
        (base / "snippets").mkdir()
        (base / "docs").mkdir()
        shutil.copy(DOCS.with_name("glossary.yml"), base / "docs")
        docs = cls(base)
        for page in PAGES:
            for language in LANGUAGES:
                docs.write(page, (pages or {}).get(page, PLAIN[language]), (language,))
        return docs

    def write(self, page: str, text: str, languages: tuple[str, ...] = LANGUAGES) -> None:
        for language in languages:
            path = self.base / "docs" / language / f"{page}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, provider: Provider | None = None, engine: str = "") -> None:
        """Run every page that has commands, and write the evidence, whatever came out: as of that engine."""
        documentation = Documentation(self.base / "docs", LANGUAGES, self.base)
        for _, path in documentation.documents():
            session = documentation.session_of(path)
            if session.steps:
                run = Run(session, provider or LocalProvider())
                run.finish()
                write_evidence(engine_folder(self.base / "evidence", engine), run.record())

    def build(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m macros.build` as a contributor does."""
        return subprocess.run(
            [sys.executable, "-m", "macros.build", *arguments],
            cwd=self.base,
            env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def html(self, page: str, language: str = "en") -> str:
        """The built page."""
        place = page.removesuffix("index")
        return (self.base / "site" / language / place / "index.html").read_text(encoding="utf-8")

    def block(self, page: str, block: str, language: str = "en") -> str:
        """The built block, with its status and raw output."""
        found = re.search(
            rf'<div class="lab-block [^>]*id="{block}".*?(?=<div class="lab-block|</article>)',
            self.html(page, language),
            re.DOTALL,
        )
        assert found, f"no block {block} on {page}"
        return found[0]
