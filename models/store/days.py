"""
What a day of an incident adds up to: counts made by the database, in a handful of statements.

An incident's posts are those its watches saw, each once. The company's own (`official`) are no
feedback and stand in no count but their own. Every stretch is half-open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, text
from sqlmodel import Session

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.store.views import Views

LONGEST_EXCERPT = 600
"""Characters of a text that leave the database for a digest."""

_CAP = 1_000_000_000_000


def _capped(column: str) -> str:
    # Numbers are what strangers' servers say: none below nothing, none that overflows a sum.
    return f"CASE WHEN {column} > {_CAP} THEN {_CAP} WHEN {column} > 0 THEN {column} ELSE 0 END"


REACH = (
    f"({_capped('author_followers')} + 10 * ({_capped('reposts')}) + ({_capped('views')}) / 100)"
)
"""
How far a post carries, in SQL: followers of its author, plus ten for every repost, plus one for
every hundred views. What a source doesn't tell counts as nothing.
"""


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


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A post worth reading, the beginning of its text, and how many more say the same."""

    post_id: int
    source: str
    author: str | None
    text: str
    url: str | None
    posted_at: datetime | None
    first_seen: datetime
    reach: int
    alike: int
    labels: tuple[str, ...]


class Best(msgspec.Struct, frozen=True):
    """The posts that reach farthest, and how many `among` all they were chosen from."""

    posts: tuple[Found, ...] = ()
    among: int = 0


_MINE = """NOT post.official AND EXISTS (
    SELECT 1 FROM sighting WHERE sighting.incident_id = :incident AND sighting.post_id = post.id)"""
_WITHIN = "post.posted_at >= :since AND post.posted_at < :until"
_HOLDS = "tag.post_id = post.id AND tag.holds AND tag.put"
_TAGGED = f"EXISTS (SELECT 1 FROM tag WHERE {_HOLDS} AND tag.label IN :{{}})"  # noqa: S608  our own words
_UNDECIDED = """NOT EXISTS (
    SELECT 1 FROM verdict WHERE verdict.incident_id = :incident AND verdict.post_id = post.id)"""

_CELLS = f"""
SELECT {{HOUR}} AS hour, post.source, COALESCE(tag.label, '') AS label, COUNT(*)
FROM post LEFT JOIN tag ON {_HOLDS}
WHERE {{WHEN}} AND {_MINE} GROUP BY 1, 2, 3
"""  # noqa: S608  (our own words; values are bound)

_VOLUMES = f"""
SELECT {{HOUR}} AS hour, post.source, COUNT(*),
    SUM(CASE WHEN post.scored_by IS NULL THEN 1 ELSE 0 END)
FROM post WHERE {{WHEN}} AND {_MINE} GROUP BY 1, 2
"""  # noqa: S608

_OFFICIAL = f"""
SELECT COUNT(*) FROM post WHERE {_WITHIN} AND post.official AND post.id IN (
    SELECT post_id FROM sighting WHERE incident_id = :incident)
"""  # noqa: S608

# Of posts that say the same the one that reaches farthest speaks for all.
_BEST = f"""
WITH wanted AS (
    SELECT post.id AS id, COALESCE(copied.cluster, post.near) AS near, {REACH} AS reach,
        COALESCE(post.posted_at, post.first_seen) AS age
    FROM post LEFT JOIN copied ON copied.incident_id = :incident AND copied.near = post.near
    WHERE {{WHEN}} AND {_MINE} AND {_TAGGED.format("labels")} {{ALSO}}
), ranked AS (
    SELECT id, reach, age, COUNT(*) OVER () AS among, COUNT(*) OVER (PARTITION BY near) AS same,
        ROW_NUMBER() OVER (PARTITION BY near ORDER BY reach DESC, age, id) AS place
    FROM wanted
)
SELECT post.id, post.source, post.author, SUBSTR(post.text, 1, {LONGEST_EXCERPT}), post.url,
    post.posted_at, post.first_seen, ranked.reach, ranked.same, ranked.among
FROM ranked JOIN post ON post.id = ranked.id WHERE ranked.place = 1
ORDER BY ranked.reach DESC, ranked.age, ranked.id LIMIT :most
"""  # noqa: S608

_BY_WATCH = f"""
SELECT sighting.watch_id, COUNT(*) FROM sighting JOIN post ON post.id = sighting.post_id
WHERE sighting.incident_id = :incident AND NOT post.official AND {_WITHIN} GROUP BY 1
"""  # noqa: S608

_LATE = """
SELECT post.source, COUNT(*) FROM post
WHERE post.posted_at < :since AND NOT post.official AND post.id IN (
    SELECT post_id FROM sighting WHERE incident_id = :incident
    GROUP BY post_id HAVING MIN(seen_at) >= :since AND MIN(seen_at) < :until)
GROUP BY 1 ORDER BY 1
"""

