"""The command line: thin over the same functions that the pytest adapter uses."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.images import provide_images
from pagelab.pytest_plugin import COULD_NOT_RUN
from pagelab.recipes import read_cookbook


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; 0 when it worked, 69 when this machine cannot do it."""
    options = _parser().parse_args(argv)
    try:
        _setup(options.images)
    except LabError as error:
        print(f"pagelab: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pagelab",
        description="Run the commands that Markdown pages show, on throwaway Docker hosts. "
        "Pages are run with pytest: `pytest docs`, `pytest docs/en/index.md`, `pytest --update docs`.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    setup = commands.add_parser(
        "setup",
        help="provide a Docker Engine and the images of the labs, and clear away what a killed run left",
        description="Uses the Docker Engine in reach; else starts an installed one; else, as root on Debian or "
        "Ubuntu, installs and starts one. Pulls or builds the images of the labs unless they are here already.",
    )
    setup.add_argument(
        "--images", type=Path, default=Path("snippets/images"), help="folder of the recipes (default: %(default)s)"
    )
    return parser


def _setup(recipes: Path) -> None:
    start = time.monotonic()

    def say(text: str) -> None:
        print(f"pagelab: [{time.monotonic() - start:5.1f} s] {text}", flush=True)

    client = ensure_engine(say)
    images = provide_images(client, read_cookbook(recipes), say)
    for name in DockerProvider(client, images).sweep():
        say(f"removed what a killed run left: {name}")
    served = ", ".join(f"{image.name} ({image.origin})" for image in images.catalogue)
    say(f"ready: Docker Engine {client.version()['Version']}; images: {served}")
