"""
The index over the folded words of posts: FTS5 on SQLite, in the order in which posts were made, GIN on PostgreSQL.

The database keeps it up to date when words change or go; `Words` (`words.py`) takes in new ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from models.store import dialect

_OUT = (
    "INSERT INTO words_index (words_index, rowid, words) VALUES ('delete', old.by_time, old.words)"
)
_IN = "INSERT INTO words_index (rowid, words) VALUES (new.by_time, new.words)"
_FTS5 = (
    "words, content='words', content_rowid='by_time', detail=none, columnsize=0, tokenize='ascii'"
)
WORDS = "array_to_tsvector(string_to_array(btrim(words), ' '))"

_INDEX = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE words_index USING fts5 ({_FTS5})",
        "CREATE VIRTUAL TABLE words_index_terms USING fts5vocab (words_index, row)",
        f"CREATE TRIGGER words_gone AFTER DELETE ON words BEGIN {_OUT}; END",
        f"CREATE TRIGGER words_changed AFTER UPDATE ON words BEGIN {_OUT}; {_IN}; END",
    ),
    "postgresql": (f"CREATE INDEX words_index ON words USING gin ({WORDS})",),
}


def make(connection: Connection) -> None:
    """Make the index over the folded words, which the database keeps up to date when they change or go."""
    for statement in _INDEX[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def added(connection: Connection, rows: Sequence[tuple[int, str, int]]) -> None:
    """
    Take new words, with their post and where they stand in time, into the index.

    In that order: one that belongs before the last begins a new part of it. A trigger would do it row by
    row, at a fifth of the speed.
    """
    if dialect.is_sqlite(connection):
        placed = sorted((at, words) for _, words, at in rows)
        dialect.many(connection, "INSERT INTO words_index (rowid, words) VALUES (?, ?)", placed)


def anew(connection: Connection) -> None:
    """Make the index over all words anew, whatever state it was in."""
    if dialect.is_sqlite(connection):
        _tell(connection, "rebuild")
    else:
        connection.exec_driver_sql("REINDEX INDEX words_index")


def drop(connection: Connection) -> None:
    """Take the index away, so that words can change without it."""
    if dialect.is_sqlite(connection):
        for gone in ("TRIGGER words_gone", "TRIGGER words_changed",
                     "TABLE words_index_terms", "TABLE words_index"):  # fmt: skip
            connection.exec_driver_sql(f"DROP {gone}")
    else:
        connection.exec_driver_sql("DROP INDEX words_index")


def scrubbed(connection: Connection) -> None:
    """Let nothing of words that are gone remain in the index."""
    if dialect.is_sqlite(connection):
        _tell(connection, "optimize")


def off(connection: Connection) -> int:
    """Return of how many posts more or fewer the index has words; PostgreSQL's can't differ."""
    if not dialect.is_sqlite(connection):
        return 0
    has = 0
    # The first number of this record is that of its rows, seven bits to a byte.
    for byte in dialect.rows(connection, "SELECT block FROM words_index_data WHERE id = 1")[0][0]:
        has = has << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return abs(int(dialect.rows(connection, "SELECT COUNT(*) FROM words")[0][0]) - has)


def damaged(connection: Connection) -> bool:
    """Return whether SQLite's index over words, if it has one, says something else than they."""
    there = "SELECT 1 FROM sqlite_master WHERE name = 'words_index'"
    if not dialect.is_sqlite(connection) or not dialect.rows(connection, there):
        return False
    try:
        order = "INSERT INTO words_index (words_index, rank) VALUES ('integrity-check', 1)"
        connection.exec_driver_sql(order)
    except DatabaseError:
        return True
    return False


def _tell(connection: Connection, order: str) -> None:
    dialect.many(connection, "INSERT INTO words_index (words_index) VALUES (?)", [(order,)])
