"""The tools that are measured: how each writes a page of steps, and how it is run on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Steps = list[tuple[str, str]]  # (command, shown output)

# A page run by the engine alone: no pytest, no evidence, the same parsing, labs and judging.
ENGINE = """
import sys
from pathlib import Path
from pagelab.local import LocalProvider
from pagelab.model import Kind
from pagelab.page import read_page
from pagelab.run import Run
from pagelab.session import merge_languages
run = Run(merge_languages("page", {"": read_page(Path(sys.argv[1]))}), LocalProvider())
run.finish()
sys.exit(any(outcome.kind is not Kind.PASSED for outcome in run.outcomes))
"""


@dataclass(frozen=True, slots=True)
class Tool:
    """One way to run a page of steps."""

    name: str
    suffix: str
    write: Callable[[Steps], str]
    argv: Callable[[str], tuple[str, ...]]  # page's name → command, run in the page's folder
    compares: bool = True  # False: it has nothing to say about output


def _bash(steps: Steps) -> str:
    return "".join(f"{command}\n" for command, _ in steps)


def _console(steps: Steps) -> str:
    return "# Page\n\n```console\n" + "".join(f"$ {command}\n{shown}\n" for command, shown in steps) + "```\n"


def _cram(steps: Steps) -> str:
    return "".join(f"  $ {command}\n  {shown}\n" for command, shown in steps)


def _byexample(steps: Steps) -> str:
    return "# Page\n\n" + "".join(f"```shell\n$ {command}\n{shown}\n\n```\n\n" for command, shown in steps)


def _codeblocks(steps: Steps) -> str:
    return "# Page\n\n" + "".join(
        f"```sh\n{command}\n```\n\n<!--pytest-codeblocks:expected-output-->\n\n```\n{shown}\n```\n\n"
        for command, shown in steps
    )


TOOLS = (
    Tool("bash", ".sh", _bash, lambda page: ("bash", page), compares=False),
    Tool(
        "pagelab (pytest)",
        ".md",
        _console,
        lambda page: ("pytest", "-p", "no:codeblocks", "--provider", "local", page),
    ),
    Tool("pagelab (engine)", ".md", _console, lambda page: ("python", "-c", ENGINE, page)),
    Tool("cram", ".t", _cram, lambda page: ("cram", page)),
    Tool("prysk", ".t", _cram, lambda page: ("prysk", page)),
    Tool("byexample", ".md", _byexample, lambda page: ("byexample", "-l", "shell", page)),
    Tool(
        "pytest-codeblocks",
        ".md",
        _codeblocks,
        lambda page: ("pytest", "-p", "no:pagelab", "--codeblocks", page),
    ),
)
