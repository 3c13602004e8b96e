"""Short words of code stay on one line; what is long or has spaces may break."""

from __future__ import annotations

import pytest
from markdown import Markdown  # type: ignore[import-untyped]  # Python-Markdown has no types

from macros.unbroken import UnbrokenCode


@pytest.mark.parametrize("extensions", [[], ["pymdownx.inlinehilite"]])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("see `--rm`", True),
        ("see `<none>`", True),
        ("see `docker run --rm`", False),
        ("see `/var/lib/docker/overlay2/metadata`", False),
        ("    --rm\n", False),
    ],
)
def test_a_short_word_is_kept_together(text: str, kept: bool, extensions: list[str]) -> None:
    assert ('<code class="site-word">' in Markdown(extensions=[*extensions, UnbrokenCode()]).convert(text)) is kept


@pytest.mark.parametrize("extensions", [[], ["pymdownx.inlinehilite"]])
def test_options_in_longer_code_are_kept_together(extensions: list[str]) -> None:
    page = Markdown(extensions=[*extensions, UnbrokenCode()])
    shown = page.convert("see `run --rm -v a:/b <image-name> & /var/lib/docker/overlay2/meta-data`")
    word = '<span class="site-word">{}</span>'.format
    options = f"{word('--rm')} {word('-v')} a:/b {word('&lt;image-name&gt;')}"
    code = f"run {options} &amp; /var/lib/docker/overlay2/meta-data"
    assert f"<code>{code}</code>" in shown
