"""Documentation + evidence → the whole site: every language, the root page, and the evidence itself."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from macros.publish import publish_evidence
from macros.root import write_root
from macros.site import BESIDE, Site

LOCAL = "http://127.0.0.1:8000/"


@dataclass(frozen=True, slots=True)
class Built:
    """What came of one language's build."""

    language: str
    name: str
    good: bool
    log: str


def build_site(base: Path, target: Path, url: str = LOCAL, strict: bool = True) -> tuple[Built, ...]:
    """Build everything below `target`, languages side by side; all of it or nothing.

    `base` has the configs, `url` is where the site will be. What went wrong is in the returned logs.
    """
    configs = sorted(base.glob("mkdocs.*.yml"))
    with ProcessPoolExecutor() as pool:
        tasks = [pool.submit(build_language, config, target, url, strict) for config in configs]
        built = tuple(task.result() for task in tasks)
    if all(each.good for each in built):
        publish_evidence(Site.configured(load_config(str(configs[0]))), target)
        write_root(target, url, tuple((each.language, each.name) for each in built))
    else:
        unpublish(target, built)
    return built


def build_language(config: Path, target: Path, url: str, strict: bool) -> Built:
    """Build one language with MkDocs; its messages are returned, not printed."""
    language = config.name.removeprefix("mkdocs.").removesuffix(".yml")
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    text = StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(handler)
    name = language
    try:
        loaded = load_config(
            str(config), strict=strict, site_dir=str(target / language), site_url=f"{url.rstrip('/')}/{language}/"
        )
        name = loaded.site_name
        loaded.extra[BESIDE] = True
        loaded.plugins.on_startup(command="build", dirty=False)
        build(loaded)
        return Built(language, name, True, text.getvalue())
    except (Abort, MkDocsException) as error:
        return Built(language, name, False, f"{text.getvalue()}{error}\n")
    except SystemExit:  # how mkdocs-macros ends the build at a broken macro, which it has logged
        return Built(language, name, False, text.getvalue())
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)


def unpublish(target: Path, built: tuple[Built, ...]) -> None:
    """Remove what a refused build has written: MkDocs writes pages first and counts warnings afterwards."""
    for each in built:
        shutil.rmtree(target / each.language, ignore_errors=True)
    (target / "index.html").unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m macros.build", description=__doc__)
    parser.add_argument("--target", type=Path, default=Path("site"), help="where to build (default: site)")
    parser.add_argument("--url", default=os.environ.get("SITE_URL", LOCAL), help="where the site will be published")
    parser.add_argument("--no-strict", dest="strict", action="store_false", help="build even what is not verified")
    args = parser.parse_args()
    start = time.monotonic()
    built = build_site(Path.cwd(), args.target.resolve(), args.url, args.strict)
    for each in built:
        sys.stderr.write(each.log)
    if not all(each.good for each in built):
        failed = ", ".join(each.language for each in built if not each.good)
        print(f"The site was not built: {failed}. The messages above say why.", file=sys.stderr)
        return 1
    print(f"Site built in {time.monotonic() - start:.1f} s: {args.target}/index.html")
    print(f"Open it:  python -m http.server --directory {args.target} 8000   then {LOCAL}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
