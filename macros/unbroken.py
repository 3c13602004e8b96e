"""The Markdown extension that keeps a short word of code on one line: `--rm` must not end a line as `--`."""

from __future__ import annotations

import re

from markdown import Extension, Markdown  # type: ignore[import-untyped]  # Python-Markdown has no types
from markdown.postprocessors import Postprocessor  # type: ignore[import-untyped]

_WORD = re.compile(r"<code>(?=(?:[^<&\s]|&\w+;){1,24}</code>)")


class UnbrokenCode(Extension):  # type: ignore[misc]
    """Marks such code; site.css says what follows from it."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        md.postprocessors.register(Unbroken(md), "unbroken_code", -1)


class Unbroken(Postprocessor):  # type: ignore[misc]
    """Looks at finished HTML: before that, code is not in the tree."""

    def run(self, text: str) -> str:
        return _WORD.sub('<code class="site-word">', text)
