"""Processes that die, sleep and wake, and the line by which they ask."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ingest.source import Request, Response
from ingest.walk import Outcome
from models.errors import SourceBusy
from models.lease import Lease
from models.store import Store
from tests.amends.machine.ground import place_of
from tests.amends.machine.places import Place


class Dead(SourceBusy):
    """The process has died; nobody hears this."""


class Line:
    """The asker that brings a question to the place at its address; `meanwhile` happens before each."""

    def __init__(
        self, places: Mapping[str, Place], meanwhile: Callable[[Place], None] | None = None
    ) -> None:
        self._places, self._meanwhile = places, meanwhile
        self.dead = False

    def ask(self, request: Request, now: datetime) -> Response:
        """Bring it there."""
        if self.dead:
            message = "the process has died"
            raise Dead(message, retry_after=3600.0)
        place = self._places[place_of(request.url)]
        if self._meanwhile is not None:
            self._meanwhile(place)
        return place.answer(request)


class Asking:
    """
    A round that can be stopped at any outcome: of each place the next comes when the last is kept.

    Places are asked one after the other, or `in_turn`.
    """

    def __init__(self, walks: Sequence[Iterator[Outcome]], line: Line, *, in_turn: bool) -> None:
        self._walks, self._line, self._in_turn = list(walks), line, in_turn

    def __iter__(self) -> Iterator[Outcome]:
        """Yield outcome after outcome."""
        while self._walks:
            walk = self._walks.pop(0)
            outcome = next(walk, None)
            if outcome is not None:
                self._walks.insert(len(self._walks) if self._in_turn else 0, walk)
                yield outcome

    def cut(self) -> None:
        """Be killed: whatever it was about to ask is never heard of."""
        self._line.dead = True
        for walk in self._walks:
            deque(walk, maxlen=0)
        self._walks = []


class Process:
    """
    One Amends: its store, its lease, and where it fell asleep, with an outcome in its hands.

    `limits` are the watches' budgets when it began its round.
    """

    def __init__(self, name: str, url: str) -> None:
        self._name, self._url, self._lives = name, url, 0
        self.start()

    @property
    def name(self) -> str:
        """Whom the lease names."""
        return f"{self._name}, process {self._lives}"

    def start(self) -> None:
        """Begin anew, knowing nothing."""
        self._lives += 1
        self.store = Store.open(self._url)
        self.lease: Lease | None = None
        self.limits: dict[int, int | None] = {}
        self.asleep: tuple[Outcome, Iterator[Outcome], Asking] | None = None

    def stop(self) -> None:
        """Let go of everything."""
        if self.asleep is not None:
            self.asleep[2].cut()
        self.store.close()


def in_order(outcomes: Iterable[Outcome], *, in_turn: bool) -> list[Outcome]:
    """Return what came in parallel in an order that is always the same."""
    places: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        places.setdefault(outcome.watch.source, []).append(outcome)
    rows = [
        ((nth, name) if in_turn else (name, nth), outcome)
        for name, found in places.items()
        for nth, outcome in enumerate(found)
    ]
    return [outcome for _, outcome in sorted(rows, key=lambda row: row[0])]
