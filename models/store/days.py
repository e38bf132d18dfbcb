"""
What a day of an incident adds up to: counts made by the database, in a handful of statements.

An incident's posts are those its watches saw, each once. The company's own (`official`) are no
feedback and stand in no count but their own. Every stretch is half-open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BindParameter, bindparam, text
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.coverage import Span
from models.store import bulk, dialect, reach
from models.store.gathered import PART, Gathered, gathered, numbers, strung
from models.store.views import Views
from models.store.volumes import Tally, Volumes, waiting
from models.store.wanted import Wanted, among

if TYPE_CHECKING:
    from models.copies import Numbers

REACH = reach.REACH

LONGEST_EXCERPT = 600
"""Characters of a text that leave the database for a digest."""


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
# By the small index of posts that are no feedback.
_OFFICIAL = f"""
SELECT COUNT(*) FROM post{{BY}} WHERE (post.official OR post.scored_by IS NULL) AND post.official
    AND {_WITHIN} AND EXISTS (SELECT 1 FROM sighting
        WHERE sighting.incident_id = :incident AND sighting.post_id = post.id)
"""  # noqa: S608

_WANTED = f"""
SELECT post.id, COALESCE(copied.cluster, post.near), {REACH}, COALESCE(post.posted_at, post.first_seen)
FROM post{{BY}} LEFT JOIN copied ON copied.incident_id = :incident AND copied.near = post.near
WHERE {{WHEN}} AND {_MINE} AND {_TAGGED.format("labels")} {{ALSO}}
"""  # noqa: S608

_FOUND = f"""
SELECT post.id, post.source, post.author, SUBSTR(post.text, 1, {LONGEST_EXCERPT}), post.url,
    post.posted_at, post.first_seen FROM post WHERE post.id = {{KEYS}}
"""  # noqa: S608

# Of posts that wait for the classifier; the rest is counted by their keys.
_BY_WATCH = f"""
SELECT sighting.watch_id, COUNT(*) FROM post{{BY}} JOIN sighting ON sighting.post_id = post.id
WHERE sighting.incident_id = :incident AND post.scored_by IS NULL AND NOT post.official AND {_WITHIN}
GROUP BY 1
"""  # noqa: S608

_WATCHES = "SELECT id FROM watch WHERE incident_id = ? ORDER BY id"
_SEEN = "SELECT {KEYS} FROM sighting WHERE watch_id = ? AND post_id >= ? AND post_id <= ?"
_SEEN_IN = "SELECT {KEYS} FROM sighting WHERE watch_id = ? AND seen_at >= ? AND seen_at < ?"
_DECIDED = "SELECT {KEYS} FROM verdict WHERE incident_id = ?"

# Without one of before there is none that came late.
_EARLIER = """
SELECT EXISTS (SELECT 1 FROM item WHERE incident_id = :incident AND posted_at < :since)
    OR EXISTS (SELECT 1 FROM post WHERE scored_by IS NULL)
"""
_LATE = """
SELECT post.source, COUNT(*) FROM post WHERE post.posted_at < ? AND NOT post.official AND post.id = {KEYS}
    AND NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.incident_id = ?
        AND sighting.post_id = post.id AND sighting.seen_at < ?)
