"""A text of the register → HTML: plain words with `code` in them."""

from __future__ import annotations

import re
from html import escape

_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> str:
    """The text as HTML. Nothing in it is Markdown but the code."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in enumerate(parts))
