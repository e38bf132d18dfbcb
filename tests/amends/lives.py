"""
Lives of homes that are killed on their way, and what is looked at after each kill.

A life collects one stretch from four places and then a second one. After every kill the database is looked
at from outside: whatever is said to be complete must be there, and of what the killed process was
given, one answer a place may be missing.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from math import gcd
from pathlib import Path
from typing import NamedTuple, Self

import msgspec
from sqlalchemy import create_engine, inspect, text

from models.columns import from_micros
from tests.amends.sweep import Run
from tests.amends.swept_server import PLACES, SPREAD, STRETCHES, SweptServer

STEP = 16
"""Of a call made more than a hundred times, one in so many is a point to be killed at."""

_SPANS = """
SELECT watch.source, coverage.since, coverage.until
FROM coverage JOIN watch ON watch.id = coverage.watch_id
"""


class Driver:
    """Starts the processes that are killed, while a `with` lasts."""

    def __enter__(self) -> Self:
        """Begin."""
        command = [sys.executable, "-m", "tests.amends.sweep"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def run(self, run: Run) -> int:
        """Start a process, and return how it ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(run) + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        """End."""
        self._process.communicate()


class Found(NamedTuple):
    """What a database holds: posts by source and id, what is proved of which source, and holes."""

    posts: Sequence[tuple[str, str]] = ()
    proved: Sequence[tuple[str, datetime, datetime]] = ()
    holes: int = 0


def look(url: str) -> Found:
    """Look into a database from outside; one without tables holds nothing."""
    engine = create_engine(url, isolation_level="SERIALIZABLE")
    try:
        with engine.begin() as connection:
            if engine.name == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            # The table that is made last.
            if not inspect(connection).has_table("hole"):
                return Found()
            posts = connection.execute(text("SELECT source, external_id FROM post"))
            spans = connection.execute(text(_SPANS))
            return Found(
                [(place, key) for place, key in posts],
                [(place, from_micros(since), from_micros(until)) for place, since, until in spans],
                connection.execute(text("SELECT count(*) FROM hole")).scalar_one(),
            )
    finally:
        engine.dispose()


class Sweep:
    """Lives one after the other on one kind of database, and what was counted in them."""

    def __init__(
        self,
        driver: Driver,
        server: SweptServer,
        calls: list[str],
        look_after_kill: Callable[[str], Found],
    ) -> None:
        self._driver, self._server, self._calls = driver, server, calls
        self._look_after_kill = look_after_kill
        self._moments = random.Random(881)
        self._points: list[list[tuple[str, int]]] = []
        self._answers: dict[str, int] = {}
        self._lives = 0
        self.kills: Counter[str] = Counter()
        self.again: Counter[str] = Counter()

    def undisturbed(self, url: str, log: Path) -> None:
        """Live once without being killed: the points to be killed at, and the answers it takes."""
        self._server.answers.clear()
        for stretch in range(len(STRETCHES)):
            assert self._run(url, stretch, log=str(log)) == 0, "not even undisturbed it ends well"
            self._points.append(_spread(_points(self._calls, log.read_text())))
            self._check_whole(url)
        self._answers = {place: self._server.asked_for(place) for place in PLACES}

    def life(self, url: str) -> None:
        """Live once: killed at the next point of each stretch, the start after that by chance too."""
        self._server.answers.clear()
        before = self.kills.copy(), self.again.copy()
        for stretch, points in enumerate(self._points):
            ended = None
            for call, number in (points[self._lives % len(points)], self._moments.choice(points)):
                given = len(self._server.answers)
                ended = self._run(url, stretch, call=call, number=number)
                if ended == 0:
                    break
                assert ended == -signal.SIGKILL, f"a start was refused ({ended})"
                self.kills[call] += 1
                self._server.settle()
                self._check_part(self._look_after_kill(url), given)
            if ended != 0:
                ended = self._run(url, stretch)
            assert ended == 0, f"a start was refused ({ended})"
            self._check_whole(url)
        self._lives += 1
        kills, again = self.kills - before[0], self.again - before[1]
        for place, answers in self._answers.items():
            # Besides, every start has one look at what is new.
            most = answers + again[place] + kills.total()
            assert answers <= self._server.asked_for(place) <= most

    def _run(self, url: str, stretch: int, call: str = "", number: int = 0, log: str = "") -> int:
        server = self._server
        server.shown_to = server.began + (stretch + 1) * SPREAD
        now = server.shown_to + timedelta(minutes=10)
        run = Run(
            url=url, server=server.name, watches=server.watches(), until=server.shown_to,
            behind=(datetime.now(UTC) - now).total_seconds(),
            calls=self._calls, call=call, number=number, log=log or "/dev/null",
        )  # fmt: skip
        return self._driver.run(run)

    def _check_part(self, found: Found, given: int) -> None:
        kept = set(found.posts)
        assert len(found.posts) == len(kept), "a post is kept twice"
        for place, since, until in found.proved:
            proved = {
                (place, one.key) for one in self._server.shown(place) if since <= one.at < until
            }
            assert proved <= kept, f"{place} is said to be complete and isn't"
        missing = Counter(
            place
            for place, keys in self._server.answers[given:]
            if any((place, key) not in kept for key in keys)
        )
        assert all(answers == 1 for answers in missing.values()), f"will be asked again: {missing}"
        self.again += missing

    def _check_whole(self, url: str) -> None:
        served = [(place, one.key) for place in PLACES for one in self._server.shown(place)]
        found = look(url)
        assert sorted(found.posts) == sorted(served)
        assert not found.holes, "a stretch is said to be open or lost, though all of it was read"


def _points(calls: list[str], log: str) -> list[tuple[str, int]]:
    """Return what a process can be killed before: calls by name, and which of them in a thread."""
    made = Counter(re.findall(r"^(\d+) +(\w+)\(", log, re.MULTILINE))
    most = {call: max((made[key] for key in made if key[1] == call), default=0) for call in calls}
    return [
        (call, number)
        for call, times in most.items()
        for number in range(1, times + 1, STEP if times > 100 else 1)
    ]


def _spread(points: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return all points, so ordered that the first few lie all over them."""
    size = len(points)
    step = next(step for step in count(round(size * 0.618)) if gcd(step, size) == 1)
    return [points[at * step % size] for at in range(size)]
