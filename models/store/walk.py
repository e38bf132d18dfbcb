"""
A walk down the queue: several streams of items merged into one order, read no further than is needed.

Each stream is read a little at a time, more each time, behind the last item it gave.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection

from models.store import dialect
from models.store.where import Where, where

FIRST, MOST_AT_ONCE = 64, 4_000
"""Items read from a stream at first, and at most."""

Step = tuple[int, int]
"""An item's urgency, in microseconds, and its post."""


class Limits(NamedTuple):
    """
    From where on another way is taken.

    So many items are looked through in no time; so many hits of words looked up one by one; so many
    items passed by in search of words before all their hits are looked up instead, a few at a time;
    and so many of them without a single one.
    """

    items: int = 5_000
    hits: int = 10_000
    passed: int = 12_000
    step: int = 1_000
    in_vain: int = 2_000


def steps(
    connection: Connection,
    table: str,
    incident_id: int,
    streams: Sequence[Where],
    after: Step | None = None,
) -> Iterator[Step]:
    """Yield the items of all streams behind a place, in the queue's order."""
    return heapq.merge(*(_stream(connection, table, incident_id, one, after) for one in streams))


def _stream(
    connection: Connection, table: str, incident_id: int, stream: Where, after: Step | None
) -> Iterator[Step]:
    size = FIRST
    while True:
        told = stream
        if after is not None:
            told += where("(item.urgency, item.post_id) > (?, ?)", *after)
        sql = (
            f"SELECT item.urgency, item.post_id FROM {table}"  # noqa: S608  (our own words)
            f" WHERE item.incident_id = ?{told.sql} ORDER BY item.urgency, item.post_id LIMIT ?"
        )
        values: tuple[Any, ...] = (incident_id, *told.values, size)
        found = [tuple(row) for row in dialect.rows(connection, sql, values)]
        yield from found
        if len(found) < size:
            return
        after, size = found[-1], min(size * 4, MOST_AT_ONCE)


def met(
    connection: Connection, walk: Iterator[Step], said: Where, most: int, limits: Limits
) -> list[Step] | None:
    """Return the first `most` items of a walk whose words are sought; None if too many were passed in vain."""
    sql = f"SELECT post_id FROM words WHERE post_id = {{KEYS}}{said.sql}"  # noqa: S608
    found: list[Step] = []
    passed = 0
    while batch := list(islice(walk, limits.step)):
        ids = [post_id for _, post_id in batch]
        has = {row[0] for row in dialect.within(connection, sql, (), ids, said.values)}
        found += [step for step in batch if step[1] in has]
        passed += len(batch)
        if len(found) >= most:
            break
        # Words with many hits that none of the first steps has are said elsewhere in the queue alone.
        if passed >= limits.passed or (not found and passed >= limits.in_vain):
            return None
    return found[:most]
