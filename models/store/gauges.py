"""Figures of all open incidents for those who watch over Amends itself, a statement for each kind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlmodel import Session, col, func, select

from models.coverage import CoverageRow
from models.incident import IncidentRow, WatchRow
from models.lease import LASTS, LeaseRow
from models.store import dialect
from models.store.tallies import Tallies

# By the small index of posts that are no items, or wait to be looked at again.
_NO_ITEMS = """
SELECT sighting.incident_id, COUNT(DISTINCT post.id)
FROM post{BY} CROSS JOIN sighting
WHERE (post.official OR post.scored_by IS NULL) AND sighting.post_id = post.id AND NOT EXISTS
    (SELECT 1 FROM item WHERE item.incident_id = sighting.incident_id AND item.post_id = post.id)
GROUP BY sighting.incident_id
"""

_CLOSED = """
SELECT incident.id, (SELECT COUNT(*) FROM item WHERE item.incident_id = incident.id AND item.open = FALSE)
FROM incident
"""


class Gauges:
    """Figures within one transaction, by incident or watch id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open_incidents(self) -> list[IncidentRow]:
        """Return the incidents that are open."""
        query = select(IncidentRow).where(col(IncidentRow.closed_at).is_(None))
        return list(self._session.exec(query.order_by(col(IncidentRow.id))))

    def posts(self) -> dict[int, int]:
        """Return how many posts each incident has: its items, and the few that are none."""
        connection = self._session.connection()
        sql = _NO_ITEMS.replace("{BY}", dialect.by(connection, "post_aside"))
        found = Counter(Tallies(self._session).items())
        found.update(dict(map(tuple, dialect.rows(connection, sql))))
        return {incident_id: posts for incident_id, posts in found.items() if posts}

    def waiting(self) -> dict[int, int]:
        """Return how many items of each incident are still open."""
        rows = dialect.rows(self._session.connection(), _CLOSED)
        found = Counter(Tallies(self._session).items())
        found.subtract(dict(map(tuple, rows)))
        return {incident_id: items for incident_id, items in found.items() if items}

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
