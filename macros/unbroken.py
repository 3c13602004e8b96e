"""The Markdown extension that keeps a short word of code on one line: `--rm` must not end a line as `--`."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown  # type: ignore[import-untyped]  # Python-Markdown has no types
from markdown.treeprocessors import Treeprocessor  # type: ignore[import-untyped]
from markdown.util import HTML_PLACEHOLDER_RE  # type: ignore[import-untyped]

_WORD = re.compile(r"(?:[^&\s]|&\w+;){1,24}")


class UnbrokenCode(Extension):  # type: ignore[misc]
    """Marks such code; site.css says what follows from it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        md.treeprocessors.register(Unbroken(md), "unbroken_code", -1)


class Unbroken(Treeprocessor):  # type: ignore[misc]
    """Looks at the code of the prose: blocks, and what the site says of them, are not in the tree."""

    def run(self, root: Element) -> None:
        for code in root.iter("code"):
            if _WORD.fullmatch(HTML_PLACEHOLDER_RE.sub(self._stashed, code.text or "")):
                code.set("class", "site-word")

    def _stashed(self, found: re.Match[str]) -> str:
        return str(self.md.htmlStash.rawHtmlBlocks[int(found[1])])
