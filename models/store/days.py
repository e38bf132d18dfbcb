"""
What a day of an incident adds up to: counts made by the database, in a handful of statements.

An incident's posts are those its watches saw, each once. The company's own (`official`) are no
feedback and stand in no count but their own. Every stretch is half-open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, text
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.coverage import Span
from models.store import bulk, dialect
from models.store.views import Views
from models.store.volumes import Tally, Volumes

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

# By the small index of posts that are no feedback.
_OFFICIAL = f"""
SELECT COUNT(*) FROM post{{BY}} WHERE (post.official OR post.scored_by IS NULL) AND post.official
    AND {_WITHIN} AND EXISTS (SELECT 1 FROM sighting
        WHERE sighting.incident_id = :incident AND sighting.post_id = post.id)
"""  # noqa: S608

_WANTED = f"""
SELECT post.id, COALESCE(copied.cluster, post.near), {REACH}, COALESCE(post.posted_at, post.first_seen)
FROM post LEFT JOIN copied ON copied.incident_id = :incident AND copied.near = post.near
WHERE {{WHEN}} AND {_MINE} AND {_TAGGED.format("labels")} {{ALSO}}
"""  # noqa: S608

_FOUND = f"""
SELECT post.id, post.source, post.author, SUBSTR(post.text, 1, {LONGEST_EXCERPT}), post.url,
    post.posted_at, post.first_seen FROM post WHERE post.id = {{KEYS}}
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
SELECT COUNT(*) FROM post{{BY}}
WHERE post.changed_at >= :since AND post.changed_at < :until AND {_MINE}
"""  # noqa: S608


class Days:
    """Counts within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tally(self, incident_id: int, window: Span) -> Tally:
        """Count a window's posts by hour since its beginning, source and label."""
        return Volumes(self._session).tally(incident_id, window)

    def undated(self, incident_id: int) -> Tally:
        """Count the posts that carry no time; they belong to no day, and all stand in hour 0."""
        return Volumes(self._session).tally(incident_id, None)

    def official(self, incident_id: int, window: Span) -> int:
        """Return how many posts were the company's own."""
        by = dialect.by(self._session.connection(), "post_aside")
        return self._number(_OFFICIAL.replace("{BY}", by), _bounds(incident_id, window))

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
        by = dialect.by(self._session.connection(), "post_changed")
        return self._number(_EDITED.replace("{BY}", by), _bounds(incident_id, window))

    def _best(
        self,
        incident_id: int,
        window: Span | None,
        labels: Sequence[str],
        also: str,
        without: Sequence[str],
        most: int,
    ) -> Best:
        at: dict[str, Any] = {"incident": incident_id, "labels": list(labels)}
        lists: list[BindParameter[Any]] = [bindparam("labels", expanding=True)]
        if without:
            at["without"] = list(without)
            lists.append(bindparam("without", expanding=True))
        if window is not None:
            at |= _bounds(incident_id, window)
        when = "post.posted_at IS NULL" if window is None else _WITHIN
        statement = text(_WANTED.format(WHEN=when, ALSO=also)).bindparams(*lists)
        wanted = self._session.execute(statement, at, execution_options=bulk.FEW_AT_ONCE)
        chosen, among = farthest(wanted.partitions(dialect.BATCH), most)
        rows = dialect.within(self._session.connection(), _FOUND, (), list(chosen))
        tags = Views(self._session).labels(list(chosen))
        posts = {row[0]: found_of((*row, *chosen[row[0]], among), tuple(sorted(tags.get(row[0], {}))))
                 for row in rows}  # fmt: skip
        return Best(tuple(posts[post_id] for post_id in chosen), among)

    def _number(self, sql: str, at: dict[str, Any]) -> int:
        return int(self._session.execute(text(sql), at).scalar_one())

    def _rows(self, sql: str, incident_id: int, window: Span) -> list[Any]:
        return list(self._session.execute(text(sql), _bounds(incident_id, window)))


def farthest(parts: Iterable[Sequence[Any]], most: int) -> tuple[dict[int, tuple[int, int]], int]:
    """
    Return the posts that reach farthest, each with its reach and how many say the same, and how many there are.

    Of posts that say the same the one that reaches farthest speaks for all. Given are posts, their words,
    their reach and when they were made.
    """
    # In a day of a million posts databases sort for half a minute; NumPy takes a moment.
    import numpy as np

    each = (number for part in parts for row in part for number in row)
    ids, nears, reach, age = np.fromiter(each, np.int64).reshape(-1, 4).T
    order = np.lexsort((ids, age, -reach))
    _, first, same = np.unique(nears[order], return_index=True, return_counts=True)
    best = np.argsort(first)[:most]
    chosen = order[first[best]]
    told = zip(reach[chosen].tolist(), same[best].tolist(), strict=True)
    return dict(zip(ids[chosen].tolist(), told, strict=True)), len(ids)


def _bounds(incident_id: int, window: Span) -> dict[str, Any]:
    return {
        "incident": incident_id,
        "since": to_micros(window.since),
        "until": to_micros(window.until),
    }


def found_of(row: Any, labels: tuple[str, ...]) -> Found:
    """Return a post from its columns as `_FOUND` has them, its reach, and how many say the same."""
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
