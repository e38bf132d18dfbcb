"""
Hits of words in the order in which their posts were made: where they begin, and how close together they lie.

Where they lie far apart, it spares most to look them up, and where close, to walk along the queue.
"""

from __future__ import annotations

from collections.abc import Generator

from sqlalchemy import Connection

from models.store import dialect
from models.store.hits import Hits
from models.store.walk import Limits, Place, Step, Walk
from models.words import MINUTE, POSTS

_ORDERED = "SELECT hit.rowid FROM {table} WHERE {condition} ORDER BY hit.rowid LIMIT 1 OFFSET ?"


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

    def first(self, since: int, passing: int = 0) -> int | None:
        """Return when the first was made since a time, or the one behind so many; None if there are no more."""
        told = self.hits.made(since)
        sql = _ORDERED.format(table=told.table, condition=told.condition)
        found = dialect.rows(self._connection, sql, (*told.values, passing))
        return found[0][0] // POSTS * MINUTE if found else None

    def apart(self, first: int) -> tuple[Hits, Place | None] | None:
        """
        Return hits from there on to look up, and a place before which there are no others; None if these are all.

        No answer at all if too many lie within reach of one another.
        """
        many, wide = self._limits.many, 2 * self._reach
        few = max(many // 10, 1)
        # The first tell what to expect, and spare counting all.
        end = self.first(first, few)
        if end is not None and (end - first) * many < wide * few:
            return None
        end = self.first(first, many)
        if end is not None and end - first <= wide:
            return None
        return self.hits.made(first, end), None if end is None else (end - self._reach, -1)

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
                if not walk.found or self.first(walk.at[0], max(to_go, 0)) is None:
                    return True
            if walk.passed - walk.met >= vain:
                vain *= 2
                following = self.first(walk.at[0])
                if following is None or following > walk.at[0] + self._reach:
                    break
        return False
