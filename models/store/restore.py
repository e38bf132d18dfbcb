"""Putting a copy of a database where the posts are kept, all at once or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url
from sqlmodel import Session

from models.errors import SetupError, StoreError
from models.seal import Head, Seal
from models.store import Store, dialect
from models.store.backup import Facts, Tell, copy_opened, facts_of, look, plainly
from models.store.pour import count, make, pour
from models.store.schema import NEWEST, metadata
from models.store.trail import note_restore
from models.whole import put, sync

PATIENCE = 2.0
"""Seconds to wait for another program to leave the old database alone."""

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database file; the new one must never meet those of the old one."""

_JOBS = "SELECT job FROM lease"
_FREE = "INSERT INTO lease (job, holder, token, until) VALUES (?, ?, ?, ?)"


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite database, None for PostgreSQL; SetupError if it is in no file."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        message = "the database is in no file"
        raise SetupError(message, "mend AMENDS_DATABASE_URL")
    return Path(parsed.database).resolve()


def is_taken(url: str) -> bool:
    """Return whether there is a database already: a SQLite file, or a row in PostgreSQL."""
    place = file_of(url)
    if place is not None:
        return os.path.lexists(place)
    engine = dialect.engine_for(url)
    try:
        with plainly("looking at the database"), engine.connect() as connection:
            return any(count(connection, list(metadata.tables)).values())
    finally:
        engine.dispose()


def set_aside(store: Store, beginning: str) -> list[str]:
    """Return the schemas to which rows were moved aside, by how their names begin."""
    with store.read() as tx:
        names = inspect(tx.session.connection()).get_schema_names()
    return [name for name in names if name.startswith(beginning)]


def bring_up_to_date(fresh: Path, facts: Facts, seal: Seal | None = None) -> None:
    """
    Give a copy that nobody else has open the newest shape; it stays one file.

    An audit trail from before there were seals gets them from `seal`.

    StoreError if it is from a newer Amends, or if that changed what the facts say of its rows.
    """
    if facts.shape == NEWEST:
        return
    Store.open(f"sqlite:///{fresh}", seal or Seal(None)).close()
    fold(fresh)
    found = look(fresh, facts.rows)
    if (found.rows, found.bookmarks) != (facts.rows, facts.bookmarks):
        message = "the copy's rows changed while it was brought up to date"
        raise StoreError(message, "report it, and restore with the Amends that made the backup")


def signed(fresh: Path, seal: Seal, *, by: str, made_at: datetime, now: datetime) -> Head:
    """Write into a copy's audit trail that it is put back, by whom and from when; return its head."""
    with (
        plainly("signing the copy"),
        copy_opened(fresh) as connection,
        Session(connection) as session,
    ):
        head = note_restore(session, seal, by=by, made_at=made_at, now=now)
    sync(fresh)
    return head


def fold(fresh: Path) -> None:
    """Fold a copy that nobody else has open into one file."""
    with _closed_off(fresh):
        sync(fresh)


def put_file(fresh: Path, place: Path, aside: Path, *, replace: bool) -> None:
    """
    Put a SQLite file where the database is, keeping the old one in the folder `aside`.

    At every moment there is one whole database under the name. SetupError if another program has
    the old one open, or one came there that mustn't be replaced.
    """
    with _closed_off(place):
        names = [place, *(place.with_name(place.name + end) for end in _BESIDE)]
        for old in (name for name in names if name.exists()):
            aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep(old, aside / old.name)
        if aside.exists():
            sync(aside)
        for beside in names[1:]:
            beside.unlink(missing_ok=True)
        try:
            put(fresh, place, replace=replace)
        except FileExistsError as error:
            message = f"{place} has come there meanwhile"
            raise SetupError(message, "add --replace, and the old one is moved aside") from error


def put_rows(fresh: Path, url: str, aside: str, tell: Tell, seal: Seal | None = None) -> bool:
    """
    Put a copy's rows into PostgreSQL, moving tables with rows into the schema `aside`.

    One transaction. Returns whether something was moved; StoreError if not every row arrived.
    """
    store = Store.open(url, seal)
    try:
        with store.begin() as tx, copy_opened(fresh) as source:
            target = tx.session.connection()
            moved = any(count(target, list(metadata.tables)).values())
            jobs = dialect.rows(target, _JOBS)
            if moved:
                _move_aside(target, aside)
                make(target)
            pour(source, target, tell)
            wanted, found = (facts_of(one, metadata.tables) for one in (source, target))
            if wanted != found:
                message = "not every row of the backup arrived, so nothing was changed"
                raise StoreError(message, "try again, and see `amends doctor`")
            _fence_out(target, jobs)
            return moved
    finally:
        store.close()


def _fence_out(connection: Connection, jobs: list[Any]) -> None:
    """Whoever still runs holds bookmarks that are no longer true: no token it knows is good now."""
    jobs = sorted({job for (job,) in (*jobs, *dialect.rows(connection, _JOBS))})
    dialect.many(connection, "DELETE FROM lease WHERE job = ?", [(job,) for job in jobs])
    free = [(job, "amends restore", secrets.randbits(60), 0) for job in jobs]
    dialect.many(connection, _FREE, free)


def _move_aside(connection: Connection, schema: str) -> None:
    connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
    there = set(inspect(connection).get_table_names())
    for name in sorted(there & {*metadata.tables, "alembic_version"}):
        connection.exec_driver_sql(f'ALTER TABLE "{name}" SET SCHEMA "{schema}"')


def _keep(old: Path, place: Path) -> None:
    try:
        place.hardlink_to(old)
    except FileExistsError:
        raise
    except OSError:
        # Some disks know no second name for a file.
        shutil.copy2(old, place)
        sync(place)


@contextmanager
def _closed_off(place: Path) -> Iterator[None]:
    """
    Hold a database that nobody else has open, all of it in one file, for the length of a `with`.

    Whoever waits for it meanwhile finds that its file has moved, and writes nothing. One too
    damaged to be held isn't in anybody's way.
    """
    if not place.exists():
        yield
        return
    with (
        plainly("moving the old database aside"),
        closing(sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)) as old,
    ):
        _hold(old, place)
        yield


def _hold(old: sqlite3.Connection, place: Path) -> None:
    try:
        mode = old.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        old.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            message = f"another program has {place} open"
            raise SetupError(message, "stop every `amends` of this home, then try again") from error
        raise
    if mode != "delete":
        message = f"{place} can't be folded into one file (it stays in mode {mode})"
        raise StoreError(message, "stop every `amends` of this home, then try again")
