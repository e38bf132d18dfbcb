"""Watches within one transaction: their bookmarks, their troubles, and which of them are due."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from sqlmodel import Session, col, func, select

from models.errors import SetupError
from models.incident import WatchRow
from models.post import SightingRow


def key_of(watch: WatchRow) -> str:
    """Return what makes a watch the same one again: all that a person said of it."""
    said = (
        watch.source, watch.address, sorted(watch.terms), sorted(watch.settings.items()),
        watch.since, watch.until, watch.once,
    )  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:24]


class Watches:
    """Add, find and update watches."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, watch: WatchRow) -> tuple[WatchRow, bool]:
        """Keep a watch and say whether it is new: the same one asked for twice is one."""
        watch.key = key_of(watch)
        known = self._session.exec(
            select(WatchRow)
            .where(WatchRow.incident_id == watch.incident_id)
            .where(WatchRow.key == watch.key)
        ).first()
        if known is None:
            self._session.add(watch)
            self._session.flush()
            return watch, True
        returned = known.removed_at is not None
        known.removed_at = None
        self._session.flush()
        return known, returned

    def of(self, incident_id: int, *, once: bool | None = False) -> list[WatchRow]:
        """Return an incident's watches; with `once` its backfills, with None both."""
        query = (
            select(WatchRow)
            .where(WatchRow.incident_id == incident_id)
            .where(col(WatchRow.removed_at).is_(None))
            .order_by(col(WatchRow.id))
        )
        if once is not None:
            query = query.where(col(WatchRow.once).is_(once))
        return list(self._session.exec(query))

    def get(self, watch_id: int) -> WatchRow:
        """Return the watch with this id."""
        found = self._session.get(WatchRow, watch_id)
        if found is None or found.removed_at is not None:
            message = f"there is no watch {watch_id}"
            raise SetupError(message, "amends watch list shows them with their ids")
        return found

    def newest(self, incident_id: int) -> dict[int, datetime]:
        """Return when each watch of an incident last brought a post, by watch id."""
        query = (
            select(SightingRow.watch_id, func.max(SightingRow.seen_at))
            .where(SightingRow.incident_id == incident_id)
            .group_by(col(SightingRow.watch_id))
        )
        return {watch_id: seen_at for watch_id, seen_at in self._session.exec(query) if seen_at}

    def due(self, incident_id: int, now: datetime) -> list[WatchRow]:
        """Return the watches to ask now: neither paused nor told to wait."""
        return [
            watch
            for watch in self.of(incident_id)
            if watch.paused_at is None and (watch.not_before is None or watch.not_before <= now)
        ]

    def went_on(
        self, watch_id: int, chain: str | None, bookmark: str | None, now: datetime
    ) -> None:
        """Note a good answer: `chain` is what to ask next, and at its end `bookmark` moves."""
        watch = self._row(watch_id)
        watch.chain = chain
        if chain is None and bookmark is not None:
            watch.bookmark = bookmark
        watch.trouble = watch.trouble_kind = watch.trouble_since = watch.not_before = None
        watch.asked_at = now
        self._session.flush()

    def in_trouble(
        self, watch_id: int, kind: str, said: str, now: datetime, not_before: datetime | None
    ) -> None:
        """Note what went wrong, since when, and when to come back; a refusal pauses the watch."""
        watch = self._row(watch_id)
        if watch.trouble_kind != kind:
            watch.trouble_since = now
        watch.trouble, watch.trouble_kind, watch.not_before = said, kind, not_before
        if kind == "refused" and not watch.once:
            watch.paused_at = watch.paused_at or now
        watch.asked_at = now
        self._session.flush()

    def wait(self, watch_id: int, until: datetime) -> None:
        """Note that a source asked to be left alone until then, with nothing wrong."""
        self._row(watch_id).not_before = until
        self._session.flush()

    def start_over(self, watch_id: int) -> None:
        """Drop an unfinished chain: the next question begins from the bookmark."""
        self._row(watch_id).chain = None
        self._session.flush()

    def save(self, watch: WatchRow) -> WatchRow:
        """Keep what was changed on a watch."""
        self._session.add(watch)
        self._session.flush()
        return watch

    def _row(self, watch_id: int) -> WatchRow:
        row = self._session.get(WatchRow, watch_id)
        if row is None:
            message = f"watch {watch_id} is gone"
            raise SetupError(message, "amends watch list")
        return row
