"""The strict build publishes nothing that is not proven, and says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from smalldocs import SmallDocs

from pagelab.errors import LabError
from pagelab.lab import Unavailable

PAGE = "storage/volumes"
FINE = "# P {#top}\n\n```console {#x}\n$ echo x\nx\n```\n"


def refused(docs: SmallDocs) -> str:
    """What the strict build says when it refuses."""
    built = docs.build()
    assert built.returncode == 1, built.stdout
    assert "was not built" in built.stderr
    assert not (docs.base / "site" / "en").exists()
    return built.stderr


def test_a_verified_page_is_built(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: FINE})
    docs.run()
    built = docs.build()
    assert (built.returncode, built.stderr) == (0, "")
    assert "site/index.html" in built.stdout


def test_missing_evidence_is_refused(tmp_path: Path) -> None:
    said = refused(SmallDocs.make(tmp_path, {PAGE: FINE}))
    for language in ("en", "zh-Hant"):
        assert f"docs/{language}/{PAGE}.md:4: there is no evidence for this page" in said
        assert f"pytest docs/{language}/{PAGE}.md" in said


def test_stale_evidence_is_refused(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: FINE})
    docs.run()
    docs.write(PAGE, FINE.replace("x\n```", "y\n```"))
    assert f"docs/en/{PAGE}.md:4: the page has changed since its evidence of 20" in refused(docs)


def test_failed_and_blocked_steps_are_refused(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: "# P\n\n```console\n$ echo a\nb\n$ false\n$ echo c\nc\n```\n"})
    docs.run()
    said = refused(docs)
    assert f"docs/en/{PAGE}.md:4: failed: the output is not what the page shows" in said
    assert f"docs/en/{PAGE}.md:6: failed: exit status 1, expected 0" in said
    assert f"docs/zh-Hant/{PAGE}.md:7: blocked: blocked by the step at" in said
    assert "--update" in said


def test_steps_that_could_not_run_are_refused_and_the_page_is_not_blamed(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: FINE})
    docs.run(Unavailable(LabError("no engine", "Start it.")))
    said = refused(docs)
    assert f"docs/en/{PAGE}.md:4: error: no engine" in said
    assert "The page is not to blame" in said


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("# P\n\n```console\n$ echo\n", ":3: the block that opens with ```console is never closed"),
        ('# P\n\n```console {#x colour="red"}\n$ true\n```\n', ":3: unknown option `colour`"),
        ("# P\n\n```console\n$ true\n```\n\n{= nonsense =}\n", "nonsense"),
        (f"{FINE}\n## Heading {{#x}}\n", ":3: the id `x` is also that of a heading"),
        (f"{FINE}\n[link](#nowhere)\n", "#nowhere"),
        (f"{FINE}\n[link](nowhere.md)\n", "nowhere.md"),
    ],
)
def test_a_broken_page_is_refused(tmp_path: Path, page: str, message: str) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: page})
    assert message in refused(docs)


def test_pages_that_differ_between_languages_are_refused(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: FINE})
    docs.run()
    docs.write(PAGE, FINE.replace("echo x", "echo  x"), ("en",))
    assert f"docs/en/{PAGE}.md:4" in refused(docs)


def test_a_block_that_only_the_site_sees_is_refused(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: f'{FINE}\n--8<-- "shared.md"\n'})
    (tmp_path / "snippets" / "shared.md").write_text("```console\n$ echo shared\n```\n")
    docs.run()
    assert "this console block is on the page, but pagelab does not run it as it is shown" in refused(docs)


def test_a_block_that_only_pagelab_sees_is_refused(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: f"{FINE}\n1. ```console\n   $ echo y\n   y\n   ```\n"})
    docs.run()
    assert f"docs/en/{PAGE}.md:8: this console block runs, but it is not on the page" in refused(docs)


def test_without_strict_the_same_page_is_built(tmp_path: Path) -> None:
    docs = SmallDocs.make(tmp_path, {PAGE: FINE})
    built = docs.build("--no-strict")
    assert built.returncode == 0
    assert "there is no evidence for this page" in built.stderr
