"""Secrets: nothing that anybody reads holds a value, whatever a page does with it short of taking it apart."""

from __future__ import annotations

import base64
import json
import os
import pty
import shlex
import urllib.parse
from pathlib import Path

import pytest

from pagelab.errors import LabError, PageError
from pagelab.evidence import to_json
from pagelab.lab import Unavailable
from pagelab.local import LocalProvider
from pagelab.model import Cluster, Kind, Outcome
from pagelab.page import parse_page, read_page
from pagelab.report import describe
from pagelab.run import Run
from pagelab.runner import Runner
from pagelab.secret import Secrets, read_secrets
from pagelab.session import merge_languages
from pagelab.terminal import Screen

VALUE = "ghp_Abc+/='e \"f<&é\\x-tail"
VALUES = (VALUE, "correcthorse", "12345678", "first line of a key\nsecond line of it", "äöü€uro-𝄞-value")
HEAD = "---\nlab: {secrets: [TOKEN]}\n---\n"
SHOWN = "‹TOKEN›"


def secrets(value: str = VALUE) -> Secrets:
    return read_secrets(("TOKEN",), {"TOKEN": value})


def run(block: str, value: str | None = VALUE, insists: frozenset[str] = frozenset()) -> Run:
    session = merge_languages("d", {"en": parse_page("p.md", f"{HEAD}```console\n{block}```\n")})
    given = {} if value is None else {"TOKEN": value}
    done = Run(session, LocalProvider(), insists=insists, secrets=read_secrets(session.secrets, given))
    done.finish()
    return done


