"""
The words of posts as they are looked for, kept in the transaction that keeps their posts.

Who deletes a post deletes its words with it, and the database takes them out of its index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection
from sqlmodel import Session

from models.store import bulk, dialect, words_index
from models.words import MINUTE, POSTS, by_time, folded, line

_COLUMNS = ("post_id", "words", "by_time")
_MADE = "COALESCE(post.posted_at, post.first_seen)"
BY_TIME = f"({_MADE} / {MINUTE} * {POSTS} + post.id)"
"""Where a post's words stand in time."""

_LOOKED_UP = f"(SELECT {BY_TIME} FROM post WHERE post.id = words.post_id)"  # noqa: S608  (our own words)

_CHANGED = f"""
UPDATE words SET words = ?, by_time = {_LOOKED_UP}
WHERE post_id = ? AND (words <> ? OR by_time <> {_LOOKED_UP})
"""  # noqa: S608  (our own words)

_MISSING = f"""
SELECT post.id, post.text, post.author, {_MADE} FROM post WHERE post.id > ?
    AND NOT EXISTS (SELECT 1 FROM words WHERE words.post_id = post.id) ORDER BY post.id LIMIT ?
"""  # noqa: S608  (our own words)


class Spoken(NamedTuple):
    """What a post says, folded; of a new one when it was made, in microseconds since 1970."""

    post_id: int
    words: str
    made: int | None


class Words:
    """Words within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, spoken: Iterable[Spoken]) -> None:
        """Keep the words of a batch of posts."""
        connection = self._session.connection()
        every = list(spoken)
        new = [(one.post_id, one.words, by_time(one.made, one.post_id))
               for one in every if one.made is not None]  # fmt: skip
        bulk.insert(connection, "words", _COLUMNS, new)
        words_index.added(connection, new)
        changed = ((one.words, one.post_id, one.words) for one in every if one.made is None)
        dialect.many(connection, _CHANGED, changed)

    def anew(self) -> None:
        """Keep the words of all posts as if for the first time, and make the index over them anew."""
        connection = self._session.connection()
        words_index.drop(connection)
        connection.exec_driver_sql("DELETE FROM words")
        words_index.make(connection)
        fill(connection)

    def scrub(self) -> None:
        """Let nothing remain in the index of posts that were deleted. In step with all there is: seconds."""
        words_index.scrubbed(self._session.connection())


def fill(connection: Connection) -> None:
    """Keep the words of all posts that have none."""
    last = 0
    while found := dialect.rows(connection, _MISSING, (last, dialect.BATCH)):
        rows = [(post_id, line(folded(text), author), by_time(made, post_id))
                for post_id, text, author, made in found]  # fmt: skip
        bulk.insert(connection, "words", _COLUMNS, rows)
        words_index.added(connection, rows)
        last = rows[-1][0]
