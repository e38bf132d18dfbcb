"""
Tags and verdicts: what we say about a post.

A `Tag` is the fact that a label was put on a post, or taken off, how sure, and by whom
(`classifier:9f3a…` or a person's name). A person's correction is a Tag with a person in `by`; the
newest one holds, and the classifier never overrules it. A `Verdict` is what a person decided to do.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, Instant

CLASSIFIER = "classifier:"
"""What the `by` of a Tag begins with when no person made it."""

_PERSON = f"by NOT LIKE '{CLASSIFIER}%'"
_SAID = f"copied_from IS NULL AND {_PERSON}"

Decision = Literal["reply", "escalate", "follow", "dismiss"]


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A label on a stored post. `score` is a calibrated probability; 1.0 when a person says so."""

    post_id: int
    label: str
    by: str
    score: float = 1.0
    put: bool = True

    @property
    def by_person(self) -> bool:
        """Whether a person said so."""
        return not self.by.startswith(CLASSIFIER)


class TagRow(SQLModel, table=True):
    """
    A stored Tag. `holds` marks the one that counts for its post and label.

    What a person says of a post is said of its near-duplicates too: `copied_from` names the post
    it was said of. What a person takes back altogether, or said of words the post no
    longer has, has `undone_at`.
    """

    __tablename__ = "tag"
    __table_args__ = (
        Index(
            "tag_holds",
            "post_id",
            "label",
            unique=True,
            sqlite_where=text("holds"),
            postgresql_where=text("holds"),
        ),
        Index("tag_post", "post_id"),
        Index("tag_said", "by", sqlite_where=text(_SAID), postgresql_where=text(_SAID)),
        # Few beside what classifiers say: what people said, and what no longer holds.
        Index("tag_person", "post_id", sqlite_where=text(_PERSON), postgresql_where=text(_PERSON)),
        Index(
            "tag_past",
            "post_id",
            sqlite_where=text("NOT holds"),
            postgresql_where=text("NOT holds"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    post_id: int = Field(foreign_key="post.id", sa_type=BIG_ID)
    label: str
    put: bool = True
    score: float = 1.0
    by: str
    at: datetime = Field(sa_type=Instant)
    holds: bool = True
    copied_from: int | None = Field(default=None, sa_type=BIG_ID)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)


class QuestionRow(SQLModel, table=True):
    """The words somebody was asked about, in one post; none that says the same is asked about again."""

    __tablename__ = "question"
    __table_args__ = (Index("question_post", "post_id"),)

    near: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    post_id: int = Field(foreign_key="post.id", sa_type=BIG_ID)
    asked_at: datetime = Field(sa_type=Instant)


class VerdictRow(SQLModel, table=True):
    """
    What a person decided about a post in an incident; appended, and at most taken back (`undone_at`).

    A reply's `url` is where it was sent: Amends sends nothing itself.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        Index("verdict_post", "incident_id", "post_id"),
        Index("verdict_of_post", "post_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    post_id: int = Field(foreign_key="post.id", sa_type=BIG_ID)
    decision: str
    by: str
    note: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    url: str | None = None
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
