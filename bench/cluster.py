"""How long a document waits for its cluster, phase by phase, and what memory the cluster takes."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from dataclasses import asdict, dataclass

from bench.arguments import at_least, result_file
from pagelab.daemon import ensure_engine
from pagelab.engine import DockerProvider
from pagelab.errors import LabError
from pagelab.hosts import DockerLab
from pagelab.images import provide_images
from pagelab.matter import MOST_NODES
from pagelab.model import Cluster
from pagelab.nodeimage import NodeSource
from pagelab.recipes import read_cookbook

AIM = 25.0  # seconds until a document's first step runs, on two processors


def main(argv: list[str] | None = None) -> int:
    """Print the table and write it to the path given; 0 when the aim is kept, 1 when not, 69 without clusters."""
    options = _parser().parse_args(argv)
    try:
        rounds = _measured(options.rounds, Cluster(options.nodes))
    except LabError as error:
        print(error, file=sys.stderr)
        return 69
    _show(rounds)
    machine = {"cores": os.cpu_count(), "load": os.getloadavg(), "nodes": options.nodes}
    options.path.write_text(
        json.dumps({"machine": machine, "rounds": [asdict(each) for each in rounds]}, indent=1) + "\n"
    )
    kept = statistics.median(each.seconds for each in rounds) <= AIM
    print(f"aim {'kept' if kept else 'missed'}: ready within {AIM:g} s")
    return 0 if kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("path", type=result_file, help="where the measurements go, as JSON")
    parser.add_argument("--nodes", type=int, choices=range(1, MOST_NODES + 1), default=2)
    parser.add_argument("--rounds", type=at_least(1), default=5)
    return parser


@dataclass(frozen=True, slots=True)
class Round:
    """One start, as a document would wait for it."""

    seconds: float
    phases: dict[str, float]  # seconds
    megabytes: dict[str, float]  # by container, without what only caches files


def _measured(rounds: int, cluster: Cluster) -> list[Round]:
    """So many starts of the cluster. Raises LabError."""
    client, book = ensure_engine(print), read_cookbook()
    source = NodeSource(client, book, print)
    source.images()  # building them is not what is measured here
    provider = DockerProvider(client, provide_images(client, book, print), source)
    return [_start(provider, cluster) for _ in range(rounds)]


def _show(rounds: list[Round]) -> None:
    print(f"{'phase':<12} {'median s':>9} {'least':>7} {'most':>7}")
    for phase in rounds[0].phases:
        _row(phase, [each.phases[phase] for each in rounds])
    _row("all", [each.seconds for each in rounds])
    for node in rounds[0].megabytes:
        _row(f"{node} MB", [each.megabytes[node] for each in rounds])


def _start(provider: DockerProvider, cluster: Cluster) -> Round:
    begin = time.monotonic()
    with provider.lab("bench", ("host", *cluster.names), cluster) as lab:
        seconds = time.monotonic() - begin
        assert isinstance(lab, DockerLab)
        megabytes = {name: _memory(container) for name, container in (*lab.hosts, *lab.nodes)}
    return Round(round(seconds, 2), dict(provider.phases), megabytes)


def _memory(container: object) -> float:
    stats = container.stats(stream=False)["memory_stats"]  # type: ignore[attr-defined]  # a container of the SDK
    details = stats["stats"]
    used = stats["usage"] - details.get("total_inactive_file", details.get("inactive_file", 0))
    return float(round(used / 1e6))


def _row(name: str, values: list[float]) -> None:
    print(f"{name:<12} {statistics.median(values):>9.2f} {min(values):>7.2f} {max(values):>7.2f}")


if __name__ == "__main__":
    raise SystemExit(main())
