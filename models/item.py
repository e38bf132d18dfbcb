"""
An item: a post as the team works on it in one incident. How urgent it is, who has it, what was decided.

Urgency is a moment: when the post was made, moved back by an hour for each point it has. The earliest is
the most urgent, so weight and waiting are one number that never has to be worked out again as time
passes. A label gives `POINTS`, and reach one for each digit of its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, Instant

POINTS = {"credit_request": 3, "complaint": 2, "praise": 0}
OTHER = 1
"""Points of a label that isn't named above."""

POINT = timedelta(hours=1)
"""What a point is worth in waiting."""


def points(labels: Iterable[str], reach: int) -> int:
    """Return how many hours sooner a post is due than one that says nothing to nobody."""
    heaviest = max((POINTS.get(label, OTHER) for label in labels), default=0)
    return heaviest + (len(str(reach)) if reach > 0 else 0)


def _by(name: str, *columns: str, also: str | None = None, where: str | None = None) -> Index:
    """Return an index that gives items, and what they say, in the queue's order, for each value of some columns."""
    only = None if where is None else text(where)
    ordered = ("incident_id", "open", *columns, "urgency", "post_id", "near")
    ordered += () if also is None else (also,)
    return Index(name, *ordered, sqlite_where=only, postgresql_where=only)


class ItemRow(SQLModel, table=True):
    """
    A stored item. `version` grows with every change by a person, who must name the one they saw.

    `near` is its text's cluster (`models/cluster.py`): equal for posts that say the same.
    `labels` are the names of those that hold, as `,complaint,credit_request,`. Of dated posts
    `posted_at` is `urgency` and as many hours later as there are `points`.
    """

    __tablename__ = "item"
    __table_args__ = (
        # Whatever is sought, one of these gives it in the queue's order (`models/store/ways.py`).
        _by("item_queue", "points"),
        _by("item_label", "labels"),
        _by("item_source", "source"),
        _by("item_lang", "lang", where="lang IS NOT NULL"),
        _by("item_holder", "holder", where="holder IS NOT NULL"),
        _by("item_decided", "decision", where="decision IS NOT NULL"),
        # SQLite takes a column for known only if the index has it, whatever its condition says.
        _by("item_unseen", also="seen_at", where="seen_at IS NULL"),
        Index(
            "item_seen",
            "incident_id",
            "open",
            "seen_at",
            sqlite_where=text("seen_at IS NOT NULL"),
            postgresql_where=text("seen_at IS NOT NULL"),
        ),
        # Of words that many have, each post that has them is looked up.
        Index("item_post", "post_id", "incident_id", "open", "urgency", "near"),
        Index("item_posted", "incident_id", "posted_at", "labels"),
        # One for all that is asked of a text: no key is as dear as one that lies anywhere.
        Index("item_near", "incident_id", "near", "open", "urgency", "post_id", "posted_at"),
    )

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    post_id: int = Field(foreign_key="post.id", primary_key=True, sa_type=BIG_ID)
    source: str
    near: int = Field(sa_type=BigInteger)
    lang: str | None = None
    posted_at: datetime | None = Field(default=None, sa_type=Instant)
    points: int = 0
    labels: str = Field(default=",", sa_type=Text)
    urgency: datetime = Field(sa_type=Instant)
    open: bool = True
    holder: str | None = None
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    decision: str | None = None
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 0
