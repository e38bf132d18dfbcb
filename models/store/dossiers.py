"""Posts with every row that is there because of them, within one transaction: for people who ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.cluster import RegroupingRow
from models.item import ItemRow
from models.mention import MentionRow
from models.post import PostRow, SightingRow
from models.store import dialect
from models.tag import QuestionRow, TagRow, VerdictRow
from models.words import WordsRow

BESIDE: tuple[Any, ...] = (
    SightingRow,
    ItemRow,
    TagRow,
    VerdictRow,
    QuestionRow,
    MentionRow,
    WordsRow,
)
"""What stands beside a post, by its number."""


class Dossiers:
    """All that is kept of posts, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, post_ids: Sequence[int]) -> list[dict[str, Any]]:
        """Return these posts, each with all columns and, under a table's name, its rows there."""
        found: dict[int, dict[str, Any]] = {}
        for start in range(0, len(post_ids), dialect.BATCH):
            part = list(post_ids[start : start + dialect.BATCH])
            posts = select(PostRow).where(col(PostRow.id).in_(part)).order_by(col(PostRow.id))
            for row in self._session.exec(posts):
                found[row.id or 0] = _plain(row)
            for table in BESIDE:
                rows = select(table).where(col(table.post_id).in_(part))
                for beside in self._session.exec(rows):
                    mine = found[beside.post_id].setdefault(str(table.__tablename__), [])
                    mine.append(_plain(beside))
            said = select(RegroupingRow).where(
                col(RegroupingRow.post_id).in_(part) | col(RegroupingRow.other_id).in_(part)
            )
            for one in self._session.exec(said):
                for number in {one.post_id, one.other_id} & found.keys():
                    found[number or 0].setdefault("regrouping", []).append(_plain(one))
        return list(found.values())


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.model_dump().items()
        if value is not None
    }
