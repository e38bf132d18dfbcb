"""
Every statement and setting in which SQLite and PostgreSQL differ.

Nothing else asks which of the two it talks to, but what clears traces (`traces.py`) or finds words (`hits.py`,
`words_index.py`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError

from models.errors import SetupError, StoreError
from models.store.traces import overwrite
from models.whole import sync

CACHE_KIB, BULK_CACHE_KIB = 8_192, 16_384
"""What each of several connections holds of the database, and what one does that puts in much at once."""

BUSY_MS = 15_000
LOG_PAGES = 8_000
"""Pages of the log, of 4 KiB, before they are carried over into the database."""

BATCH = 4_000
"""Rows handed to the database in one statement."""


def engine_for(url: str) -> Engine:
    """Return an engine for `sqlite:///…` or `postgresql://…`, set up the way the store needs it."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = "the database address can't be read"
        raise SetupError(message, "it looks like postgresql://user:password@host/name") from error
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        event.listen(engine, "handle_error", _sqlite_failed)
        return engine
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        event.listen(engine, "begin", _postgresql_begin)
        return engine
    message = f"Amends keeps its posts in SQLite or PostgreSQL, not in {parsed.get_backend_name()}"
    raise SetupError(message, "set AMENDS_DATABASE_URL to postgresql://… or leave it out")


def _sqlite_connect(connection: Any, record: Any) -> None:
    # The driver's own transaction control would begin too late and with the wrong lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    _, _, file = cursor.execute("PRAGMA database_list").fetchone()
    if file:
        _sync_name(Path(file).parent)
    # Carried over seldom, and in long strokes: a sync that fails there is told to nobody.
    cursor.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    cursor.close()
    record.info |= {"patience": BUSY_MS, "cache": CACHE_KIB}


def _sync_name(folder: Path) -> None:
    # SQLite syncs the folder in which its log is new, but doesn't look whether that went well.
    try:
        sync(folder)
    except OSError as error:
        if error.errno != errno.EINVAL:  # there are file systems that sync no folder
            message = f"{folder} can't be written: {error.strerror}"
            raise StoreError(message, "look at the disk and the system's log") from error


def _sqlite_begin(connection: Connection) -> None:
    # A writer that first reads under a plain BEGIN loses its update or fails on the upgrade of its
    # snapshot, so writers lock at once. Without FULL a power cut takes back acknowledged commits:
    # right for posts that can be fetched again together with their bookmark, wrong for the rest.
    options = connection.get_execution_options()
    mode, patience = options.get("amends", "durable"), options.get("patience", BUSY_MS)
    if connection.info.get("patience") != patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
        connection.info["patience"] = patience
    cache = BULK_CACHE_KIB if mode == "refetchable" else CACHE_KIB
    if connection.info["cache"] != cache:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{cache}")
        connection.info["cache"] = cache
    if mode != "read":
        overwrite(connection, wanted="thorough" in options)
        level = "NORMAL" if mode == "refetchable" else "FULL"
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")
    if mode != "read" and _UNSURE in connection.info:
        _write_log_again(connection)
        del connection.info[_UNSURE]


_PART = 65_536
_UNSURE = "a sync of the log has failed"


def _sqlite_failed(context: ExceptionContext) -> None:
    if "disk I/O error" in str(context.original_exception) and context.connection is not None:
        context.connection.info[_UNSURE] = True


def _write_log_again(connection: Connection) -> None:
    # After a sync that failed the kernel takes for written what may not be, and the next sync leaves
    # it out. What is kept from then on stands behind it in the log, and would be lost with it in a
    # power cut; so all of the log is written once more, by itself, while nobody else may write.
    try:
        with Path(f"{connection.engine.url.database}-wal").open("r+b", buffering=0) as log:
            while part := log.read(_PART):
                os.pwrite(log.fileno(), part, log.tell() - len(part))
            os.fsync(log.fileno())
    except FileNotFoundError:
        # All of it was carried over into the database since, and that was synced.
        return
    except OSError as error:
        message = f"the database's log can't be written: {error.strerror}"
        raise StoreError(message, "look at the disk and the system's log") from error


def _postgresql_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    mode = options.get("amends", "durable")
    if "patience" in options:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {options['patience']}")
    if mode == "refetchable":
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    elif mode == "read":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def alone(connection: Connection, table: str, mode: str = "SHARE ROW EXCLUSIVE") -> None:
    """Let nobody else write to a table until the transaction ends; or with another `mode` less."""
    if not is_sqlite(connection):
        # There a writer is alone anyway.
        connection.exec_driver_sql(f"LOCK TABLE {table} IN {mode} MODE")


def is_sqlite(connection: Connection) -> bool:
    """Return whether this is SQLite: its file can be looked through and copied page by page."""
    return connection.dialect.name == "sqlite"


def native(connection: Connection, sql: str) -> str:
    """Return `sql`, with ? for each value, as the database's driver has it."""
    return sql if is_sqlite(connection) else sql.replace("%", "%%").replace("?", "%s")


def by(connection: Connection, index: str) -> str:
    """Return what makes SQLite, which keeps no counts, go by an index; PostgreSQL knows better."""
    return f" INDEXED BY {index}" if is_sqlite(connection) else ""


def many(connection: Connection, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Run `sql`, with ? for each value, once for every row of a batch."""
    if rows := list(rows):
        connection.exec_driver_sql(native(connection, sql), rows)


def within(
    connection: Connection,
    sql: str,
    before: tuple[Any, ...],
    keys: Sequence[int] | Sequence[str],
    behind: tuple[Any, ...] = (),
) -> list[Any]:
    """
    Return the rows of `sql` where {KEYS} stands for a whole batch of keys, as one value.

    `before` are the values of the ? that stand before {KEYS}, `behind` of those behind it.
    """
    if not keys:
        return []
    if is_sqlite(connection):
        given = (*before, msgspec.json.encode(keys).decode(), *behind)
        said = sql.replace("= {KEYS}", "IN (SELECT value FROM json_each(?))")
        found = connection.exec_driver_sql(said, given)
    else:
        kind = "bigint" if isinstance(keys[0], int) else "text"
        driver_sql = native(connection, sql).replace("{KEYS}", f"ANY(%s::{kind}[])")
        found = connection.exec_driver_sql(driver_sql, (*before, list(keys), *behind))
    return list(found.fetchall()) if found.returns_rows else []


def listed(connection: Connection, keys: Sequence[int]) -> tuple[str, Any]:
    """Return a table `key` of a whole batch of keys, each a `value`, and what its ? stands for."""
    if is_sqlite(connection):
        return "json_each(?) AS key", msgspec.json.encode(keys).decode()
    return "unnest(CAST(? AS bigint[])) AS key (value)", list(keys)


def rows(connection: Connection, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    """Return the rows of `sql`, with ? for each value."""
    return list(connection.exec_driver_sql(native(connection, sql), values).fetchall())


def version_of(connection: Connection) -> str:
    """Return the database's own name and version, for `amends doctor`."""
    if is_sqlite(connection):
        return f"SQLite {connection.exec_driver_sql('SELECT sqlite_version()').scalar()}"
    return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar()}"
