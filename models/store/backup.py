"""
A copy of the database as it is at one moment, while others go on writing.

Whatever the posts are kept in, the copy is one SQLite file: it can be opened and looked through
anywhere, and putting it back runs nothing that it says.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from models.errors import StoreError
from models.store import Store, dialect, words_index
from models.store.pour import count, make, pour
from models.store.schema import metadata
from models.store.soundness import damage

PAGES = 2_000
"""Pages of a SQLite file copied in one go."""

Tell = Callable[[int, int], None]
"""Hears how much is done, and how much there is."""

_MARKS = """
SELECT watch.id, watch.source, watch.bookmark, watch.chain, COUNT(sighting.post_id),
    MAX(sighting.post_id)
FROM watch LEFT JOIN sighting ON sighting.watch_id = watch.id
GROUP BY watch.id, watch.source, watch.bookmark, watch.chain ORDER BY watch.id
"""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """
    What tells two copies of a database apart.

    `shape` is the migration it stands at, `rows` counts them by table, `bookmarks` is a digest of
    each watch's bookmark, unfinished chain and posts.
    """

    shape: str
    rows: dict[str, int]
    bookmarks: str


def copy(store: Store, place: Path, tell: Tell) -> tuple[Facts, str]:
    """
    Put a copy of the store into a new SQLite file; return its facts and what the original is kept in.

    StoreError if it can't be read, or if there is no room.
    """
    with store.read() as tx, plainly("copying the database"):
        connection = tx.session.connection()
        # From this first question on the transaction sees one moment, and so does the copy.
        facts = facts_of(connection, metadata.tables)
        kept_in = dialect.version_of(connection)
        inside = connection.connection.driver_connection
        if isinstance(inside, sqlite3.Connection):
            _copy_pages(inside, place, tell)
        else:
            with copy_opened(place) as fresh:
                fresh.exec_driver_sql("PRAGMA synchronous=OFF")
                make(fresh)
                pour(connection, fresh, tell)
    return facts, kept_in


def look(place: Path, tables: Iterable[str]) -> Facts:
    """Look through a copy from end to end; return its facts, or StoreError where it isn't sound."""
    with plainly("looking through the copy"), copy_opened(place) as connection:
        broken = damage(connection)
        if words_index.damaged(connection):
            broken = broken or "its index of words isn't that of its posts"
        if broken is not None:
            message = f"the copy of the database is damaged: {broken}"
            raise StoreError(message, "see `amends doctor`")
        return facts_of(connection, tables)


def facts_of(connection: Connection, tables: Iterable[str]) -> Facts:
    """Return the facts of a database, counting these tables."""
    digest = hashlib.sha256()
    for row in dialect.rows(connection, _MARKS):
        digest.update(msgspec.json.encode(tuple(row)) + b"\n")
    shape = dialect.rows(connection, "SELECT version_num FROM alembic_version")[0][0]
    rows = count(connection, list(tables))
    return Facts(shape=shape, rows=rows, bookmarks=digest.hexdigest())


def _copy_pages(source: sqlite3.Connection, place: Path, tell: Tell) -> None:
    copied = sqlite3.connect(place, isolation_level=None)
    try:
        # Nobody else knows of the file, so it needs neither a shared index nor a journal.
        copied.execute("PRAGMA locking_mode=EXCLUSIVE")
        copied.execute("PRAGMA synchronous=OFF")
        source.backup(
            copied, pages=PAGES, progress=lambda _, left, total: tell(total - left, total)
        )
        copied.execute("PRAGMA journal_mode=DELETE")
    finally:
        copied.close()


@contextmanager
def copy_opened(place: Path) -> Iterator[Connection]:
    """Open a SQLite file that nobody else knows of; what was written is kept at the end of the `with`."""
    engine = create_engine(URL.create("sqlite", database=str(place)))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def plainly(doing: str) -> Iterator[None]:
    """Turn what the database says into a sentence for people."""
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError, OSError) as error:
        said = str(getattr(error, "orig", error)).strip().split("\n")[0]
        message = f"{doing} failed: {said}"
        raise StoreError(message, "make room on the disk, or see `amends doctor`") from error
