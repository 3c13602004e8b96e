"""Transcript → HTML: prompts, commands and output told apart as the engine told them apart when it ran them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from pygments import highlight  # type: ignore[import-untyped]  # Pygments has no types
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import BashLexer  # type: ignore[import-untyped]

from pagelab.model import Block, Page, Step


def transcript_html(block: Block, steps: tuple[Step, ...], page: Page) -> str:
    """The block as Pygments would mark it up (classes gp, go and a shell's), but right about here-documents too.

    Above it stands the host that it runs on, where the page has several; beside a cluster only a node is told.
    """
    lines = block.text.split("\n")[:-1]
    first = block.location.line + 1
    rows = "".join(row for step in steps for row in _step(step, lines, first))
    host = block.options.host or ("" if page.cluster or len(page.hosts) == 1 else page.hosts[0])
    title = f'<span class="filename">{escape(host)}</span>' if host else ""
    return f'<div class="language-console highlight">{title}<pre><span></span><code>{rows}</code></pre></div>'


def commands(steps: tuple[Step, ...]) -> str:
    """What a reader wants on the clipboard: the commands, without prompts and output."""
    return "\n".join(step.command for step in steps)


def _step(step: Step, lines: list[str], first: int) -> Iterator[str]:
    coloured = highlight(step.command, BashLexer(stripnl=False, ensurenl=True), HtmlFormatter(nowrap=True))
    start, shown, end = step.location.line - first, step.output[0] - first, step.output[1] - first
    for written, command, html in zip(lines[start:shown], step.command.split("\n"), coloured.split("\n"), strict=False):
        prompt = written[: len(written) - len(command)]
        yield (f'<span class="gp">{escape(prompt)}</span>' if prompt else "") + f"{html}\n"
    for output in lines[shown:end]:
        yield f'<span class="go">{escape(output)}\n</span>'
