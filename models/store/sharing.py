"""How several of us share one database: PostgreSQL lets them write at once, SQLite one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from models.store import dialect

STRETCH = 4_000
"""Numbers of posts that one of us tags at a time: stretch n begins at n times as many."""

# In the order of their numbers, so that nobody waits in a ring.
_WAIT = "SELECT id, as_of FROM post WHERE scored_by IS NULL AND id = {KEYS} ORDER BY id"
_HOLD = "SELECT id FROM post WHERE id = {KEYS} ORDER BY id FOR NO KEY UPDATE"
_STRETCHES = f"SELECT DISTINCT id / {STRETCH} FROM post WHERE scored_by IS NULL ORDER BY 1"  # noqa: S608


def beside_others(connection: Connection, table: str) -> None:
    """Wait for who is `dialect.alone` with a table, and keep others from it until the transaction ends."""
    if not dialect.is_sqlite(connection):
        connection.exec_driver_sql(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")


def held(connection: Connection, post_ids: Iterable[int]) -> None:
    """Let nobody else tag these posts, or say anything of them, until the transaction ends."""
    if not dialect.is_sqlite(connection):
        dialect.within(connection, _HOLD, (), sorted(post_ids))


def waiting(connection: Connection, post_ids: Sequence[int]) -> set[tuple[int, int]]:
    """
    Return which of these posts no classifier has looked at, each with its age, in microseconds.

    Nobody else takes them until the transaction ends.
    """
    taken = "" if dialect.is_sqlite(connection) else " FOR NO KEY UPDATE"
    return {
        (post_id, as_of)
        for post_id, as_of in dialect.within(connection, _WAIT + taken, (), sorted(post_ids))
    }


def stretches(connection: Connection) -> list[int]:
    """Return the stretches in which posts wait for the classifier, oldest first."""
    return [number for (number,) in dialect.rows(connection, _STRETCHES)]


def words_of(engine: Engine) -> dict[str, Any] | None:
    """Return how psycopg is told to connect to a database; None if that is SQLite."""
    if engine.dialect.name == "sqlite":
        return None
    return dict(engine.dialect.create_connect_args(engine.url)[1])


def apply(connection: Connection, script: str) -> None:
    """Run a script of many statements as PostgreSQL reads it, as a part of the transaction."""
    driver: Any = connection.connection.driver_connection
    driver.execute(script)
