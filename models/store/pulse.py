"""
The pulse of an incident: what is said just now, beside what was said before, in a few statements.

Posts and authors are counted together, in half-open stretches. Whatever counts by label counts items:
posts the classifier has read. The company's own are in no count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlmodel import Session

from models.columns import HOUR, from_micros, to_micros
from models.coverage import Span
from models.store import dialect
from models.store.tallies import Tallies, fits
from models.store.where import BY_KEY

QUARTER = timedelta(minutes=15)
BEFORE = 4
"""Quarters of an hour that the latest one is held against."""

LAST = 2**62
"""Above any id."""

LONGEST_TEXT = 400
"""Characters of a text in which phrases are looked for."""

VOICE = "post.source || ' ' || COALESCE(post.author_id, post.author)"

_QUARTERS = f"""
SELECT (post.posted_at - ?) / ?, COUNT(*), COUNT(DISTINCT {VOICE}) FROM post
WHERE post.posted_at >= ? AND post.posted_at < ? AND NOT post.official AND EXISTS
    (SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)
GROUP BY 1
"""  # noqa: S608  (our own words; values are bound)

_HOURS = """
SELECT (posted_at - ?) / ?, labels, COUNT(*) FROM item
WHERE incident_id = ? AND posted_at >= ? AND posted_at < ? GROUP BY 1, 2
"""

# The same of whole quarters of an hour.
_TALLIED = """
SELECT (quarter - ?) / ?, labels, SUM(posts) FROM tally
WHERE incident_id = ? AND quarter >= ? AND quarter < ? GROUP BY 1, 2 HAVING SUM(posts) > 0
"""

# Posts and authors of all labels in one pass: looking the authors up is what takes time.
_HAS = "item.labels LIKE ?"
_CROWD = (
    f"SUM(CASE WHEN {_HAS} THEN 1 ELSE 0 END), COUNT(DISTINCT CASE WHEN {_HAS} THEN {VOICE} END)"
)
# When it was made, or else first seen: its urgency was worked out from that.
_OLDEST = f"MIN(CASE WHEN {_HAS} THEN item.urgency + item.points * {HOUR} END)"

_WITHIN = """
FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ?
"""

_OPEN = """
FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.open AND item.labels > ','
"""

_OVERDUE = """
SELECT COUNT(*), SUM(CASE WHEN item.seen_at IS NULL THEN 1 ELSE 0 END), MIN(item.post_id)
FROM item{BY} WHERE item.incident_id = ? AND item.open AND item.decision IS NULL
    AND COALESCE(item.posted_at, {SEEN}) < ? AND ({LABELS})
    AND CASE WHEN item.post_id < ? THEN 0 ELSE {SEEN} END <= ?
"""
_SEEN = "(SELECT post.first_seen FROM post WHERE post.id = item.post_id)"
_NEWER = "SELECT MIN(id) FROM post{BY} WHERE first_seen > ?"

# Nearly always the first by number; of several that collect at once one may be a moment behind another.
_OLDEST_OF = """
SELECT MIN(post.first_seen) FROM post{BY} CROSS JOIN item
WHERE item.post_id = post.id AND post.id >= ? AND post.first_seen <= (SELECT first_seen FROM post WHERE id = ?)
    AND item.incident_id = ? AND item.open AND item.decision IS NULL
    AND COALESCE(item.posted_at, post.first_seen) < ? AND ({LABELS})
"""

# Posts are numbered in the order in which they were first seen.
_FIRST_SEEN = """
SELECT post.first_seen FROM item{BY} JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.open ORDER BY item.post_id LIMIT 1
"""

# Of all items those are fewer that are closed, or that somebody has looked at.
_UNSEEN = """
SELECT (SELECT COALESCE(SUM(posts), 0) FROM tally WHERE incident_id = ?)
    - (SELECT COUNT(*) FROM item WHERE incident_id = ? AND open = FALSE)
    - (SELECT COUNT(*) FROM item WHERE incident_id = ? AND open = TRUE AND seen_at IS NOT NULL)
"""

_UNSCORED = """
SELECT COUNT(*) FROM post WHERE scored_by IS NULL AND NOT official AND EXISTS
    (SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)
