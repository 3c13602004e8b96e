"""Outcomes of commands that really run, in the local provider: it needs no Docker and starts at once."""

from contextlib import AbstractContextManager

import pytest

from pagelab.evidence import to_json
from pagelab.lab import Lab
from pagelab.local import LocalProvider
from pagelab.model import Cluster, Ending, Kind, Outcome
from pagelab.page import parse_page
from pagelab.report import describe
from pagelab.run import Run
from pagelab.session import merge_languages


def run(markdown: str) -> list[Outcome]:
    document = Run(merge_languages("d", {"en": parse_page("p.md", markdown)}), LocalProvider())
    document.finish()
    return document.outcomes


def only(block: str, options: str = "") -> Outcome:
    (outcome,) = run(f"```console{options}\n{block}```\n")
    return outcome


@pytest.mark.parametrize(
    ("block", "options"),
    [
        ("$ echo a\na\n", ""),
        ("$ true\n", ""),
        ("$ echo a >&2\na\n", ""),
        ("$ (exit 3)\n", ' {exit="3"}'),
        ("$ false || echo b\nb\n", ""),
        ("$ if false; then echo a; fi\n", ""),
        ("$ ! false\n", ""),
        ("$ yes | head -1\ny\n", ""),
        ("$ echo a; echo b\na\nb\n", ""),
        ("$ cat\n", ""),
        ("$ cat <<E\n> a $((1 + 1))\n> E\na 2\n", ""),
        ("$ nosuchcommand\nbash: nosuchcommand: command not found\n", ' {exit="127"}'),
        ("$ echo 'unclosed\nbash: unexpected EOF while looking for matching `''\n", ' {exit="2"}'),
        ("$ sleep 100 & echo a\na\n", ""),
        ("$ printf 'no newline'\nno newline\n", ""),
        ("$ printf 'é\\xff'\né\\xff\n", ""),
        ("$ echo noise\n", ' {output="hidden"}'),
        ("$ for i in 1 2; do echo $i; done\n1\n2\n", ""),
        ("$ f() { echo $1; }; f x\nx\n", ""),
        ("$ # a comment alone\n", ""),
        ("$ mkdir -p d/e && cd $_ && basename $PWD\ne\n", ""),
        ("$ mkdir f\n$ cd $_; basename $PWD\nf\n", ""),
        ("$ IFS=:\n$ echo a\na\n", ""),
        ("$ bash -c nosuch\nbash: line 1: nosuch: command not found\n", ' {exit="127"}'),
        ("$ (f() { return 3; }; f)\n", ' {exit="3"}'),
        ("$ (sleep 0.2; echo late) &\n$ wait\nlate\n", ""),
        ("$ printf() { :; }; eval() { :; }; trap() { :; }; echo a\na\n", ""),
    ],
)
def test_right_steps_pass(block: str, options: str) -> None:
    for outcome in run(f"```console{options}\n{block}```\n"):
        assert outcome.kind is Kind.PASSED, outcome


