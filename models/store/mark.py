"""The mark on a database that a home is being moved into: whose move it is, and that nobody else may use it."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from models.columns import from_micros, to_micros
from models.errors import SetupError, StoreError
from models.seal import Seal
from models.store import Store, dialect, words_index
from models.store.growing import may_shrink, only_grows
from models.store.held import encoding_of, identity
from models.store.pour import count
from models.store.restore import file_of
from models.store.schema import MOVING, NEWEST, metadata

PATIENCE = 2_000
"""Milliseconds to wait for whoever is just writing."""

_TABLE = "CREATE TABLE moving (source TEXT NOT NULL, shape TEXT NOT NULL, begun_at BIGINT NOT NULL)"
_PUT = "INSERT INTO moving (source, shape, begun_at) VALUES (?, ?, ?)"
_FIND = "SELECT source, shape, begun_at FROM moving"
_STANDS = "UPDATE alembic_version SET version_num = ?"


def address(to: str) -> str:
    """
    Return the address of a database as people name it: the path of a SQLite file, or postgresql://….

    SetupError if there is a password in it, for others on the machine see what is typed.
    """
    if "://" not in to:
        return f"sqlite:///{Path(to).expanduser().absolute()}"
    try:
        parsed = make_url(to)
    except ArgumentError as error:
        message = "the database to move to can't be read"
        raise SetupError(message, "a file, or postgresql://user@host/name") from error
    if parsed.password or "password" in parsed.query:
        message = "a password on the command line can be read by everybody on this machine"
        remedy = "leave it out: PGPASSWORD, ~/.pgpass or a service file says it"
        raise SetupError(message, remedy)
    return to


def name_of(url: str) -> str:
    """Return a database's address as people may see it, without a password."""
    place = file_of(url)
    if place is not None:
        return str(place)
    parsed = make_url(url).difference_update_query(["password"])
    return parsed._replace(password=None).render_as_string()


def reach(url: str) -> None:
    """Refuse a target that can't be used, before anything is held."""
    place = file_of(url)
    if place is not None:
        try:
            # What posts are kept in is for its owner alone.
            place.touch(mode=0o600)
        except OSError as error:
            message = f"can't use {place}: {error.strerror or error}"
            raise SetupError(message, "name a file in a folder that is there") from error
    with closing(Store(dialect.engine_for(url), Seal(None))) as target:
        try:
            with target.read() as tx:
                encoding = encoding_of(tx.session.connection())
        except StoreError as error:
            message = f"can't use the database to move to: {error.message}"
            remedy = (
                "make it first; its password comes from PGPASSWORD, ~/.pgpass or a service file"
            )
            raise SetupError(message, error.remedy if place else remedy) from error
    if encoding not in ("UTF8", "UTF-8"):
        message = f"the database to move to keeps text as {encoding}, which can't hold every post"
        raise SetupError(message, "make it with ENCODING 'UTF8' and TEMPLATE template0")


def hold(connection: Connection) -> None:
    """Let nobody else write until the transaction ends; they may read."""
    dialect.alone(connection, ", ".join(f'"{name}"' for name in metadata.tables))


def begin(here: Connection, target: Store, url: str, now: datetime) -> bool:
    """Mark the target as ours until it is whole; return whether it was already."""
    mine = identity(here)
    with target.read() as tx:
        connection = tx.session.connection()
        same = identity(connection) == mine
        marked = _mark(connection)
        _refuse_taken(connection, marked, same=same)
    if marked is None:
        Store.open(url).close()
    with target.begin(patience=PATIENCE) as tx:
        connection = tx.session.connection()
        marked = _mark(connection)
        if marked is None:
            hold(connection)
            _refuse_taken(connection, marked, same=same)
            empty(connection)
            connection.exec_driver_sql(_TABLE)
            dialect.many(connection, _PUT, [(mine, NEWEST, to_micros(now))])
            dialect.many(connection, _STANDS, [(MOVING,)])
            return False
    whose, shape, begun_at = marked
    if (whose, shape) != (mine, NEWEST):
        other = "another home" if whose != mine else "another Amends"
        message = (
            f"a move of {other} into this database was broken off"
            f" (begun {from_micros(begun_at):%Y-%m-%d %H:%M} UTC)"
        )
        raise SetupError(message, "end that move, or name an empty database")
    return True


def _mark(connection: Connection) -> tuple[str, str, int] | None:
    """Return whose move a database is in the midst of, in which shape, and since when."""
    if not inspect(connection).has_table("moving"):
        return None
    whose, shape, begun_at = dialect.rows(connection, _FIND)[0]
    return whose, shape, begun_at


def _refuse_taken(connection: Connection, marked: object, *, same: bool) -> None:
    if same:
        message = "the home is in that database already"
        raise SetupError(message, "name another one")
    if marked is None and any(count(connection, list(metadata.tables)).values()):
        message = "there is a home in that database already"
        remedy = (
            "name an empty one; if a move has just ended there, `amends db show --digests`"
            " says on both sides whether they are the same"
        )
        raise SetupError(message, remedy)


def empty(connection: Connection) -> None:
    """Take out what a move has brought, and let ids begin at one again."""
    may_shrink(connection)
    if not dialect.is_sqlite(connection):
        names = ", ".join(f'"{name}"' for name in metadata.tables)
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        only_grows(connection)
        return
    words_index.drop(connection)
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    words_index.make(connection)
    connection.exec_driver_sql("DELETE FROM sqlite_sequence")
    only_grows(connection)


def end(connection: Connection) -> None:
    """Let everybody use the database."""
    dialect.many(connection, _STANDS, [(NEWEST,)])
    connection.exec_driver_sql("DROP TABLE moving")
