"""
Posts of an incident by hour, source and label: from tallies, and what waits for the classifier one by one.

The company's own (`official`) are no feedback and in no count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, text
from sqlmodel import Session

from models.columns import HOUR, to_micros
from models.coverage import Span
from models.store import dialect
from models.store.tallies import Tallies, fits
from models.tombstone import UNDATED

MANY = 20_000
"""Posts that wait for the classifier from which on a day is counted post by post."""


class Cell(msgspec.Struct, frozen=True, order=True):
    """Posts of one source with one label in one hour, counted from 0; label "" is none at all."""

    hour: int
    source: str
    label: str
    posts: int


class Volume(msgspec.Struct, frozen=True, order=True):
    """Posts of one source in one hour; `unscored` wait for the classifier."""

    hour: int
    source: str
    posts: int
    unscored: int


class Tally(msgspec.Struct, frozen=True):
    """Everything counted of one stretch; a post with two labels stands in two cells."""

    cells: tuple[Cell, ...] = ()
    volumes: tuple[Volume, ...] = ()


_MINE = """NOT post.official AND EXISTS (
    SELECT 1 FROM sighting WHERE sighting.incident_id = :incident AND sighting.post_id = post.id)"""

_CELLS = f"""
SELECT {{HOUR}} AS hour, post.source, COALESCE(tag.label, '') AS label, COUNT(*)
FROM post{{BY}} LEFT JOIN tag ON tag.post_id = post.id AND tag.holds AND tag.put
WHERE {{WHEN}} AND {_MINE} GROUP BY 1, 2, 3
"""  # noqa: S608  (our own words; values are bound)

_VOLUMES = f"""
SELECT {{HOUR}} AS hour, post.source, COUNT(*),
    SUM(CASE WHEN post.scored_by IS NULL THEN 1 ELSE 0 END)
FROM post{{BY}} WHERE {{WHEN}} AND {_MINE} GROUP BY 1, 2
"""  # noqa: S608

_WAITING = """
SELECT COUNT(*) FROM (SELECT 1 FROM post{BY} WHERE post.scored_by IS NULL LIMIT ?) AS waiting
"""

# Items of posts that wait may be of words they no longer have.
_ITEMS = """
SELECT {HOUR} AS hour, item.source, item.labels, COUNT(*) FROM post{BY} CROSS JOIN item
WHERE post.scored_by IS NULL AND item.post_id = post.id AND item.incident_id = :incident AND {WHEN}
GROUP BY 1, 2, 3
"""

_TIMES = {
    True: (
        "({0}.posted_at - :since) / :hour",
        "{0}.posted_at >= :since AND {0}.posted_at < :until",
    ),
    False: ("0", "{0}.posted_at IS NULL"),
}
"""The hour, and what holds of what is in it, with a window and without."""


def waiting(connection: Connection, most: int = MANY) -> str | None:
    """Return what makes a statement go by the index of posts that wait for the classifier; None if many do."""
    by = dialect.by(connection, "post_unscored")
    ((count,),) = dialect.rows(connection, _WAITING.replace("{BY}", by), (most,))
    return by if count < most else None


class Volumes:
    """Posts counted within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._cells: Counter[tuple[int, str, str]] = Counter()
        self._volumes: Counter[tuple[int, str]] = Counter()
        self._unscored: Counter[tuple[int, str]] = Counter()

    def tally(self, incident_id: int, window: Span | None) -> Tally:
        """Count a window's posts by hour since its beginning; without one the undated, all in hour 0."""
        at: dict[str, Any] = {"incident": incident_id}
        dated = window is not None
        if window is not None:
            at |= {"since": to_micros(window.since), "until": to_micros(window.until), "hour": HOUR}
        by = waiting(self._session.connection())
        if (window is None or fits(window)) and by is not None:
            self._kept(incident_id, at)
            for hour, source, labels, posts in self._rows(_ITEMS, "item", at, by, dated=dated):
                self._count(hour, source, labels, -posts)
            self._one_by_one(at, by, dated=dated)
        else:
            self._one_by_one(at, None, dated=dated)
        return Tally(
            tuple(sorted(Cell(*key, posts) for key, posts in self._cells.items() if posts)),
            tuple(sorted(Volume(*key, posts, self._unscored[key])
                         for key, posts in self._volumes.items() if posts)),
        )  # fmt: skip

    def _kept(self, incident_id: int, at: dict[str, Any]) -> None:
        # What is undated stands in a quarter of its own.
        since, until = at.get("since", UNDATED), at.get("until", UNDATED + 1)
        for hour, source, labels, posts in Tallies(self._session).of(incident_id, since, until):
            self._count(hour, source, labels, posts)

    def _count(self, hour: int, source: str, labels: str, posts: int) -> None:
        self._volumes[hour, source] += posts
        for label in [one for one in labels.split(",") if one] or [""]:
            self._cells[hour, source, label] += posts

    def _one_by_one(self, at: dict[str, Any], by: str | None, *, dated: bool) -> None:
        """Count posts by their tags; with an index only those that wait for the classifier."""
        for hour, source, label, posts in self._rows(_CELLS, "post", at, by, dated=dated):
            self._cells[hour, source, label] += posts
        for hour, source, posts, unscored in self._rows(_VOLUMES, "post", at, by, dated=dated):
            self._volumes[hour, source] += posts
            self._unscored[hour, source] += unscored

    def _rows(
        self, sql: str, table: str, at: dict[str, Any], by: str | None, *, dated: bool
    ) -> Iterable[Any]:
        hour, when = (one.format(table) for one in _TIMES[dated])
        if by is not None:
            when += " AND post.scored_by IS NULL"
        said = sql.replace("{HOUR}", hour).replace("{WHEN}", when).replace("{BY}", by or "")
        return self._session.execute(text(said), at)
