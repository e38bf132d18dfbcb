"""
What a second worker brings: `python -m tests.bench.workers [POSTS]` tags a backlog with one and with two.

In turns, so that whatever else the machine does falls on both. The database's server works on the same
machine, so with two processors two workers and it share what one worker and it had.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from classify.shelf import ready
from models.home import Home
from models.store import Store, dialect
from tests.amends.crew import crew
from tests.bench.corridor import NOW
from tests.bench.kept import a_watch, postgresql, said

POSTS = 80_000
TIMES = 3
_WAITS = """
SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def backlog(url: str, posts: int) -> Store:
    """Return a store in which so many posts wait to be tagged."""
    store = Store.open(url)
    watch, made = a_watch(store), said(posts)
    for at in range(0, posts, dialect.BATCH):
        with store.begin(refetchable=True) as tx:
            tx.posts.add(watch, made[at : at + dialect.BATCH], NOW)
    return store


class Tagged(NamedTuple):
    """Posts a second, processors at work on whatever it was, and the share of time a worker waited for another."""

    rate: float
    busy: float
    waited: float


def tagged(home: Path, url: str, posts: int, workers: int) -> Tagged:
    """Let so many workers tag a backlog."""
    store = backlog(url, posts)
    looks: list[int] = []

    def done() -> bool:
        with store.read() as tx:
            looks.append(int(tx.session.connection().exec_driver_sql(_WAITS).scalar() or 0))
            return not tx.posts.stretches()

    with crew(home, url, home / "said.txt") as them:
        # Who has nothing to do yet is there when the first is.
        with store.begin() as tx:
            dialect.alone(tx.session.connection(), "original")
            them.starts(workers)
            time.sleep(6)
        begun, busy = time.monotonic(), _busy()
        them.until(done)
        took, used = time.monotonic() - begun, _busy() - busy
        them.ends()
    store.close()
    return Tagged(posts / took, used / took, sum(looks) / len(looks) / workers)


def _busy() -> float:
    """Return the seconds all processors have been at work, on whatever it was."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure in turns, and print what was measured."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else POSTS
    rates: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder, postgresql() as fresh:
        home = Home(Path(folder)).make()
        ready(home.classifiers, print, now=datetime.now(UTC))
        for turn in range(TIMES):
            for workers in (1, 2):
                found = tagged(home.path, fresh(), posts, workers)
                rates[workers].append(found.rate)
                print(f"{turn + 1}: {workers} at work: {found.rate:,.0f} posts/s,"
                      f" {found.busy:.1f} processors busy, waited for one another"
                      f" {found.waited:.0%} of the time", flush=True)  # fmt: skip
    ratios = [two / one for one, two in zip(rates[1], rates[2], strict=True)]
    one, two = (statistics.median(rates[workers]) for workers in (1, 2))
    print(f"one worker {one:,.0f} posts/s, two {two:,.0f}: {statistics.median(ratios):.2f} times as many"
          f" (of {TIMES} turns {min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip


if __name__ == "__main__":
    main()
