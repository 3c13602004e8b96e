"""A small documentation in a project of its own, for the tests of pages as pytest runs them."""

from __future__ import annotations

import pytest

PAGE = """# Page

```console {#greet}
$ echo hello
hello
$ echo again
again
```
"""
LOCAL = ("--provider", "local", "-p", "no:cacheprovider")


def write(pytester: pytest.Pytester, text: str, languages: tuple[str, ...] = ("en", "zh-Hant")) -> None:
    for language in languages:
        path = pytester.path / "docs" / language / "page.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*LOCAL, *options, timeout=60)
