"""
`python -m tests.bench.archive [POSTS]`: archives by one worker, by two, and with one that is killed.

All write the same rows, or it fails. The machine may be shared, so CPU seconds are told as well: what
two workers spend more than one is what working together costs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

POSTS = 200_000
FILES = 4
PIECE = 16 * 1024 * 1024
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Run(NamedTuple):
    """Seconds of scoring, CPU seconds of the workers for it, the most memory of one in MB, tries in vain."""

    took: float
    cpu: float
    memory: float
    again: int
    digest: str


def write(folder: Path, texts: list[str], many: int) -> None:
    """Write posts of ten days in order of time, in a few files."""
    chance = random.Random(20260304)
    folder.mkdir()
    for file in range(FILES):
        with (folder / f"{file}.jsonl").open("w", encoding="utf-8") as stream:
            for n in range(file * many // FILES, (file + 1) * many // FILES):
                at = BEGAN + timedelta(days=10 * n / many)
                text = f"{chance.choice(texts)} {chance.randrange(10**6)}"
                stream.write(
                    json.dumps({"id": n, "text": text, "posted_at": at.isoformat()}) + "\n"
                )


def run(source: Path, dest: Path, classifier: Any, workers: int, *, kill: bool = False) -> Run:
    """Score an archive; with `kill`, end one worker by its process's number when a quarter is done."""
    from classify.archive.crew import crew, spread
    from classify.archive.job import prepare
    from classify.archive.place import Place

    job = prepare(Place(str(source)), Place(str(dest)), classifier, piece_bytes=PIECE, now=NOW)
    many, before = len(job.missing), {}
    with crew(None, workers) as client:
        # What it costs to start is the same for an archive of any size.
        client.run(warm)
        pids = client.run(os.getpid)

        def tell(note: Any) -> None:
            job.notes[note.piece.id] = note
            if kill and not before and len(job.notes) * 4 >= many:
                before.update(stamps(dest))
                os.kill(next(iter(pids.values())), signal.SIGKILL)

        started = sum(client.run(time.process_time).values())
        began = time.perf_counter()
        failed, again = spread(client, job.work, job.missing, tell)
        took = time.perf_counter() - began
        cpu = sum(client.run(time.process_time).values()) - started
        memory = max(client.run(peak).values())
    assert not failed, failed
    after = stamps(dest)
    assert all(after[path] == stamp for path, stamp in before.items()), "a piece was done twice"
    return Run(took, cpu, memory, again, digest(dest))


def warm() -> None:
    """Load what a worker needs."""
    import classify.archive.score  # noqa: F401


def peak() -> float:
    """Return the most memory of this process so far, in MB."""
    # The system's own count begins with what the process that started this one had.
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in told.splitlines() if "VmHWM" in line) / 1024


def stamps(dest: Path) -> dict[Path, int]:
    """Return when each piece that is done was noted."""
    return {path: path.stat().st_mtime_ns for path in (dest / "_pieces").glob("*.json")}


def digest(dest: Path) -> str:
    """Return a digest of all rows, in whatever files and order they lie."""
    import pyarrow as pa
    from pyarrow import ipc, parquet

    parts: dict[str, list[Any]] = defaultdict(list)
    for path in dest.glob("day=*/label=*/*.parquet"):
        name = str(path.parent.relative_to(dest))
        parts[name].append(parquet.read_table(path, partitioning=None))
    found = hashlib.sha256()
    for name in sorted(parts):
        table = pa.concat_tables(parts[name]).sort_by("id").combine_chunks()
        sink = pa.BufferOutputStream()
        with ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        found.update(name.encode() + sink.getvalue())
    return found.hexdigest()


def main() -> None:
    """Measure, and print what was measured."""
    from classify.classifier import Classifier
    from classify.examples import Examples, shipped
    from classify.labels import Labels

    asked = argparse.ArgumentParser()
    asked.add_argument("posts", nargs="?", type=int, default=POSTS)
    asked.add_argument("--times", type=int, default=3)
    options = asked.parse_args()
    many, times = options.posts, options.times
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"distributed {version('distributed')}, pyarrow {version('pyarrow')}")  # fmt: skip
    labels = Labels.load()
    examples = Examples(shipped(labels), labels)
    classifier = Classifier.train(labels, examples, print)
    runs: dict[str, list[Run]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "posts")
        write(source, list(examples.texts), many)
        size = sum(path.stat().st_size for path in source.iterdir()) / 1e6
        print(f"{many:,} posts, {size:,.0f} MB; load before {os.getloadavg()[0]:.1f}")
        for at in range(times):
            for workers in (1, 2):
                dest = Path(folder, f"scored-{workers}-{at}")
                runs[str(workers)].append(run(source, dest, classifier, workers))
        killed = run(source, Path(folder, "killed"), classifier, 2, kill=True)
    print(f"load after {os.getloadavg()[0]:.1f}; medians of {times} in alternation")
    middle = {name: statistics.median(one.took for one in found) for name, found in runs.items()}
    for name, found in runs.items():
        cpu = statistics.median(one.cpu for one in found)
        memory = max(one.memory for one in found)
        print(f"{name} workers: {middle[name]:.1f} s, {many / middle[name]:,.0f} posts/s, {cpu:.1f} CPU "
              f"seconds, {memory:,.0f} MB a worker at most")  # fmt: skip
    print(f"two are {middle['1'] / middle['2']:.2f} x one")
    print(f"one of two killed at a quarter: {killed.took:.1f} s, {killed.again} piece tried again")
    same = {one.digest for found in runs.values() for one in found} | {killed.digest}
    print("equal rows in all runs" if len(same) == 1 else "THE ROWS DIFFER")
    sys.exit(len(same) != 1)


if __name__ == "__main__":
    main()