"""

_SAID = f"""
SELECT item.post_id, {VOICE}, item.posted_at, SUBSTR(post.text, 1, {LONGEST_TEXT})
FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.posted_at >= ? AND item.posted_at < ? AND item.labels LIKE ?
ORDER BY item.posted_at DESC, item.post_id DESC LIMIT ?
"""  # noqa: S608


class Crowd(NamedTuple):
    """So many posts, by so many authors; posts without an author count in no author."""

    posts: int = 0
    authors: int = 0


class Lately(msgspec.Struct, frozen=True):
    """The last quarter of an hour, and the four before it, the oldest first."""

    now: Crowd
    before: tuple[Crowd, ...]


class Bin(msgspec.Struct, frozen=True):
    """An hour counted from 0: its posts, and those of each label, a post with two in both."""

    hour: int
    posts: int
    labels: dict[str, int]


class Waiting(msgspec.Struct, frozen=True):
    """What nobody has answered yet, and since when the oldest of it waits."""

    crowd: Crowd
    oldest: datetime | None


class Overdue(msgspec.Struct, frozen=True):
    """Posts that have waited too long for an answer, how many nobody has seen, and since when the oldest waits."""

    posts: int = 0
    unseen: int = 0
    oldest: datetime | None = None


class Saying(msgspec.Struct, frozen=True):
    """A post as phrases are looked for in it; `voice` is its author, None if it has none."""

    post_id: int
    voice: str | None
    at: datetime
    text: str


class Pulse:
    """Numbers of what goes on, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lately(self, incident_id: int, now: datetime) -> Lately:
        """Count the posts of the last quarters of an hour up to now."""
        since, until = to_micros(now - (BEFORE + 1) * QUARTER), to_micros(now)
        quarter = HOUR // 4
        rows = self._rows(_QUARTERS, since, quarter, since, until, incident_id)
        found = {place: Crowd(posts, authors) for place, posts, authors in rows}
        quarters = [found.get(place, Crowd()) for place in range(BEFORE + 1)]
        return Lately(quarters[-1], tuple(quarters[:-1]))

    def hours(self, incident_id: int, window: Span) -> list[Bin]:
        """Count a window's posts by hour since its beginning, and by label."""
        since, until = to_micros(window.since), to_micros(window.until)
        posts: dict[int, int] = {}
        labelled: dict[int, dict[str, int]] = {}
        sql = _TALLIED if fits(window) else _HOURS
        for hour, names, many in Tallies(self._session).rows(
            sql, since, HOUR, incident_id, since, until
        ):
            count = int(many)
            posts[hour] = posts.get(hour, 0) + count
            mine = labelled.setdefault(hour, {})
            for name in filter(None, names.split(",")):
                mine[name] = mine.get(name, 0) + count
        return [Bin(hour, posts[hour], labelled[hour]) for hour in sorted(posts)]

    def labelled(self, incident_id: int, window: Span, labels: Sequence[str]) -> dict[str, Crowd]:
        """Count a window's posts and authors by label; "" is all of them."""
        names = ("", *labels)
        like = [_like(name) for name in names for _ in range(2)]
        columns = ", ".join([_CROWD] * len(names))
        bounds = (incident_id, to_micros(window.since), to_micros(window.until))
        ((*found,),) = self._rows(f"SELECT {columns} {_WITHIN}", *like, *bounds)
        return {
            name: Crowd(found[2 * place] or 0, found[2 * place + 1])
            for place, name in enumerate(names)
        }

    def waiting(self, incident_id: int, labels: Sequence[str]) -> dict[str, Waiting]:
        """Return how much of each label is still open, and since when."""
        like = [_like(name) for name in labels for _ in range(3)]
        columns = ", ".join([f"{_CROWD}, {_OLDEST}"] * len(labels))
        ((*found,),) = self._rows(f"SELECT {columns} {_OPEN}", *like, incident_id)
        waits = {}
        for place, name in enumerate(labels):
            posts, authors, oldest = found[3 * place : 3 * place + 3]
            at = None if oldest is None else from_micros(oldest)
            waits[name] = Waiting(Crowd(posts or 0, authors), at)
        return waits

    def first_seen(self, incident_id: int) -> datetime | None:
        """Return when the open post was seen that waits longest; None if none is open."""
        by = dialect.by(self._session.connection(), BY_KEY)
        found = self._rows(_FIRST_SEEN.replace("{BY}", by), incident_id)
        return from_micros(found[0][0]) if found else None

    def overdue(
        self, incident_id: int, labels: Sequence[str], seen_by: datetime, until: datetime
    ) -> Overdue:
        """Count open posts with one of `labels` of before `until`, first seen at `seen_by` or earlier."""
        like = " OR ".join(["item.labels LIKE ?"] * len(labels))
        seen, patterns = to_micros(seen_by), map(_like, labels)
        # Posts are numbered as they were first seen, but for a few: all before this one were seen in time.
        by = dialect.by(self._session.connection(), "post_first_seen")
        newer = self._rows(_NEWER.replace("{BY}", by), seen)[0][0] or LAST
        mine = (incident_id, to_micros(until), *patterns)
        tallies = Tallies(self._session)
        way = tallies.way(BY_KEY, tallies.items().get(incident_id, 0))
        sql = _OVERDUE.replace("{BY}", way).replace("{SEEN}", _SEEN).replace("{LABELS}", like)
        ((posts, unseen, first),) = self._rows(sql, *mine, newer, seen)
        if not posts:
            return Overdue()
        sql = _OLDEST_OF.replace("{BY}", by).replace("{LABELS}", like)
        ((oldest,),) = self._rows(sql, first, first, *mine)
        return Overdue(posts, unseen, from_micros(oldest))

    def unseen(self, incident_id: int) -> int:
        """Return how many open posts nobody has looked at."""
        return int(Tallies(self._session).rows(_UNSEEN, *[incident_id] * 3)[0][0])

    def unscored(self, incident_id: int) -> int:
        """Return how many posts the classifier has still to read."""
        return int(self._rows(_UNSCORED, incident_id)[0][0])

    def said(self, incident_id: int, window: Span, label: str, most: int) -> Sequence[Saying]:
        """Return the newest `most` posts of a window that have a label, newest first."""
        values = (incident_id, to_micros(window.since), to_micros(window.until), _like(label))
        return [
            Saying(post_id, voice, from_micros(at), said)
            for post_id, voice, at, said in self._rows(_SAID, *values, most)
        ]

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return dialect.rows(self._session.connection(), sql, values)


def _like(label: str) -> str:
    return f"%,{label},%" if label else "%"
