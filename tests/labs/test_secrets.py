"""A secret in a real lab: a container has it and can use it, and nothing that anybody reads shows it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VALUE = "ghp_Zq8+/w=42-tail"
PAGE = """---
title: A token
lab: {secrets: [REGISTRY_TOKEN]}
---
# A token {#a-token}

```console {#use}
$ docker run --name user --env REGISTRY_TOKEN busybox sh -c 'echo "I have $REGISTRY_TOKEN"'
...
I have ‹REGISTRY_TOKEN›
$ docker logs user
I have ‹REGISTRY_TOKEN›
$ docker inspect --format '{{json .Config.Env}}' user
["REGISTRY_TOKEN=‹REGISTRY_TOKEN›",...]
$ printf 'me:%s' "$REGISTRY_TOKEN" | docker run --rm --interactive busybox base64
‹REGISTRY_TOKEN›
$ printenv REGISTRY_TOKEN > token
$ ps -ef | grep --count --fixed-strings --file token || true
0
```

```console {#wrong}
$ docker exec user true; echo "$REGISTRY_TOKEN" >&2; (exit 3)
```
"""


@pytest.mark.usefixtures("lab_images")
def test_a_secret_is_used_and_never_shown(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyprojecttoml(f"""
        [tool.pytest.ini_options]
        pagelab_languages = ["en"]
        pagelab_images = "{ROOT / "snippets" / "images"}"
        """)
    page = pytester.path / "docs" / "en" / "token.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE)
    monkeypatch.setenv("REGISTRY_TOKEN", VALUE)
    options = ("-v", "--junit-xml=junit.xml", "--run-summary=summary.json", "-o", "junit_logging=all")
    result = pytester.runpytest_subprocess("docs", *options, timeout=120)
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*‹REGISTRY_TOKEN›*"])

    files = [path for path in pytester.path.rglob("*") if path.is_file()]
    assert {"token.json", "junit.xml", "summary.json"} <= {path.name for path in files}
    everything = [path.read_bytes() for path in files] + [("\n".join(result.outlines + result.errlines)).encode()]
    for form in (VALUE.encode(), VALUE[4:].encode(), base64.b64encode(b"me:" + VALUE.encode())[4:-4]):
        assert not any(form in text for text in everything)

    monkeypatch.delenv("REGISTRY_TOKEN")
    skipped = pytester.runpytest_subprocess("docs", "-rs", timeout=120)
    skipped.assert_outcomes(skipped=7)
    skipped.stdout.fnmatch_lines(["*needs the secret REGISTRY_TOKEN*"])
    pytester.runpytest_subprocess("docs", "--require", "secret:REGISTRY_TOKEN", timeout=120).assert_outcomes(failed=7)
