"""Holes within one transaction: opened, filled a little, closed, lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

from sqlmodel import Session, col, select

from models.coverage import Span
from models.hole import MOST_LOST, HoleRow

STOPPED = "Amends was stopped in the middle of it"
"""Why a hole is open unless we hear of another reason."""

RARELY = timedelta(minutes=15)
"""How long to leave a hole alone whose question the source doesn't take."""


class Holes:
    """Holes within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, watch_ids: Iterable[int], *, lost: bool = False) -> dict[int, list[HoleRow]]:
        """Return the open holes of watches, or the lost ones, each watch's oldest first."""
        rows = self._session.exec(
            select(HoleRow)
            .where(col(HoleRow.watch_id).in_(list(watch_ids)))
            .where(col(HoleRow.lost_at).is_not(None) if lost else col(HoleRow.lost_at).is_(None))
            .order_by(col(HoleRow.since), col(HoleRow.id))
        )
        found: dict[int, list[HoleRow]] = {}
        for row in rows:
            found.setdefault(row.watch_id, []).append(row)
        return found

    def is_open(self, watch_id: int, key: str) -> bool:
        """Return whether there is such a hole, still to be filled."""
        return self._find(watch_id, key) is not None

    def put(self, watch_id: int, key: str, span: Span | None, chain: str, now: datetime) -> None:
        """Open a hole, or note how far it is filled; without a `span` its stretch stays as it was."""
        row = self._find(watch_id, key)
        if row is None:
            if span is None:
                return
            row = HoleRow(watch_id=watch_id, key=key, since=span.since, until=span.until,
                          why=STOPPED, opened_at=now)  # fmt: skip
            self._session.add(row)
        if span is not None:
            row.since, row.until = span.since, span.until
        row.chain, row.not_before = chain, None
        self._session.flush()

    def say(self, watch_id: int, key: str, why: str) -> None:
        """Note why a hole is open, for people."""
        row = self._find(watch_id, key)
        if row is not None:
            row.why = why
            self._session.flush()

    def refuse(self, watch_id: int, key: str, why: str, now: datetime) -> None:
        """Note that the source doesn't take a hole's question: ask by its times, and not at once."""
        row = self._find(watch_id, key)
        if row is not None:
            row.chain, row.why, row.not_before = None, why, now + RARELY
            self._session.flush()

    def close(self, watch_id: int, key: str) -> None:
        """Forget a hole that is filled."""
        row = self._find(watch_id, key)
        if row is not None:
            self._session.delete(row)
            self._session.flush()

    def give_up(self, watch_id: int, key: str, why: str, now: datetime) -> None:
        """Close an open hole as lost."""
        row = self._find(watch_id, key)
        if row is not None:
            self.close(watch_id, key)
            self.lose(watch_id, row.span, why, now)

    def lose(self, watch_id: int, span: Span, why: str, now: datetime) -> None:
        """Note that a stretch can't be had any more; one that is known already stays one."""
        known = self.of([watch_id], lost=True).get(watch_id, [])
        if any(row.since <= span.since and span.until <= row.until for row in known):
            return
        row = HoleRow(
            watch_id=watch_id, key=uuid4().hex, since=span.since, until=span.until, why=why,
            opened_at=now, lost_at=now, seconds=round(span.length.total_seconds()),
        )  # fmt: skip
        self._session.add(row)
        if len(known) >= MOST_LOST:
            self._join(sorted([*known, row], key=lambda each: (each.since, each.until)))
        self._session.flush()

    def _join(self, rows: Sequence[HoleRow]) -> None:
        """Tell the two nearest as one, so that a source that loses often doesn't fill the database."""
        one, other = min(pairwise(rows), key=lambda pair: pair[1].since - pair[0].until)
        one.until = max(one.until, other.until)
        one.seconds += other.seconds
        if other.id is None:
            self._session.expunge(other)
        else:
            self._session.delete(other)

    def _find(self, watch_id: int, key: str) -> HoleRow | None:
        return self._session.exec(
            select(HoleRow)
            .where(HoleRow.watch_id == watch_id)
            .where(HoleRow.key == key)
            .where(col(HoleRow.lost_at).is_(None))
        ).first()
