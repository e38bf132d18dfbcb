"""
Voices by the minute: one author counted once, and one text counted once, however often it is copied.

This is the only place that counts them for alarms. An author is a new voice again after an hour of
silence; a text is one again after a day in which nobody said it. Short texts (“still down”) are said by
many who don't copy each other, so they count for each author, unless they are reposts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.incident import IncidentRow, WatchRow
from models.store import dialect
from models.store.audit import Audit
from models.store.sought import MOST_POINTS
from models.store.watches import Watches

MINUTE = timedelta(minutes=1)
AUTHOR, TEXT = timedelta(hours=1), timedelta(days=1)
"""How long an author and a text must be silent before they are a new voice."""

SHORT = 40
"""Characters below which two equal texts needn't be copies."""

_MINUTE = 60_000_000
_AUTHOR, _TEXT = (span // timedelta(microseconds=1) for span in (AUTHOR, TEXT))
_WEIGHS = MOST_POINTS * HOUR

# In the queue's order: what stands there since a day ago was posted since then, and nearly always there is some;
# of what stands before, by as much as a post can weigh at most, some was.
_SAID = """
SELECT 1 FROM item AS earlier{BY}
WHERE earlier.incident_id = item.incident_id AND earlier.near = item.near
    AND earlier.open IN (TRUE, FALSE)
    AND earlier.urgency >= item.posted_at - {SINCE} AND earlier.urgency <= item.posted_at - {UNTIL}
    AND earlier.posted_at >= item.posted_at - {TEXT} AND (earlier.posted_at < item.posted_at
        OR earlier.posted_at = item.posted_at AND earlier.post_id < item.post_id)
"""

_VOICES = f"""
WITH said AS (
    SELECT item.incident_id AS incident_id, item.post_id AS post_id, item.posted_at AS at,
        LAG(item.posted_at) OVER (
            PARTITION BY COALESCE(post.source || ' ' || COALESCE(post.author_id, post.author),
                'post ' || CAST(post.id AS TEXT))
            ORDER BY item.posted_at, item.post_id) AS before
    FROM item JOIN post ON post.id = item.post_id
    WHERE item.incident_id IN ({{INCIDENTS}}) AND item.posted_at >= ? AND item.posted_at < ?
        AND item.labels {{NOT}} LIKE ?
        AND (post.kind <> 'repost' AND LENGTH(post.text) < {SHORT}
            OR NOT EXISTS ({{LATELY}}) AND NOT EXISTS ({{BEFORE}}))
)
SELECT at / {_MINUTE}, (SELECT MIN(watch_id) FROM sighting
        WHERE sighting.post_id = said.post_id AND sighting.incident_id = said.incident_id),
    COUNT(*)
FROM said WHERE at >= ? AND (before IS NULL OR before < at - ?)
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  (our own words; values are bound)

_UNREAD = """
SELECT MIN(post.posted_at) FROM post{UNREAD} WHERE post.scored_by IS NULL AND NOT post.official
    AND post.posted_at >= ? AND EXISTS
    (SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)
"""


class Heard(NamedTuple):
    """So many voices in a minute (counted since 1970), in posts that this watch saw."""

    minute: int
    watch_id: int
    voices: int


class Ear(NamedTuple):
    """A standing watch, and all that ever asked the same: in other incidents, as backfills, removed."""

    row: WatchRow
    same: tuple[WatchRow, ...]

    def within(self, incident_id: int) -> Ear:
        """Return it with those of one incident only."""
        return Ear(self.row, tuple(row for row in self.same if row.incident_id == incident_id))


class Minutes:
    """Voices by the minute within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_minute(
        self, incident_ids: Sequence[int], label: str, window: Span, *, without: bool = False
    ) -> list[Heard]:
        """Count a window's voices that say something with a label, or `without`, by minute and watch."""
        since, until = to_micros(window.since), to_micros(window.until)
        connection = self._session.connection()
        by = dialect.by(connection, "item_near")
        sql = _VOICES.format(
            INCIDENTS=", ".join("?" * len(incident_ids)),
            NOT="NOT" if without else "",
            LATELY=_SAID.format(BY=by, SINCE=_TEXT, UNTIL=0, TEXT=_TEXT),
            BEFORE=_SAID.format(BY=by, SINCE=_TEXT + _WEIGHS, UNTIL=_TEXT, TEXT=_TEXT),
        )
        values = (*incident_ids, since - _AUTHOR, until, f"%,{label},%", since, _AUTHOR)
        rows = dialect.rows(connection, sql, values) if incident_ids else []
        return [
            Heard(int(minute), int(watch), int(count)) for minute, watch, count in rows if watch
        ]

    def unread_since(self, incident_id: int, since: datetime) -> datetime | None:
        """Return when the earliest post since then was made that the classifier has yet to read."""
        values = (to_micros(since), incident_id)
        connection = self._session.connection()
        sql = _UNREAD.format(UNREAD=dialect.by(connection, "post_unscored"))
        found = dialect.rows(connection, sql, values)[0][0]
        return None if found is None else from_micros(found)

    def ears(self, incident_id: int) -> list[Ear]:
        """Return the standing watches of an incident, with those that ever asked the same."""
        every = list(self._session.exec(select(WatchRow).order_by(col(WatchRow.id))))
        mine = Watches(self._session).of(incident_id)
        return [Ear(row, tuple(one for one in every if _asks(one) == _asks(row))) for row in mine]

    def troubles(self, company: str, now: datetime) -> list[Span]:
        """
        Return the stretches in which something was wrong for a company's customers, as incidents say.

        Each from when it began to when it was closed, or last said to be resolved; else up to now.
        """
        return [
            Span(row.began, self._over(row) or now)
            for row in self._session.exec(select(IncidentRow))
            if row.company.casefold() == company.casefold()
        ]

    def _over(self, row: IncidentRow) -> datetime | None:
        if row.closed_at is not None or row.status != "resolved":
            return row.closed_at
        moved = Audit(self._session).about(row.id or 0, f"incident:{row.id}")
        told = (
            one.at for one in moved if one.did == "status" and one.detail.get("to") == row.status
        )
        return max(told, default=None)


def _asks(row: WatchRow) -> tuple[object, ...]:
    return (row.source, row.address, sorted(row.terms), sorted(row.settings.items()))


def ids(rows: Iterable[WatchRow]) -> list[int]:
    """Return the ids of watches."""
    return [row.id or 0 for row in rows]
