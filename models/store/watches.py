"""Watches within one transaction: their bookmarks, their troubles, and which of them are due."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlmodel import Session, col, func, select

from models.budget import Left, SpentRow, day_of
from models.errors import SetupError
from models.hole import HoleRow
from models.incident import Watch, WatchRow
from models.listening import Listening, listening
from models.post import SightingRow
from models.store.holes import Holes
from models.store.verified import Verified

SINGS = timedelta(minutes=15)
"""How often a canary is asked for."""


def key_of(watch: WatchRow) -> str:
    """Return what makes a watch the same one again: all that a person said of it."""
    said = (
        watch.source, watch.address, sorted(watch.terms), sorted(watch.settings.items()),
        watch.since, watch.until, watch.once,
    )  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:24]


class Standing(NamedTuple):
    """
    How a watch stands: its state, its holes, oldest first, and what it has spent today.

    `verified` is as of when all posts of its source, whoever brought them, are known to be there still.
    """

    row: WatchRow
    state: Listening
    holes: list[HoleRow]
    lost: list[HoleRow]
    requests: int
    reads: int
    verified: datetime | None

    @property
    def lost_seconds(self) -> int:
        """How much can't be had any more."""
        return sum(hole.seconds for hole in self.lost)


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

    def seen_by(self, watch_id: int) -> Watch:
        """Return a watch that saw something, also one that was removed since."""
        return self._row(watch_id).as_watch()

    def newest(self, incident_id: int) -> dict[int, datetime]:
        """Return when each watch of an incident last brought a post, by watch id."""
        seen = (
            select(func.max(SightingRow.seen_at))
            .where(col(SightingRow.watch_id) == WatchRow.id)
            .correlate(WatchRow)
            .scalar_subquery()
        )
        # Watch by watch each answer is the end of an index; grouped, all sightings are read.
        query = select(WatchRow.id, seen).where(WatchRow.incident_id == incident_id)
        return {key: seen_at for key, seen_at in self._session.exec(query) if key and seen_at}

    def standing(self, incident_id: int, now: datetime) -> list[Standing]:
        """Return how each of an incident's watches stands."""
        rows = self.of(incident_id)
        ids = [row.id or 0 for row in rows]
        newest = self.newest(incident_id)
        proofs = Verified(self._session)
        verified = {source: proofs.oldest(source) for source in {row.source for row in rows}}
        still, lost = (Holes(self._session).of(ids, lost=which) for which in (False, True))
        found = []
        for key, row in zip(ids, rows, strict=True):
            holes = still.get(key, [])
            state = listening(row, newest.get(key), now, holes)
            requests, reads = self.spent(key, now)
            found.append(
                Standing(
                    row, state, holes, lost.get(key, []), requests, reads, verified[row.source]
                )
            )
        return found

    def due(self, incident_id: int, now: datetime) -> list[Watch]:
        """Return the watches to ask now: neither paused nor told to wait."""
        rows = [
            watch
            for watch in self.of(incident_id)
            if watch.paused_at is None and (watch.not_before is None or watch.not_before <= now)
        ]
        holes = Holes(self._session).of(row.id or 0 for row in rows)
        return [
            msgspec.structs.replace(
                row.as_watch(),
                holes=tuple(hole.as_hole() for hole in holes.get(row.id or 0, ())),
                left=self._left(row, now),
                canary=row.canary if _wants_canary(row, now) else None,
            )
            for row in rows
        ]

    def _left(self, row: WatchRow, now: datetime) -> Left:
        spent = self._session.get(SpentRow, (row.id, day_of(now))) or SpentRow(
            watch_id=row.id or 0, day=""
        )
        return Left(
            requests=_less(row.requests_a_day, spent.requests),
            reads=_less(row.reads_a_day, spent.reads),
        )

    def spend(self, watch_id: int, requests: int, reads: int, now: datetime) -> None:
        """Count what was asked and charged, in the transaction that keeps what it brought."""
        row = self._session.get(SpentRow, (watch_id, day_of(now)))
        if row is None:
            row = SpentRow(watch_id=watch_id, day=day_of(now))
            self._session.add(row)
        row.requests += requests
        row.reads += reads
        self._session.flush()

    def left(self, watch_id: int, now: datetime) -> Left:
        """Return what is left of a watch's budget for today."""
        return self._left(self._row(watch_id), now)

    def is_spent(self, watch_id: int, now: datetime) -> bool:
        """Return whether nothing is left of a watch's budget for today."""
        left = self._left(self._row(watch_id), now)
        return 0 in (left.requests, left.reads)

    def spent(self, watch_id: int, now: datetime) -> tuple[int, int]:
        """Return today's requests and paid reads of a watch."""
        row = self._session.get(SpentRow, (watch_id, day_of(now)))
        return (0, 0) if row is None else (row.requests, row.reads)

    def sang(self, watch_id: int, found: bool, now: datetime) -> None:
        """Note whether the canary found something."""
        watch = self._row(watch_id)
        watch.canary_at = now
        watch.mute_since = None if found else watch.mute_since or now
        self._session.flush()

    def went_on(
        self, watch_id: int, chain: str | None, bookmark: str | None, now: datetime
    ) -> None:
        """
        Note a good answer: `chain` is what to ask next, and `bookmark` where to begin next time.

        A bookmark moves only at the end of a chain, or together with the hole the chain has still to
        fill; None leaves it where it was.
        """
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


def _less(limit: int | None, spent: int) -> int | None:
    return None if limit is None else max(limit - spent, 0)


def _wants_canary(row: WatchRow, now: datetime) -> bool:
    return row.canary is not None and (row.canary_at is None or now - row.canary_at >= SINGS)