_EDITED = f"""
SELECT COUNT(*) FROM post
WHERE post.changed_at >= :since AND post.changed_at < :until AND {_MINE}
"""  # noqa: S608


class Days:
    """Counts within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tally(self, incident_id: int, window: Span) -> Tally:
        """Count a window's posts by hour since its beginning, source and label."""
        at = _bounds(incident_id, window) | {"hour": HOUR}
        return self._tally("(post.posted_at - :since) / :hour", _WITHIN, at)

    def undated(self, incident_id: int) -> Tally:
        """Count the posts that carry no time; they belong to no day, and all stand in hour 0."""
        return self._tally("0", "post.posted_at IS NULL", {"incident": incident_id})

    def official(self, incident_id: int, window: Span) -> int:
        """Return how many posts were the company's own."""
        return self._number(_OFFICIAL, _bounds(incident_id, window))

    def waiting(
        self, incident_id: int, window: Span | None, labels: Sequence[str], most: int
    ) -> Best:
        """
        Return posts with one of `labels` on which nobody has decided yet.

        By reach, at equal reach the older first; without a window it is the undated ones.
        """
        return self._best(incident_id, window, labels, f"AND {_UNDECIDED}", (), most)

    def praise(
        self,
        incident_id: int,
        window: Span,
        labels: Sequence[str],
        without: Sequence[str],
        most: int,
    ) -> Best:
        """Return posts with one of `labels` and none of `without`, by reach."""
        also = f"AND NOT {_TAGGED.format('without')}"
        return self._best(incident_id, window, labels, also, without, most)

    def by_watch(self, incident_id: int, window: Span) -> dict[int, int]:
        """Return how many posts of a window each watch saw; two may have seen the same."""
        return dict(self._rows(_BY_WATCH, incident_id, window))

    def late(self, incident_id: int, window: Span) -> dict[str, int]:
        """Return by source how many posts of before the window were first seen within it."""
        return dict(self._rows(_LATE, incident_id, window))

    def edited(self, incident_id: int, window: Span) -> int:
        """Return how many posts changed their text within the window."""
        return self._number(_EDITED, _bounds(incident_id, window))

    def _tally(self, hour: str, when: str, at: dict[str, Any]) -> Tally:
        cells, volumes = (
            self._session.execute(text(sql.format(HOUR=hour, WHEN=when)), at)
            for sql in (_CELLS, _VOLUMES)
        )
        return Tally(
            tuple(sorted(Cell(*row) for row in cells)),
            tuple(sorted(Volume(*row) for row in volumes)),
        )

    def _best(
        self,
        incident_id: int,
        window: Span | None,
        labels: Sequence[str],
        also: str,
        without: Sequence[str],
        most: int,
    ) -> Best:
        at: dict[str, Any] = {"incident": incident_id, "labels": list(labels), "most": most}
        lists: list[BindParameter[Any]] = [bindparam("labels", expanding=True)]
        if without:
            at["without"] = list(without)
            lists.append(bindparam("without", expanding=True))
        if window is not None:
            at |= _bounds(incident_id, window)
        when = "post.posted_at IS NULL" if window is None else _WITHIN
        statement = text(_BEST.format(WHEN=when, ALSO=also)).bindparams(*lists)
        rows = list(self._session.execute(statement, at))
        if not rows:
            return Best()
        tags = Views(self._session).labels([row[0] for row in rows])
        posts = tuple(found_of(row, tuple(sorted(tags.get(row[0], {})))) for row in rows)
        return Best(posts, rows[0][-1])

    def _number(self, sql: str, at: dict[str, Any]) -> int:
        return int(self._session.execute(text(sql), at).scalar_one())

    def _rows(self, sql: str, incident_id: int, window: Span) -> list[Any]:
        return list(self._session.execute(text(sql), _bounds(incident_id, window)))


def _bounds(incident_id: int, window: Span) -> dict[str, Any]:
    return {
        "incident": incident_id,
        "since": to_micros(window.since),
        "until": to_micros(window.until),
    }


def found_of(row: Any, labels: tuple[str, ...]) -> Found:
    """Return a post from its columns as `_BEST` has them."""
    post_id, source, author, excerpt, url, posted_at, first_seen, reach, same, _among = row
    return Found(
        post_id=post_id,
        source=source,
        author=author,
        text=excerpt,
        url=url,
        posted_at=None if posted_at is None else from_micros(posted_at),
        first_seen=from_micros(first_seen),
        reach=reach,
        alike=same - 1,
        labels=labels,
    )