def encoded(value: str) -> list[str]:
    """The value as programs print it, each in its own way."""
    wrapped = [base64.encodebytes(b"x" * n + value.encode() + b"y" * 60).decode() for n in range(30, 60)]
    texts = [f"{before}{value}{after}" for before in ("", "a", "user:") for after in ("", "\n", ":z")]
    around = [base64.b64encode(text.encode()).decode() for text in texts]
    return [
        value,
        value.replace("\n", "\r\n"),
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        urllib.parse.quote(value).lower() if value.isascii() and value.islower() else urllib.parse.quote(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026"),
        shlex.quote(value),
        "\x1b[1m" + value[:5] + "\x1b[0m" + value[5:],
        "\0".join(value),
        base64.urlsafe_b64encode(b"ab" + value.encode()).decode(),
        *around,
        *wrapped,
    ]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_hidden_in_every_encoding(value: str) -> None:
    for text in encoded(value):
        hidden = secrets(value).hide(f"before {text} after\n".encode()).decode()
        assert SHOWN in hidden, text
        assert hidden.startswith("before "), hidden
        assert hidden.endswith(" after\n"), hidden
        assert value not in hidden


@pytest.mark.parametrize("text", ["correct horse\n", "correcthors", "Correcthorse\n", "Y29ycmVjdA==\n", "horse\n"])
def test_what_only_resembles_a_value_stays(text: str) -> None:
    assert secrets("correcthorse").hide(f"x {text}".encode(), edges=False) == f"x {text}".encode()


def test_a_value_cut_by_the_end_of_an_output_is_hidden() -> None:
    assert secrets("correcthorse").hide(b"a correct") == f"a {SHOWN}".encode()
    assert secrets("correcthorse").hide(b"horse\n") == f"{SHOWN}\n".encode()
    assert secrets("correcthorse").hide(b"a cor") == b"a cor", "three letters are a word's start by chance"


def test_long_output_is_looked_through_at_once() -> None:
    assert secrets().hide(b"QUJD" * 250_000) == b"QUJD" * 250_000


def test_no_representation_shows_a_value() -> None:
    assert VALUE not in repr(secrets())


PRINTS = """$ echo "token $TOKEN"
token ‹TOKEN›
$ printf 'user:%s' "$TOKEN" | base64 -w 20
‹TOKEN›
$ env | grep ^TOKEN=
TOKEN=‹TOKEN›
$ sh -xc ': "$TOKEN"'
+ : ‹TOKEN›
"""


def test_output_is_compared_and_kept_without_the_value() -> None:
    done = run(PRINTS, "correcthorse42")
    assert [outcome.kind for outcome in done.outcomes] == [Kind.PASSED] * 4, done.outcomes
    assert SHOWN in json.dumps(to_json(done.record()), ensure_ascii=False)
    assert "correcthorse" not in json.dumps(to_json(done.record()))


@pytest.mark.parametrize(
    "block",
    [
        '$ echo "$TOKEN"\nother\n',
        '$ eval "false $TOKEN; true"\n',
        '$ echo "$TOKEN"; exit 3\n',
        '$ sh -c "$TOKEN"\n',
        '$ printf %s "$TOKEN" | head -c 1 >/dev/null; printf %s "$TOKEN"; false | cat\n',
        '$ eval "sleep 5 $TOKEN" 2>/dev/null & sleep 0.2; false\n',
    ],
)
def test_a_failure_is_told_without_the_value(block: str) -> None:
    done = run(block, "correcthorse42")
    (outcome,) = done.outcomes
    assert outcome.kind is Kind.FAILED
    told = describe(outcome, outcome.step.location) + json.dumps(to_json(done.record()))
    assert "correcthorse42" not in told


def test_no_process_list_shows_the_value() -> None:
    everything = "(cat /proc/[0-9]*/cmdline 2>/dev/null || true) | tr '\\0' ' '"
    block = f'$ {everything} | grep -c "[${{TOKEN:0:1}}]${{TOKEN:1}}" || true\n0\n'
    assert [outcome.kind for outcome in run(block, "correcthorse42").outcomes] == [Kind.PASSED]


def test_the_first_command_finds_nothing_of_how_the_value_came() -> None:
    done = run('$ echo "$_ ${REPLY-unset}" | grep -c TOKEN || true\n0\n')
    assert [outcome.kind for outcome in done.outcomes] == [Kind.PASSED]


def only(done: Run) -> Outcome:
    (outcome,) = done.outcomes
    return outcome


def test_without_its_secret_a_page_is_skipped_and_says_which() -> None:
    outcome = only(run("$ touch /nowhere/x\n", None))
    assert (outcome.kind, outcome.reason) == (Kind.SKIPPED, "needs the secret TOKEN")


@pytest.mark.parametrize("insists", ["secret:TOKEN", "secret", "all"])
def test_a_run_can_insist_on_a_secret(insists: str) -> None:
    outcome = only(run("$ true\n", None, frozenset({insists})))
    assert (outcome.kind, outcome.reason) == (Kind.ERROR, "needs the secret TOKEN")
    assert only(run("$ true\n", None, frozenset({"secret:OTHER", "swarm"}))).kind is Kind.SKIPPED


@pytest.mark.parametrize("value", ["", "short", "       1", "1234567"])
def test_a_value_too_short_to_hide_is_refused(value: str) -> None:
    outcome = only(run("$ true\n", value))
    assert outcome.kind is Kind.ERROR
    assert "fewer than 8 characters" in outcome.reason
    assert "unset it" in outcome.advice


def test_a_page_that_holds_the_value_is_refused_without_telling_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "correcthorse42")
    page = tmp_path / "p.md"
    for text in ("correcthorse42", base64.b64encode(b"me:correcthorse42").decode(), "correct%68orse42"):
        page.write_text(f"{HEAD}# P\n\nprose {text}\n\n```console\n$ true\n```\n")
        with pytest.raises(PageError) as caught:
            read_page(page, "p.md")
        assert str(caught.value).startswith("p.md:6: the value of the secret TOKEN stands here\n")
        assert text not in str(caught.value)
    monkeypatch.setenv("TOKEN", "another-value")
    assert read_page(page, "p.md").secrets == ("TOKEN",)


@pytest.mark.parametrize(
    ("lab", "problem"),
    [
        ("{secrets: TOKEN}", "secrets must be a list"),
        ("{secrets: [A, A]}", "different names"),
        ("{secrets: [lower]}", "'lower' cannot be the name of a secret"),
        ("{secrets: [PATH]}", "'PATH' cannot be"),
        ("{secrets: [1]}", "1 cannot be"),
        ("{requires: ['secret:TOKEN']}", "`secret:TOKEN` among requirements"),
    ],
)
def test_names_that_cannot_be_secrets(lab: str, problem: str) -> None:
    with pytest.raises(PageError, match=problem) as caught:
        parse_page("p.md", f"---\nlab: {lab}\n---\n```console\n$ true\n```\n")
    assert str(caught.value).startswith("p.md:2: ")
    assert "secrets: [" in caught.value.advice


