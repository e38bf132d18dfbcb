"""Rows of one database poured into another, whichever of the two kinds each of them is."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import JSON, Boolean, Connection, Table, func, inspect, select
from sqlalchemy import table as named

from models.store import dialect, words_index
from models.store.schema import NEWEST, metadata

_VERSION = """
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)
"""


def make(connection: Connection) -> None:
    """Make all tables, empty and in the newest shape, in a database or schema without them."""
    metadata.create_all(connection)
    connection.exec_driver_sql(_VERSION)
    dialect.many(connection, "INSERT INTO alembic_version VALUES (?)", [(NEWEST,)])


def count(connection: Connection, tables: list[str]) -> dict[str, int]:
    """Return how many rows each of these tables has; a table that isn't there is left out."""
    there = set(inspect(connection).get_table_names())
    return {
        name: connection.execute(select(func.count()).select_from(named(name))).scalar_one()
        for name in sorted(there & set(tables))
    }


def pour(source: Connection, target: Connection, tell: Callable[[int, int], None]) -> None:
    """Copy every row of every table into empty ones; `tell` hears rows done and rows in all."""
    counts = count(source, list(metadata.tables))
    done, total = 0, sum(counts.values())
    for table in metadata.sorted_tables:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        # As text JSON goes over letter by letter.
        values = ", ".join(
            f'CAST("{column.name}" AS TEXT)'
            if isinstance(column.type, JSON)
            else f'"{column.name}"'
            for column in table.columns
        )
        marks = ", ".join("?" * len(table.columns))
        truths = [at for at, one in enumerate(table.columns) if isinstance(one.type, Boolean)]
        found = source.exec_driver_sql(
            f'SELECT {values} FROM "{table.name}"',  # noqa: S608  (names of our own tables)
            execution_options={"stream_results": True, "max_row_buffer": dialect.BATCH},
        )
        for batch in found.partitions(dialect.BATCH):
            into = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608
            dialect.many(target, into, (_true(tuple(row), truths) for row in batch))
            done += len(batch)
            tell(done, total)
        go_on_counting(source, target, table)
    words_index.anew(target)


def _true(row: tuple[object, ...], truths: list[int]) -> tuple[object, ...]:
    """SQLite says 0 and 1 where PostgreSQL insists on false and true."""
    if not truths:
        return row
    values = list(row)
    for at in truths:
        values[at] = None if values[at] is None else bool(values[at])
    return tuple(values)


def last_number(connection: Connection, table: Table) -> int:
    """Return the greatest number a table's rows ever had, gone ones included; 0 if they have none."""
    column = table.autoincrement_column
    if column is None:
        return 0
    greatest = connection.execute(select(func.max(column))).scalar() or 0
    if dialect.is_sqlite(connection):
        said = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = dialect.rows(connection, said, (table.name,))
    else:
        said = "SELECT pg_sequence_last_value(pg_get_serial_sequence(?, ?)::regclass)"
        found = dialect.rows(connection, said, (table.name, column.name))
    return max(greatest, (found[0][0] or 0) if found else 0)


def go_on_counting(source: Connection, target: Connection, table: Table) -> None:
    """Let the target number new rows after the last one the source ever had, gone ones included."""
    last, column = last_number(source, table), table.autoincrement_column
    if column is None or not last:
        return
    if not dialect.is_sqlite(target):
        said = "SELECT setval(pg_get_serial_sequence(?, ?)::regclass, ?)"
        dialect.rows(target, said, (table.name, column.name, last))
    elif table.dialect_kwargs.get("sqlite_autoincrement"):
        dialect.many(target, "DELETE FROM sqlite_sequence WHERE name = ?", [(table.name,)])
        dialect.many(target, "INSERT INTO sqlite_sequence VALUES (?, ?)", [(table.name, last)])


def gather_counts(connection: Connection) -> None:
    """Let PostgreSQL see how much came, so that its first questions go by the right indexes."""
    if not dialect.is_sqlite(connection):
        names = ", ".join(f'"{name}"' for name in metadata.tables)
        connection.exec_driver_sql(f"ANALYZE {names}")
