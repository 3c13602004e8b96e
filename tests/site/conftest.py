"""The sites that the tests look at, a server, and a browser. Nothing here skips: what is missing fails, saying so."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from smalldocs import LANGUAGES, PROJECT, SmallDocs

from pagelab.documents import Documentation
from pagelab.errors import PageError
from pagelab.evidence import read_proof

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

GOOD = (
    """\
# Bridge {#top}

See [the block](#greet), the bridge, 容器 and [volumes](../storage/volumes.md#top).

## Transcript {#transcript}

```console {#greet}
$ echo hello
hello
$ cat <<EOF > notes
> one  two
> EOF
$ cat <<'EOF'
# not a prompt
EOF
# not a prompt
$ printf '%s\\n' "<b>&" \\
>   end
<b>&
end
```

1. In a list:

    ```console {#in-list}
    $ cat notes
    one  two
    ```

=== "In a tab"

    ```console {#in-tab timeout="5" match="contains"}
    $ echo tab
    tab
    ```

!!! note "In a note"

    ```bash {#script}
    printf 'seen only in the raw output\\n'
    for word in a b; do
        test -n "$word"
    done
    ```

```yaml {#file file="conf/app.yaml"}
key: value
```

```console {#nothing-shown output="hidden"}
$ echo $$
```

```console {#fails-as-shown exit="3"}
$ cat conf/app.yaml
key: value
$ (exit 3)
```

```console {#left-out skip="needs /dev/kvm"}
$ kvm --version
```

```text
$ not run
```

| one | two | three | four | five | six | seven |
| --- | --- | --- | --- | --- | --- | --- |
| a wide cell | a wide cell | a wide cell | a wide cell | a wide cell | a wide cell | a wide cell |

## A long way down {#far}

"""
    + "Text.\n\n" * 60
)

BAD = """\
# Bad {#top}

```console {#fine}
$ echo fine
fine
```

```console {#wrong-output}
$ echo one
two
```

```console {#wrong-command}
$ false
```

```console {#not-reached}
$ echo later
later
```
"""

STALE = "# Volumes {#top}\n\n```console {#old}\n$ echo old\nold\n```\n"
HOME = """\
---
lab: none
---
# Home

{= numbers().verified =} of {= numbers().commands =} commands, {= moment(numbers().last_run) =}
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallDocs:
    """A built site with every state that evidence can have, from real runs in scratch directories."""
    pages = {"index": HOME, "networking/bridge-and-host": GOOD, "containers/what-a-container-is": BAD}
    docs = SmallDocs.make(tmp_path_factory.mktemp("small"), pages | {"storage/volumes": STALE})
    docs.run()
    docs.write("storage/volumes", STALE.replace("old", "new"))
    built = docs.build("--no-strict", "--url", "https://example.org/project/")
    assert built.returncode == 0, built.stderr
    return docs


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own pages, built strictly from the evidence in `evidence/`."""
    documentation = Documentation(PROJECT / "docs", LANGUAGES, PROJECT)
    try:
        sessions = [documentation.session_of(path) for _, path in documentation.documents()]
    except PageError as error:
        pytest.fail(str(error), pytrace=False)
    lacking = [
        session.document
        for session in sessions
        if session.steps and not read_proof(PROJECT / "evidence", session).verified
    ]
    if lacking or not sessions:
        pytest.fail(
            f"no current evidence for {', '.join(lacking) or 'any page'}: run `pytest docs` first", pytrace=False
        )
    base = tmp_path_factory.mktemp("published")
    for name in ("macros", "overrides", "snippets", "docs", "evidence"):
        shutil.copytree(PROJECT / name, base / name, ignore=shutil.ignore_patterns("__pycache__"))
    for config in PROJECT.glob("mkdocs*.yml"):
        shutil.copy(config, base)
    built = SmallDocs(base).build()
    if built.returncode:
        pytest.fail(f"the strict build refused the project's pages:\n{built.stderr}", pytrace=False)
    return base / "site"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's address on this machine."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def small_url(small: SmallDocs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small site below a folder, as project pages on GitHub are."""
    root = tmp_path_factory.mktemp("server")
    (root / "project").symlink_to(small.base / "site")
    with served(root) as url:
        yield f"{url}project/"


@pytest.fixture(scope="session")
def published_url(published: Path) -> Iterator[str]:
    with served(published) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.fail("no Chromium: apt-get install chromium fonts-noto-cjk, then run again", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=30_000)
        yield chromium
        chromium.close()
