"""
Tags in batches.

One tag holds for each post and label: the newest by a person, else the classifier's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from models.columns import to_micros
from models.store import dialect
from models.store.posts import Posts, Unscored
from models.tag import CLASSIFIER, Tag

_CLEAR = f"DELETE FROM tag WHERE holds AND by LIKE '{CLASSIFIER}%' AND post_id = {{KEYS}}"  # noqa: S608

_SCORED = """
INSERT INTO tag (post_id, label, put, score, by, at, holds) VALUES (?, ?, ?, ?, ?, ?, TRUE)
ON CONFLICT (post_id, label) WHERE holds DO NOTHING
"""

_HELD = "SELECT post_id, label, put, by FROM tag WHERE holds AND post_id = {KEYS}"
_OVERRULE = "UPDATE tag SET holds = FALSE WHERE holds AND post_id = ? AND label = ?"


class Tags:
    """Tags within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put_scored(
        self, rows: Sequence[Unscored], tags: Sequence[Tag], by: str, at: datetime
    ) -> None:
        """Keep a classifier's tags for these posts; what a person said stays."""
        connection = self._session.connection()
        dialect.within(connection, _CLEAR, (), [row.post_id for row in rows])
        stamp = to_micros(at)
        dialect.many(
            connection,
            _SCORED,
            ((tag.post_id, tag.label, tag.put, tag.score, tag.by, stamp) for tag in tags),
        )
        Posts(self._session).mark_scored(rows, by)

    def put(self, tags: Sequence[Tag], at: datetime) -> int:
        """Keep what people said of posts; returns how many were not said by them already."""
        connection = self._session.connection()
        held = {
            (post_id, label, bool(put), by)
            for post_id, label, put, by in dialect.within(
                connection, _HELD, (), sorted({tag.post_id for tag in tags})
            )
        }
        fresh = [tag for tag in tags if (tag.post_id, tag.label, tag.put, tag.by) not in held]
        dialect.many(connection, _OVERRULE, ((tag.post_id, tag.label) for tag in fresh))
        stamp = to_micros(at)
        dialect.many(
            connection,
            _SCORED,
            ((tag.post_id, tag.label, tag.put, tag.score, tag.by, stamp) for tag in fresh),
        )
        return len(fresh)
