"""The command line's words: subcommands and options, with help that teaches by example."""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab

EPILOG = """exit status:
  0   it worked; for pages: everything holds
  1   a page is wrong
  2   the command line is wrong, or you interrupted it
  69  it could not be run (no engine, no image, no disk); nothing is said about the pages

`pagelab COMMAND --help` has examples."""


def make_parser() -> argparse.ArgumentParser:
    """The parser. Its results have `command`, and what that command's help lists."""
    parser = argparse.ArgumentParser(
        prog="pagelab",
        description="Run the commands that Markdown pages show, on throwaway Docker hosts, and keep the proof.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _list(commands)
    _run(commands)
    _update(commands)
    _explain(commands)
    _shell(commands)
    _doctor(commands)
    _setup(commands)
    _completion(commands)
    return parser


Commands = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns


def _add(commands: Commands[argparse.ArgumentParser], name: str, says: str, more: str) -> argparse.ArgumentParser:
    """A subcommand with one line in the list of commands, and its own page of help."""
    return commands.add_parser(
        name,
        help=says,
        description=says[0].upper() + says[1:] + ".",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _list(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "list",
        "list documents: languages, blocks, steps, and what their evidence says now",
        "examples:\n"
        "  pagelab list                        every document\n"
        "  pagelab list docs/en/storage        those of a folder\n"
        "  pagelab list --levels               how many steps passed on nodes, by the API server, by schema only\n"
        "  pagelab list --json | jq '.[] | select(.state != \"verified\")'\n\n"
        "states: verified, skipped (nothing of it ran), stale (changed since its run), wrong, could not be run, "
        "never run, nothing to run, broken",
    )
    _paths(parser, "*", "pages or folders of pages (default: all)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print a JSON array instead of a table")
    how.add_argument("--levels", action="store_true", help="count passed steps by how far a cluster tried them")


def _run(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "run",
        "run pages, and write their evidence",
        "examples:\n"
        "  pagelab run docs                               every page\n"
        "  pagelab run docs/en/storage/volumes.md         one document, once for all its languages\n"
        "  pagelab run docs/en/storage/volumes.md::layer  up to the last step of the block `layer`\n"
        "  pagelab run notes.md --provider local          in a scratch directory here, as yourself\n"
        "  pagelab run docs -- -x -n 2 --dist loadgroup   options after -- are pytest's\n"
        "  pagelab run docs -- --require all              where a page's requirement is lacking, fail",
    )
    _runs(parser)


def _update(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "update",
        "run pages, and take over what commands print where it differs from what pages show",
        "Rewrites shown output in every language's file, and nothing else. Commands that fail are not taken over.\n"
        "Run again afterwards: an updated step is not yet a verified one.\n\n"
        "examples:\n"
        "  pagelab update docs/en/storage/volumes.md && git diff\n"
        "  pagelab update docs/en/storage/volumes.md::layer",
    )
    _runs(parser)


def _runs(parser: argparse.ArgumentParser) -> None:
    _paths(parser, "+", "pages, folders, or steps as pytest names them: page.md::block::2")
    _provider(parser)


def _explain(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "explain",
        "say what runs at a line of a page, on what, after what, and how it is judged; or why nothing runs there",
        "Runs nothing.\n\n"
        "examples:\n"
        "  pagelab explain docs/en/storage/volumes.md:21        the step at line 21\n"
        "  pagelab explain docs/en/storage/volumes.md::layer::3 the same, by name",
    )
    _place = parser.add_argument("place", metavar="PATH:LINE", help="a line of a page, or a step: page.md::block::2")
    _completed(_place)
    _provider(parser)


def _shell(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "shell",
        "open a shell in a page's lab, as it is before the page or after one of its steps",
        "The lab is made for you, and is gone when you leave (exit, Ctrl-D). The shell starts where the page's own\n"
        "shell stands: same directory, variables and functions.\n\n"
        "examples:\n"
        "  pagelab shell docs/en/storage/volumes.md                  a new lab\n"
        "  pagelab shell docs/en/storage/volumes.md --to layer       after the block `layer`\n"
        "  pagelab shell docs/en/storage/volumes.md --to layer::3    after its third step",
    )
    _completed(parser.add_argument("page", metavar="PAGE", type=Path, help="a page"))
    parser.add_argument("--to", metavar="BLOCK[::N]", default="", help="run the page as far as this step first")
    _provider(parser)


def _doctor(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "doctor",
        "say what this machine can do, and how to get the rest",
        "Starts and installs nothing, unless you say --lab. Ends with 0 when pages can be run here, else with 69.\n\n"
        "examples:\n"
        "  pagelab doctor\n"
        "  pagelab doctor --lab     start one throwaway lab, and ask it for everything that pages may require\n"
        "  pagelab doctor --json | jq '.checks[] | select(.state == \"absent\")'",
    )
    parser.add_argument("--lab", action="store_true", help="make a lab, ask it, and remove it")
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def _setup(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "setup",
        "provide a Docker Engine and the images of the labs, and clear away what is left of earlier runs and recipes",
        "Uses the Docker Engine in reach; else starts an installed one; else, as root on Debian or Ubuntu, installs\n"
        "and starts one. Pulls or builds the images of the labs unless they are here already. Removes labs of killed\n"
        "runs, and images and programs of earlier recipes that nobody has used for a week.\n\n"
        "examples:\n"
        "  pagelab setup\n"
        "  pagelab setup --engine 20.10     the host of labs with Docker 20.10, too\n"
        "  pagelab setup --engine all       the hosts of every version that the recipes name\n"
        "  pagelab setup --cluster          the nodes of Kubernetes clusters, too: about 10 minutes, once",
    )
    parser.add_argument("--cluster", action="store_true", help="make the nodes of Kubernetes clusters ready, too")
    parser.add_argument(
        "--engine",
        action="append",
        default=[],
        metavar="VERSION",
        help="make labs with this Docker version ready, too, or with all; may be given several times",
    )
    _completed(
        parser.add_argument("--images", type=Path, help="folder of own recipes (default: the project's)"), folders=True
    )


def _completion(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(
        commands,
        "completion",
        "print a script that completes pagelab's commands in your shell",
        "examples:\n"
        "  pagelab completion bash > ~/.local/share/bash-completion/completions/pagelab\n"
        "  pagelab completion zsh > ~/.zfunc/_pagelab    (with ~/.zfunc in fpath, before compinit)",
    )
    parser.add_argument("dialect", metavar="SHELL", choices=("bash", "zsh"), help="bash or zsh")


def _paths(parser: argparse.ArgumentParser, number: str, says: str) -> None:
    _completed(parser.add_argument("paths", metavar="PATH", nargs=number, help=says))


def _provider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider",
        choices=("docker", "local"),
        default="docker",
        help="where pages run: nested Docker hosts (default), or a scratch directory here, as yourself",
    )


def _completed(argument: argparse.Action, *, folders: bool = False) -> None:
    """Have shells complete the argument with names of files."""
    argument.complete = shtab.DIRECTORY if folders else shtab.FILE  # type: ignore[attr-defined]  # shtab reads it
