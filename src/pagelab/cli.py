"""The command line: thin over the same functions that the pytest adapter uses."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest
import shtab

from pagelab import diagnosis
from pagelab.arguments import make_parser
from pagelab.daemon import Say, ensure_engine
from pagelab.engine import DockerProvider
from pagelab.errors import LabError, PageError
from pagelab.evidence import read_proof
from pagelab.explain import Scene, explain, lab_words
from pagelab.images import provide_images, tags_of
from pagelab.kind import own_clusters
from pagelab.lab import Provider, ask
from pagelab.listing import list_documents, to_json, to_levels, to_table
from pagelab.local import LocalProvider
from pagelab.machine import diagnose
from pagelab.model import Page, Session
from pagelab.nodeimage import cluster_tags
from pagelab.place import find_step, line_of, place_of, read_place
from pagelab.project import PathError, Project, require_page, require_path
from pagelab.pytest_plugin import COULD_NOT_RUN, PAGE_IS_WRONG
from pagelab.recipes import Cookbook, read_cookbook
from pagelab.secret import read_secrets
from pagelab.settings import read_project
from pagelab.superseded import KEPT, remove_programs, remove_superseded
from pagelab.terminal import Leave, Line, converse
from pagelab.visit import visit

WRONG_USAGE = 2


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; its exit status."""
    words, passed_on = _split(sys.argv[1:] if argv is None else argv)
    parser = make_parser()
    options = parser.parse_args(words)
    if passed_on and options.command not in ("run", "update"):
        parser.error(f"`{options.command}` takes nothing after --")
    options.passed_on, options.parser = passed_on, parser
    try:
        return COMMANDS[options.command](options)
    except (PathError, pytest.UsageError) as error:
        print(f"pagelab: {error}", file=sys.stderr)
        return WRONG_USAGE
    except PageError as error:
        print(error, file=sys.stderr)
        return PAGE_IS_WRONG
    except LabError as error:
        print(f"pagelab: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        print("pagelab: interrupted", file=sys.stderr)
        return WRONG_USAGE


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """What stands before and after the first `--`."""
    end = argv.index("--") if "--" in argv else len(argv)
    return argv[:end], argv[end + 1 :]


def _list(options: argparse.Namespace) -> int:
    paths = tuple(map(Path, options.paths))
    for path in paths:
        require_path(path)
    rows = list_documents(read_project(paths), paths)
    table = to_levels if options.levels else to_table
    print(json.dumps(to_json(rows), ensure_ascii=False, indent=1) if options.json else table(rows))
    return 0


def _run(options: argparse.Namespace) -> int:
    for path in options.paths:
        require_path(Path(path.partition("::")[0]))
    update = ["--update"] if options.command == "update" else []
    status = pytest.main([*options.paths, "--provider", options.provider, *update, *options.passed_on])
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        print("pagelab: nothing ran: see `pagelab list`, and `pagelab explain PATH:LINE`", file=sys.stderr)
    nothing = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)
    return WRONG_USAGE if status in nothing else int(status)


def _explain(options: argparse.Namespace) -> int:
    path, where = read_place(options.place)
    project = read_project((path,))
    session, page = _page(project, path)
    text = path.read_text(encoding="utf-8-sig")
    place = place_of(page, text, line_of(page, text, where))
    words = lab_words(options.provider, _images(project), place.step)
    print(explain(page, place, Scene(words, read_proof(project.evidence, session))))
    return 0


def _page(project: Project, path: Path) -> tuple[Session, Page]:
    """The page at the path, and its document; while its languages differ, the page stands for it alone."""
    page = project.documentation.page_of(path)
    try:
        session = project.documentation.session_of(path)
    except PageError as error:
        print(f"pagelab: this document cannot run as it is: {error}\n", file=sys.stderr)
        return Session(project.documentation.name_of(path), (("", page),), ""), page
    return session, page


