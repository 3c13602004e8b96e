"""Languages of a document: one run, and no difference goes unnoticed."""

from pathlib import Path

import pytest

from pagelab.documents import Documentation
from pagelab.errors import PageError
from pagelab.page import parse_page
from pagelab.session import merge_languages, session_key

ONE = "# One\n```console {#a}\n$ echo 1\n1\n```\n"


def merge(english: str, chinese: str) -> None:
    merge_languages("d", {"en": parse_page("en.md", english), "zh-Hant": parse_page("zh.md", chinese)})


def test_prose_may_differ() -> None:
    merge(ONE, "# 一\n\n多一行。\n" + ONE)


@pytest.mark.parametrize(
    "changed",
    [
        ONE.replace("echo 1", "echo 2"),
        ONE.replace("\n1\n", "\n2\n"),
        ONE.replace("#a", "#b"),
        ONE.replace("#a", '#a timeout="9"'),
    ],
)
def test_difference_names_both_places_and_shows_a_diff(changed: str) -> None:
    with pytest.raises(PageError) as caught:
        merge(ONE, "\n" + changed)
    text = str(caught.value)
    assert text.startswith("zh.md:4: differs from en.md:3")
    assert "\n  -" in text
    assert "\n  +" in text


def test_a_command_that_one_language_hides_is_a_difference() -> None:
    hidden = "<!-- pagelab {#a}\n$ true\n-->\n"
    with pytest.raises(PageError, match="in a comment, which hides it"):
        merge('```console {#a output="hidden"}\n$ true\n```\n', hidden)


def test_missing_step_is_named_at_its_place() -> None:
    with pytest.raises(PageError, match=r"en\.md:7: this command is missing in zh\.md"):
        merge(ONE + "```console\n$ echo 2\n2\n```\n", ONE)


def test_missing_file_is_named_even_if_it_is_empty() -> None:
    with pytest.raises(PageError, match=r"en\.md:7: this file is missing in zh\.md\n.*add the file a\.txt there"):
        merge(ONE + '```text {file="a.txt"}\n```\n', ONE)


@pytest.mark.parametrize(
    ("file", "name"),
    [("a/page.md", "a/page.md"), ("b/page.md", "b/page.md"), ("b/../c/page.md", "c/page.md"), ("v1.md", "v1.md")],
)
def test_page_outside_of_all_languages_is_named_by_its_path(tmp_path: Path, file: str, name: str) -> None:
    assert Documentation(tmp_path / "docs", ("en",), tmp_path).name_of(tmp_path / file) == name


def test_page_outside_of_the_project_has_a_name_below_the_evidence(tmp_path: Path) -> None:
    documentation = Documentation(tmp_path / "x" / "docs", (), tmp_path / "x")
    names = {documentation.name_of(tmp_path / place / "page.md") for place in ("a", "x/../b")}
    assert len(names) == 2
    assert not any(name.startswith("/") or ".." in name for name in names)


def test_page_in_one_language_only_is_an_error(tmp_path: Path) -> None:
    for language, name in (("en", "a.md"), ("zh", "b.md")):
        (tmp_path / "docs" / language).mkdir(parents=True)
        (tmp_path / "docs" / language / name).write_text(ONE)
    documentation = Documentation(tmp_path / "docs", ("en", "zh"), tmp_path)
    with pytest.raises(PageError, match=r"docs/en/a\.md:1: this page does not exist in `zh`"):
        documentation.session_of(tmp_path / "docs" / "en" / "a.md")
    assert [name for name, _ in documentation.documents()] == ["a", "b"]


def test_key_changes_with_what_runs_and_not_with_where_it_stands() -> None:
    key = session_key(parse_page("a.md", ONE).steps)
    assert session_key(parse_page("b.md", "\n\n" + ONE).steps) == key
    assert session_key(parse_page("a.md", ONE.replace("\n1\n", "\n2\n")).steps) != key
    assert session_key(parse_page("a.md", ONE.replace("#a", '#a exit="1"')).steps) != key


def test_labs_of_all_languages_are_the_same() -> None:
    with pytest.raises(PageError, match=r"zh\.md:1: its lab has the hosts a, b, that of en\.md has host"):
        merge(ONE, "---\nlab: {hosts: [a, b]}\n---\n" + ONE)


def test_reason_of_a_skip_is_prose() -> None:
    skipped = ONE.replace("#a", '#a skip="needs two hosts"')
    merge(skipped, skipped.replace("needs two hosts", "需要兩台主機"))
    with pytest.raises(PageError):
        merge(skipped, ONE)


def test_key_is_the_same_whichever_language_gives_the_reason_of_a_skip() -> None:
    english = ONE.replace("#a", '#a skip="needs two hosts"')
    chinese = ONE.replace("#a", '#a skip="需要兩台主機"')
    english_key, chinese_key, plain_key = (
        session_key(parse_page("p.md", text).steps) for text in (english, chinese, ONE)
    )
    assert english_key == chinese_key
    assert english_key != plain_key


def test_a_page_of_the_root_is_no_language_s_page_of_the_same_name(tmp_path: Path) -> None:
    documentation = Documentation(tmp_path / "docs", ("en",), tmp_path)
    names = [documentation.name_of(tmp_path / path) for path in ("README.md", "docs/en/README.md", "en/README.md")]
    assert names == ["README.md", "README", "en/README.md"]


@pytest.mark.parametrize(
    ("lab", "told"),
    [
        ("{nodes: 2}", "nodes: 2, network: bridge, namespace: false, unwell: []"),
        ("{network: none}", "network: none"),
        ("{namespace: true}", "namespace: true"),
        ("{unwell: [pod/p]}", "unwell: [pod/p]"),
    ],
)
def test_languages_want_the_same_cluster_in_every_respect(lab: str, told: str) -> None:
    text = "---\nlab: {{cluster: {}}}\n---\n```console\n$ kubectl get nodes\n```\n"
    pages = {"en": parse_page("en.md", text.format("{nodes: 1}")), "zh": parse_page("zh.md", text.format(lab))}
    with pytest.raises(PageError, match=r"zh\.md:1: its lab has the cluster ") as caught:
        merge_languages("d", pages)
    assert told in caught.value.problem


@pytest.mark.parametrize("name", ["registry"])
def test_a_host_has_no_name_that_the_lab_needs_itself(name: str) -> None:
    with pytest.raises(PageError) as caught:
        parse_page("p.md", f"---\nlab: {{hosts: [host, {name}]}}\n---\n```console\n$ true\n```\n")
    assert str(caught.value) == f"p.md:2: `{name}` is the name of the lab's registry\n  Call the host something else."
