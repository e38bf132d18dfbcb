"""
Two databases side by side: rows read in the order of their keys, in batches, and a digest of each.

A digest is the same on SQLite and PostgreSQL where the rows are: truth values are true and false, JSON is
its letters, and there is no zero below zero. Times are whole numbers on both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import JSON, Boolean, Column, Connection, Float, String, Table

from models.store import dialect

Key = tuple[Any, ...]
Row = tuple[Any, ...]
Hear = Callable[[int], None]
"""Hears how many rows more are done."""


class Looked(NamedTuple):
    """
    What a look at one table on both sides showed.

    `fault` is the first difference, None if there is none; `rows` are alike, up to the key `last`, and
    `digest` is theirs.
    """

    fault: str | None
    rows: int
    last: Key | None
    digest: str


def read(
    connection: Connection, table: Table, after: Key | None, most: int = dialect.BATCH
) -> list[Row]:
    """Return up to `most` rows of a table behind a key, in the order of keys that both databases have."""
    values = ", ".join(_value(column) for column in table.columns)
    keys = ", ".join(_ordered(connection, column) for column in table.primary_key)
    marks = ", ".join("?" * len(table.primary_key))
    behind = "" if after is None else f" WHERE ({keys}) > ({marks})"
    sql = f'SELECT {values} FROM "{table.name}"{behind} ORDER BY {keys} LIMIT ?'  # noqa: S608
    found = dialect.rows(connection, sql, (*(after or ()), most))
    return [tuple(row) for row in _alike(table, found)]


def key_of(table: Table, row: Row) -> Key:
    """Return the key of a row as `read` gives it."""
    names = [column.name for column in table.columns]
    return tuple(row[names.index(column.name)] for column in table.primary_key)


def digests(connection: Connection, table: Table) -> str:
    """Return the digest of all rows of a table."""
    whole, after = hashlib.sha256(), None
    while rows := read(connection, table, after):
        whole.update(_digest(rows))
        after = key_of(table, rows[-1])
    return whole.hexdigest()


def look(
    source: Connection, target: Connection, table: Table, hear: Hear, *, whole: bool
) -> Looked:
    """Hold a table's rows against each other; without `whole` only as far as the target has any."""
    said, count, last = hashlib.sha256(), 0, None
    while True:
        there = read(target, table, last)
        here = read(source, table, last, dialect.BATCH if whole else len(there))
        digest = _digest(here)
        if digest != _digest(there):
            return Looked(_difference(table, here, there), count, last, said.hexdigest())
        if not here:
            return Looked(None, count, last, said.hexdigest())
        said.update(digest)
        count += len(here)
        last = key_of(table, here[-1])
        hear(len(here))


def _digest(rows: list[Row]) -> bytes:
    return hashlib.sha256(msgspec.msgpack.encode(rows)).digest()


def _difference(table: Table, here: list[Row], there: list[Row]) -> str:
    """Return in words the first difference between two batches."""
    mine, theirs = ({key_of(table, row): row for row in rows} for rows in (here, there))
    for key in (*mine, *theirs):
        name = " ".join(map(str, key))
        if key not in theirs:
            return f"{table.name} {name} is missing there"
        if key not in mine:
            return f"{table.name} {name} is there alone"
        if msgspec.msgpack.encode(mine[key]) != msgspec.msgpack.encode(theirs[key]):
            columns = zip(table.columns, mine[key], theirs[key], strict=True)
            odd = ", ".join(column.name for column, one, other in columns if one != other)
            return f"{table.name} {name} differs in {odd or 'a kind of value'}"
    return f"{table.name} has its rows in another order there"


def _value(column: Column[Any]) -> str:
    # As text JSON is compared, and goes over, letter by letter.
    return f'CAST("{column.name}" AS TEXT)' if isinstance(column.type, JSON) else f'"{column.name}"'


def _ordered(connection: Connection, column: Column[Any]) -> str:
    # SQLite sorts text by its bytes, PostgreSQL as people of some language would.
    plain = dialect.is_sqlite(connection) or not isinstance(column.type, String)
    return f'"{column.name}"' if plain else f'"{column.name}" COLLATE "C"'


def _alike(table: Table, rows: list[Any]) -> Iterator[Any]:
    """Yield rows with their values as both databases would say them."""
    truths = [at for at, one in enumerate(table.columns) if isinstance(one.type, Boolean)]
    floats = [at for at, one in enumerate(table.columns) if isinstance(one.type, Float)]
    if not truths and not floats:
        yield from rows
        return
    for row in rows:
        values = list(row)
        for at in truths:
            values[at] = None if values[at] is None else bool(values[at])
        for at in floats:
            values[at] = None if values[at] is None else values[at] + 0.0
        yield values
