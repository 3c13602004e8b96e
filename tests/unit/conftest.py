"""What several tests of pages under pytest share."""

from __future__ import annotations

import pytest

from tests.unit.pagedocs import PAGE, write


@pytest.fixture
def docs(pytester: pytest.Pytester) -> pytest.Pytester:
    """A documentation in two languages, its own project."""
    pytester.makepyprojecttoml("""
        [tool.pytest.ini_options]
        pagelab_languages = ["en", "zh-Hant"]
        """)
    write(pytester, PAGE)
    return pytester
