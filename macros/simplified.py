"""Pages in Traditional Chinese → pages in Simplified Chinese: prose only, as the glossary and OpenCC say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from markdown import Extension, Markdown  # type: ignore[import-untyped]  # Python-Markdown has no types
from markdown.postprocessors import Postprocessor  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from opencc import OpenCC

from macros.glossary import Glossary

_HAN = re.compile(r"[\u3400-\u9fff「」『』]")
_VERBATIM = {"pre", "code", "kbd", "samp", "script", "style"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SPOKEN = re.compile(r'(\s(?:title|alt|aria-label|placeholder)=")([^"]*)"')


class Converter:
    """Converts text; the glossary goes first, the longest term before a shorter one."""

    def __init__(self, glossary: Glossary) -> None:
        self._words = glossary.conversions
        longest = sorted(self._words, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest)))
        self._opencc = OpenCC("tw2sp")

    def text(self, text: str) -> str:
        """The text in Simplified Chinese; what is neither Chinese nor in the glossary is left as it is."""
        return "".join(self._parts(text)) if _HAN.search(text) else text

    def html(self, html: str) -> str:
        """The HTML with its prose converted: no code, nothing that says its language, no address, no id."""
        parser = _Prose(self)
        parser.feed(html)
        parser.close()
        return "".join(parser.out)

    def _parts(self, text: str) -> Iterator[str]:
        done = 0
        for found in self._known.finditer(text):
            yield self._opencc.convert(text[done : found.start()])
            yield self._words[found[0]]
            done = found.end()
        yield self._opencc.convert(text[done:])


class _Prose(HTMLParser):
    """Copies HTML as it is written, and converts the text that a reader reads as prose."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(convert_charrefs=False)
        self.converter = converter
        self.out: list[str] = []
        self._open: list[tuple[str, bool]] = []  # elements, with whether their text is left alone

    @property
    def _verbatim(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        verbatim = self._verbatim or tag in _VERBATIM or "lang" in dict(attrs)
        self.handle_startendtag(tag, attrs, verbatim)
        if tag not in _VOID:
            self._open.append((tag, verbatim))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]], verbatim: bool = False) -> None:  # noqa: ARG002 - HTMLParser's signature
        written = self.get_starttag_text() or ""
        spoken = lambda found: f'{found[1]}{self.converter.text(found[2])}"'  # noqa: E731 - used once, below
        self.out.append(written if verbatim or self._verbatim else _SPOKEN.sub(spoken, written))

    def handle_endtag(self, tag: str) -> None:
        while any(tag == name for name, _ in self._open) and self._open.pop()[0] != tag:
            pass
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data if self._verbatim else self.converter.text(data))

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.out.append(f"<?{data}>")


class SimplifiedProse(Extension):  # type: ignore[misc]
    """Converts a page when everything else has been done to it, with its title and its table of contents."""

    def __init__(self, converter: Converter) -> None:
        super().__init__()
        self.converter = converter

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        md.postprocessors.register(_LastStep(md, self.converter), "simplified_prose", -1)


class _LastStep(Postprocessor):  # type: ignore[misc]
    """Runs after every other postprocessor, on the whole page: converting twice is not converting once."""

    def __init__(self, md: Markdown, converter: Converter) -> None:
        super().__init__(md)
        self.converter = converter

    def run(self, text: str) -> str:
        if not self.md.treeprocessors["verified_blocks"].rendering.whole:
            return text  # a heading, for the table of contents
        for token in _flat(getattr(self.md, "toc_tokens", [])):
            token["name"] = self.converter.text(token["name"])
        matter = self.md.treeprocessors["relpath"].file.page.meta  # MkDocs puts it there
        for key in {"title", "description"} & set(matter):
            matter[key] = self.converter.text(matter[key])
        return self.converter.html(text)


def _flat(tokens: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for token in tokens:
        yield token
        yield from _flat(token["children"])


def convert_config(config: MkDocsConfig, converter: Converter) -> None:
    """The site's name, its description, its navigation's headings and the colour switch, in Simplified Chinese."""
    config.site_name = converter.text(config.site_name)
    config.site_description = converter.text(config.site_description or "")
    config.nav = _converted_nav(config.nav, converter)
    for scheme in config.theme["palette"]:
        scheme["toggle"]["name"] = converter.text(scheme["toggle"]["name"])


def _converted_nav(nav: Any, converter: Converter) -> Any:
    if isinstance(nav, dict):
        return {converter.text(name): _converted_nav(below, converter) for name, below in nav.items()}
    return [_converted_nav(each, converter) for each in nav] if isinstance(nav, list) else nav
