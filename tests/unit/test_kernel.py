"""Pages for a slow machine: they are the same pages, but for the time that their blocks may take."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from bench import kernel
from bench.kernel import LONGEST, patient
from pagelab import owner
from pagelab.page import parse_page

SNIPPETS = Path("snippets")
PAGES = sorted(Path("docs").rglob("*.md"))
BLOCKS = """
```console {#a timeout="30" eventually='5' requires="ipvs"}
$ timeout="7" true
```

```bash
eventually="1"
```

<!-- pagelab {#c timeout="3000"}
$ true
-->
"""


def test_every_block_gets_so_many_times_what_it_asks_for() -> None:
    steps = parse_page("page.md", patient(BLOCKS, 6)).steps
    assert [(step.options.timeout, step.options.eventually) for step in steps] == [(180, 30), (360, 0), (LONGEST, 0)]


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_nothing_else_of_a_page_is_changed(path: Path) -> None:
    text = path.read_text()
    before, after = (parse_page(str(path), each, SNIPPETS).steps for each in (text, patient(text, 6)))
    assert [
        replace(new, options=replace(new.options, timeout=old.options.timeout, eventually=old.options.eventually))
        for old, new in zip(before, after, strict=True)
    ] == list(before)
    runs = [(old.options.timeout, new.options.timeout) for old, new in zip(before, after, strict=True) if not old.file]
    assert all(new == min(old * 6, LONGEST) for old, new in runs)


def test_a_machine_that_a_killed_run_left_is_swept_as_labs_are() -> None:
    client = MagicMock()
    client.containers.run.return_value.wait.return_value = {"StatusCode": 0}
    kernel._run(client, "image", Path("folder"), "tcg", 1)
    labels = client.containers.run.call_args.kwargs["labels"]
    assert not owner.left_over(labels, time.time())
    assert owner.left_over(labels | {owner.RUNNER: "1:0"}, time.time())
    kernel._run(client, "image", Path("folder"), "tcg", 1)
    assert client.containers.run.call_args.kwargs["labels"][owner.LAB] != labels[owner.LAB]
