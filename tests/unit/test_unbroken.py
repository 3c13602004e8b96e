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
