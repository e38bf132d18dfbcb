"""
The outbox: what is to be told to the world outside, one row for each event and place it goes to.

A row is written in the same transaction as what it tells of, so it is never lost; an event's id is the
same however often it is sent, so whoever receives it twice can tell. `DigestRow` remembers which digest
of a day was made: its numbers and a print of them, and no word of any post.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, Instant

OutboxState = Literal["waiting", "sent", "given up", "dropped"]
OUTBOX_STATES: tuple[OutboxState, ...] = ("waiting", "sent", "given up", "dropped")


class OutboxRow(SQLModel, table=True):
    """
    One event on its way to one destination.

    `value` is the event as JSON, empty once nobody needs it any more. While somebody sends it, `claim`
    says who, and `not_before` when others may try, in case they never come back. `remaining` are the
    recipients still to be reached, line by line, where some were and some weren't; empty means all.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("event_id", "destination", name="outbox_event"),
        Index("outbox_due", "state", "destination", "not_before"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    event_id: str
    destination: str
    kind: str
    incident_id: int | None = Field(default=None, foreign_key="incident.id")
    title: str = Field(sa_type=Text)
    value: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    state: str = "waiting"
    tries: int = 0
    not_before: datetime = Field(sa_type=Instant)
    claim: str | None = None
    remaining: str = Field(default="", sa_type=Text)
    said: str | None = Field(default=None, sa_type=Text)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)


class DigestRow(SQLModel, table=True):
    """A digest that was made to be sent: of which local day, the how manieth, and its numbers."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("incident_id", "day", "version", name="digest_version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    day: str
    version: int
    print: str
    facts: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=Instant)
