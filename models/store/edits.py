"""What posts said before they were edited, within one transaction: written down, read in parts, forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlmodel import Session

from models.store import dialect

_TEXTS = "SELECT id, text FROM post WHERE id = {KEYS}"
_SOME = """
SELECT edited.id, post_id, edited.text, edited.near, post.text
FROM edited JOIN post ON post.id = post_id ORDER BY edited.id LIMIT ?
"""
_PUT = "INSERT INTO edited (post_id, text, near) VALUES (?, ?, ?)"


class Edit(NamedTuple):
    """What a post said, the fingerprint of those words, and what it says now."""

    id: int
    post_id: int
    said: str
    near: int
    says: str


class Edits:
    """Edits within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def texts(self, post_ids: Collection[int]) -> dict[int, str]:
        """Return what posts say now."""
        found = dialect.within(self._session.connection(), _TEXTS, (), sorted(post_ids))
        return dict(map(tuple, found))

    def put(self, said: Mapping[int, str], near: Mapping[int, int]) -> None:
        """Write down what posts said until now."""
        rows = ((post_id, text, near[post_id]) for post_id, text in said.items())
        dialect.many(self._session.connection(), _PUT, rows)

    def some(self, most: int) -> list[Edit]:
        """Return up to `most` texts that are to be forgotten, those first that have waited longest."""
        return [Edit(*row) for row in dialect.rows(self._session.connection(), _SOME, (most,))]

    def forget(self, edits: Iterable[Edit]) -> None:
        """Forget texts of which nothing is left anywhere else."""
        sql = "DELETE FROM edited WHERE id = ?"
        dialect.many(self._session.connection(), sql, ((one.id,) for one in edits))
