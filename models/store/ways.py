"""
Ways into the queue: by which index those sought are found in their order, without looking at the rest.

A way is made of streams, each in the queue's order already; together they hold all that is sought.
Of several ways the one with the fewest items is gone, counted no further than is needed to tell. Words
that few posts have are a way too; of what many have, enough is soon met on a walk.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from models.columns import HOUR, to_micros
from models.store import dialect
from models.store.hits import Words
from models.store.sought import DECIDED, Sought, narrowed
from models.store.walk import Limits, met, steps
from models.store.where import BY_KEY, Where, where

_BY_WORDS = "words_index"

MOST_STREAMS = 400
"""SQLite joins no more than 500."""

_NEAR = "SELECT post_id, near FROM item{INDEX} WHERE incident_id = ? AND post_id = {KEYS}"

_NOTHING = Where()

_VALUES = """
WITH RECURSIVE found (value) AS (
    SELECT MIN({BY}) FROM item{INDEX} WHERE incident_id = ? AND open = ?
    UNION ALL
    SELECT (SELECT MIN({BY}) FROM item{INDEX} WHERE incident_id = ? AND open = ? AND {BY} > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL
"""

MOST_AT_ONCE = 50_000
"""Items read in one go to find enough that say different things."""

Place = tuple[int, int]
"""An item's urgency, in microseconds, and its post: where it stands in the queue."""


class Way(NamedTuple):
    """An index, and the streams to read by it."""

    by: str
    streams: tuple[Where, ...]


_LIMITS = Limits()


class Search:
    """What is sought in one incident, made ready to be asked for."""

    def __init__(
        self,
        connection: Connection,
        incident_id: int,
        sought: Sought,
        limits: Limits = _LIMITS,
        counted: dict[str, bool] | None = None,
    ) -> None:
        self._limits = limits
        self._connection = connection
        self._incident_id = incident_id
        self._sought = sought
        self._said = Where()
        combinations: list[str] = []
        if sought.label is not None:
            every = {one for open_ in sought.opens for one in self._values("labels", open_)}
            combinations = sorted(one for one in every if f",{sought.label}," in one)
        self._combinations = combinations
        self._same = narrowed(sought, combinations)
        self._words = Words(connection, sought.search, names=sought.names)
        if self._words:
            self._said = self._words.said + where("words.post_id = item.post_id")
        self._way, size = self._best()
        self._walks = bool(self._words) and size >= limits.items
        if self._walks and self._words.fewer(limits.hits, counted):
            self._way, self._walks = self._by_words(), False

    def keys(self, after: Place | None, most: int) -> list[int]:
        """Return the posts of the first `most` items behind a place, in their order."""
        if not self._sought.folded:
            return [post_id for _, post_id, _ in self._rows(after, most)]
        found: list[int] = []
        passed: set[int] = set()
        # Those with some words are sorted anew each time they are asked for.
        start, size = after, most * (8 if self._way.by == _BY_WORDS else 2)
        while True:
            rows = self._rows(start, size)
            fresh: dict[int, int] = {}
            for _, post_id, near in rows:
                if near not in passed:
                    fresh.setdefault(near, post_id)
            passed |= fresh.keys()
            earlier = set() if after is None else self._earlier(list(fresh), after)
            found += [post_id for near, post_id in fresh.items() if near not in earlier]
            if len(found) >= most or len(rows) < size:
                return found[:most]
            start, size = rows[-1][:2], min(size * 4, MOST_AT_ONCE)

    def count(self, most: int) -> int:
        """Return how many there are, counting no further than `most`."""
        way = self._by_words() if self._walks and self._words.hits else self._way
        parts, values = self._parts(way, "item.near")
        different = "COUNT(DISTINCT near)" if self._sought.folded else "COUNT(*)"
        sql = f"SELECT COUNT(*), {different} FROM ({parts} LIMIT ?) AS found"  # noqa: S608  (our own words)
        # PostgreSQL tells what is different only once it has read all it may; a third of posts are copies.
        size = most * 3 // 2
        while True:
            items, found = dialect.rows(self._connection, sql, (*values, size))[0]
            if found >= most or items < size:
                return min(int(found), most)
            size *= 4

    def _rows(self, after: Place | None, most: int) -> list[tuple[int, int, int]]:
        """Return urgency, post and words of the first `most` items behind a place."""
        if self._walks:
            found = self._walked(after, most)
            if found is not None:
                return found
            self._way, self._walks = self._by_words(), False
        behind = (
            Where() if after is None else where("(item.urgency, item.post_id) > (?, ?)", *after)
        )
        parts, values = self._parts(
            self._way, "item.urgency, item.post_id, item.near", behind, most
        )
        sql = f"{parts} ORDER BY 1, 2 LIMIT ?"
        return [tuple(row) for row in dialect.rows(self._connection, sql, (*values, most))]

    def _walked(self, after: Place | None, most: int) -> list[tuple[int, int, int]] | None:
        """Return the same by a walk from the place on; None if that passes by too many in vain."""
        table = f"item{dialect.by(self._connection, self._way.by)}"
        streams = [stream + self._same for stream in self._way.streams]
        walk = steps(self._connection, table, self._incident_id, streams, after)
        limits = self._limits if self._words.hits else self._limits._replace(passed=sys.maxsize)
        found = met(self._connection, walk, self._words.said, most, limits)
        if found is None:
            return None
        nears = dialect.within(
            self._connection,
            _NEAR.replace("{INDEX}", dialect.by(self._connection, BY_KEY)),
            (self._incident_id,),
            [post_id for _, post_id in found],
        )
        near = dict(map(tuple, nears))
        return [(urgency, post_id, near[post_id]) for urgency, post_id in found]

    def _parts(
        self, way: Way, columns: str, behind: Where = _NOTHING, most: int | None = None
    ) -> tuple[str, list[Any]]:
        """Return the streams of a way as one, each in its order if only so many are asked for."""
        end = "" if most is None else " ORDER BY item.urgency, item.post_id LIMIT ?"
        table, same = self._table(way.by), self._same
        if way.by != _BY_WORDS:
            same += self._said
        parts, values = [], []
        for number, stream in enumerate(way.streams):
            told = stream + same + behind
            parts.append(
                f"SELECT * FROM (SELECT {columns} FROM {table}"  # noqa: S608  (our own words)
                f" WHERE item.incident_id = ?{told.sql}{end}) AS part{number}"
            )
            values += [self._incident_id, *told.values, *([] if most is None else [most])]
        return " UNION ALL ".join(parts), values

    def _earlier(self, nears: Sequence[int], at: Place) -> set[int]:
        """Return the words said by any item sought that stands before a place, or at it."""
        table = self._table("item_near")
        found: set[int] = set()
        stream = where("item.near = ?", 0) + self._same + self._said
        stream += where("(item.urgency, item.post_id) <= (?, ?)", *at)
        opens = self._sought.opens
        one = (
            f"SELECT * FROM (SELECT item.near FROM {table}"  # noqa: S608  (our own words)
            f" WHERE item.incident_id = ? AND item.open = ?{stream.sql} LIMIT 1) AS part"
        )
        each = [(near, open_) for near in nears for open_ in opens]
        for begin in range(0, len(each), MOST_STREAMS):
            batch = each[begin : begin + MOST_STREAMS]
            sql = " UNION ALL ".join(f"{one}{number}" for number in range(len(batch)))
            values = [value for near, open_ in batch
                      for value in (self._incident_id, open_, near, *stream.values[1:])]  # fmt: skip
            found |= {row[0] for row in dialect.rows(self._connection, sql, tuple(values))}
        return found

    def _table(self, index: str) -> str:
        # The order of the tables is told, or a search would walk through all posts.
        hits = self._words.hits
        if index != _BY_WORDS or hits is None:
            table = f"item{dialect.by(self._connection, index)}"
            return f"{table} CROSS JOIN words" if self._words else table
        said = "" if self._words.exact else " CROSS JOIN words"
        return f"{hits.table}{said} CROSS JOIN item{dialect.by(self._connection, BY_KEY)}"

    def _best(self) -> tuple[Way, int]:
        """Return the way with the fewest items, and how many those are, as far as that was told."""
        ways = [way for way in self._ways() if len(way.streams) <= MOST_STREAMS]
        ways = ways or [self._plain()]
        if len(ways) == 1 and not self._words:
            return ways[0], self._limits.items
        sizes = [self._size(way) for way in ways]
        return min(zip(ways, sizes, strict=True), key=lambda one: one[1])

    def _by_words(self) -> Way:
        """Return the way by the index over words: the posts that have them, in no order."""
        hits = self._words.hits
        if hits is None:
            return self._way
        found = where(hits.condition, hits.value) + where(f"item.post_id = {hits.key}")
        if not self._words.exact:
            found += self._words.said + where(f"words.post_id = {hits.key}")
        opens = self._sought.opens
        return Way(
            _BY_WORDS, (where("item.open = ?", *opens) + found if len(opens) == 1 else found,)
        )

    def _ways(self) -> list[Way]:
        sought = self._sought
        by = {
            "item_holder": ("item.holder", sought.holder),
            "item_decided": ("item.decision", DECIDED.get(sought.state)),
            "item_source": ("item.source", sought.source),
            "item_lang": ("item.lang", sought.lang),
        }
        found = [
            self._by(name, [where(f"{column} = ?", value)])
            for name, (column, value) in by.items()
            if value
        ]
        if (sought.since, sought.until, sought.newer) != (None, None, None):
            found.insert(0, self._plain())
        if sought.label is not None:
            each = [where("item.labels = ?", one) for one in self._combinations]
            found.append(self._by("item_label", each or [where("item.labels = ''")]))
        if sought.newer is not None:
            found.append(self._by(BY_KEY, [where("item.post_id > ?", sought.newer)]))
        if sought.unseen:
            found.append(self._by("item_unseen", [where("item.seen_at IS NULL")]))
        return found

    def _by(self, index: str, each: Sequence[Where]) -> Way:
        opens = [where("item.open = ?", open_) for open_ in self._sought.opens]
        return Way(index, tuple(open_ + one for open_ in opens for one in each))

    def _plain(self) -> Way:
        """Return the whole queue: for each number of points what was posted between two times."""
        streams = []
        for open_ in self._sought.opens:
            for points in self._values("points", open_):
                stream = where("item.open = ?", open_) + where("item.points = ?", points)
                if self._sought.since is not None:
                    since = to_micros(self._sought.since) - points * HOUR
                    stream += where("item.urgency >= ?", since)
                if self._sought.until is not None:
                    until = to_micros(self._sought.until) - points * HOUR
                    stream += where("item.urgency < ?", until)
                streams.append(stream)
        return Way("item_queue", tuple(streams) or (where("item.points < 0"),))

    def _size(self, way: Way) -> int:
        table = f"item{dialect.by(self._connection, way.by)}"
        parts = " UNION ALL ".join(
            f"SELECT 1 FROM {table} WHERE item.incident_id = ?{stream.sql}"  # noqa: S608
            for stream in way.streams
        )
        values = [value for one in way.streams for value in (self._incident_id, *one.values)]
        sql = f"SELECT COUNT(*) FROM (SELECT * FROM ({parts}) AS each LIMIT ?) AS found"  # noqa: S608
        return int(dialect.rows(self._connection, sql, (*values, self._limits.items))[0][0])

    def _values(self, column: str, open_: bool) -> list[Any]:
        """Return the different values of a column, one step through its index for each."""
        index = {"points": "item_queue", "labels": "item_label"}[column]
        sql = _VALUES.replace("{BY}", column).replace(
            "{INDEX}", dialect.by(self._connection, index)
        )
        rows = dialect.rows(self._connection, sql, (self._incident_id, open_) * 2)
        return [row[0] for row in rows]
