"""What a lab lacks is told in the page's language, as long as it is told in pagelab's very words."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from macros.status import why
from macros.words import CHINESE, ENGLISH, Words
from pagelab import requirements
from pagelab.evidence import StepProof
from pagelab.page import parse_page


@pytest.mark.parametrize("reason", CHINESE.lacking)
def test_these_are_pagelabs_words(reason: str) -> None:
    assert f'"{reason}"' in inspect.getsource(requirements)


@pytest.mark.parametrize(
    ("reason", "words", "told"),
    [
        ("cgroup-v2 is required: this host has cgroup v1", CHINESE, "需要 cgroup-v2：這台主機用的是 cgroup v1"),
        (
            "cgroup-v2 is required: this host has cgroup v1",
            ENGLISH,
            'cgroup-v2 is required: <span lang="en">this host has cgroup v1</span>',
        ),
        ("kvm is required: <x>", CHINESE, '需要 kvm：<span lang="en">&lt;x&gt;</span>'),
        ("needs the secret X", CHINESE, '<span lang="en">needs the secret X</span>'),
    ],
)
def test_a_reason_is_told_in_the_pages_language_as_far_as_that_has_words(reason: str, words: Words, told: str) -> None:
    step = parse_page("docs/p.md", "```console\n$ true\n```\n", Path()).steps[0]
    assert why(step, StepProof("skipped", reason, "", None, None, None), words) == told
