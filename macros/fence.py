"""The Markdown extension: blocks that run are rendered with what happened, and both readers of the page must agree."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown  # type: ignore[import-untyped]  # Python-Markdown has no types
from markdown.postprocessors import Postprocessor  # type: ignore[import-untyped]
from markdown.treeprocessors import Treeprocessor  # type: ignore[import-untyped]
from pymdownx.superfences import (  # type: ignore[import-untyped]  # it has no types
    SuperFencesCodeExtension,
    highlight_validator,
)

from macros.console import commands, transcript_html
from macros.engines import Elsewhere, Judged, engines_html, judge_elsewhere, note_html, stand_ins
from macros.problems import problems
from macros.site import Site
from macros.status import status_html
from macros.summary import summary_html
from macros.verdict import State, Verdict, judge_block
from pagelab.comment import MARK
from pagelab.errors import Location, PageError
from pagelab.evidence import Proof, engine_folder
from pagelab.model import Block, Page
from pagelab.page import RUNS

_SHOWN = re.compile(r'<div class="lab-block lab-\w+" id="([^"]+)">')
_ID = re.compile(r'<[a-z][^>]*? id="([^"]+)"')
_HIDDEN = re.compile(rf"{MARK}.*?-->", re.DOTALL | re.IGNORECASE)
LOG = logging.getLogger("mkdocs.pagelab")  # below `mkdocs.`, so that --strict counts its warnings


class VerifiedBlocks(Extension):  # type: ignore[misc]
    """Takes the place of superfences' own formatter; blocks that do not run pass through to it."""

    def __init__(self, site: Site, settled: Callable[[str], str]) -> None:
        """`settled` says, as HTML, which claims a document settles."""
        super().__init__()
        self.site = site
        self.settled = settled

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        rendering = Rendering(md, self.site, self.settled)
        fences = next(known for known in md.registeredExtensions if isinstance(known, SuperFencesCodeExtension))
        fences.extend_super_fences("*", rendering.block, accept_options, None)
        md.treeprocessors.register(LastTree(rendering), "verified_blocks", -1)
        md.postprocessors.register(rendering, "verified_blocks", 0)


def accept_options(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: dict[str, str], md: Markdown
) -> bool:
    """Any option on blocks that pagelab reads, because it judges them; else what superfences accepts."""
    md.preprocessors["fenced_code_block"].get_hl_settings()
    if language not in RUNS and "file" not in inputs:
        return bool(highlight_validator(language, inputs, options, attrs, md))
    if file := inputs.get("file"):
        options |= {"file": file, "title": file}
    return True


@dataclass(slots=True)
class Known:
    """What pagelab says of the page being rendered."""

    page: Page
    proof: Proof
    others: tuple[Elsewhere, ...]
    stand_ins: dict[str, Judged]
    left: list[Block]  # not yet met while rendering

    def take(self, block_id: str, language: str, text: str) -> Block | None:
        """The parsed block that this is: by id when it has one, else the next with this text. None if it is none."""
        for block in self.left:
            same = block.language == language and _plain(block.text) == _plain(text)
            if same and (not block_id or block.id == block_id):
                self.left.remove(block)
                return block
        return None


