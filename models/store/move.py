"""
A home's rows moved from one database into another, of either kind, batch by batch.

Nobody writes to the old one meanwhile, and nobody may use the new one before every row has been
compared. Whatever cuts a move short, the same move goes on behind the last row that arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Table

from models.columns import from_micros, to_micros
from models.errors import SetupError, StoreError
from models.store import Store, bulk, dialect, soundness, words_index
from models.store.compare import Key, Looked, key_of, look, read
from models.store.mark import begin, empty, end, hold, reach
from models.store.pour import count, gather_counts, go_on_counting, last_number
from models.store.schema import metadata

PATIENCE = 2_000
"""Milliseconds to wait for whoever is just writing to the old database."""

_WORKS = "SELECT job, holder, until FROM lease WHERE until > ? ORDER BY until DESC"


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """
    A move that ended: rows and digests by table, the same on both sides.

    `found` rows were there from a move that was broken off; `anew` says that one was thrown away,
    because the home had changed since.
    """

    rows: dict[str, int]
    digests: dict[str, str]
    found: int
    anew: bool


class _Way(NamedTuple):
    """From an open connection, on which nobody else may write, to a store."""

    here: Connection
    target: Store
    tell: Any
    total: int


def move(source: Store, url: str, now: datetime, tell: Any) -> Moved:
    """
    Move all rows of a store to `url`, which is empty or holds a part of the same move; then compare them.

    `tell` hears what is being done, rows done and rows in all. SetupError if somebody works with the
    source, or the target is taken; StoreError if a row isn't the same there, and then nobody may use it.
    """
    with (
        closing(Store(dialect.engine_for(url), source.seal)) as target,
        source.begin(patience=PATIENCE) as tx,
    ):
        here = tx.session.connection()
        hold(here)
        _refuse_while_somebody_works(here, now)
        reach(url)
        way = _Way(here, target, tell, sum(count(here, list(metadata.tables)).values()))
        going_on = begin(here, target, url, now)
        lasts, found = _looked_over(way) if going_on else ({}, 0)
        anew = lasts is None
        if anew:
            with target.begin() as there:
                empty(there.session.connection())
        _copy(way, lasts or {}, found)
        looked = _compare(way)
        with target.begin() as there:
            end(there.session.connection())
    return Moved(
        rows={name: one.rows for name, one in looked.items()},
        digests={name: one.digest for name, one in looked.items()},
        found=found,
        anew=anew,
    )


def _refuse_while_somebody_works(here: Connection, now: datetime) -> None:
    for job, holder, until in dialect.rows(here, _WORKS, (to_micros(now),)):
        message = f"{holder} is at work ({job})"
        remedy = (
            f"stop every `amends` of this home; one that was killed counts as gone at"
            f" {from_micros(until):%H:%M:%S} UTC"
        )
        raise SetupError(message, remedy)


def _looked_over(way: _Way) -> tuple[dict[str, Key | None] | None, int]:
    """Return the last key of each table that arrived, None if not all is as in the source; and how many rows."""
    lasts: dict[str, Key | None] = {}
    with _counting(way, "looking over what is there") as hear, way.target.read() as tx:
        there = tx.session.connection()
        found = 0
        for table in metadata.sorted_tables:
            looked = look(way.here, there, table, hear, whole=False)
            if looked.fault is not None:
                return None, 0
            lasts[table.name] = looked.last
            found += looked.rows
    return lasts, found


def _copy(way: _Way, lasts: dict[str, Key | None], found: int) -> None:
    """Bring what is missing, each batch in a transaction of its own, and then what depends on all of it."""
    with _counting(way, "moving", found) as hear:
        for table in metadata.sorted_tables:
            last = lasts.get(table.name)
            names = [f'"{column.name}"' for column in table.columns]
            while rows := read(way.here, table, last):
                try:
                    with way.target.begin(refetchable=True) as tx:
                        bulk.insert(tx.session.connection(), f'"{table.name}"', names, rows)
                except StoreError as error:
                    raise _unkept(
                        table.name, [key_of(table, row) for row in rows], rows, error
                    ) from error
                last = key_of(table, rows[-1])
                hear(len(rows))
    way.tell("making the indexes", 0, 0)
    with way.target.begin(refetchable=True) as tx:
        there = tx.session.connection()
        words_index.anew(there)
        for table in metadata.sorted_tables:
            go_on_counting(way.here, there, table)
        gather_counts(there)


def _unkept(table: str, keys: list[Key], rows: list[Any], error: StoreError) -> StoreError:
    """Return the error with the place of the row that was refused, as near as it is known."""
    for key, row in zip(keys, rows, strict=True):
        if any(isinstance(value, str) and "\0" in value for value in row):
            message = f"{table} {' '.join(map(str, key))} holds a NUL character, which can't be kept there"
            return StoreError(message, "mend that row in the old database, then go on")
    first, last = (" ".join(map(str, key)) for key in (keys[0], keys[-1]))
    return StoreError(f"{table} {first} to {last}: {error.message}", error.remedy)


def _compare(way: _Way) -> dict[str, Looked]:
    """Hold every row against its other; StoreError where one isn't the same."""
    looked = {}
    with _counting(way, "comparing") as hear, way.target.read() as tx:
        there = tx.session.connection()
        faults = []
        for table in metadata.sorted_tables:
            one = looked[str(table.name)] = look(way.here, there, table, hear, whole=True)
            if one.fault is not None:
                faults.append(one.fault)
            elif not _counts_on(way.here, there, table):
                faults.append(f"{table.name} would number its next row otherwise")
        broken = soundness.damage(there)
        if broken is not None:
            faults.append(broken)
        if words_index.off(there) or words_index.damaged(there):
            faults.append("the index of words isn't that of the posts")
    if faults:
        message = f"what arrived isn't what was sent: {'; '.join(faults)}"
        raise StoreError(message, "run the same command again: it begins anew")
    return looked


def _counts_on(here: Connection, there: Connection, table: Table) -> bool:
    """Return whether both number their next row alike; SQLite keeps no numbers of gone rows but of posts."""
    mine, theirs = last_number(here, table), last_number(there, table)
    remembers = not dialect.is_sqlite(there) or table.dialect_kwargs.get("sqlite_autoincrement")
    return theirs == mine if remembers else theirs <= mine


@contextmanager
def _counting(way: _Way, doing: str, done: int = 0) -> Iterator[Any]:
    """Give what hears of rows done, and tells how many of how many."""

    def hear(rows: int, sums: list[int]) -> None:
        sums[0] += rows
        way.tell(doing, sums[0], way.total)

    way.tell(doing, done, way.total)
    yield partial(hear, sums=[done])
