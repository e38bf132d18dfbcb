"""Figures of all open incidents for those who watch over Amends itself, a statement for each kind."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from models.coverage import CoverageRow
from models.incident import IncidentRow, WatchRow
from models.item import ItemRow
from models.lease import LASTS, LeaseRow
from models.post import SightingRow


class Gauges:
    """Figures within one transaction, by incident or watch id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open_incidents(self) -> list[IncidentRow]:
        """Return the incidents that are open."""
        query = select(IncidentRow).where(col(IncidentRow.closed_at).is_(None))
        return list(self._session.exec(query.order_by(col(IncidentRow.id))))

    def posts(self) -> dict[int, int]:
        """Return how many posts each incident has."""
        query = select(
            SightingRow.incident_id, func.count(func.distinct(SightingRow.post_id))
        ).group_by(col(SightingRow.incident_id))
        return dict(self._session.exec(query).all())

    def waiting(self) -> dict[int, int]:
        """Return how many items of each incident are still open."""
        query = select(ItemRow.incident_id, func.count()).where(col(ItemRow.open))
        return dict(self._session.exec(query.group_by(col(ItemRow.incident_id))).all())

    def complete_until(self) -> dict[int, datetime]:
        """Return up to when each watch is proved complete."""
        query = select(CoverageRow.watch_id, func.max(CoverageRow.until))
        found = self._session.exec(query.group_by(col(CoverageRow.watch_id))).all()
        return dict(found)

    def last_round(self, incident: IncidentRow) -> datetime | None:
        """Return when somebody last did a round for an incident, at the least; None for never."""
        asked = self._session.exec(
            select(func.max(WatchRow.asked_at)).where(WatchRow.incident_id == incident.id)
        ).one()
        lease = self._session.get(LeaseRow, f"collecting for {incident.slug}")
        known = [asked] if asked is not None else []
        # A lease is renewed with every answer, also when no watch was due.
        known += [lease.until - LASTS] if lease is not None else []
        return max(known, default=None)
