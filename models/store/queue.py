"""
The queue: an incident's items in the order in which they should be worked on, a leaf at a time.

Leaves go by key, not by number: an item that comes or goes above shifts nothing below. Posts that say
the same are folded into the most urgent of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlmodel import Session

from models.columns import from_micros, to_micros
from models.store import dialect
from models.store.days import REACH
from models.store.hits import Known
from models.store.search import Search
from models.store.sought import Sought, State
from models.store.views import Held, Views
from models.store.walk import Counted

__all__ = ["LEAF", "Counted", "Cursor", "Line", "Queue", "Said", "Sought", "State"]

LEAF = 50

MOST_ALIKE = 1_000
"""Up to where posts that say the same are counted."""

_LINES = f"""
SELECT item.post_id, item.version, item.urgency, item.open, item.holder, item.held_at,
    item.decision, item.seen_at, post.source, post.external_id, post.text, post.url, post.author,
    post.author_followers, post.posted_at, post.first_seen, post.lang, post.kind, post.parent_id,
    post.thread_id, {REACH}, (SELECT COUNT(*) FROM (SELECT 1 FROM item AS other
        WHERE other.incident_id = item.incident_id AND other.near = item.near
        LIMIT {MOST_ALIKE} + 1) AS same), post.unsupported, item.points, item.near
FROM item JOIN post ON post.id = item.post_id
WHERE item.incident_id = ? AND item.post_id = {{KEYS}}
"""  # noqa: S608  (our own words)

# Each half has them in their order.
_HALF = """
SELECT * FROM (SELECT urgency, post_id FROM item WHERE incident_id = ? AND open = {0}
    AND near = (SELECT near FROM item WHERE incident_id = ? AND post_id = ?)
    ORDER BY urgency, post_id LIMIT ?) AS {0}_ones