def test_languages_name_the_same_secrets() -> None:
    block = "```console\n$ true\n```\n"
    with pytest.raises(PageError, match=r"its lab has the secrets \(none\), that of en\.md has TOKEN"):
        merge_languages("d", {"en": parse_page("en.md", HEAD + block), "de": parse_page("de.md", block)})


class Steady(LocalProvider):
    """Labs that count as the same from run to run."""

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002
        return "steady"


def test_what_was_skipped_runs_once_the_secret_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = merge_languages("d", {"en": parse_page("p.md", f'{HEAD}```console\n$ echo "$TOKEN"\n‹TOKEN›\n```\n')})

    def kinds(insists: frozenset[str] = frozenset()) -> tuple[Kind, bool]:
        runner = Runner(Steady, tmp_path, tmp_path, insists=insists)
        outcome = runner.advance(session, session.steps[0])
        restored = runner.restored
        runner.close()
        return outcome.kind, restored

    monkeypatch.delenv("TOKEN", raising=False)
    assert [kinds(), kinds()] == [(Kind.SKIPPED, False), (Kind.SKIPPED, True)]
    assert kinds(frozenset({"all"})) == (Kind.ERROR, False), "an earlier skip is no answer to who insists"
    monkeypatch.setenv("TOKEN", "correcthorse42")
    assert [kinds(), kinds()] == [(Kind.PASSED, False), (Kind.PASSED, True)]
    monkeypatch.setenv("TOKEN", "staplebattery43")
    assert kinds() == (Kind.PASSED, True), "the key does not hold the value"
    assert "correcthorse" not in (tmp_path / "d.json").read_text()
    monkeypatch.delenv("TOKEN")
    assert kinds() == (Kind.SKIPPED, False)


def test_a_labs_trouble_is_told_without_the_value() -> None:
    trouble = LabError("no lab for correcthorse42", "look at correcthorse42")
    session = merge_languages("d", {"en": parse_page("p.md", f"{HEAD}```console\n$ true\n```\n")})
    done = Run(session, Unavailable(trouble), secrets=secrets("correcthorse42"))
    done.finish()
    assert (only(done).reason, only(done).advice) == (f"no lab for {SHOWN}", f"look at {SHOWN}")


def shown(pieces: list[bytes], value: str = "correcthorse42") -> list[bytes]:
    """What a terminal shows after each piece (an empty one: silence), and at the end."""
    near, far = pty.openpty()
    os.set_blocking(near, False)
    try:
        screen = Screen(far, secrets(value))
        seen = []
        for step in (*(lambda p=p: screen.show(p) for p in pieces), screen.end):
            step()
            try:
                seen.append(os.read(near, 4096))
            except BlockingIOError:
                seen.append(b"")
        return seen
    finally:
        os.close(near)
        os.close(far)


def test_a_terminal_shows_no_value_however_it_is_cut() -> None:
    whole = b"a correcthorse42 b"
    for cut in range(1, len(whole)):
        assert b"".join(shown([whole[:cut], b"", whole[cut:]])) == f"a {SHOWN} b".encode() or cut in (3, 4, 5), cut
        assert b"".join(shown([whole[:cut], whole[cut:]])) == f"a {SHOWN} b".encode(), cut
    basic = base64.b64encode(b"user:correcthorse42") + b" "
    for cut in range(1, len(basic)):
        assert b"".join(shown([basic[:cut], basic[cut:]])) == f"{SHOWN} ".encode(), cut


def test_a_terminal_shows_what_is_typed_after_a_moment() -> None:
    assert shown([b"$ l", b"", b"s", b""]) == [b"$ ", b"l", b"", b"s", b""]


def test_a_terminal_without_secrets_waits_for_nothing() -> None:
    near, far = pty.openpty()
    Screen(far, Secrets()).show(b"abc")
    assert os.read(near, 10) == b"abc"
    os.close(near)
    os.close(far)