def _images(project: Project) -> tuple[str, ...]:
    """Names of the images that pages can pull."""
    return tuple(recipe.name for recipe in read_cookbook(project.recipes).pages)


def _shell(options: argparse.Namespace) -> int:
    path = require_page(options.page)
    project = read_project((path,))
    session = project.documentation.session_of(path)
    last = find_step(session.pages[0][1], options.to) if options.to else None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise PathError("shell", "this is no terminal", "Start it from one: it is for typing.")
    secrets = read_secrets(session.secrets, os.environ)
    leave = Leave()
    leave.listen()  # the lab is removed on the way out
    say = _clocked()
    provider = _provider(options.provider, project, say)

    def talk(line: Line) -> None:
        after = f"after {last.location}" if last else "before the first step"
        say(f"you are in the lab of {path}, {after}; exit or Ctrl-D ends the shell and the lab")
        converse(line, sys.stdin.fileno(), sys.stdout.fileno(), leave, secrets)
        leave.asked = True  # it is left now: no signal may stop what clears away, or come before it begins
        say("removing the lab")

    visit(session, last, provider, say, talk, secrets)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    project = read_project()
    found = diagnose(project.recipes, None)
    if options.lab and found.able:
        with _provider("docker", project, _clocked(sys.stderr)).lab("doctor", kvm=True) as lab:
            found = diagnose(project.recipes, partial(ask, lab))
    print(json.dumps(diagnosis.to_json(found), indent=1) if options.json else diagnosis.to_text(found))
    return 0 if found.able else COULD_NOT_RUN


def _provider(name: str, project: Project, say: Say) -> Provider:
    if name == "local":
        return LocalProvider()
    client = ensure_engine(say)
    book = read_cookbook(project.recipes)
    clusters = own_clusters(client, book, say, project.clusters, project.kind_image)
    return DockerProvider(client, provide_images(client, book, say), clusters)


def _setup(options: argparse.Namespace) -> int:
    say = _clocked()
    project = read_project()
    book = read_cookbook(options.images or project.recipes)
    versions = _versions(book, options.engine)
    client = ensure_engine(say)
    images, *_ = [provide_images(client, book, say, version) for version in versions]
    if options.cluster:
        clusters = own_clusters(client, book, say, project.clusters, project.kind_image)
        clusters.images()
        say(f"clusters are ready: {clusters.words()}")
    for name in DockerProvider(client, images).sweep():
        say(f"removed what a killed run left: {name}")
    for tag in remove_superseded(client, tags_of(book) | cluster_tags(book), datetime.now(UTC)):
        say(f"removed an image of earlier recipes, unused for {KEPT.days} days: {tag}")
    for folder in remove_programs(book.modules, datetime.now(UTC)):
        say(f"removed programs of earlier recipes, unused for {KEPT.days} days: {folder}")
    served = ", ".join(f"{image.name} ({image.origin})" for image in images.catalogue)
    hosts = ", ".join(versions)
    say(f"ready: Docker Engine {client.version()['Version']}; labs with Docker {hosts}; images: {served}")
    return 0


def _versions(book: Cookbook, asked: list[str]) -> list[str]:
    """The engine versions that are meant, each known to the recipes; the default one first. Raises LabError."""
    wanted = [engine.version for engine in book.engines] if "all" in asked else asked
    return list(dict.fromkeys([book.default, *(book.engine(version).version for version in wanted)]))


def _clocked(out: TextIO | None = None) -> Say:
    """Print what is going on, with the seconds since now."""
    start = time.monotonic()

    def say(text: str) -> None:
        print(f"pagelab: [{time.monotonic() - start:5.1f} s] {text}", file=out, flush=True)

    return say


def _completion(options: argparse.Namespace) -> int:
    print(shtab.complete(options.parser, shell=options.dialect))
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "run": _run,
    "update": _run,
    "explain": _explain,
    "shell": _shell,
    "doctor": _doctor,
    "setup": _setup,
    "completion": _completion,
}