class Rendering(Postprocessor):  # type: ignore[misc]
    """One page's rendering. Python-Markdown makes one per page, so pages share nothing."""

    def __init__(self, md: Markdown, site: Site, settled: Callable[[str], str]) -> None:
        super().__init__(md)
        self.site = site
        self.settled = settled
        self.known: Known | None = None
        self.trouble: PageError | None = None
        self.whole = False  # toc sends each heading through the postprocessors before the page itself

    def block(self, src: str, language: str, options: dict[str, Any], **kwargs: Any) -> str:
        """Superfences' formatter: the code, and below it what happened when it ran."""
        file = options.pop("file", "")
        if language not in RUNS and not file:
            return self._highlighted(src, language, options, **kwargs)
        known = self._known()
        found = known.take(kwargs["id_value"], language, src) if known else None
        if known is None or found is None:
            self._warn_unread(src, language)
            code = self._highlighted(src, language, options, **kwargs | {"id_value": ""})
            never = Verdict(State.NEVER, ())
            status = status_html(never, Proof("missing"), self.site.words, self._record())
            return _framed("", src, code, never.state, status)
        verdict = judge_block(known.page, found, known.proof)
        steps = tuple(step for step, _ in verdict.steps)
        if language == "console":
            code = transcript_html(found, steps, known.page)
        else:
            code = self._highlighted(src, language, options, **kwargs | {"id_value": ""})
        return _framed(found.id, commands(steps), code, *self._status(known, found))

    def run(self, text: str) -> str:
        """Compare what is on the page with what pagelab read, report what is not proven, and add the summary."""
        if not self.whole:
            return text
        known = self._known()
        if self.trouble:
            LOG.warning(str(self.trouble))
        if known is None:
            return text
        text = self._with_hidden(text, known)
        shown = set(_SHOWN.findall(text))
        ids = Counter(_ID.findall(text))
        for block in known.page.blocks:
            if ids[block.id] > 1:
                LOG.warning(f"{block.location}: the id `{block.id}` is also that of a heading\n  Rename one of them.")
            if block.id not in shown:
                LOG.warning(
                    f"{block.location}: this {block.language} block runs, but it is not on the page\n"
                    "  Indent it as its list item or tab, and leave an empty line before it."
                )
        for problem in problems(known.page, known.proof):
            LOG.warning(problem)
        self._announce(shown)
        title, mark, rest = text.partition("</h1>")
        settled = self.settled(self._document())
        summary = summary_html(known.page, known.proof, self.site.words, self._record(), known.others, settled)
        return f"{title}{mark}{summary}{rest}" if mark else f"{summary}{text}"

    def _with_hidden(self, text: str, known: Known) -> str:
        """The page with a closed box in the place of each comment that holds steps."""
        for block in [block for block in known.left if block.hidden]:
            verdict = judge_block(known.page, block, known.proof)
            steps = tuple(step for step, _ in verdict.steps)
            code = f"<summary>{self.site.words.hidden}</summary>{transcript_html(block, steps, known.page)}"
            shown = f'<details class="lab-hidden">{code}</details>'
            box = _framed(block.id, "", shown, *self._status(known, block))
            text = _HIDDEN.sub(lambda _, box=box: box, text, count=1)  # type: ignore[misc]  # bound on purpose
            known.left.remove(block)
        return text

    def _status(self, known: Known, block: Block) -> tuple[State, str]:
        """The block's state, and the line below it: what happened, here and on other engines.

        A block that the page's own engine leaves out is told by another engine that verified it.
        """
        words = self.site.words
        here = Elsewhere(dict(known.proof.lab).get("engine", ""), known.proof, self._record())
        judged = judge_elsewhere(known.page, block, (here, *known.others))
        told = known.stand_ins.get(block.id, judged[0])
        others = tuple(each for each in judged if each.there.version != told.there.version)
        state, there = told.verdict.state, told.there
        note = note_html(state, others, words)
        return state, status_html(told.verdict, there.proof, words, there.record, note, engines_html(others, words))

    def _highlighted(self, src: str, language: str, options: dict[str, Any], **kwargs: Any) -> str:
        fences = self.md.preprocessors["fenced_code_block"]
        return str(fences.highlight(src=src, language=language, options=options, **kwargs))

    def _known(self) -> Known | None:
        """The page as pagelab reads it, with its proof; None when it cannot be read or MkDocs renders no file."""
        if self.known is None and self.trouble is None and "relpath" in self.md.treeprocessors:
            try:
                session = self.site.documentation.session_of(self._path())
            except PageError as error:
                self.trouble = error
                return None
            page = dict(session.pages)[self.site.language]
            proofs = self.site.proofs_elsewhere(session)
            others = tuple(Elsewhere(version, proof, self._record(version)) for version, proof in proofs)
            proof = self.site.proof_of(session)
            self.known = Known(page, proof, others, stand_ins(page, proof, others), list(page.blocks))
        return self.known

    def _path(self) -> Path:
        return Path(self.md.treeprocessors["relpath"].file.abs_src_path)  # MkDocs puts it there

    def _record(self, engine: str = "") -> str:
        """The address of the page's evidence, relative to the page."""
        file = self.md.treeprocessors["relpath"].file
        up = "../" * (file.url.removeprefix("./").count("/") + self.site.beside)
        folder = engine_folder(Path("evidence"), engine).as_posix()
        return f"{up}{folder}/{self._document()}.json"

    def _document(self) -> str:
        return str(self.md.treeprocessors["relpath"].file.src_uri.removesuffix(".md"))

    def _announce(self, shown: set[str]) -> None:
        """Tell MkDocs of the anchors that blocks bring, so that it can check links to them."""
        self.md.preprocessors["mkdocs_raw_html"].present_anchor_ids |= shown

    def _warn_unread(self, src: str, language: str) -> None:
        if self.trouble:
            return  # it will be reported, and it is the reason
        first = src.strip().split("\n")[0]
        lines = self._path().read_text(encoding="utf-8", errors="replace").split("\n")
        line = next((number for number, line in enumerate(lines, 1) if first and first in line), 1)
        place = Location(self.site.documentation.shown(self._path()), line)
        LOG.warning(
            f"{place}: this {language} block is on the page, but pagelab does not run it as it is shown\n"
            "  Write it in the page itself, not in a snippet or a macro, with the id before other options."
        )


class LastTree(Treeprocessor):  # type: ignore[misc]
    """Runs after every other treeprocessor: what the postprocessors see from now on is the page."""

    def __init__(self, rendering: Rendering) -> None:
        super().__init__(rendering.md)
        self.rendering = rendering

    def run(self, root: Element) -> None:  # noqa: ARG002 - Python-Markdown's signature
        self.rendering.whole = True


def _framed(block: str, copy: str, code: str, state: State, status: str) -> str:
    """The block as a link target, with its code, its commands for the clipboard, and its status."""
    name = f' id="{block}"' if block else ""
    return f'<div class="lab-block lab-{state}"{name}><div data-copy="{escape(copy)}">{code}</div>{status}</div>'


def _plain(text: str) -> str:
    """The text without what Markdown changes in code: tabs, trailing space."""
    return "\n".join(line.expandtabs(4).rstrip() for line in text.strip("\n").split("\n"))
