"""The pages at the site's root: one sends readers to their language, one is shown for wrong addresses."""

from __future__ import annotations

from html import escape
from pathlib import Path

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{head}
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.125rem/1.6 system-ui, "Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", sans-serif;
  max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem; color: #1d2b2d; background: #fff }}
h1 {{ font-size: 1.5rem }}
a {{ display: block; padding: .6rem 0; color: #0b5f66 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #dfe7e8; background: #14191b }} a {{ color: #7cd0d4 }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{links}
</main>
</body>
</html>
"""

# Nothing is remembered: the address says which language a reader chose. Without a script the links below do the same.
_REDIRECT = """<script>
var first = ((navigator.languages || [])[0] || navigator.language || "en").toLowerCase()
var chinese = /^zh(-|$)/.test(first), simplified = /^zh-(hans|cn|sg|my)(-|$)/.test(first)
location.replace((simplified ? "zh-Hans/" : chinese ? "zh-Hant/" : "en/") + location.search + location.hash)
</script>"""


def write_root(target: Path, url: str, languages: tuple[tuple[str, str], ...]) -> None:
    """Write index.html, 404.html and .nojekyll; `languages` are (tag, site name)."""
    base = escape(url.rstrip("/") + "/")
    alternates = [("x-default", base), *((tag, f"{base}{tag}/") for tag, _ in languages)]
    head = [f'<link rel="canonical" href="{base}">']
    head += [f'<link rel="alternate" hreflang="{tag}" href="{address}">' for tag, address in alternates]
    head += [f'<link rel="icon" href="{languages[0][0]}/assets/images/favicon.svg">', _REDIRECT]
    title = " · ".join(escape(name) for _, name in languages)
    target.mkdir(parents=True, exist_ok=True)
    (target / "index.html").write_text(_page(title, "\n".join(head), "", languages), encoding="utf-8")
    missing = "There is no such page · 找不到這個頁面 · 找不到这个页面"
    (target / "404.html").write_text(_page(missing, '<meta name="robots" content="noindex">', base, languages), "utf-8")
    (target / ".nojekyll").touch()


def _page(title: str, head: str, base: str, languages: tuple[tuple[str, str], ...]) -> str:
    """A page that links to every language. `base` makes the links independent of the page's own address."""
    links = "\n".join(
        f'<a href="{base}{tag}/" hreflang="{tag}" lang="{tag}">{escape(name)}</a>' for tag, name in languages
    )
    return _PAGE.format(title=title, head=head, links=links)
