"""A test of the tests: change right pages in one place each, and see whether pagelab calls them wrong.

python -m bench.mutation [--seed N] [--survivors N] [--json PATH] [--leave-out] [PAGE…]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.arguments import result_file
from bench.attempt import Attempt
from bench.attempts import attempts
from bench.recording import Recording, RecordingError, recorded_documents, run_here

ROOT = Path(__file__).parent.parent
WORKERS = 2
TARGET = 0.99


@dataclass(frozen=True, slots=True)
class Row:
    """What became of all mutants of a kind."""

    kind: str
    mutants: int
    equivalent: int
    caught: int
    survived: int

    @property
    def share(self) -> float:
        return self.caught / (self.caught + self.survived) if self.caught + self.survived else 1.0


def main(argv: list[str] | None = None) -> int:
    """Print the table and the survivors; 0 when the target is met, 1 when not, 69 without recordings."""
    options = _parser().parse_args(argv)
    start = time.monotonic()
    try:
        recordings = list(_recordings(options.pages, _left_out if options.leave_out else None))
        tried = list(_in_parallel(recordings, options.seed))
    except RecordingError as error:
        print(f"mutation: {error}", file=sys.stderr)
        return 69
    rows = [*_rows(tried)]
    total = _row("all", tried)
    for line in _table([*sorted(rows, key=lambda row: row.share), total]):
        print(line)
    _explain(tried, options.survivors)
    seconds = time.monotonic() - start
    print(f"\n{len(recordings)} pages, seed {options.seed}, {seconds:.0f} s; caught {total.share:.2%} of what is wrong")
    if options.json:
        options.json.write_text(_as_json(rows, total, tried, options.seed) + "\n")
    return 0 if total.share >= TARGET else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__.split("\n")[0])
    parser.add_argument(
        "pages", nargs="*", type=Path, help="right pages for the local provider (default: the golden ones)"
    )
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--survivors", type=int, default=200, help="list at most that many (default: %(default)s)")
    parser.add_argument("--leave-out", action="store_true", help="do without documents whose evidence is not current")
    parser.add_argument("--json", type=result_file, help="write the result to this file as well")
    return parser


def _left_out(reason: str) -> None:
    print(f"left out: {reason}")


def _recordings(pages: list[Path], leave_out: Callable[[str], None] | None) -> Iterator[Recording]:
    """The documentation with its evidence, and every page given (or golden) that is right in the local provider."""
    yield from recorded_documents(ROOT, ("en", "zh-Hant"), leave_out)
    for page in pages or sorted((ROOT / "tests" / "golden" / "pages").glob("*.md")):
        if pages or _says_only_passed(page.with_suffix(".txt")):
            here = run_here(ROOT, page.resolve())
            if here is not None:
                yield here
            elif pages:
                raise RecordingError(f"{page} is not right as it stands")


def _says_only_passed(golden: Path) -> bool:
    return all(line.endswith(": passed") for line in golden.read_text().splitlines())


def _in_parallel(recordings: list[Recording], seed: int) -> Iterator[Attempt]:
    with ProcessPoolExecutor(WORKERS) as pool:
        shares = [pool.submit(attempts, recordings, seed, worker, WORKERS) for worker in range(WORKERS)]
        for share in shares:
            yield from share.result()


def _rows(tried: list[Attempt]) -> Iterator[Row]:
    for kind in dict.fromkeys(attempt.kind for attempt in tried):
        yield _row(kind, [attempt for attempt in tried if attempt.kind == kind])


def _row(kind: str, tried: list[Attempt]) -> Row:
    counts = Counter("caught" if a.caught else "equivalent" if a.equivalent else "survived" for a in tried)
    return Row(kind, len(tried), counts["equivalent"], counts["caught"], counts["survived"])


def _table(rows: list[Row]) -> Iterator[str]:
    width = max(len(row.kind) for row in rows)
    yield f"{'kind':{width}}  mutants  equivalent  caught  survived    share"
    for row in rows:
        counts = f"{row.mutants:7}  {row.equivalent:10}  {row.caught:6}  {row.survived:8}"
        yield f"{row.kind:{width}}  {counts}  {row.share:7.2%}"


def _explain(tried: list[Attempt], most: int) -> None:
    print("\nEquivalent, by rule:")
    for reason, count in Counter(a.equivalent for a in tried if a.equivalent and not a.caught).most_common():
        print(f"{count:6}  {reason}")
    harsh = [a for a in tried if a.caught and a.equivalent]
    if harsh:
        print(f"\nJudged wrong although true by the rules: {len(harsh)}")
        for attempt in harsh[:most]:
            print(f"  {attempt.where}: {attempt.kind}: {attempt.change}  [{attempt.equivalent}]")
    survivors = [a for a in tried if not a.caught and not a.equivalent]
    print(f"\nSurvivors: {len(survivors)}")
    for attempt in survivors[:most]:
        print(f"  {attempt.where}: {attempt.kind}: {attempt.change}  [{attempt.hint}]")


def _as_json(rows: list[Row], total: Row, tried: list[Attempt], seed: int) -> str:
    survivors = [asdict(a) for a in tried if not a.caught and not a.equivalent]
    reasons = Counter(a.equivalent for a in tried if a.equivalent and not a.caught)
    table = [asdict(row) | {"share": row.share} for row in (*rows, total)]
    return json.dumps({"seed": seed, "rows": table, "equivalent": reasons, "survivors": survivors}, indent=1)


if __name__ == "__main__":
    sys.exit(main())
