"""Saved replies: what people start an answer from. And saved views of the queue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from models.columns import Instant


class ReplyRow(SQLModel, table=True):
    """
    A saved reply. Its text may name fields, such as {author}, {company} or {incident}.

    `label` says for which posts it is offered first.
    """

    __tablename__ = "reply"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    text: str = Field(sa_type=Text)
    label: str | None = None
    by: str
    at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


class SavedViewRow(SQLModel, table=True):
    """A view of an incident's queue under a name: its filters, as in the address."""

    __tablename__ = "saved_view"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    title: str
    query: str = Field(sa_type=Text)
    by: str
    at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
