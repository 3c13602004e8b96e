"""Documentation + evidence → the whole site: every language, the root page, the evidence itself, and the claims."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from macros.glossary import read_glossary
from macros.publish import publish_claims, publish_evidence
from macros.root import write_root
from macros.simplified import Converter
from macros.site import BESIDE, Site
from pagelab.errors import PageError

LOCAL = "http://127.0.0.1:8000/"


@dataclass(frozen=True, slots=True)
class Built:
    """What came of one language's build."""

    language: str
    name: str
    good: bool
    messages: tuple[str, ...]


class Messages(logging.Handler):
    """Keeps what MkDocs says from warnings on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def build_site(base: Path, target: Path, url: str = LOCAL, strict: bool = True) -> tuple[Built, ...]:
    """Build everything below `target`, languages side by side; all of it or nothing.

    `base` has the configs, `url` is where the site will be. What went wrong is in the returned messages.
    """
    configs = {_language(config): config for config in sorted(base.glob("mkdocs.*.yml"))}
    try:
        built = _build(configs, target, url, strict)
    except BaseException:
        unpublish(target, tuple(configs))
        raise
    if not all(each.good for each in built):
        unpublish(target, tuple(configs))
    return built


def _build(configs: dict[str, Path], target: Path, url: str, strict: bool) -> tuple[Built, ...]:
    """Build every language, and what they share if all of them are good."""
    with ProcessPoolExecutor() as pool:
        tasks = [pool.submit(build_language, config, target, url, strict) for config in configs.values()]
        built = tuple(task.result() for task in tasks)
    if all(each.good for each in built):
        shared = load_config(str(next(iter(configs.values()))))
        site = Site.configured(shared)
        publish_evidence(site, target)
        publish_claims(site, target)
        names = {each.language: each.name for each in built}
        order = [each["lang"] for each in shared.extra["alternate"]]
        write_root(target, url, tuple((language, names[language]) for language in order))
    return built


def _language(config: Path) -> str:
    """The language that a config is for."""
    return config.name.removeprefix("mkdocs.").removesuffix(".yml")


def build_language(config: Path, target: Path, url: str, strict: bool) -> Built:
    """Build one language with MkDocs; its messages are returned, not printed."""
    language = _language(config)
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    handler = Messages()
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        loaded = load_config(
            str(config), strict=strict, site_dir=str(target / language), site_url=f"{url.rstrip('/')}/{language}/"
        )
        loaded.extra[BESIDE] = True
        loaded.plugins.on_startup(command="build", dirty=False)
        build(loaded)
        if loaded.extra.get("generated_from"):
            convert_figures(Path(loaded.docs_dir), Path(loaded.site_dir))
        return Built(language, loaded.site_name, True, tuple(handler.texts))
    except (Abort, MkDocsException, PageError) as error:
        return Built(language, language, False, (*handler.texts, str(error)))
    except SystemExit:  # how mkdocs-macros ends the build at a broken macro, which it has logged
        return Built(language, language, False, tuple(handler.texts))
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)


def convert_figures(docs: Path, target: Path) -> None:
    """Convert the text of the figures that the build has copied from `docs` to `target`."""
    converter = Converter(read_glossary(docs.parent))
    for figure in docs.rglob("*.svg"):
        text = figure.read_text(encoding="utf-8")
        (target / figure.relative_to(docs)).write_text(converter.html(text), encoding="utf-8")


def unpublish(target: Path, languages: tuple[str, ...]) -> None:
    """Remove what a refused build has written: MkDocs writes pages first and counts warnings afterwards."""
    for folder in (*languages, "evidence"):
        shutil.rmtree(target / folder, ignore_errors=True)
    for file in ("index.html", "claims.json"):
        (target / file).unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m macros.build", description=__doc__)
    parser.add_argument("--target", type=Path, default=Path("site"), help="where to build (default: site)")
    parser.add_argument("--url", default=os.environ.get("SITE_URL", LOCAL), help="where the site will be published")
    parser.add_argument("--no-strict", dest="strict", action="store_false", help="build even what is not verified")
    args = parser.parse_args()
    start = time.monotonic()
    try:
        built = build_site(Path.cwd(), args.target.resolve(), args.url, args.strict)
    except BrokenProcessPool:
        print("The site was not built: a process that built it was killed.", file=sys.stderr)
        print("Free some memory, then run again.", file=sys.stderr)
        return 1
    for message in dict.fromkeys(message for each in built for message in each.messages):
        print(message, file=sys.stderr)  # once: two languages may be made of the same page
    if not all(each.good for each in built):
        failed = ", ".join(each.language for each in built if not each.good)
        print(f"The site was not built: {failed}. The messages above say why.", file=sys.stderr)
        return 1
    print(f"Site built in {time.monotonic() - start:.1f} s: {args.target}/index.html")
    print(f"Open it:  python -m http.server --directory {args.target} 8000   then {LOCAL}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
