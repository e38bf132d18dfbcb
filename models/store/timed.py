"""
Hits of words in the order in which their posts were made: where they begin, and how close together they lie.

Where they lie far apart, it spares most to look them up, and where close, to walk along the queue.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator

from sqlalchemy import Connection

from models.store import dialect
from models.store.hits import Hits
from models.store.walk import Limits, Place, Step, Walk
from models.words import MINUTE, POSTS

_ORDERED = "SELECT {by_time} FROM {table} WHERE {condition} ORDER BY 1 LIMIT ? OFFSET ?"


class Timed:
    """
    Such hits. All times are in microseconds; those of hits are the minutes in which they were made.

    `reach` is by how much a post may be more urgent than when it was made.
    """

    def __init__(self, connection: Connection, hits: Hits, reach: int, limits: Limits) -> None:
        self.hits = hits
        self._connection = connection
        self._reach = reach
        self._limits = limits
        self._few = max(limits.many // 100, 1)
        self._minutes: list[int] = []

    def first(self, since: int) -> int | None:
        """Return when the first was made since a time; None if there are no more."""
        minute = since // MINUTE * MINUTE
        if not self._minutes or not self._minutes[0] <= minute <= self._minutes[-1]:
            self._minutes = self._made(since, self._few + 1)
        at = bisect_left(self._minutes, minute)
        return self._minutes[at] if self._minutes else None

    def apart(self, first: int) -> tuple[Hits, Place | None] | None:
        """
        Return hits from there on to look up, and a place before which there are no others; None if these are all.

        No answer at all if too many lie within reach of one another.
        """
        many, wide = self._limits.many, 2 * self._reach
        if first != self._minutes[0]:
            self._minutes = self._made(first, self._few + 1)
        # The first tell what to expect, and spare counting all.
        some = self._minutes[self._few :]
        if some and (some[0] - first) * many < wide * self._few:
            return None
        end = self._behind(first, many) if some else None
        if end is not None and end - first <= wide:
            return None
        return self.hits.made(first, end), None if end is None else (end - self._reach, -1)

    def _behind(self, since: int, passing: int) -> int | None:
        found = self._made(since, 1, passing)
        return found[0] if found else None

    def _made(self, since: int, most: int, passing: int = 0) -> list[int]:
        told = self.hits.made(since)
        sql = _ORDERED.format(by_time=told.by_time, table=told.table, condition=told.condition)
        rows = dialect.rows(self._connection, sql, (*told.values, most, passing))
        return [row[0] // POSTS * MINUTE for row in rows]

    def along(self, walk: Walk, at: Place, size: int) -> Generator[list[Step], None, bool]:
        """
        Yield what a walk finds while there are hits where it goes, to find so many.

        Return whether it met so few that all that are left had better be looked up.
        """
        vain = self._limits.in_vain
        for rows in walk.stretches(at, self._limits.step):
            yield rows
            if walk.at is None:
                break
            if walk.passed >= self._limits.passed:
                to_go = (size - walk.found) * walk.passed // max(walk.found, 1)
                if not walk.found or self._behind(walk.at[0], max(to_go, 0)) is None:
                    return True
            # Where the first are given only after all have been found, that is as dear as to look up all.
            if self.hits.at_once and walk.passed - walk.met >= vain:
                vain *= 2
                following = self.first(walk.at[0])
                if following is None or following > walk.at[0] + self._reach:
                    break
        return False
