"""
A hole: a stretch of time that a watch has begun to read and not finished, or can't read any more.

A watch that reads newest first may begin afresh before an older walk has come down to where the one
before it began; what it leaves open is a hole, with a name, kept in the transaction that moved the
bookmark past it. Later rounds fill it. One that nobody can fill any more is closed as lost.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Instant
from models.coverage import Span

MOST = 8
"""Open holes of one watch; with that many, they are filled before it begins afresh."""

MOST_LOST = 100
"""Lost holes remembered of one watch; beyond that the two nearest are told as one."""


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """
    A stretch still to be filled.

    `chain` is the request that goes on in it; without one it is asked for by its times. `not_before`
    is when to try again after the source didn't take the question.
    """

    key: str
    span: Span
    chain: str | None = None
    not_before: datetime | None = None


class HoleRow(SQLModel, table=True):
    """
    A stored hole. `why` is the sentence a person sees; `lost_at` is set once it can't be filled.

    `seconds` is how much of a lost one is missing, which is less than its stretch where several are
    told as one.
    """

    __tablename__ = "hole"
    __table_args__ = (UniqueConstraint("watch_id", "key", name="hole_key"),)

    id: int | None = Field(default=None, primary_key=True)
    watch_id: int = Field(foreign_key="watch.id")
    key: str
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    chain: str | None = Field(default=None, sa_type=Text)
    why: str = Field(sa_type=Text)
    opened_at: datetime = Field(sa_type=Instant)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    lost_at: datetime | None = Field(default=None, sa_type=Instant)
    seconds: int = 0

    @property
    def span(self) -> Span:
        """The stretch it takes up."""
        return Span(self.since, self.until)

    def as_hole(self) -> Hole:
        """Return the plain value the collector gets to see."""
        return Hole(key=self.key, span=self.span, chain=self.chain, not_before=self.not_before)
