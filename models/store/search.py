"""
A search in the queue: what is sought, a leaf at a time, by the way that spares most.

Few items are read and sorted, many are walked along. Words that few posts have are a way too. Of words
that many have it is known where they were said, where the index has posts in the order in which they
were made: where they lie far apart they are looked up, and where close a walk meets them. A walk that meets
too few gives up and looks all of them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection

from models.store import dialect
from models.store.hits import Hits, Known, Words
from models.store.sought import Sought, narrowed
from models.store.timed import Timed
from models.store.walk import Counted, Going, Limits, Place, Reader, Step, Stream, Walk, Way
from models.store.ways import MOST_STREAMS, Ways
from models.store.where import BY_KEY, BY_POINTS, BY_POST, Where, where

_SAID = frozenset(["words"])
_STEP = "item.urgency, item.post_id, item.near"
_IN_ORDER = " ORDER BY item.urgency, item.post_id LIMIT ?"
_OF = "item.incident_id = ? AND item.post_id = {KEYS}"

MOST_AT_ONCE = 50_000
"""Items read in one go to find enough that say different things."""

_LIMITS = Limits()


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
        self._words = Words(
            connection, sought.search, names=sought.names, since=sought.since, until=sought.until
        )
        self._timed = self._words.at_once
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
        if self._timed:
            return self._counted_hits(self._timed, most)
        going = self._going or Going(self._walk(self._ways, way), None, self._limits.step)
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
        # An index that gathers all hits before it gives the first is asked last.
        hits = self._words.at_once
        return self._by_words(hits) if hits and self._fewer(hits, self._limits.hits) else way

    def _walks(self, way: Way) -> bool:
        return self._many and way.tells != _SAID and bool(self._besides(way).conditions)

    def _walk(self, ways: Ways, way: Way) -> Walk:
        # What few are left out by is quicker known of all of them than looked up for each item.
        without, known = frozenset[int](), set[str]()
        if self._sought.holder == "":
            held = self._reader.held(self._sought.opens, self._limits.many)
            if held is not None:
                without, known = held, {"holder"}
        if way.by == BY_POINTS and {"since", "until"} & self._same.keys():
            undated = self._reader.undated(self._limits.many // 10)
            if undated is not None:
                without, known = without | undated, known | {"since", "until"}
        others, also = ways.walked_along(way), self._besides(way, known)
        return Walk(self._reader, way, others, also, without)

    def _besides(self, way: Way, known: AbstractSet[str] = frozenset()) -> Where:
        """Return what is sought besides what the streams of a way tell and what is known otherwise."""
        tells = way.tells | known
        same = (told for name, told in self._same.items() if name not in tells)
        return sum(same, Where()) + (Where() if way.tells == _SAID else self._said)

    def _found(self, way: Way, after: Place | None, most: int) -> Iterator[list[Step]]:
        """Yield what is found behind a place, in its order."""
        size = most * 2 if self._sought.folded else most
        if not self._walks(way):
            # Those with some words are sorted anew each time they are asked for.
            yield from self._read(way, after, size * 4 if way.tells == _SAID else size)
            return
        if self._timed:
            yield from self._by_time(self._timed, after or self._reader.before(way), size)
            return
        walk = self._walk(self._ways, way)
        going = Going(walk, after, self._limits.step)
        # Whoever counts goes on where a leaf from the beginning ended.
        self._going = going if after is None else None
        for rows in going.stretches:
            yield rows
            if not walk.over and (hits := self._in_vain(walk)):
                self._going = None
                yield from self._looked_up(hits, walk.at or self._reader.before(way), size)
                return

    def _looked_up(self, hits: Hits, at: Place, size: int) -> Iterator[list[Step]]:
        if hits == self._timed:
            return self._by_time(hits, at, size)
        return self._read(self._by_words(hits), at, size * 4)

    def _by_time(self, hits: Hits, at: Place, size: int) -> Iterator[list[Step]]:
        """Yield the same for words of which it is known where they were said."""
        timed = Timed(self._connection, hits, self._ways.reach, self._limits)
        while (first := timed.first(at[0])) is not None:
            if apart := timed.apart(first):
                some, upto = apart
                yield from self._read(self._by_words(some), at, size * 4, upto)
                if upto is None:
                    return
                at = upto
                continue
            ways = Ways(self._connection, self._incident_id, self._sought, first)
            walk = self._walk(ways, ways.best(self._reader, at, self._limits.items)[0])
            in_vain = yield from timed.along(walk, at, size)
            at = walk.at or at
            if in_vain:
                yield from self._read(self._by_words(hits.made(at[0])), at, size * 4)
            if in_vain or walk.over:
                return

    def _in_vain(self, walk: Walk) -> Hits | None:
        """Return the hits of words if it is better to go by them than to walk on."""
        hits, limits = self._words.hits, self._limits
        if hits is None or walk.passed < (limits.passed if walk.found else limits.in_vain):
            return None
        self._timed = self._words.spelled
        if self._timed:
            return self._timed
        # Words with many hits that none of the first items has are said elsewhere in the queue alone.
        if walk.found or walk.passed >= 4 * limits.in_vain:
            return hits
        return hits if self._fewer(hits, limits.many) else None

    def _fewer(self, hits: Hits, most: int) -> bool:
        return self._words.fewer(hits, most, self._counted)

    def _read(
        self, way: Way, after: Place | None, size: int, upto: Place | None = None
    ) -> Iterator[list[Step]]:
        while True:
            parts, values = self._parts(way, _STEP, after, size, upto)
            sql = f"{parts} ORDER BY 1, 2 LIMIT ?"
            rows = [tuple(row) for row in self._reader.rows(sql, (*values, size))]
            yield rows
            if len(rows) < size:
                return
            after, size = rows[-1][:2], min(size * 4, MOST_AT_ONCE)

    def _parts(
        self,
        way: Way,
        columns: str,
        after: Place | None = None,
        most: int | None = None,
        upto: Place | None = None,
    ) -> tuple[str, list[object]]:
        end, ends = ("", ()) if most is None else (_IN_ORDER, (most,))
        return self._reader.parts(way, columns, self._besides(way), after, upto, end, ends)

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
        keys, value = dialect.listed(self._connection, nears)
        each = (
            f"EXISTS (SELECT 1 FROM {table} WHERE item.incident_id = ?"  # noqa: S608  (our own words)
            f" AND item.open = ? AND item.near = key.value{also.sql})"
        )
        opens = self._sought.opens
        sql = f"SELECT key.value FROM {keys} WHERE {' OR '.join([each] * len(opens))}"  # noqa: S608
        of = [one for open_ in opens for one in (self._incident_id, open_, *also.values)]
        return {row[0] for row in self._reader.rows(sql, (value, *of))}

    def _earlier_on(self, way: Way, nears: Sequence[int], at: Place) -> set[int]:
        """Return the same by the few items that a way has before the place."""
        also = self._besides(way)
        if also.conditions and len(nears) <= MOST_STREAMS:
            also = where(f"item.near IN ({', '.join('?' * len(nears))})", *nears) + also
        parts, values = self._reader.parts(way, "item.near", also, None, at)
        return {row[0] for row in self._reader.rows(parts, values)} & {*nears}

    def _by_words(self, hits: Hits) -> Way:
        """Return the way by the index over words: the posts that have them, in no order."""
        told = where(hits.condition, *hits.values) + where(f"item.post_id = {hits.key}")
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
        ids = [row[0] for row in self._reader.rows(asked, (*hits.values, looked))]
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
