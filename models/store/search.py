"""
A search in the queue: what is sought, a leaf at a time, by the way that spares most.

Few items are read and sorted, many are walked along. Words that few posts have are a way too; of what
many have, enough is soon met on a walk, and a walk that meets too few gives up and looks all of them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from models.store import dialect
from models.store.hits import Hits, Known, Words
from models.store.sought import Sought, narrowed
from models.store.walk import Limits, Place, Reader, Step, Stream, Walk, Way
from models.store.ways import MOST_STREAMS, Ways
from models.store.where import BY_KEY, BY_POST, Where, where

_SAID = frozenset(["words"])
_STEP = "item.urgency, item.post_id, item.near"
_IN_ORDER = " ORDER BY item.urgency, item.post_id LIMIT ?"
_HELD = "incident_id = ? AND open = ? AND holder IS NOT NULL"
_OF = "item.incident_id = ? AND item.post_id = {KEYS}"

MOST_AT_ONCE = 50_000
"""Items read in one go to find enough that say different things."""

_LIMITS = Limits()


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


class Search:
    """What is sought in one incident, made ready to be asked for."""

    def __init__(
        self,
        connection: Connection,
        incident_id: int,
        sought: Sought,
        limits: Limits = _LIMITS,
        counted: Known | None = None,
    ) -> None:
        self._limits = limits
        self._connection = connection
        self._incident_id = incident_id
        self._sought = sought
        self._counted = counted
        self._reader = Reader(connection, incident_id)
        self._ways = Ways(connection, incident_id, sought)
        self._same = narrowed(sought, self._ways.combinations)
        self._words = Words(connection, sought.search, names=sought.names)
        self._going: Going | None = None
        self._many = False
        self._said = Where()
        if self._words:
            # As a value, not as a join: no database then begins with the words of all posts.
            said = self._words.said
            holds = " AND ".join(said.conditions)
            of = f"(SELECT {holds} FROM words WHERE words.post_id = item.post_id)"  # noqa: S608
            self._said = where(of, *said.values)

    def keys(self, after: Place | None, most: int) -> list[int]:
        """Return the posts of the first `most` items behind a place, in their order."""
        way = self._way(after)
        found: list[int] = []
        passed: set[int] = set()
        for rows in self._found(way, after, most):
            if self._going is not None:
                self._going.add(rows)
            fresh: dict[int, int] = {}
            for _, post_id, near in rows:
                if near not in passed:
                    fresh.setdefault(near, post_id)
            if self._sought.folded:
                passed |= fresh.keys()
                earlier = set() if after is None else self._earlier(way, list(fresh), after)
                found += [post_id for near, post_id in fresh.items() if near not in earlier]
            else:
                found += [post_id for _, post_id, _ in rows]
            if len(found) >= most:
                break
        return found[:most]

    def count(self, most: int) -> Counted:
        """Return how many there are, counting no further than `most`, and looking at no more than is quick."""
        way = self._way(None)
        if not self._walks(way):
            return self._counted_by(way, most)
        if self._words.hits and self._words.hits.at_once:
            return self._counted_hits(self._words.hits, most)
        going = self._going or Going(self._walk(way), None, self._limits.step)
        while not self._enough(going, most) and (rows := next(going.stretches, None)) is not None:
            going.add(rows)
            if not going.walk.found and (hits := self._in_vain(going.walk)):
                return self._counted_hits(hits, most)
        return going.counted(most, folded=self._sought.folded)

    def _enough(self, going: Going, most: int) -> bool:
        looked = going.walk.passed - going.walk.before
        return looked >= self._limits.counted or going.items(folded=self._sought.folded) >= most

    def _way(self, after: Place | None) -> Way:
        way, size = self._ways.best(self._reader, after, self._limits.items)
        self._many = size >= self._limits.items
        if not self._many or not self._words:
            return way
        # How words begin is asked of the index last, for it gathers all that begin so.
        hits = self._words.hits
        if hits and hits.at_once and self._words.fewer(self._limits.hits, self._counted):
            return self._by_words(hits)
        return way

    def _walks(self, way: Way) -> bool:
        return self._many and way.tells != _SAID and bool(self._besides(way).conditions)

    def _walk(self, way: Way) -> Walk:
        others, held = self._ways.walked_along(way), self._held()
        # What few are left out by is quicker known of all of them than looked up for each item.
        also = self._besides(way) if held is None else self._besides(way, but="holder")
        return Walk(self._reader, way, others, also, held or frozenset())

    def _held(self) -> frozenset[int] | None:
        """Return the posts that somebody has, where nobody's are sought; None if those are many."""
        if self._sought.holder != "":
            return None
        one = f"SELECT post_id FROM {self._reader.table('item_holder')} WHERE {_HELD}"  # noqa: S608
        sql = " UNION ALL ".join([one] * len(self._sought.opens))
        values = [value for open_ in self._sought.opens for value in (self._incident_id, open_)]
        most = self._limits.many
        rows = self._reader.rows(f"{sql} LIMIT ?", (*values, most))
        return frozenset(row[0] for row in rows) if len(rows) < most else None

    def _besides(self, way: Way, but: str = "") -> Where:
        """Return what is sought besides what the streams of a way tell."""
        tells = {*way.tells, but}
        same = (told for name, told in self._same.items() if name not in tells)
        return sum(same, Where()) + (Where() if way.tells == _SAID else self._said)

    def _found(self, way: Way, after: Place | None, most: int) -> Iterator[list[Step]]:
        """Yield what is found behind a place, in its order."""
        size = most * 2 if self._sought.folded else most
        if not self._walks(way):
            # Those with some words are sorted anew each time they are asked for.
            yield from self._read(way, after, size * 4 if way.tells == _SAID else size)
            return
        walk = self._walk(way)
        going = Going(walk, after, self._limits.step)
        # Whoever counts goes on where a leaf from the beginning ended.
        self._going = going if after is None else None
        for rows in going.stretches:
            yield rows
            if hits := self._in_vain(walk):
                self._going = None
                # From the beginning if nothing was met: that is what PostgreSQL plans well.
                start = walk.at if walk.found else after
                yield from self._read(self._by_words(hits), start, size * 4)
                return

    def _in_vain(self, walk: Walk) -> Hits | None:
        """Return the hits of words if it is better to look up all of them than to walk on."""
        hits, limits = self._words.hits, self._limits
        if hits is None or walk.passed < (limits.passed if walk.found else limits.in_vain):
            return None
        # Words with many hits that none of the first items has are said elsewhere in the queue alone.
        if walk.found or walk.passed >= 4 * limits.in_vain:
            return hits
        return hits if self._words.fewer(limits.many, self._counted) else None

    def _read(self, way: Way, after: Place | None, size: int) -> Iterator[list[Step]]:
        while True:
            parts, values = self._parts(way, _STEP, after, size)
            sql = f"{parts} ORDER BY 1, 2 LIMIT ?"
            rows = [tuple(row) for row in self._reader.rows(sql, (*values, size))]
            yield rows
            if len(rows) < size:
                return
            after, size = rows[-1][:2], min(size * 4, MOST_AT_ONCE)

    def _parts(
        self, way: Way, columns: str, after: Place | None = None, most: int | None = None
    ) -> tuple[str, list[object]]:
        end, ends = ("", ()) if most is None else (_IN_ORDER, (most,))
        return self._reader.parts(way, columns, self._besides(way), after, None, end, ends)

    def _earlier(self, way: Way, nears: Sequence[int], at: Place) -> set[int]:
        """Return the words said by any item sought that stands before a place, or at it."""
        if not nears:
            return set()
        if way.by not in (BY_KEY, BY_POST):
            few = self._limits.items
            if self._reader.size(way, few, at) < few:
                return self._earlier_on(way, nears, at)
        table = self._reader.table("item_near")
        also = sum(self._same.values(), Where()) + self._said
        also += where("(item.urgency, item.post_id) <= (?, ?)", *at)
        one = (
            f"SELECT * FROM (SELECT item.near FROM {table}"  # noqa: S608  (our own words)
            f" WHERE item.incident_id = ? AND item.open = ? AND item.near = ?{also.sql} LIMIT 1) AS part"
        )
        each = [(near, open_) for near in nears for open_ in self._sought.opens]
        found: set[int] = set()
        for begin in range(0, len(each), MOST_STREAMS):
            batch = each[begin : begin + MOST_STREAMS]
            sql = " UNION ALL ".join(f"{one}{number}" for number in range(len(batch)))
            values = [value for near, open_ in batch
                      for value in (self._incident_id, open_, near, *also.values)]  # fmt: skip
            found |= {row[0] for row in self._reader.rows(sql, values)}
        return found

    def _earlier_on(self, way: Way, nears: Sequence[int], at: Place) -> set[int]:
        """Return the same by the few items that a way has before the place."""
        also = self._besides(way)
        if also.conditions and len(nears) <= MOST_STREAMS:
            also = where(f"item.near IN ({', '.join('?' * len(nears))})", *nears) + also
        parts, values = self._reader.parts(way, "item.near", also, None, at)
        return {row[0] for row in self._reader.rows(parts, values)} & {*nears}

    def _by_words(self, hits: Hits) -> Way:
        """Return the way by the index over words: the posts that have them, in no order."""
        told = where(hits.condition, hits.value) + where(f"item.post_id = {hits.key}")
        # The order of the tables is told, or a search would walk through all posts.
        beside = f"{hits.table} CROSS JOIN "
        if not self._words.exact:
            told += self._words.said + where(f"words.post_id = {hits.key}")
            beside += "words CROSS JOIN "
        if len(self._sought.opens) == 1:
            told = where("item.open = ?", *self._sought.opens) + told
        return Way(BY_POST, (Stream(told),), _SAID, beside)

    def _counted_by(self, way: Way, most: int) -> Counted:
        parts, values = self._parts(way, "item.near")
        different = "COUNT(DISTINCT near)" if self._sought.folded else "COUNT(*)"
        sql = f"SELECT COUNT(*), {different} FROM ({parts} LIMIT ?) AS found"  # noqa: S608  (our own words)
        # PostgreSQL tells what is different only once it has read all it may; a third of posts are copies.
        size = most * 3 // 2
        while True:
            items, found = self._reader.rows(sql, (*values, size))[0]
            if found >= most or items < size:
                return Counted(min(int(found), most))
            size *= 4

    def _counted_hits(self, hits: Hits, most: int) -> Counted:
        """Return how many there are among the first hits of words."""
        looked = self._limits.counted
        asked = f"SELECT {hits.key} FROM {hits.table} WHERE {hits.condition} LIMIT ?"  # noqa: S608
        ids = [row[0] for row in self._reader.rows(asked, (hits.value, looked))]
        same = sum(self._same.values(), Where())
        if len(self._sought.opens) == 1:
            same += where("item.open = ?", *self._sought.opens)
        if not self._words.exact:
            same += self._said
        sql = f"SELECT item.near FROM {self._reader.table(BY_POST)} WHERE {_OF}{same.sql}"  # noqa: S608
        of = (self._incident_id,)
        nears = [row[0] for row in dialect.within(self._connection, sql, of, ids, same.values)]
        found = len({*nears}) if self._sought.folded else len(nears)
        return Counted(min(found, most), all=len(ids) < looked or found >= most)