@pytest.mark.parametrize(
    ("block", "options", "reason"),
    [
        ("$ echo a\nb\n", "", "not what the page shows"),
        ("$ echo a\n", "", "the page shows nothing"),
        ("$ true\na\n", "", "not what the page shows"),
        ("$ echo a >&2\n", "", "the page shows nothing"),
        ("$ false\n", "", "exit status 1, expected 0"),
        ("$ true\n", ' {exit="1"}', "exit status 0, expected 1"),
        ("$ false; echo ok\nok\n", "", "`false` ended with status 1, but the line went on"),
        ("$ (false; echo ok)\nok\n", "", "`false` ended with status 1, but the line went on"),
        ("$ false; (exit 3)\n", ' {exit="3"}', "`false` ended with status 1, but the line went on"),
        ("$ x=$(false; echo ok); echo $x\nok\n", "", "but the line went on"),
        ("$ f() { false; echo ok; }; f\nok\n", "", "but the line went on"),
        ("$ false | cat\n", "", "inside a pipeline ended with status 1"),
        ("$ nosuchcommand | cat\nbash: nosuchcommand: command not found\n", "", "inside a pipeline"),
        ("$ false | cat; echo ok\nok\n", "", "inside a pipeline ended with status 1"),
        ("$ cat /nofile 2>/dev/null | grep -q x\n", ' {exit="1"}', "inside a pipeline ended with status 1"),
        ("$ cat /nofile 2>/dev/null; grep -q x /dev/null\n", ' {exit="1"}', "but the line went on"),
        ("$ f() { false; echo; false; }; f\n\n", ' {exit="1"}', "but the line went on"),
        ("$ trap - ERR; false; echo ok\nok\n", "", "switched off what reports failures"),
        ("$ set +E; f() { false; true; }; f\n", "", "switched off what reports failures"),
        ("$ trap : DEBUG\n", "", "switched off what reports failures"),
        ("$ false '__pagelab_'; echo ok\nok\n", "", "but the line went on"),
        ("$ exit 0\n", "", "ended the page's shell with status 0"),
        ("$ exec true\n", "", "ended the page's shell"),
        ("$ kill -9 $$\n", "", "ended the page's shell"),
        ("$ sleep 30\n", ' {timeout="1"}', "not finished after 1 s"),
        ("$ echo early; while :; do :; done\nearly\n", ' {timeout="1"}', "not finished after 1 s"),
        ("$ yes\n", "", "more than 1 MB"),
        ("$ echo 'unclosed\n", "", "exit status 2, expected 0"),
    ],
)
def test_wrong_step_fails_and_says_why(block: str, options: str, reason: str) -> None:
    outcome = only(block, options)
    assert outcome.kind is Kind.FAILED
    assert reason in outcome.reason
    assert outcome.advice


def test_steps_share_one_shell() -> None:
    outcomes = run("```console\n$ mkdir d && cd d && X=5\n$ basename $PWD; echo $X\nd\n5\n```\n")
    assert [outcome.kind for outcome in outcomes] == [Kind.PASSED, Kind.PASSED]


def test_status_of_a_step_is_the_next_step_to_read() -> None:
    outcomes = run('```console {exit="3"}\n$ (exit 3)\n```\n```console\n$ echo $?\n3\n```\n')
    assert [outcome.kind for outcome in outcomes] == [Kind.PASSED, Kind.PASSED]


def test_wrong_status_blocks_what_follows_and_wrong_output_does_not() -> None:
    outcomes = run("```console\n$ echo a\nb\n$ false\n$ echo c\nc\n```\n")
    assert [outcome.kind for outcome in outcomes] == [Kind.FAILED, Kind.FAILED, Kind.BLOCKED]
    assert "p.md:4" in outcomes[2].reason


def test_partial_output_of_a_command_out_of_time_is_kept() -> None:
    seen = only("$ echo early; sleep 30\nearly\n", ' {timeout="1"}').observation
    assert seen is not None
    assert (seen.ending, seen.output) == (Ending.TIMEOUT, b"early\n")


def test_the_pages_shell_shows_nothing_of_ours_in_a_process_list() -> None:
    outcomes = run("```console\n$ tr '\\0' ' ' < /proc/$$/cmdline | grep -c pagelab || true\n0\n```\n")
    assert [outcome.kind for outcome in outcomes] == [Kind.PASSED]


def test_skipped_step_does_not_run() -> None:
    outcome = only("$ touch /nowhere/x\n", ' {skip="needs a second host"}')
    assert (outcome.kind, outcome.reason, outcome.observation) == (Kind.SKIPPED, "needs a second host", None)


def test_eventually_repeats_until_it_matches() -> None:
    markdown = '```console {eventually="5"}\n$ echo x >> f; wc -l < f\n3\n```\n'
    assert [outcome.kind for outcome in run(markdown)] == [Kind.PASSED]


