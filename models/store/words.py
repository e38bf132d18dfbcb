"""
The words of posts as they are looked for, kept in the transaction that keeps their posts.

Who deletes a post deletes its words with it, and the database takes them out of its index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection
from sqlmodel import Session

from models.store import bulk, dialect
from models.words import folded, line

_COLUMNS = ("post_id", "words")
_CHANGED = "UPDATE words SET words = ? WHERE post_id = ? AND words <> ?"

_MISSING = """
SELECT post.id, post.text, post.author FROM post WHERE post.id > ?
    AND NOT EXISTS (SELECT 1 FROM words WHERE words.post_id = post.id) ORDER BY post.id LIMIT ?
"""


class Spoken(NamedTuple):
    """What a post says, folded, and whether it is a new one."""

    post_id: int
    words: str
    new: bool


class Words:
    """Words within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, spoken: Iterable[Spoken]) -> None:
        """Keep the words of a batch of posts."""
        connection = self._session.connection()
        every = list(spoken)
        new = [one[:2] for one in every if one.new]
        bulk.insert(connection, "words", _COLUMNS, new)
        dialect.words_added(connection, new)
        changed = ((one.words, one.post_id, one.words) for one in every if not one.new)
        dialect.many(connection, _CHANGED, changed)

    def anew(self) -> None:
        """Keep the words of all posts as if for the first time, and make the index over them anew."""
        connection = self._session.connection()
        dialect.drop_words_index(connection)
        connection.exec_driver_sql("DELETE FROM words")
        dialect.index_words(connection)
        fill(connection)

    def scrub(self) -> None:
        """Let nothing remain in the index of posts that were deleted. In step with all there is: seconds."""
        dialect.words_index_scrubbed(self._session.connection())


def fill(connection: Connection) -> None:
    """Keep the words of all posts that have none."""
    last = 0
    while found := dialect.rows(connection, _MISSING, (last, dialect.BATCH)):
        rows = [(post_id, line(folded(text), author)) for post_id, text, author in found]
        bulk.insert(connection, "words", _COLUMNS, rows)
        dialect.words_added(connection, rows)
        last = rows[-1][0]
