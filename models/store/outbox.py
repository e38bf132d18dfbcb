"""
The outbox within one transaction: put in once, claimed by one, sent, tried again or given up.

A claim is compare-and-set: it holds for `HOLDS`, longer than any way of sending may take. Whoever dies
meanwhile leaves a row that comes due again, and is sent a second time at the worst.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, text, update
from sqlmodel import Session, col, select

from models.columns import to_micros
from models.outbox import OutboxRow

HOLDS = timedelta(minutes=3)
"""How long a claim keeps others away."""

LONGEST_SAID = 300

_PUT = text("""
INSERT INTO outbox (event_id, destination, kind, incident_id, title, value, created_at, state, tries,
    not_before, remaining)
VALUES (:event_id, :destination, :kind, :incident_id, :title, :value, :at, 'waiting', 0, :at, '')
ON CONFLICT (event_id, destination) DO NOTHING
""")


class Outbox:
    """Events on their way, within one transaction, which is durable."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, rows: Iterable[OutboxRow]) -> list[str]:
        """Put rows in, unless they are there already; return the destinations that are new."""
        new = []
        for row in rows:
            said = self._session.connection().execute(_PUT, {
                "event_id": row.event_id, "destination": row.destination, "kind": row.kind,
                "incident_id": row.incident_id, "title": row.title, "value": row.value,
                "at": to_micros(row.created_at),
            })  # fmt: skip
            new += [row.destination] if said.rowcount else []
        return new

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return those of the events that were ever put in, for whatever destination."""
        query = select(OutboxRow.event_id).where(col(OutboxRow.event_id).in_(event_ids))
        return set(self._session.exec(query))

    def destinations(self, now: datetime) -> list[str]:
        """Return the destinations for which something is due."""
        query = select(OutboxRow.destination).where(OutboxRow.state == "waiting")
        return sorted(set(self._session.exec(query.where(OutboxRow.not_before <= now))))

    def claim(self, destination: str, now: datetime) -> OutboxRow | None:
        """Return the next row due for a destination, claimed for `HOLDS`; what failed least goes first."""
        row = self._session.exec(
            select(OutboxRow)
            .where(OutboxRow.state == "waiting")
            .where(OutboxRow.destination == destination)
            .where(OutboxRow.not_before <= now)
            .order_by(col(OutboxRow.tries), col(OutboxRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.claim, row.tries, row.not_before = secrets.token_hex(8), row.tries + 1, now + HOLDS
        self._session.flush()
        return row

    def sent(self, claimed: OutboxRow, now: datetime, said: str = "") -> None:
        """Mark a claimed row as sent; its value isn't needed any more."""
        if (row := self._mine(claimed)) is not None:
            row.state, row.sent_at, row.claim, row.value = "sent", now, None, ""
            row.said, row.remaining = said[:LONGEST_SAID] or None, ""
            self._session.flush()

    def later(
        self, claimed: OutboxRow, at: datetime, said: str, remaining: Sequence[str] = ()
    ) -> None:
        """
        Let a claimed row wait until `at`, and all else for its destination with it.

        `remaining` are the recipients still to be reached, if others were.
        """
        if (row := self._mine(claimed)) is None:
            return
        row.claim, row.said, row.not_before = None, said[:LONGEST_SAID], at
        row.remaining = "\n".join(remaining) or row.remaining
        self._session.flush()
        self._session.connection().execute(
            update(OutboxRow)
            .where(col(OutboxRow.state) == "waiting")
            .where(col(OutboxRow.destination) == row.destination)
            .where(col(OutboxRow.claim).is_(None))
            .where(col(OutboxRow.not_before) < at)
            .values(not_before=at)
        )

    def give_up(self, claimed: OutboxRow, said: str) -> None:
        """Park a claimed row until a person looks at it."""
        if (row := self._mine(claimed)) is not None:
            row.state, row.claim, row.said = "given up", None, said[:LONGEST_SAID]
            self._session.flush()

    def retry(self, ids: Sequence[int], now: datetime) -> int:
        """Try rows again at once that wait or were given up; all of those if none is named."""
        found = self._open(ids)
        for row in found:
            row.state, row.tries, row.not_before = "waiting", 0, now
        self._session.flush()
        return len(found)

    def drop(self, ids: Sequence[int]) -> int:
        """Never send these rows; they stay, so that nothing puts them in again."""
        found = self._open(ids) if ids else []
        for row in found:
            row.state, row.claim, row.value = "dropped", None, ""
        self._session.flush()
        return len(found)

    def rows(self, most: int, *, unsent: bool = False) -> list[OutboxRow]:
        """Return the newest rows, or only those that wait or were given up."""
        query = select(OutboxRow).order_by(col(OutboxRow.id).desc()).limit(most)
        if unsent:
            query = query.where(col(OutboxRow.state).in_(["waiting", "given up"]))
        return list(self._session.exec(query))

    def of(self, event_id: str) -> list[OutboxRow]:
        """Return the rows of one event."""
        query = select(OutboxRow).where(OutboxRow.event_id == event_id)
        return list(self._session.exec(query.order_by(col(OutboxRow.id))))

    def given_up(self) -> int:
        """Return how many rows wait for a person."""
        query = select(func.count()).select_from(OutboxRow).where(OutboxRow.state == "given up")
        return int(self._session.exec(query).one())

    def waits_since(self) -> datetime | None:
        """Return since when the oldest waiting row waits."""
        query = select(func.min(OutboxRow.created_at)).where(OutboxRow.state == "waiting")
        return self._session.exec(query).one()

    def _mine(self, claimed: OutboxRow) -> OutboxRow | None:
        """Return the row if it is still claimed by whoever holds `claimed`."""
        return self._session.exec(
            select(OutboxRow)
            .where(OutboxRow.id == claimed.id)
            .where(OutboxRow.claim == claimed.claim)
            .where(OutboxRow.state == "waiting")
            .with_for_update()
        ).first()

    def _open(self, ids: Sequence[int]) -> list[OutboxRow]:
        wanted = col(OutboxRow.id).in_(ids) if ids else OutboxRow.state == "given up"
        return list(
            self._session.exec(
                select(OutboxRow)
                .where(wanted)
                .where(col(OutboxRow.state).in_(["waiting", "given up"]))
                .with_for_update()
            )
        )