"""
_SAME = " UNION ALL ".join(map(_HALF.format, ("TRUE", "FALSE")))

_AROUND = """
SELECT item.post_id FROM item JOIN (
    SELECT id FROM post WHERE source = ? AND external_id = ?
    UNION SELECT id FROM post WHERE source = ? AND parent_id = ?
) AS found ON found.id = item.post_id
WHERE item.incident_id = ? AND item.post_id <> ? ORDER BY item.urgency, item.post_id LIMIT ?
"""

# Each half has an index of its own.
_TAG = "SELECT id, label, put, score, by, at, holds, copied_from, undone_at FROM tag"
_TAGS = f"""
{_TAG} WHERE holds AND post_id = ? UNION ALL {_TAG} WHERE NOT holds AND post_id = ?
ORDER BY id DESC LIMIT ?
"""


class Cursor(NamedTuple):
    """The last item of a leaf; the next begins behind it."""

    urgency: datetime
    post_id: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item as lists show it.

    `labels` are the tags that hold, by label; `alike` counts the other posts that say the same, no further
    than `MOST_ALIKE`.
    """

    post_id: int
    version: int
    urgency: datetime
    open: bool
    holder: str | None
    held_at: datetime | None
    decision: str | None
    seen_at: datetime | None
    source: str
    external_id: str
    text: str
    url: str | None
    author: str | None
    author_followers: int | None
    posted_at: datetime | None
    first_seen: datetime
    lang: str | None
    kind: str
    parent_id: str | None
    thread_id: str | None
    reach: int
    unsupported: bool
    points: int
    near: int
    labels: dict[str, Held]
    alike: int

    @property
    def cursor(self) -> Cursor:
        """Where it stands in the queue."""
        return Cursor(self.urgency, self.post_id)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was said of a post: a label put on or taken off, how sure, by whom and when.

    `copied_from` is the post it was said of, if that is another one with the same words.
    """

    label: str
    put: bool
    score: float
    by: str
    at: datetime
    holds: bool
    copied_from: int | None
    undone_at: datetime | None


class Queue:
    """The queue within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._counted: Known = {}

    def lines(
        self,
        incident_id: int,
        sought: Sought | None = None,
        after: Cursor | None = None,
        most: int = LEAF,
    ) -> list[Line]:
        """Return a leaf of the queue, the most urgent first."""
        return self.these(incident_id, self.ids(incident_id, sought, after, most))

    def ids(
        self,
        incident_id: int,
        sought: Sought | None = None,
        after: Cursor | None = None,
        most: int = LEAF,
    ) -> list[int]:
        """Return the posts of a leaf."""
        return self._search(incident_id, sought).keys(_place(after), most)

    def leaf(
        self,
        incident_id: int,
        sought: Sought | None = None,
        after: Cursor | None = None,
        most: int = LEAF,
        counted: int = MOST_ALIKE,
    ) -> tuple[list[Line], Counted]:
        """Return a leaf of the queue and how many items there are in all, counting no further than `counted`."""
        search = self._search(incident_id, sought)
        ids = search.keys(_place(after), most)
        if after is None and len(ids) < most:
            return self.these(incident_id, ids), Counted(len(ids))
        count = search.count(counted)
        return self.these(incident_id, ids), count._replace(items=max(count.items, len(ids)))

    def count(self, incident_id: int, sought: Sought | None = None, most: int = 10_000) -> Counted:
        """Return how many items that are, counting no further than `most`, or than is quick."""
        return self._search(incident_id, sought).count(most)

    def _search(self, incident_id: int, sought: Sought | None) -> Search:
        connection = self._session.connection()
        return Search(connection, incident_id, sought or Sought(), counted=self._counted)

    def line(self, incident_id: int, post_id: int) -> Line | None:
        """Return one item, or None if the incident has no such post to work on."""
        found = self.these(incident_id, [post_id])
        return found[0] if found else None

    def these(self, incident_id: int, post_ids: Sequence[int]) -> list[Line]:
        """Return the items of these posts, in their order; what isn't an item is left out."""
        connection = self._session.connection()
        found = dialect.within(connection, _LINES, (incident_id,), post_ids)
        rows = {row[0]: row for row in found}
        labels = Views(self._session).labels(list(rows))
        return [
            _line(rows[post_id], labels.get(post_id, {})) for post_id in post_ids if post_id in rows
        ]

    def alike(self, incident_id: int, post_id: int, most: int = LEAF) -> list[Line]:
        """Return the other items that say the same, the most urgent first."""
        connection = self._session.connection()
        of = (incident_id, incident_id, post_id, most + 1)
        found = sorted(map(tuple, dialect.rows(connection, _SAME, (*of, *of))))
        others = [other for _, other in found if other != post_id]
        return self.these(incident_id, others[:most])

    def thread(self, incident_id: int, line: Line, most: int = LEAF) -> list[Line]:
        """Return what stands around a post in its thread: what it answers, and what answers it."""
        above, below = (line.source, line.parent_id or ""), (line.source, line.external_id)
        values = (*above, *below, incident_id, line.post_id, most)
        found = dialect.rows(self._session.connection(), _AROUND, values)
        return self.these(incident_id, [row[0] for row in found])

    def tags(self, post_id: int, most: int = 200) -> list[Said]:
        """Return what was said of a post, newest first, what no longer holds included."""
        return [
            Said(label=label, put=bool(put), score=score, by=by, at=from_micros(at), holds=bool(holds),
                 copied_from=copied, undone_at=None if undone is None else from_micros(undone))
            for _, label, put, score, by, at, holds, copied, undone in dialect.rows(
                self._session.connection(), _TAGS, (post_id, post_id, most)
            )
        ]  # fmt: skip


def _place(cursor: Cursor | None) -> tuple[int, int] | None:
    return None if cursor is None else (to_micros(cursor.urgency), cursor.post_id)


def _line(row: Any, labels: dict[str, Held]) -> Line:
    def when(micros: int | None) -> datetime | None:
        return None if micros is None else from_micros(micros)

    return Line(
        post_id=row[0], version=row[1], urgency=from_micros(row[2]), open=bool(row[3]),
        holder=row[4], held_at=when(row[5]), decision=row[6], seen_at=when(row[7]), source=row[8],
        external_id=row[9], text=row[10], url=row[11], author=row[12], author_followers=row[13],
        posted_at=when(row[14]), first_seen=from_micros(row[15]), lang=row[16], kind=row[17],
        parent_id=row[18], thread_id=row[19], reach=row[20] or 0, unsupported=bool(row[22]),
        points=row[23], near=row[24],
        labels=labels, alike=row[21] - 1,
    )  # fmt: skip
