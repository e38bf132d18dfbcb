"""
Ways into the queue: by which index those sought are found in their order, without looking at the rest.

A way is made of streams, each in the queue's order already; together they hold all that is sought. Of
several ways the one with the fewest items is gone, counted no further than is needed to tell, and of
those with many the one that has the fewest where it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from models.columns import HOUR, to_micros
from models.store import dialect
from models.store.sought import DECIDED, MOST_POINTS, Sought
from models.store.walk import Place, Reader, Stream, Way
from models.store.where import BY_KEY, BY_POINTS, Where, where

MOST_STREAMS = 400
"""SQLite joins no more than 500."""

SAMPLED = 256
"""Items of a stream by which it is told how many it has where it begins."""

_VALUES = """
WITH RECURSIVE found (value) AS (
    SELECT MIN({BY}) FROM item{INDEX} WHERE incident_id = ? AND open = ?
    UNION ALL
    SELECT (SELECT MIN({BY}) FROM item{INDEX} WHERE incident_id = ? AND open = ? AND {BY} > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL
"""


class Ways:
    """The ways to what is sought in one incident; nothing of it was made, or first seen, before `first`."""

    def __init__(
        self, connection: Connection, incident_id: int, sought: Sought, first: int | None = None
    ) -> None:
        self._connection = connection
        self._incident_id = incident_id
        self._sought = sought
        since = None if sought.since is None else to_micros(sought.since)
        self._since = max((one for one in (since, first) if one is not None), default=None)
        self._until = None if sought.until is None else to_micros(sought.until)
        self._sizes: list[int] = []

    @cached_property
    def combinations(self) -> list[str]:
        """The labels that items have together, with the one that is sought among them."""
        if self._sought.label is None:
            return []
        every = {one for open_ in self._sought.opens for one in self._values("labels", open_)}
        return sorted(one for one in every if f",{self._sought.label}," in one)

    @cached_property
    def every(self) -> list[Way]:
        """All of them; where nothing is sought, the whole queue."""
        sought = self._sought
        by = {
            "holder": ("item_holder", "item.holder", sought.holder),
            "decision": ("item_decided", "item.decision", DECIDED.get(sought.state)),
            "source": ("item_source", "item.source", sought.source),
            "lang": ("item_lang", "item.lang", sought.lang),
        }
        found = [
            self._by(index, [where(f"{column} = ?", value)], name)
            for name, (index, column, value) in by.items()
            if value
        ]
        if (self._since, self._until, sought.newer) != (None, None, None):
            found.insert(0, self._plain())
        if sought.label is not None:
            each = [where("item.labels = ?", one) for one in self.combinations]
            found.append(self._by("item_label", each or [where("item.labels = ''")], "labels"))
        if sought.newer is not None:
            found.append(self._by(BY_KEY, [where("item.post_id > ?", sought.newer)], "newer"))
        if sought.unseen:
            found.append(self._by("item_unseen", [where("item.seen_at IS NULL")], "unseen"))
        return [way for way in found if len(way.streams) <= MOST_STREAMS] or [self._plain()]

    def best(self, reader: Reader, after: Place | None, most: int) -> tuple[Way, int]:
        """Return the way with the fewest items, and how many those are, counted up to `most`."""
        ways = self.every
        sizes = self._sizes = self._sizes or [reader.size(way, most) for way in ways]
        size = min(sizes)
        # In the order of its key, one can't be walked along.
        many = [way for way in ways if way.by != BY_KEY] or [self._plain()]
        if size < most:
            return ways[sizes.index(size)], size
        if len(many) == 1:
            return many[0], size
        # Behind where all have begun, for what is above may be all of one kind.
        starts = [reader.place(way, after) for way in many]
        start = max((one for one in starts if one is not None), default=after)
        rates = [reader.rate(way, start, SAMPLED) for way in many]
        return many[rates.index(min(rates))], size

    @cached_property
    def reach(self) -> int:
        """By how many microseconds what is sought may be more urgent than when it was made."""
        each = (points for open_ in self._sought.opens for points in self._values("points", open_))
        return int(max(each, default=0)) * HOUR

    def walked_along(self, way: Way) -> list[Way]:
        """Return the other ways that are in the queue's order."""
        return [one for one in self.every if one.by not in (way.by, BY_KEY)]

    def _by(self, index: str, each: Sequence[Where], tells: str) -> Way:
        opens = [where("item.open = ?", open_) for open_ in self._sought.opens]
        # What follows of when it was posted, and can be looked up.
        low = None if self._since is None else self._since - MOST_POINTS * HOUR
        return Way(
            index,
            tuple(Stream(open_ + one, low, self._until) for open_ in opens for one in each),
            frozenset([tells]),
        )

    def _plain(self) -> Way:
        """Return the whole queue: for each number of points what was posted between two times."""
        streams = []
        for open_ in self._sought.opens:
            for points in self._values("points", open_):
                told = where("item.open = ?", open_) + where("item.points = ?", points)
                low = None if self._since is None else self._since - points * HOUR
                high = None if self._until is None else self._until - points * HOUR
                streams.append(Stream(told, low, high))
        return Way(BY_POINTS, tuple(streams) or (Stream(where("item.points < 0")),))

    def _values(self, column: str, open_: bool) -> list[Any]:
        """Return the different values of a column, one step through its index for each."""
        index = {"points": BY_POINTS, "labels": "item_label"}[column]
        sql = _VALUES.replace("{BY}", column).replace(
            "{INDEX}", dialect.by(self._connection, index)
        )
        rows = dialect.rows(self._connection, sql, (self._incident_id, open_) * 2)
        return [row[0] for row in rows]
