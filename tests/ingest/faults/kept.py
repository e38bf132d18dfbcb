"""The store in which the answers to one fault are kept, and what is in it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import text

from models.incident import IncidentRow, Watch, WatchRow
from models.store import Store
from tests.ingest.faults.plan import Found, Heard
from tests.recorded import NOW, watch_of

_SOON = int((NOW + timedelta(days=1)).timestamp() * 1e6)
_POSTS = "SELECT external_id, posted_at, text FROM post JOIN sighting ON post_id = id WHERE watch_id = :id"
_SPANS = "SELECT since, until FROM coverage WHERE watch_id = :id"


class Kept:
    """Keeps recorded watches, and looks at the rows."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def watch(self, heard: Heard) -> Watch:
        """Keep a recorded watch, and return it."""
        told = watch_of(Path(heard.case))
        with self.store.begin() as tx:
            incident = tx.incidents.add(
                IncidentRow(slug="down", title="Down", company="Reelpost", began=NOW, opened_at=NOW)
            )
            row, _ = tx.watches.add(
                WatchRow(
                    incident_id=incident.id or 0, key="", source=told.source, address=told.address,
                    terms=list(told.terms), settings=told.settings, since=told.since,
                    until=told.until, bookmark=told.bookmark, created_at=NOW,
                )
            )  # fmt: skip
            return row.as_watch()

    def again(self, watch: Watch) -> Watch:
        """Return a watch as it stands now, whether or not it is paused or told to wait."""
        with self.store.read() as tx:
            holes = tx.holes.of([watch.id]).get(watch.id, ())
            now = tx.watches.get(watch.id).as_watch()
            return msgspec.structs.replace(now, holes=tuple(hole.as_hole() for hole in holes))

    def seen(self, watch: Watch) -> frozenset[str]:
        """Return the ids of the posts a watch has brought."""
        return frozenset(row[0] for row in self._rows(_POSTS, watch))

    def trouble(self, watch: Watch) -> str:
        """Return the sentence a person sees of a watch in trouble."""
        with self.store.read() as tx:
            return tx.watches.get(watch.id).trouble or ""

    def look(self, found: Found, watch: Watch, looks: str) -> None:
        """Write down how the faulty watch stands; `watch` is as it was."""
        posts = list(self._rows(_POSTS, watch))
        found.seen = frozenset(row[0] for row in posts)
        found.late = sum(row[1] is not None and row[1] > _SOON for row in posts)
        found.looked = any(looks in row[2] for row in posts)
        found.covered = tuple((row[0] / 1e6, row[1] / 1e6) for row in self._rows(_SPANS, watch))
        with self.store.read() as tx:
            row = tx.watches.get(watch.id)
            found.trouble, found.sentence = row.trouble_kind or "", row.trouble or ""
            found.wait = (row.not_before - NOW).total_seconds() if row.not_before else None
            found.moved = row.bookmark != watch.bookmark
            found.owes = row.chain is not None or bool(tx.holes.of([watch.id]))

    def _rows(self, query: str, watch: Watch) -> Iterator[Any]:
        with self.store.read() as tx:
            yield from tx.session.execute(text(query), {"id": watch.id}).all()
