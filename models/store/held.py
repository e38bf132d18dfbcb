"""What a store is kept in: which database, how large, and how many rows of what."""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy import Connection

from models.store import Store, dialect
from models.store.compare import digests
from models.store.pour import count
from models.store.schema import metadata

_CLUSTER = """
SELECT (SELECT system_identifier FROM pg_control_system()), oid FROM pg_database
WHERE datname = current_database()
"""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """
    One database as it is now.

    `size` is in bytes, `shape` the migration it stands at, `rows` counts by table; `digests` are of the
    rows of each table, the same on both kinds of database, and empty where nobody asked for them.
    """

    database: str
    size: int
    shape: str
    rows: dict[str, int]
    digests: dict[str, str]


def held(store: Store, *, digested: bool = False) -> Held:
    """Return what a store is kept in; with `digested` every row is read."""
    with store.read() as tx:
        connection = tx.session.connection()
        rows = count(connection, list(metadata.tables))
        tables = metadata.sorted_tables if digested else []
        return Held(
            database=dialect.version_of(connection),
            size=_size(connection),
            shape=dialect.rows(connection, "SELECT version_num FROM alembic_version")[0][0],
            rows=rows,
            digests={str(table.name): digests(connection, table) for table in tables},
        )


def identity(connection: Connection) -> str:
    """Return what names this database and no other: a file, or one of a server's databases."""
    if dialect.is_sqlite(connection):
        return f"sqlite {Path(connection.engine.url.database or '').resolve()}"
    server, number = dialect.rows(connection, _CLUSTER)[0]
    return f"postgresql {server} {number}"


def encoding_of(connection: Connection) -> str:
    """Return how a database keeps text."""
    sql = "PRAGMA encoding" if dialect.is_sqlite(connection) else "SHOW server_encoding"
    return str(dialect.rows(connection, sql)[0][0])


def _size(connection: Connection) -> int:
    if not dialect.is_sqlite(connection):
        return int(dialect.rows(connection, "SELECT pg_database_size(current_database())")[0][0])
    pages, size = (
        dialect.rows(connection, f"PRAGMA page_{what}")[0][0] for what in ("count", "size")
    )
    return int(pages * size)
