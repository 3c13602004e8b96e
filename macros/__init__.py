"""The MkDocs side: reads evidence and pages, runs nothing. mkdocs-macros calls `define_env` once per build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs_macros.plugin import MacrosPlugin

from macros.chinese import GLOSSARY, teach_jieba
from macros.claims import Claims
from macros.contents import contents
from macros.fence import VerifiedBlocks
from macros.figure import Wish, figure_of
from macros.glossary import glossary_html, read_glossary
from macros.numbers import Numbers, count
from macros.publish import publish_claims, publish_evidence
from macros.simplified import Converter, SimplifiedProse, convert_config
from macros.site import Site
from macros.status import moment
from macros.unbroken import UnbrokenCode
from pagelab.include import FOLDER


def define_env(env: MacrosPlugin) -> None:
    """Make ```console blocks show what happened, and give pages their macros."""
    site = Site.configured(env.conf)
    claims = Claims(site, lambda: str(env.page.file.src_uri.removesuffix(".md")))
    env.conf.markdown_extensions += [VerifiedBlocks(site, claims.settled), UnbrokenCode()]
    if env.conf.extra.get("generated_from"):
        converter = Converter(read_glossary(site.documentation.root))
        env.conf.markdown_extensions.append(SimplifiedProse(converter))
        convert_config(env.conf, converter)
        teach_jieba(converter.text(GLOSSARY))
    else:
        teach_jieba(GLOSSARY)  # for English too: it names Chinese terms
    if site.evidence.is_dir():
        env.conf.watch.append(str(site.evidence))
    claims.report()
    if site.claims.is_dir():
        env.conf.watch.append(str(site.claims))
    for macro in (*claims.macros, moment):
        env.macro(macro)  # type: ignore[no-untyped-call]  # mkdocs-macros has no types
    if (snippets := site.documentation.base / FOLDER).is_dir():
        env.conf.watch.append(str(snippets))

    @env.macro  # type: ignore[untyped-decorator]  # the same
    def glossary() -> str:
        """The table of all terms."""
        return glossary_html(read_glossary(site.documentation.root), site.language)

    @env.macro  # type: ignore[untyped-decorator]  # the same
    def documents() -> str:
        """The list of all documents, by section of the navigation."""
        colon = "：" if site.language.startswith("zh") else ": "
        return contents(env.conf.nav or [], Path(env.conf.docs_dir), colon)

    target = Path(env.conf.site_dir)

    @env.macro  # type: ignore[untyped-decorator]  # the same
    def plot(block: str, title: str, step: int = 1, **wishes: Any) -> str:
        """The measurement that the step printed, drawn; `wishes` are the other fields of macros.figure.Wish."""
        return figure_of(Wish(block, step, title, **wishes), site, env.page, target)

    counted: list[Numbers] = []

    @env.macro  # type: ignore[untyped-decorator]  # the same
    def numbers() -> Numbers:
        """What the evidence of the whole site amounts to, counted when a page first asks."""
        if not counted:
            counted.append(count(site))
        return counted[0]


def on_post_build(env: MacrosPlugin) -> None:
    """Publish the records below this language where MkDocs serves or builds it alone, so that links to them work."""
    site = Site.configured(env.conf)
    if not site.beside:
        publish_evidence(site, Path(env.conf.site_dir))
        publish_claims(site, Path(env.conf.site_dir))