GROUP BY 1
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

    def items(self, incident_id: int, window: Span, most: int = PART) -> Gathered:
        """Return a window's items as the counts of a day take them, to be read only once; in parts of `most`."""
        return gathered(self._session, incident_id, window, most)

    def waiting(
        self,
        incident_id: int,
        window: Span | None,
        labels: Sequence[str],
        most: int,
        items: Gathered | None = None,
    ) -> Best:
        """
        Return posts with one of `labels` on which nobody has decided yet.

        By reach, at equal reach the older first; without a window it is the undated ones.
        """
        decided = self._keys(_DECIDED, incident_id)
        unread = self._wanted(incident_id, window, labels).but(decided)
        if window is None:
            return self._best(unread, most)
        items = items or self.items(incident_id, window)
        read = _read(items, items.having(labels)).but(decided)
        return self._best(unread + read, most)

    def praise(
        self,
        incident_id: int,
        window: Span,
        labels: Sequence[str],
        without: Sequence[str],
        most: int,
        items: Gathered | None = None,
    ) -> Best:
        """Return posts with one of `labels` and none of `without`, by reach."""
        items = items or self.items(incident_id, window)
        wanted = items.having(labels) & ~items.having(without)
        unread = self._wanted(incident_id, window, labels, without)
        return self._best(unread + _read(items, wanted), most)

    def by_watch(
        self, incident_id: int, window: Span, items: Gathered | None = None
    ) -> dict[int, int]:
        """Return how many posts of a window each watch saw; two may have seen the same."""
        items = items or self.items(incident_id, window)
        by = waiting(self._session.connection()) or ""
        unread = self._session.execute(
            text(_BY_WATCH.replace("{BY}", by)), _bounds(incident_id, window)
        )
        counts = dict(map(tuple, unread))
        read = items.ids[items.waits == 0]
        if len(read):
            ends = (int(read.min()), int(read.max()))
            for watch_id in self._watches(incident_id):
                seen = among(self._keys(_SEEN, watch_id, *ends), read).sum()
                counts[watch_id] = counts.get(watch_id, 0) + int(seen)
        return {watch_id: posts for watch_id, posts in counts.items() if posts}

    def late(self, incident_id: int, window: Span, items: Gathered | None = None) -> dict[str, int]:
        """Return by source how many posts of before the window were first seen within it."""
        items = items or self.items(incident_id, window)
        since, until = to_micros(window.since), to_micros(window.until)
        if not self._number(_EARLIER, {"incident": incident_id, "since": since}):
            return {}
        rest: list[int] = []
        for watch_id in self._watches(incident_id):
            seen = self._keys(_SEEN_IN, watch_id, since, until)
            # Those of the day itself, which are nearly all, are none.
            rest += seen[~among(seen, items.ids[items.waits == 0])].tolist()
        rest = sorted(set(rest))
        counts: Counter[str] = Counter()
        for at in range(0, len(rest), dialect.BATCH):
            part = rest[at : at + dialect.BATCH]
            connection = self._session.connection()
            rows = dialect.within(connection, _LATE, (since,), part, (incident_id, since))
            counts.update(dict(map(tuple, rows)))
        return dict(sorted(counts.items()))

    def edited(self, incident_id: int, window: Span) -> int:
        """Return how many posts changed their text within the window."""
        by = dialect.by(self._session.connection(), "post_changed")
        return self._number(_EDITED.replace("{BY}", by), _bounds(incident_id, window))

    def _wanted(
        self,
        incident_id: int,
        window: Span | None,
        labels: Sequence[str],
        without: Sequence[str] = (),
    ) -> Wanted:
        """Return what is wanted of the undated posts, or of those of a window that wait for the classifier."""
        at: dict[str, Any] = {"incident": incident_id, "labels": list(labels)}
        lists: list[BindParameter[Any]] = [bindparam("labels", expanding=True)]
        also = ""
        if without:
            also = f"AND NOT {_TAGGED.format('without')}"
            at["without"] = list(without)
            lists.append(bindparam("without", expanding=True))
        if window is not None:
            at |= _bounds(incident_id, window)
        when = (
            "post.posted_at IS NULL" if window is None else f"post.scored_by IS NULL AND {_WITHIN}"
        )
        by = "" if window is None else waiting(self._session.connection()) or ""
        statement = text(_WANTED.format(WHEN=when, ALSO=also, BY=by)).bindparams(*lists)
        found = self._session.execute(statement, at, execution_options=bulk.FEW_AT_ONCE)
        each = (
            number for part in found.partitions(dialect.BATCH) for row in part for number in row
        )
        return Wanted.of(each)

    def _best(self, wanted: Wanted, most: int) -> Best:
        chosen = wanted.farthest(most)
        rows = dialect.within(self._session.connection(), _FOUND, (), list(chosen))
        tags = Views(self._session).labels(list(chosen))
        posts = {row[0]: found_of((*row, *chosen[row[0]]), tuple(sorted(tags.get(row[0], {}))))
                 for row in rows}  # fmt: skip
        return Best(tuple(posts[post_id] for post_id in chosen), len(wanted.ids))

    def _keys(self, sql: str, *values: int) -> Numbers:
        """Return the posts that a statement finds, in no order."""
        connection = self._session.connection()
        key = strung(connection, "post_id")
        ((said,),) = dialect.rows(connection, sql.replace("{KEYS}", key), values)
        return numbers(said)

    def _watches(self, incident_id: int) -> list[int]:
        return [
            key for (key,) in dialect.rows(self._session.connection(), _WATCHES, (incident_id,))
        ]

    def _number(self, sql: str, at: dict[str, Any]) -> int:
        return int(self._session.execute(text(sql), at).scalar_one())


def _read(items: Gathered, wanted: Any) -> Wanted:
    """Return those items that are wanted, but for what waits for the classifier."""
    rows = wanted & (items.waits == 0)
    at = items.at[rows] + to_micros(items.window.since)
    return Wanted(items.ids[rows], items.clusters[rows], items.reach[rows], at)


def _bounds(incident_id: int, window: Span) -> dict[str, Any]:
    return {
        "incident": incident_id,
        "since": to_micros(window.since),
        "until": to_micros(window.until),
    }


def found_of(row: Any, labels: tuple[str, ...]) -> Found:
    """Return a post from its columns as `_FOUND` has them, its reach, and how many say the same."""
    post_id, source, author, excerpt, url, posted_at, first_seen, reach, same = row
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
