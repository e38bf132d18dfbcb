"""
Many rows in one stroke: SQLite takes them fastest one by one, PostgreSQL from a COPY.

Both ways leave the same rows behind, and count the same ones as new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from models.store import dialect

FEW = 100
"""Rows up to which PostgreSQL takes them faster one by one."""

FEW_AT_ONCE = {"stream_results": True, "max_row_buffer": dialect.BATCH}
"""For statements of whose rows only a batch is held at a time."""

Rows = Iterable[tuple[Any, ...]]

_TABLES = "whether we may make temporary tables"
_MAY = "SELECT has_database_privilege(current_database(), 'TEMP')"


def insert(connection: Connection, table: str, names: Sequence[str], rows: Rows) -> None:
    """Put rows into a table that has none of them."""
    rows = list(rows)
    if dialect.is_sqlite(connection) or len(rows) <= FEW:
        dialect.many(connection, _insert(table, names), rows)
    else:
        _copy(connection, table, names, rows)


def upsert(
    connection: Connection,
    table: str,
    names: Sequence[str],
    rows: Rows,
    conflict: str,
    key: Sequence[str] = (),
) -> None:
    """
    Put rows into a table in their order; the clause `conflict` says what becomes of those that are there.

    `key` names the columns that tell rows apart, where one may meet another of the same batch and
    change it; a clause that does nothing needs none.
    """
    rows = list(rows)
    one_by_one = f"{_insert(table, names)} {conflict}"
    if not _has_tables(connection, len(rows)):
        dialect.many(connection, one_by_one, rows)
        return
    first, again = _parted(rows, [names.index(name) for name in key])
    fresh = _fresh(connection, f"fresh_{table}", table, names, first)
    columns = ", ".join(names)
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {fresh} ORDER BY ctid {conflict}"  # noqa: S608
    )
    dialect.many(connection, one_by_one, again)


def update(
    connection: Connection, table: str, changed: Sequence[str], keys: Sequence[str], rows: Rows
) -> None:
    """Change rows: each of `rows` has the new values of the columns `changed`, then where `keys` are what."""
    rows = list(rows)
    if not _has_tables(connection, len(rows)):
        new = ", ".join(f"{name} = ?" for name in changed)
        where = " AND ".join(f"{name} = ?" for name in keys)
        dialect.many(connection, f"UPDATE {table} SET {new} WHERE {where}", rows)  # noqa: S608
        return
    fresh = _fresh(connection, f"changed_{table}", table, [*changed, *keys], rows)
    new = ", ".join(f"{name} = {fresh}.{name}" for name in changed)
    where = " AND ".join(f"{table}.{name} = {fresh}.{name}" for name in keys)
    connection.exec_driver_sql(f"UPDATE {table} SET {new} FROM {fresh} WHERE {where}")  # noqa: S608


def streamed(connection: Connection, sql: str, values: tuple[Any, ...]) -> Iterator[Any]:
    """Yield the rows of `sql`, with ? for each value, without holding all of them."""
    native = dialect.native(connection, sql)
    found = connection.exec_driver_sql(native, values, execution_options=FEW_AT_ONCE)
    for part in found.partitions(dialect.BATCH):
        yield from part


def _insert(table: str, names: Sequence[str]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


def _has_tables(connection: Connection, rows: int) -> bool:
    """Return whether so many rows are worth a temporary table, and we may make one."""
    if dialect.is_sqlite(connection) or rows <= FEW:
        return False
    if _TABLES not in connection.info:
        connection.info[_TABLES] = dialect.rows(connection, _MAY)[0][0]
    return bool(connection.info[_TABLES])


def _parted(rows: list[tuple[Any, ...]], key: list[int]) -> tuple[list[Any], list[Any]]:
    """Return the rows that come first under their key, and those that meet one of them."""
    if not key:
        return rows, []
    first: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    again = [row for row in rows if first.setdefault(tuple(row[at] for at in key), row) is not row]
    return list(first.values()), again


def _fresh(
    connection: Connection, name: str, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]
) -> str:
    """Put rows into a table of their own that goes with the transaction; return its name."""
    columns = ", ".join(names)
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ON COMMIT DROP AS"  # noqa: S608
        f" SELECT {columns} FROM {table} WITH NO DATA"
    )
    connection.exec_driver_sql(f"TRUNCATE {name}")
    _copy(connection, name, names, rows)
    return name


def _copy(
    connection: Connection, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    sql = f"COPY {table} ({', '.join(names)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError(sql, None, error) from error