def test_eventually_fails_when_the_time_is_up() -> None:
    assert only("$ echo a\nb\n", ' {eventually="1"}').kind is Kind.FAILED


def test_file_block_is_written_before_it_is_read() -> None:
    outcomes = run('```yaml {file="d/a.yml"}\nk: v\n```\n```console\n$ cat d/a.yml\nk: v\n```\n')
    assert [outcome.kind for outcome in outcomes] == [Kind.PASSED, Kind.PASSED]


def test_ids_are_followed_from_step_to_step() -> None:
    two = "b2" * 32
    page = f"```console\n$ printf a1%.0s {{1..32}}\n{two}\n$ printf a1%.0s {{1..6}}\n{two[:12]}\n$ echo\n```\n"
    assert [outcome.kind for outcome in run(page)] == [Kind.PASSED, Kind.PASSED, Kind.PASSED]
    wrong = page.replace(f"\n{two[:12]}\n", "\ncccccccccccc\n")
    assert [outcome.kind for outcome in run(wrong)] == [Kind.PASSED, Kind.FAILED, Kind.PASSED]


def test_a_requirement_is_asked_of_the_host_that_the_block_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(_lab: object, _argv: tuple[str, ...], host: str = "") -> tuple[int, str]:
        asked.append(host)
        return 0, {"one": "28.5.2", "two": "20.10.24"}[host]

    monkeypatch.setattr("pagelab.run.ask", answer)
    text = "---\nlab: {hosts: [one, two]}\n---\n" + "".join(
        f'```console {{requires="docker>=25"{host}}}\n$ true\n```\n' for host in ("", ' host="two"', ' host="one"')
    )
    session = merge_languages("d", {"en": parse_page("p.md", text)})
    document = Run(session, OneForAll())
    document.finish()
    assert [outcome.kind for outcome in document.outcomes] == [Kind.PASSED, Kind.SKIPPED, Kind.PASSED]
    assert "20.10.24" in document.outcomes[1].reason
    assert asked == ["one", "two"], "each host is asked once"


class OneForAll:
    """One local lab that passes for all hosts."""

    def identity(self, cluster: Cluster | None = None) -> str:  # noqa: ARG002 - the interface has it
        return ""

    def lacks_cluster(self, cluster: Cluster) -> str:  # noqa: ARG002
        return "there is none"

    def lab(
        self, name: str, hosts: tuple[str, ...] = ("host",), cluster: Cluster | None = None, kvm: bool = False
    ) -> AbstractContextManager[Lab]:
        return LocalProvider().lab(f"{name} for {hosts} {cluster} {kvm}")

    def sweep(self) -> tuple[str, ...]:
        return ()


def test_a_job_left_in_the_background_is_known() -> None:
    first, second = run("```console\n$ sleep 60 &\n$ echo a\nb\n```\n")
    assert first.observation is not None
    assert first.observation.jobs == ("sleep 60 &",)
    assert "(still running in the background: `sleep 60 &`)" in describe(second, second.step.location)


def test_evidence_explains_a_failure_later() -> None:
    page = parse_page("p.md", "```console\n$ false; false | cat; sleep 60 & echo a\nb\n```\n")
    document = Run(merge_languages("d", {"en": page}), LocalProvider())
    document.finish()
    (step,) = to_json(document.record())["steps"]
    assert step["ending"] == "returned"
    assert step["failures"] == [{"status": 1, "command": "false", "late": False}]
    assert set(step["piped"]) == {1}
    assert step["jobs"] == ["sleep 60 &"]
    assert "but the line went on" in step["reason"]
    assert step["detail"] == "a"
    assert step["advice"]


def test_a_pipeline_of_compound_commands_in_a_substitution_is_a_known_limit() -> None:
    assert only("$ x=$( (exit 3) | { cat; } )\n").kind is Kind.PASSED, "it is seen now: CONTRIBUTING says it is not"
