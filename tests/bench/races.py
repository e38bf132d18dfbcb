"""
The whole corridor, file to stored, tagged and searchable, beside other ways with the same file.

Each run is a process of its own on an empty database, and all take turns, so that what else the machine
does hits all alike. What takes less than `SLOW` posts a second runs on `FEW` posts, and fewer times.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import create_engine

from classify.classifier import Classifier
from classify.examples import Examples, shipped
from classify.labels import Labels
from tests.bench.chatter import written
from tests.bench.kept import postgresql

FEW, LARGE = 10_000, 1_000_000
WAYS = {
    "amends": "Amends, a second process reading ahead of files from 8 MB on",
    "alone": "Amends in one process",
    "floor": "bare executemany of the same rows and indexes, no tags, no search",
    "to_sql": "pandas `to_sql`, no tags, no search, no second look at what is there",
    "obsei": "obsei 1.1.1 into its DuckDB, no tags; it also redacts",
    "row_at_a_time": "row at a time: look it up, stock scikit-learn, add, commit",
}
SLOW = frozenset(("obsei", "row_at_a_time"))
OURS = frozenset(("amends", "alone", "floor", "row_at_a_time"))
"""Ways that need our own packages; the others run in an environment of their own."""

LONGEST = 60.0
"""Seconds all runs of one way with one file may take; then fewer are made, at least one."""


class Run(NamedTuple):
    """What one run took: seconds, the most MB all its processes had at two looks a second, bytes of database a post."""

    seconds: float
    mb: float
    bytes_each: float


Key = tuple[str, str, int]
"""Database, way, posts."""


def race(
    sizes: Iterable[int],
    classifier: Path,
    beside: Path | None,
    say: Callable[[str], None],
) -> dict[Key, list[Run]]:
    """Run every way with each number of posts on both databases, in turn; return all runs."""
    runs: dict[Key, list[Run]] = defaultdict(list)
    with tempfile.TemporaryDirectory(dir=".") as base, postgresql() as fresh:
        folder = Path(base).absolute()
        for size in sizes:
            times = 5 if size < LARGE else 3
            for turn in range(times):
                for database, way in _ways(size, beside):
                    key = (database, way, size)
                    if _enough(runs[key]):
                        continue
                    ours = _one(key, folder, fresh, classifier, beside, runs)
                    say(f"{turn + 1}/{times} {database}, {way}: {size / ours.seconds:,.0f} posts/s")
    return runs


def _ways(size: int, beside: Path | None) -> Iterator[tuple[str, str]]:
    for database in ("SQLite", "PostgreSQL"):
        for way in WAYS:
            if (way in SLOW and size != FEW) or (way not in OURS and beside is None):
                continue
            if way == "alone" and size >= LARGE:
                continue  # a file of that size is never read so
            if database == "PostgreSQL" and way not in OURS:
                continue  # obsei has a store of its own, and pandas its drivers
            yield database, way


def _enough(runs: list[Run]) -> bool:
    return bool(runs) and sum(run.seconds for run in runs) + runs[-1].seconds > LONGEST


_LAST: dict[str, str] = {}
"""Of each database, the one Amends filled last: the floor writes its rows."""


def _one(
    key: Key,
    folder: Path,
    fresh: Callable[[], str],
    classifier: Path,
    beside: Path | None,
    runs: dict[Key, list[Run]],
) -> Run:
    database, way, size = key
    mine = folder / uuid4().hex
    mine.mkdir()
    url = fresh() if database == "PostgreSQL" else f"sqlite:///{mine}/posts.db"
    python = sys.executable if way in OURS else str(beside)
    command = [
        python, *(["-m", "tests.bench.ways"] if way in OURS else [str(Path("tests/bench/ways.py"))]),
        way, "--file", str(written(folder / f"posts{size}.jsonl", size)), "--posts", str(size),
        "--folder", str(mine), "--database", url, "--classifier", str(classifier),
        "--of", _LAST.get(database, ""),
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{way} failed: {ended.stderr or ended.stdout}")
    said = json.loads(ended.stdout.splitlines()[-1])
    run = Run(said["seconds"], said["mb"], _bytes(url, mine) / size)
    runs[key].append(run)
    if way == "amends":
        _forget(_LAST.get(database, ""))
        _LAST[database] = url
    else:
        _forget(url)
    return run


def _bytes(url: str, folder: Path) -> int:
    if url.startswith("postgresql"):
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
        with engine.connect() as connection:
            size = connection.exec_driver_sql(
                "SELECT pg_database_size(current_database())"
            ).scalar()
        engine.dispose()
        return int(size or 0)
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _forget(url: str) -> None:
    if url.startswith("sqlite"):
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent, ignore_errors=True)


def table(runs: dict[Key, list[Run]]) -> list[str]:
    """Return the table of all ways as lines of Markdown."""
    heads = ("database", "way", "posts", "posts/s (slowest to fastest of n)", "times row at a time",
             "times obsei", "of the floor", "peak MB", "bytes/post")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", f"|---|---|{'---:|' * 7}"]
    for (database, way, size), found in sorted(
        runs.items(),
        key=lambda one: (one[0][0] != "SQLite", list(WAYS).index(one[0][1]), one[0][2]),
    ):
        speed = size / _median(found)
        speeds = sorted(size / run.seconds for run in found)
        slow = FEW / _median(runs[database, "row_at_a_time", FEW])
        other, floor = runs.get(("SQLite", "obsei", FEW)), runs.get((database, "floor", size))
        lines.append(
            f"| {database} | {WAYS[way]} | {size:,} | {speed:,.0f}"
            f" ({speeds[0]:,.0f} to {speeds[-1]:,.0f} of {len(found)}) | {speed / slow:,.1f}"
            f" | {f'{speed * _median(other) / FEW:,.1f}' if other else '–'}"
            f" | {f'{_median(floor) / _median(found):.0%}' if floor else '–'}"
            f" | {max(run.mb for run in found):,.0f} | {found[-1].bytes_each:,.0f} |"
        )
    return lines


def _median(runs: list[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def curve(runs: dict[Key, list[Run]]) -> list[str]:
    """Return what a post costs beside what it cost with the fewest, which tells whether it is linear."""
    lines = [
        "| database | way | posts | microseconds a post | beside the fewest |",
        "|---|---|---:|---:|---:|",
    ]
    for database in ("SQLite", "PostgreSQL"):
        for way in ("amends", "alone", "floor"):
            each = {size: _median(found) / size * 1e6 for (where, which, size), found in runs.items()
                    if (where, which) == (database, way)}  # fmt: skip
            least = each[min(each)]
            lines += [f"| {database} | {WAYS[way]} | {size:,} | {cost:,.0f} | {cost / least:.2f} x |"
                      for size, cost in sorted(each.items())]  # fmt: skip
    return lines


def main() -> None:
    """Race, and print the tables."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--sizes", default="10000,100000,1000000")
    asked.add_argument("--beside", default="", help="a Python with obsei and pandas")
    asked.add_argument("--folder", type=Path, required=True, help="for the classifier")
    options = asked.parse_args()
    labels, classifier = Labels.load(), options.folder / "classifier"
    Classifier.train(labels, Examples(shipped(labels), labels)).save(classifier)
    beside = Path(options.beside) if options.beside else None
    runs = race([int(size) for size in options.sizes.split(",")], classifier, beside,
                lambda line: print(line, file=sys.stderr, flush=True))  # fmt: skip
    if beside is None:
        print("pandas and obsei: not installed\n")
    print("\n".join([*table(runs), "", *curve(runs)]))


if __name__ == "__main__":
    main()
