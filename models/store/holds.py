"""How long posts are kept, within one transaction, and what may not be erased for now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.columns import to_micros
from models.store import dialect
from models.tombstone import RetentionRow

SOURCE, INCIDENT = "source:", "incident:"

_OF_SOURCE = "SELECT id FROM post WHERE source IN ({MARKS}) AND id = {KEYS}"
_OF_INCIDENT = "SELECT post_id FROM sighting WHERE incident_id IN ({MARKS}) AND post_id = {KEYS}"

_OLD_IN_SOURCE = """
SELECT id FROM post WHERE source = ? AND first_seen < ?{FREE} ORDER BY first_seen, id LIMIT ?
"""
# A post that another incident has seen is kept as long as that one keeps its own.
_OLD_IN_INCIDENT = """
SELECT post.id FROM post WHERE post.first_seen < ? AND EXISTS (
    SELECT 1 FROM sighting WHERE sighting.post_id = post.id AND sighting.incident_id = ?)
AND NOT EXISTS (SELECT 1 FROM sighting
    WHERE sighting.post_id = post.id AND sighting.incident_id NOT IN ({MARKS})){FREE}
ORDER BY post.first_seen, post.id LIMIT ?
"""
_FREE_SOURCE = " AND post.source NOT IN ({MARKS})"
_FREE_INCIDENT = """ AND NOT EXISTS (SELECT 1 FROM sighting
    WHERE sighting.post_id = post.id AND sighting.incident_id IN ({MARKS}))"""


class Holds:
    """Retention within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def every(self) -> list[RetentionRow]:
        """Return all that was said of how long posts are kept."""
        return list(self._session.exec(select(RetentionRow).order_by(col(RetentionRow.of))))

    def keep(self, of: str, days: int | None, by: str, now: datetime) -> None:
        """Keep posts of a source or an incident for so many days; None is without end."""
        row = self._row(of, by, now)
        row.keep_days = days
        self._put(row)

    def hold(self, of: str, by: str, now: datetime, *, held: bool) -> None:
        """Let nothing of a source or an incident be erased, or allow it again."""
        row = self._row(of, by, now)
        row.held = held
        self._put(row)

    def among(self, post_ids: Sequence[int]) -> set[int]:
        """Return those of the posts that are held."""
        held = [row.of for row in self.every() if row.held]
        found: set[int] = set()
        for kind, sql in ((SOURCE, _OF_SOURCE), (INCIDENT, _OF_INCIDENT)):
            values = _named(held, kind)
            if values:
                asked = sql.replace("{MARKS}", _marks(values))
                found |= {row[0] for row in self._within(asked, values, post_ids)}
        return found

    def due(self, now: datetime, most: int) -> list[int]:
        """Return up to `most` posts that were kept as long as they may be, the oldest first."""
        rows = self.every()
        ends = {
            row.of: to_micros(now - timedelta(days=row.keep_days))
            for row in rows
            if row.keep_days is not None
        }
        free, held = _free([row.of for row in rows if row.held])
        found: dict[int, None] = {}
        for of, before in ends.items():
            values: tuple[Any, ...]
            if of.startswith(SOURCE):
                sql, values = _OLD_IN_SOURCE, (of.removeprefix(SOURCE), before)
            else:
                longer = [int(one.removeprefix(INCIDENT)) for one, end in ends.items()
                          if one.startswith(INCIDENT) and end >= before]  # fmt: skip
                sql = _OLD_IN_INCIDENT.replace("{MARKS}", _marks(longer))
                values = (before, int(of.removeprefix(INCIDENT)), *longer)
            sql = sql.replace("{FREE}", free)
            rows_ = dialect.rows(self._session.connection(), sql, (*values, *held, most))
            found |= dict.fromkeys(row[0] for row in rows_)
        return list(found)[:most]

    def _row(self, of: str, by: str, now: datetime) -> RetentionRow:
        row = self._session.get(RetentionRow, of) or RetentionRow(of=of, by=by, at=now)
        row.by, row.at = by, now
        return row

    def _put(self, row: RetentionRow) -> None:
        if row.keep_days is None and not row.held:
            if row in self._session:
                self._session.delete(row)
        else:
            self._session.add(row)
        self._session.flush()

    def _within(self, sql: str, before: tuple[Any, ...], keys: Sequence[int]) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(keys), dialect.BATCH):
            part = keys[start : start + dialect.BATCH]
            found += dialect.within(self._session.connection(), sql, before, part)
        return found


def _free(held: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that leaves out what is held, and its values."""
    sources, incidents = _named(held, SOURCE), _named(held, INCIDENT)
    sql = _FREE_SOURCE.replace("{MARKS}", _marks(sources)) if sources else ""
    sql += _FREE_INCIDENT.replace("{MARKS}", _marks(incidents)) if incidents else ""
    return sql, (*sources, *incidents)


def _named(of: Sequence[str], kind: str) -> tuple[Any, ...]:
    names = [one.removeprefix(kind) for one in of if one.startswith(kind)]
    return tuple(int(name) if kind == INCIDENT else name for name in names)


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
