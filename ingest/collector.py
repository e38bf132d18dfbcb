"""
The only loop that asks: due watches in a pool of threads, what comes back kept by one writer.

Watches of one place (a source and a host) are asked one after the other, all of them for what is new
before any goes back to fill its holes; a place that is down or wants to be left alone isn't asked by
the rest of them. Different places never wait for each other. A bad watch never stops the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, Queue
from urllib.parse import urlsplit

from ingest.registry import find
from ingest.source import Source
from ingest.walk import ANSWERS, SHORT, Asker, Outcome, Purse, hear_canary, walk
from models.errors import AmendsError, BudgetSpent, SourceBusy
from models.hole import MOST, Hole
from models.incident import Watch

THREADS = 16

FILLING = 50
"""Answers taken in one round to fill the holes of a watch that was asked afresh too."""

CANARY = timedelta(days=1)
"""How far back a canary must find something."""

FAILURES = 2
"""Watches of one place that may fail in a row before the rest of them aren't asked."""


def collect(
    watches: Sequence[Watch],
    sources: Mapping[str, Source],
    asker: Asker,
    clock: Callable[[], datetime],
) -> Generator[Outcome]:
    """Ask all these watches at once, and yield what comes back as it comes."""
    arrived: Queue[tuple[Outcome | None, threading.Event]] = Queue()
    stop = threading.Event()

    def hand_over(outcome: Outcome | None) -> None:
        # A place is asked on only when its last answer is kept, so that a kill costs one answer of it.
        kept = threading.Event()
        arrived.put((outcome, kept))
        while outcome is not None and not stop.is_set() and not kept.wait(0.2):
            continue

    def follow(place: list[Watch]) -> None:
        try:
            for outcome in _visit(place, sources, asker, clock):
                hand_over(outcome)
                if stop.is_set():
                    return
        finally:
            hand_over(None)

    places = list(by_place(watches).values())
    with ThreadPoolExecutor(max(1, min(THREADS, len(places))), "ask") as pool:
        try:
            for place in places:
                pool.submit(follow, place)
            walking = len(places)
            while walking:
                try:
                    outcome, kept = arrived.get(timeout=0.5)
                except Empty:
                    continue
                if outcome is None:
                    walking -= 1
                else:
                    yield outcome
                    kept.set()
        finally:
            stop.set()


def place_of(watch: Watch) -> str:
    """Return whom a watch asks: its source, and the host where that has an address."""
    try:
        host = urlsplit(watch.address or "").netloc.lower()
    except ValueError:
        host = ""
    return f"{watch.source} {host}".rstrip()


def by_place(watches: Sequence[Watch]) -> dict[str, list[Watch]]:
    """Return the watches by whom they ask, in their order."""
    places: dict[str, list[Watch]] = {}
    for watch in watches:
        places.setdefault(place_of(watch), []).append(watch)
    return places


class _Visit:
    """One round at one place: its watches for what is new, then for what is still missing."""

    def __init__(
        self, source: Source, asker: Asker, clock: Callable[[], datetime], place: list[Watch]
    ) -> None:
        self._source, self._asker, self._clock = source, asker, clock
        self._purses = {watch.id: Purse(watch.left) for watch in place}
        self._circuit = _Circuit()

    def ask(self, watch: Watch) -> Iterator[Outcome]:
        """Ask for what is new, unless the place is down or the watch has holes enough."""
        if self._circuit.error is not None:
            yield Outcome(watch, error=self._circuit.error)
            return
        if _full_of_holes(watch):
            return
        silent = True
        for outcome in self._walk(watch, ANSWERS, None):
            silent = silent and outcome.answer is not None and not outcome.answer.posts
            yield outcome
        if silent and watch.canary is not None and self._circuit.error is None:
            since, purse = self._clock() - CANARY, self._purses[watch.id]
            heard = hear_canary(watch, self._source, self._asker, self._clock, since, purse)
            self._circuit.hear(heard)
            yield heard

    def fill(self, watch: Watch) -> Iterator[Outcome]:
        """Go on in the holes, oldest first: those are the next to fall out of a source's reach."""
        most = ANSWERS if _full_of_holes(watch) else FILLING
        for hole in watch.holes:
            if self._circuit.error is not None or most <= 0:
                return
            if hole.not_before is not None and hole.not_before > self._clock():
                continue
            for outcome in self._walk(watch, most, hole):
                most -= 1
                yield outcome

    def _walk(self, watch: Watch, most: int, hole: Hole | None) -> Iterator[Outcome]:
        purse = self._purses[watch.id]
        for outcome in walk(
            watch, self._source, self._asker, self._clock, most, hole=hole, purse=purse
        ):
            self._circuit.hear(outcome)
            yield outcome


def _visit(
    place: list[Watch],
    sources: Mapping[str, Source],
    asker: Asker,
    clock: Callable[[], datetime],
) -> Iterator[Outcome]:
    try:
        visit = _Visit(find(sources, place[0].source), asker, clock, place)
    except AmendsError as error:
        yield from (Outcome(watch, error=error) for watch in place)
        return
    for step in (visit.ask, visit.fill):
        for watch in place:
            yield from step(watch)


def _full_of_holes(watch: Watch) -> bool:
    return len(watch.holes) >= MOST


class _Circuit:
    """Whether a place is worth asking: open, with the error to tell, once it isn't."""

    def __init__(self) -> None:
        self.error: SourceBusy | None = None
        self._failures = 0

    def hear(self, outcome: Outcome) -> None:
        """Count failures in a row; a place that names a time to come back needs only one."""
        error = outcome.error
        if outcome.answer is not None:
            self._failures = 0
            if outcome.answer.wait > SHORT:
                message = "the source asked to be left alone for a while"
                self.error = SourceBusy(
                    message, "it will be asked again", retry_after=outcome.answer.wait
                )
        elif isinstance(error, SourceBusy) and not isinstance(error, BudgetSpent):
            self._failures += 1
            if error.retry_after is not None or self._failures >= FAILURES:
                self.error = error
