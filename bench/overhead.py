"""What a page costs beside plain bash: start-up, and each further step, of pagelab and of its peers.

python -m bench.overhead PATH.json [--venv PATH] [--rounds N] [--steps N]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.arguments import at_least, result_file
from bench.tools import TOOLS, Tool

ROOT = Path(__file__).parent.parent
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
START_AIM, STEP_AIM = 300.0, 1.0  # ms: issue 4
Times = dict[tuple[str, int], list[float]]  # (tool, steps) → milliseconds of each round


@dataclass(frozen=True, slots=True)
class Cost:
    """A tool's medians, in milliseconds."""

    tool: str
    start: float  # a page of one step, from command line to exit
    whole: float  # a page of all steps
    step: float  # each step after the first
    start_ratio: float  # to bash
    whole_ratio: float
    above_bash: float  # each step, less bash's


def main(argv: list[str] | None = None) -> int:
    """Print the table and write it to the path given; 0 when pagelab keeps the aims, 1 when not, 69 without peers."""
    options = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="pagelab-overhead-") as scratch:
        try:
            venv = provide(options.venv or Path(scratch) / "venv", Path(scratch) / "source")
            times = measure(venv, Path(scratch), options.rounds, options.steps)
        except (subprocess.CalledProcessError, ValueError) as error:
            print(f"overhead: {error}", file=sys.stderr)
            return 69
    costs = [*_costs(times, options.steps)]
    for line in _table(costs, options.steps):
        print(line)
    options.path.write_text(json.dumps(_as_json(costs, times, options.rounds, options.steps), indent=1) + "\n")
    missed = [*_missed(costs)]
    print(*(missed or ["aims kept: start within 300 ms, at most 1 ms a step above bash"]), sep="\n")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.overhead", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("path", type=result_file, help="the result as JSON is written here")
    parser.add_argument("--venv", type=Path, help="keep the tools' virtual environment here, and use it if it exists")
    parser.add_argument(
        "--rounds", type=at_least(1), default=9, help="each round runs every tool once (default: %(default)s)"
    )
    parser.add_argument("--steps", type=at_least(2), default=200, help="steps of the long page (default: %(default)s)")
    return parser


def provide(venv: Path, source: Path) -> Path:
    """A virtual environment with the pinned peers and the working copy of pagelab.

    pagelab is built from a copy at `source`, so that nothing is written beside the original. Raises
    CalledProcessError, and ValueError for a folder with anything in it that was not made here.
    """
    made_here = venv / "made-by-bench-overhead"
    if venv.exists() and not made_here.exists() and any(venv.iterdir()):
        raise ValueError(f"{venv} was not made by this program, which would install peers into it: name a new folder")
    shutil.copytree(ROOT / "src", source / "src")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run((sys.executable, "-m", "venv", str(venv)), check=True)
        made_here.touch()
    quiet = ("-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    subprocess.run((str(python), *quiet, "--requirement", str(REQUIREMENTS)), check=True)
    subprocess.run((str(python), *quiet, "--force-reinstall", "--no-deps", str(source)), check=True)
    subprocess.run((str(python), *quiet, str(source)), check=True)
    return venv


def measure(venv: Path, scratch: Path, rounds: int, steps: int) -> Times:
    """Every tool on both pages in every round, one after the other. Raises ValueError if a tool cannot tell wrong."""
    times: Times = {}
    for tool in TOOLS:
        for count in (1, steps):
            page = _page(tool, scratch, count)
            _must_end_well(tool, _run(tool, venv, page), page)
        wrong = _page(tool, scratch, 2, last_shown="wrong")
        if tool.compares and _run(tool, venv, wrong)[0] == 0:
            raise ValueError(f"{tool.name} lets a wrong page pass, so its time says nothing")
    for number in range(rounds):
        turn = TOOLS[number % len(TOOLS) :] + TOOLS[: number % len(TOOLS)]
        for tool in turn:
            for count in (1, steps):
                times.setdefault((tool.name, count), []).append(_run(tool, venv, _page(tool, scratch, count))[1])
    return times


def _page(tool: Tool, scratch: Path, steps: int, last_shown: str = "") -> Path:
    """The tool's page of `echo` steps, in a folder of its own."""
    folder = scratch / f"{tool.name.replace(' ', '-')}-{steps}{last_shown}"
    path = folder / f"page{tool.suffix}"
    if not path.exists():
        folder.mkdir()
        pairs = [(f"echo {n}", str(n)) for n in range(1, steps + 1)]
        shown = [*pairs[:-1], (pairs[-1][0], last_shown or pairs[-1][1])]
        path.write_text(tool.write(shown))
    return path


def _run(tool: Tool, venv: Path, page: Path) -> tuple[int, float, str]:
    """Exit status, milliseconds and output of one run, in the page's folder."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment["PATH"] = f"{venv / 'bin'}:{environment['PATH']}"
    start = time.perf_counter()
    done = subprocess.run(
        tool.argv(page.name),
        cwd=page.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, (time.perf_counter() - start) * 1000, done.stdout.decode(errors="replace")


def _must_end_well(tool: Tool, ran: tuple[int, float, str], page: Path) -> None:
    if ran[0] != 0:
        raise ValueError(f"{tool.name} ended with status {ran[0]} on {page.parent.name}:\n{ran[2][-2000:]}")


def _costs(times: Times, steps: int) -> Iterator[Cost]:
    bash_start, bash_whole = median(times["bash", 1]), median(times["bash", steps])
    bash_step = (bash_whole - bash_start) / (steps - 1)
    for tool in TOOLS:
        start, whole = median(times[tool.name, 1]), median(times[tool.name, steps])
        step = (whole - start) / (steps - 1)
        yield Cost(tool.name, start, whole, step, start / bash_start, whole / bash_whole, step - bash_step)


def _table(costs: list[Cost], steps: int) -> Iterator[str]:
    yield f"{'':22}  start ms   ×bash  {steps} steps ms   ×bash  ms a step  above bash"
    for c in costs:
        yield (
            f"{c.tool:22}  {c.start:8.1f}  {c.start_ratio:6.1f}  {c.whole:12.1f}  {c.whole_ratio:6.1f}"
            f"  {c.step:9.3f}  {c.above_bash:10.3f}"
        )


def _missed(costs: list[Cost]) -> Iterator[str]:
    for cost in costs:
        if cost.tool.startswith("pagelab"):
            if cost.start > START_AIM:
                yield f"missed: {cost.tool} starts in {cost.start:.0f} ms, the aim is {START_AIM:.0f}"
            if cost.above_bash > STEP_AIM:
                yield f"missed: {cost.tool} adds {cost.above_bash:.2f} ms a step, the aim is {STEP_AIM:.0f}"


def _as_json(costs: list[Cost], times: Times, rounds: int, steps: int) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "rounds": rounds,
        "steps": steps,
        "peers": [line for line in REQUIREMENTS.read_text().split("\n") if "==" in line],
        "costs": [
            {key: round(value, 3) if isinstance(value, float) else value for key, value in _fields(cost)}
            for cost in costs
        ],
        "milliseconds": {f"{tool}, {count}": [round(ms, 1) for ms in each] for (tool, count), each in times.items()},
    }


def _fields(cost: Cost) -> Iterator[tuple[str, object]]:
    return ((name, getattr(cost, name)) for name in Cost.__slots__)


if __name__ == "__main__":
    sys.exit(main())
