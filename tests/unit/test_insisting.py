"""What the lab lacks: skipped, or an error where the run insists."""

from __future__ import annotations

import pytest

from pagelab.pytest_plugin import COULD_NOT_RUN
from tests.unit.pagedocs import PAGE, run, write


def test_a_step_that_requires_what_the_lab_lacks_is_skipped_unless_the_run_insists(docs: pytest.Pytester) -> None:
    write(docs, PAGE.replace("{#greet}", '{#greet requires="kvm"}'))
    result = run(docs, "docs", "-rs")
    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["SKIPPED*kvm is required: *"])
    assert run(docs, "docs", "--require", "kvm").ret == COULD_NOT_RUN
    assert run(docs, "docs", "--require", "all").ret == COULD_NOT_RUN
    assert run(docs, "docs", "--require", "swarm").ret == 0
    write(docs, PAGE.replace("{#greet}", '{#greet requires="docker>=99"}'))
    assert run(docs, "docs", "--require", "all").ret == 0, "no engine is of all versions"
    assert run(docs, "docs", "--require", "docker").ret == COULD_NOT_RUN


def test_a_requirement_that_nobody_knows_cannot_be_insisted_on(docs: pytest.Pytester) -> None:
    result = run(docs, "docs", "--require", "swrm")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --require: unknown requirement `swrm`", "  Known: *swarm*"])
