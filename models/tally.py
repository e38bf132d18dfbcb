"""A tally: how many items of an incident were posted in a quarter of an hour, of each source and with the same labels."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from models.columns import Instant


class TallyRow(SQLModel, table=True):
    """
    A tally, kept in the transaction that changes its items; `labels` are as items have them.

    `quarter` is when the quarter began, which every zone's hours begin with, or `UNDATED`.
    """

    __tablename__ = "tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    quarter: datetime = Field(primary_key=True, sa_type=Instant)
    source: str = Field(primary_key=True)
    labels: str = Field(primary_key=True, sa_type=Text)
    posts: int
