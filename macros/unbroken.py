"""The Markdown extension that keeps short words of code on one line: `--rm` must not end a line as `--`."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown  # type: ignore[import-untyped]  # Python-Markdown has no types
from markdown.treeprocessors import Treeprocessor  # type: ignore[import-untyped]
from markdown.util import HTML_PLACEHOLDER_RE  # type: ignore[import-untyped]

_WORD = re.compile(r"(?:[^&\s]|&\w+;){1,24}")
_HYPHENED = re.compile(rf"(?<!\S)(?=\S*-){_WORD.pattern}(?!\S)")  # only these would break inside


class UnbrokenCode(Extension):  # type: ignore[misc]
    """Marks such code; site.css says what follows from it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        md.treeprocessors.register(Unbroken(md), "unbroken_code", -1)


class Unbroken(Treeprocessor):  # type: ignore[misc]
    """Looks at the code of the prose: blocks, and what the site says of them, are not in the tree."""

    def run(self, root: Element) -> None:
        for code in root.iter("code"):
            text = HTML_PLACEHOLDER_RE.sub(self._stashed, code.text or "")
            if _WORD.fullmatch(text):
                code.set("class", "site-word")
            elif _HYPHENED.search(text):
                code.text = self.md.htmlStash.store(_HYPHENED.sub(r'<span class="site-word">\g<0></span>', text))

    def _stashed(self, found: re.Match[str]) -> str:
        return str(self.md.htmlStash.rawHtmlBlocks[int(found[1])])
