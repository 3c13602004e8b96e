"""A document that has not changed is not run again, and a lab that has changed makes it run."""

from __future__ import annotations

import json

import pytest

PAGE = "```console {{#a}}\n$ docker run --rm busybox echo {word}\n...\n{word}\n```\n"


@pytest.mark.usefixtures("lab_images")
def test_only_what_changed_runs_again(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml("""
        [tool.pytest.ini_options]
        pagelab_languages = ["en"]
        """)
    docs = pytester.path / "docs" / "en"
    docs.mkdir(parents=True)
    for name in ("one", "two"):
        (docs / f"{name}.md").write_text(PAGE.format(word=name))

    def moments() -> dict[str, str]:
        records = (json.loads(path.read_text()) for path in (pytester.path / "evidence").glob("*.json"))
        return {
            record["document"]: record["lab_key"] + record["steps"][0]["output"].split("\n")[-2] for record in records
        }

    run = pytester.runpytest_subprocess
    assert run("docs", timeout=120).ret == 0
    first = moments()

    again = run("docs", timeout=120)
    again.stdout.fnmatch_lines(["pagelab: not run again, as nothing has changed (--no-cache): one, two"])
    assert moments() == first

    (docs / "two.md").write_text(PAGE.format(word="three"))
    changed = run("docs", timeout=120)
    changed.stdout.fnmatch_lines(["pagelab: not run again, as nothing has changed (--no-cache): one"])
    assert moments()["one"] == first["one"]
    assert moments()["two"].endswith("three")

    path = pytester.path / "evidence" / "one.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"lab_key": "another lab"}))
    run("docs/en/one.md", timeout=120).assert_outcomes(passed=1)
    assert moments()["one"] == first["one"], "it ran, in this lab"

    assert "not run again" not in run("docs", "--no-cache", timeout=120).stdout.str()
