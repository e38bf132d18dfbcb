"""
A walk down the queue: the streams of a way read as one, a stretch at a time, no further than is needed.

A stretch ends where one of its streams has given so many items, so that none is long however unlike
they are. What is sought besides is looked at item by item; where the other ways have nothing, a stretch
is leapt over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from models.store import dialect
from models.store.where import Where, where

MOST_AT_ONCE = 4_000
"""Items of a stretch, at most."""

FEW_STREAMS = 64
"""Of ways with more it isn't asked where they go on."""

Place = tuple[int, int]
"""An item's urgency, in microseconds, and its post: where it stands in the queue."""

Step = tuple[int, int, int]
"""An item's urgency, in microseconds, its post, and its words' cluster."""

_LAST_POST = 2**63 - 1
_UNDATED = "incident_id = ? AND posted_at IS NULL"
_HELD = "incident_id = ? AND open = ? AND holder IS NOT NULL"


class Limits(NamedTuple):
    """
    From where on another way is taken.

    So many items are looked through in no time; so many hits of words looked up one by one; so many items passed
    by in search of words before all their hits are looked up instead, at first so many at once; so many of
    them without a single one, and four times as many where the words have so many hits; and so many
    looked through to say how many there are.
    """

    items: int = 2_000
    hits: int = 2_000
    passed: int = 12_000
    step: int = 256
    in_vain: int = 700
    many: int = 20_000
    counted: int = 750


class Stream(NamedTuple):
    """Items that an index gives in the queue's order: what holds of them, and between which urgencies they are."""

    told: Where
    low: int | None = None
    high: int | None = None


class Way(NamedTuple):
    """An index, the streams to read by it, what of all that is sought they tell by themselves, and other tables."""

    by: str
    streams: tuple[Stream, ...]
    tells: frozenset[str] = frozenset()
    beside: str = ""


class Reader:
    """What reads the streams of ways, in one incident."""

    def __init__(self, connection: Connection, incident_id: int) -> None:
        self._connection = connection
        self._incident_id = incident_id

    def table(self, index: str) -> str:
        """Return the items, by an index."""
        return f"item{dialect.by(self._connection, index)}"

    def parts(
        self,
        way: Way,
        columns: str,
        also: Where,
        after: Place | None = None,
        upto: Place | None = None,
        end: str = "",
        ends: Sequence[Any] = (),
    ) -> tuple[str, list[Any]]:
        """Return the streams of a way as one, of each what lies between two places, and with `end` behind."""
        parts, values = [], []
        for number, stream in enumerate(way.streams):
            told = stream.told + also + _between(stream, after, upto)
            parts.append(
                f"SELECT * FROM (SELECT {columns} FROM {way.beside}{self.table(way.by)}"  # noqa: S608  (our own words)
                f" WHERE item.incident_id = ?{told.sql}{end}) AS part{number}"
            )
            values += [self._incident_id, *told.values, *ends]
        return " UNION ALL ".join(parts), values

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a query."""
        return dialect.rows(self._connection, sql, tuple(values))

    def size(self, way: Way, most: int, upto: Place | None = None) -> int:
        """Return how many items a way has up to a place, counting no further than `most`."""
        parts, values = self.parts(way, "1", Where(), None, upto)
        sql = f"SELECT COUNT(*) FROM (SELECT * FROM ({parts}) AS each LIMIT ?) AS found"  # noqa: S608
        return int(self.rows(sql, (*values, most))[0][0])

    def place(self, way: Way, after: Place | None, passing: int = 0) -> Place | None:
        """Return the first place at which a stream of a way has an item once it gave so many; None if none has."""
        end = " ORDER BY item.urgency, item.post_id LIMIT 1 OFFSET ?"
        parts, values = self.parts(
            way, "item.urgency, item.post_id", Where(), after, None, end, [passing]
        )
        found = self.rows(f"{parts} ORDER BY 1, 2 LIMIT 1", values)
        return (int(found[0][0]), int(found[0][1])) if found else None

    def held(self, opens: Sequence[bool], most: int) -> frozenset[int] | None:
        """Return the posts that somebody has; None if they aren't fewer than so many."""
        one = f"SELECT post_id FROM {self.table('item_holder')} WHERE {_HELD}"  # noqa: S608
        sql = " UNION ALL ".join([one] * len(opens))
        values = [value for open_ in opens for value in (self._incident_id, open_)]
        rows = self.rows(f"{sql} LIMIT ?", (*values, most))
        return frozenset(row[0] for row in rows) if len(rows) < most else None

    def undated(self, most: int) -> frozenset[int] | None:
        """Return the posts of which nobody knows when they were made; None if they aren't fewer than so many."""
        sql = f"SELECT post_id FROM {self.table('item_posted')} WHERE {_UNDATED} LIMIT ?"  # noqa: S608
        rows = self.rows(sql, (self._incident_id, most))
        return frozenset(row[0] for row in rows) if len(rows) < most else None

    def before(self, way: Way) -> Place:
        """Return the place before all items of a way."""
        first = self.place(way, None)
        return (-_LAST_POST, 0) if first is None else (first[0], first[1] - 1)

    def rate(self, way: Way, after: Place | None, passing: int) -> float:
        """Return how many items a microsecond of the queue has behind a place, by what comes next."""
        start = self.place(way, after)
        if start is None:
            return 0.0
        end = " ORDER BY item.urgency, item.post_id LIMIT 1 OFFSET ?"
        parts, values = self.parts(way, "item.urgency", Where(), start, None, end, [passing])
        return sum(passing / max(int(row[0]) - start[0], 1) for row in self.rows(parts, values))


