"""Tombstones within one transaction: which posts were erased and may not come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from models.columns import to_micros
from models.errors import SetupError
from models.marks import Marks
from models.pseudonym import Pseudonyms
from models.ready import Ready
from models.store import dialect
from models.tombstone import Why

MARKS = "marks"
"""Under which name a session knows what makes marks."""

_ANY = "SELECT key FROM tombstone LIMIT 1"
_OTHER = "SELECT key FROM tombstone WHERE key < ? UNION ALL SELECT key FROM tombstone WHERE key > ? LIMIT 1"
_FIND = "SELECT mark FROM tombstone WHERE key = ? AND mark = {KEYS}"
_PUT = "INSERT INTO tombstone (key, mark, why, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"


class Tombstones:
    """Tombstones within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def living(
        self, posts: Sequence[Ready], pseudonyms: Pseudonyms | None = None
    ) -> Sequence[Ready]:
        """
        Return those of a batch of posts that have no tombstone, under whatever id they ever had.

        SetupError if there are tombstones but not the key they were made with: whatever was erased
        could come back.
        """
        if not self._rows(_ANY):
            return posts
        marks = self._marks()
        told = {
            marks.of(post.source, one): post
            for post in posts
            for one in ids_of(post.external_id, pseudonyms)
        }
        found = dialect.within(self._session.connection(), _FIND, (marks.name,), list(told))
        if not found:
            return posts
        erased = {told[mark].key for (mark,) in found}
        return [post for post in posts if post.key not in erased]

    def put(self, marks: Marks, posts: Iterable[tuple[str, str]], why: Why, now: datetime) -> None:
        """Set tombstones for posts, given as (source, external id)."""
        self.set_up(marks, (marks.of(*post) for post in posts), why, now)

    def set_up(self, marks: Marks, known: Iterable[str], why: str, now: datetime) -> None:
        """Set tombstones whose marks were made before with the same key."""
        rows = ((marks.name, mark, why, to_micros(now)) for mark in known)
        dialect.many(self._session.connection(), _PUT, rows)

    def count(self) -> int:
        """Return how many there are."""
        return int(self._rows("SELECT COUNT(*) FROM tombstone")[0][0])

    def forget_other_keys(self, marks: Marks) -> None:
        """Give up tombstones that were made with a key nobody has any more."""
        gone = "DELETE FROM tombstone WHERE key <> ?"
        dialect.many(self._session.connection(), gone, [(marks.name,)])

    def misses_key(self) -> bool:
        """Return whether there are tombstones that can't be read, for want of their key."""
        marks = self._asked()
        if marks is None:
            return bool(self._rows(_ANY))
        return bool(self._rows(_OTHER, marks.name, marks.name))

    def _marks(self) -> Marks:
        marks = self._asked()
        if marks is None or self._rows(_OTHER, marks.name, marks.name):
            message = (
                "posts were erased here, and the key that keeps them from coming back is missing"
            )
            remedy = (
                "put erasure.key back into the home, from where secrets.env is kept; "
                "if it is lost for good: amends erase --new-key"
            )
            raise SetupError(message, remedy)
        return marks

    def _asked(self) -> Marks | None:
        ask: Callable[[], Marks | None] = self._session.info.get(MARKS, lambda: None)
        return ask()

    def _rows(self, sql: str, *values: object) -> list[tuple[str, ...]]:
        return dialect.rows(self._session.connection(), sql, values)


def ids_of(external_id: str, pseudonyms: Pseudonyms | None) -> Sequence[str]:
    """Return what a post goes by: as its source says it, and as it is kept where authors have pseudonyms."""
    return (external_id,) if pseudonyms is None else pseudonyms.ids(external_id)
