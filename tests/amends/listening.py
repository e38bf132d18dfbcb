"""One watch that listens to a place of a test, round after round, through the collector's own doors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from ingest.collector import collect
from ingest.keep import keep
from ingest.source import Answer, Request, Response, Source
from ingest.walk import Outcome
from models.coverage import Span
from models.incident import IncidentRow, Watch, WatchRow
from models.store import Store
from models.store.views import PostLine
from tests.factories import an_incident

Fetch = Callable[[Request, datetime], Response]


class Brisk:
    """A source that leaves no pause between two questions: nobody is at the other end."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(self, response: Response) -> Answer:
        """Read an answer, without the pause after it."""
        return msgspec.structs.replace(self._source.read(response), wait=0.0)


class Listener:
    """A watch of an incident that began at `began`, and the place it asks."""

    def __init__(
        self, store: Store, source: Source, fetch: Fetch, began: datetime, **watch: Any
    ) -> None:
        self.store, self.ask = store, fetch
        self.sources: dict[str, Any] = {source.name: Brisk(source)}
        with store.begin() as tx:
            self.incident: IncidentRow = tx.incidents.add(an_incident(began=began))
            plain = {"key": "", "source": source.name, "created_at": began, "since": began}
            row = WatchRow(incident_id=self.incident.id or 0, **(plain | watch))
            self.watch: Watch = tx.watches.add(row)[0].as_watch()

    def rounds(self, *moments: datetime) -> list[Outcome]:
        """Ask at each of these moments if the watch is due, and keep what comes."""
        brought: list[Outcome] = []
        for now in moments:
            with self.store.read() as tx:
                due = tx.watches.due(self.watch.incident_id, now)
            brought += self._kept(collect(due, self.sources, self, lambda now=now: now), now)
        return brought

    def _kept(self, outcomes: Iterable[Outcome], now: datetime) -> Iterator[Outcome]:
        for outcome in outcomes:
            keep(self.store, outcome, now)
            yield outcome

    @property
    def posts(self) -> list[PostLine]:
        """What is kept."""
        with self.store.read() as tx:
            return list(tx.views.posts(self.watch.incident_id))

    @property
    def covered(self) -> list[Span]:
        """What is said to be complete."""
        with self.store.read() as tx:
            return tx.coverage.of(self.watch.id)