class Walk:
    """
    A walk along a way, for what is sought `also` but none of the posts `without`.

    `others` are the ways that all of it is on as well.
    """

    def __init__(
        self,
        reader: Reader,
        way: Way,
        others: Sequence[Way],
        also: Where,
        without: frozenset[int] = frozenset(),
    ) -> None:
        self._reader = reader
        self._way = way
        self._every = [one for one in (way, *others) if len(one.streams) <= FEW_STREAMS]
        self._also = also
        self._without = without
        # Of many streams a few have nearly all.
        self._split = min(len(way.streams), 4)
        self.at: Place | None = None
        self.passed = self.before = self.found = self.met = 0
        self.over = False

    def stretches(self, after: Place | None, size: int) -> Iterator[list[Step]]:
        """
        Yield what is found, stretch by stretch.

        `at` is then how far it went, `passed` how many it passed by, `before` how many of those before the first,
        and `met` how many up to the last.
        """
        self.at = after
        while True:
            start = self._leap()
            if start is None:
                self.over = True
                return
            self.at = start
            upto = self._reader.place(self._way, start, max(size // self._split, 1))
            columns = "item.urgency, item.post_id, item.near"
            parts, values = self._reader.parts(self._way, columns, self._also, start, upto)
            rows = self._reader.rows(f"{parts} ORDER BY 1, 2", values)
            found: list[Step] = [tuple(row) for row in rows if row[1] not in self._without]
            if not self.found:
                self.before = self.passed
            self.passed += size
            self.found += len(found)
            self.met = self.passed if found else self.met
            self.at, self.over = upto, upto is None
            yield found
            if upto is None:
                return
            size = min(size * 2, MOST_AT_ONCE)

    def _leap(self) -> Place | None:
        """Return the place before the first that may be sought; None if there is nothing more on one of the ways."""
        if len(self._every) < 2:
            return self.at or (-_LAST_POST, 0)
        firsts = [self._reader.place(way, self.at) for way in self._every]
        known = [first for first in firsts if first is not None]
        if len(known) < len(firsts):
            return None
        urgency, post_id = max(known)
        return urgency, post_id - 1


class Counted(NamedTuple):
    """So many items; unless that is `all` there are, at least so many."""

    items: int
    all: bool = True


class Going:
    """A walk that can be gone on with, and what it has met."""

    def __init__(self, walk: Walk, after: Place | None, step: int) -> None:
        self.walk = walk
        self.stretches = walk.stretches(after, step)
        self._posts = 0
        self._nears: set[int] = set()

    def add(self, rows: Sequence[Step]) -> None:
        """Keep what was met in a stretch."""
        self._posts += len(rows)
        self._nears.update(near for _, _, near in rows)

    def items(self, *, folded: bool) -> int:
        """Return how many were met."""
        return len(self._nears) if folded else self._posts

    def counted(self, most: int, *, folded: bool) -> Counted:
        """Return how many there are."""
        items = self.items(folded=folded)
        return Counted(min(items, most), self.walk.over or items >= most)


def _between(stream: Stream, after: Place | None, upto: Place | None) -> Where:
    # One bound on either side: of two a database may go by the one that spares it nothing.
    low = None if stream.low is None else (stream.low, -1)
    high = None if stream.high is None else (stream.high - 1, _LAST_POST)
    lows = [one for one in (low, after) if one is not None]
    highs = [one for one in (high, upto) if one is not None]
    found = Where()
    # Urgency by itself follows, and lets PostgreSQL guess how few those are.
    if lows:
        found += where("item.urgency >= ?", max(lows)[0])
        found += where("(item.urgency, item.post_id) > (?, ?)", *max(lows))
    if highs:
        found += where("item.urgency <= ?", min(highs)[0])
        found += where("(item.urgency, item.post_id) <= (?, ?)", *min(highs))
    return found
