"""What `--junit-xml` says to programs: each step by its name and page, and why one that is not right is not."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

PAGE = """```console {#greet}
$ echo hello
hello
$ echo '<again> & again'
never
```

```console {#later skip="needs two hosts"}
$ true
```
"""


@pytest.fixture
def report(pytester: pytest.Pytester) -> ElementTree.Element:
    """The file after a run over that page."""
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\npagelab_languages = ['en']\n")
    page = pytester.path / "docs" / "en" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, encoding="utf-8")
    pytester.runpytest_subprocess("--provider", "local", "--junit-xml", "report.xml", "docs", timeout=60)
    return ElementTree.parse(Path(pytester.path, "report.xml")).getroot()


def test_junit_names_each_step(report: ElementTree.Element) -> None:
    suite = report.find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    cases = [(case.get("classname"), case.get("name")) for case in report.iter("testcase")]
    assert cases == [("docs.en.page.md.greet", "1"), ("docs.en.page.md.greet", "2"), ("docs.en.page.md.later", "1")]


def test_junit_says_what_is_wrong_and_why_a_step_was_left_out(report: ElementTree.Element) -> None:
    right, wrong, skipped = report.iter("testcase")
    assert list(right) == []
    failure, reason = wrong.find("failure"), skipped.find("skipped")
    assert failure is not None
    assert failure.text is not None
    assert failure.text.startswith("docs/en/page.md:4: the page is wrong: the output is not what the page shows")
    assert "+ <again> & again" in failure.text
    assert reason is not None
    assert reason.get("message") == "needs two hosts"
