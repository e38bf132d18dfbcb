"""When posts were last known to be at their source, within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.store import dialect

_KNOWN = "COALESCE(post.verified_at, post.first_seen)"

# Whoever ever asked the same place for the incident, a backfill too, saw what this watch can ask about.
_DUE = f"""
SELECT DISTINCT post.id, post.external_id, {_KNOWN} FROM post
JOIN sighting ON sighting.post_id = post.id
JOIN watch AS other ON other.id = sighting.watch_id
JOIN watch AS mine ON mine.incident_id = other.incident_id AND mine.source = other.source
    AND COALESCE(mine.address, '') = COALESCE(other.address, '')
WHERE mine.id = ? AND post.source = mine.source AND {_KNOWN} < ? ORDER BY 3, 1 LIMIT ?
"""  # noqa: S608  our own words

_OLDEST = f"""
SELECT post.source, MIN({_KNOWN}), SUM(CASE WHEN {_KNOWN} < ? THEN 1 ELSE 0 END) FROM post
GROUP BY post.source ORDER BY post.source
"""  # noqa: S608


class Late(NamedTuple):
    """Of one source, when the post was last known to be there that nobody asked about for longest."""

    source: str
    oldest: datetime
    late: int


class Verified:
    """Verification within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def due(self, watch_id: int, before: datetime, most: int) -> list[tuple[int, str]]:
        """Return number and id of up to `most` posts of a watch, those first that waited longest."""
        rows = dialect.rows(self._session.connection(), _DUE, (watch_id, to_micros(before), most))
        return [(post_id, external_id) for post_id, external_id, _ in rows]

    def mark(self, post_ids: Sequence[int], now: datetime) -> None:
        """Note that posts were there."""
        rows = [(to_micros(now), post_id) for post_id in post_ids]
        sql = "UPDATE post SET verified_at = ? WHERE id = ?"
        dialect.many(self._session.connection(), sql, rows)

    def late(self, before: datetime) -> list[Late]:
        """Return for each source how long its posts went unverified; `late` ones since `before`."""
        rows = dialect.rows(self._session.connection(), _OLDEST, (to_micros(before),))
        return [Late(source, from_micros(at), late) for source, at, late in rows]
