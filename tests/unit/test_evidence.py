"""Evidence: what is written, what may be read from it, and when an earlier run stands for a new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pagelab.errors import LabError
from pagelab.evidence import SCHEMA_FILE, evidence_path, last_duration, read_proof, restore, to_json, write_evidence
from pagelab.lab import Provider, Unavailable
from pagelab.local import LocalProvider
from pagelab.model import Kind, Session
from pagelab.page import parse_page
from pagelab.run import Run
from pagelab.runner import Runner
from pagelab.session import merge_languages

GOOD = "```console {#a}\n$ printf 'a\\xff\\n'\na\\xff\n$ echo b\nb\n```\n"
MIXED = (
    GOOD + "```console {#wrong}\n$ echo c\nd\n$ false\n$ echo e\ne\n```\n"
    '```console {skip="why not"}\n$ x\n```\n```text {file="f"}\nx\n```\n'
)
SKIPPED = '```console {skip="why not"}\n$ x\n```\n```console {requires="gvisor"}\n$ x\n```\n'


def session(markdown: str = GOOD) -> Session:
    return merge_languages("folder/doc", {"en": parse_page("p.md", markdown)})


def run(markdown: str = GOOD, provider: Provider | None = None, lab_key: str = "lab") -> Run:
    done = Run(session(markdown), provider or LocalProvider(), lab_key=lab_key)
    done.finish()
    return done


@pytest.mark.parametrize("markdown", [GOOD, MIXED])
def test_record_follows_the_schema(markdown: str) -> None:
    jsonschema.validate(to_json(run(markdown).record()), json.loads(SCHEMA_FILE.read_text()))


def test_record_of_a_lab_that_never_was_follows_the_schema() -> None:
    record = to_json(run(provider=Unavailable(LabError("no engine"))).record())
    jsonschema.validate(record, json.loads(SCHEMA_FILE.read_text()))
    assert record["lab"] is None
    assert [step["outcome"] for step in record["steps"]] == ["error", "error"]


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    write_evidence(tmp_path, run(MIXED).record())
    proof = read_proof(tmp_path, session(MIXED))
    assert (proof.state, proof.verified) == ("current", False)
    outcomes = {key: step.outcome for key, step in proof.steps}
    assert outcomes == {
        ("a", 1): "passed",
        ("a", 2): "passed",
        ("wrong", 1): "failed",
        ("wrong", 2): "failed",
        ("wrong", 3): "blocked",
        ("block-3", 1): "skipped",
        ("block-4", 1): "blocked",
    }
    first = proof.step("a", 1)
    assert first is not None
    assert first.output == "a\\xff\n"


@pytest.mark.parametrize(("markdown", "verified"), [(SKIPPED, False), (SKIPPED + GOOD, True)])
def test_a_page_of_which_nothing_ran_is_not_verified(markdown: str, verified: bool, tmp_path: Path) -> None:
    write_evidence(tmp_path, run(markdown).record())
    assert read_proof(tmp_path, session(markdown)).verified is verified


def test_proof_is_stale_when_the_page_has_changed(tmp_path: Path) -> None:
    write_evidence(tmp_path, run().record())
    changed = session(GOOD.replace("echo b", "echo  b"))
    proof = read_proof(tmp_path, changed)
    assert (proof.state, proof.verified, proof.step("a", 1)) == ("stale", False, None)


def test_documents_with_the_same_steps_are_two_runs(tmp_path: Path) -> None:
    runner = Runner(LocalProvider, tmp_path, tmp_path)
    one = merge_languages("one", {"en": parse_page("one.md", GOOD)})
    two = merge_languages("two", {"en": parse_page("two.md", GOOD)})
    for each in (one, two):
        for step in each.steps:
            assert runner.advance(each, step).kind is Kind.PASSED
    runner.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "two.json"]


def test_a_skip_is_told_in_the_words_that_the_page_has_now(tmp_path: Path) -> None:
    skipped = '```console {skip="why not"}\n$ x\n```\n'
    write_evidence(tmp_path, run(GOOD + skipped).record())
    outcomes = restore(tmp_path, session(GOOD + skipped.replace("why not", "another reason")), "lab")
    assert outcomes is not None
    assert [outcome.reason for outcome in outcomes] == ["", "", "another reason"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 99}', '{"schema": 1}', '{"schema": 1, "steps": [1]}'])
def test_a_record_that_cannot_be_read_proves_nothing(tmp_path: Path, text: str) -> None:
    path = evidence_path(tmp_path, "folder/doc")
    path.parent.mkdir()
    path.write_text(text)
    assert read_proof(tmp_path, session()).state == "missing"
    assert restore(tmp_path, session(), "lab") is None


def test_a_run_that_would_go_the_same_again_is_restored(tmp_path: Path) -> None:
    done = run()
    write_evidence(tmp_path, done.record())
    outcomes = restore(tmp_path, session(), "lab")
    assert outcomes is not None
    assert [(o.step, o.kind, o.started) for o in outcomes] == [(o.step, o.kind, o.started) for o in done.outcomes]


@pytest.mark.parametrize("change", ["content", "lab", "no lab key", "outcome", "missing step"])
def test_a_run_that_might_go_otherwise_is_not_restored(tmp_path: Path, change: str) -> None:
    path = write_evidence(tmp_path, run(lab_key="" if change == "no lab key" else "lab").record())
    record: dict[str, Any] = json.loads(path.read_text())
    if change == "outcome":
        record["steps"][1]["outcome"] = "failed"
    if change == "missing step":
        record["steps"].pop()
    path.write_text(json.dumps(record))
    now = session(GOOD.replace("\nb\n", "\nc\n")) if change == "content" else session()
    key = {"lab": "other lab", "no lab key": ""}.get(change, "lab")
    assert restore(tmp_path, now, key) is None


def test_last_duration_orders_documents(tmp_path: Path) -> None:
    assert last_duration(tmp_path, "folder/doc") == float("inf")
    done = run()
    write_evidence(tmp_path, done.record())
    assert 0 <= last_duration(tmp_path, "folder/doc") < 10
    assert all(outcome.kind is Kind.PASSED for outcome in done.outcomes)
