"""
A question about posts we keep that its source answers only later: whether they are still there.

It outlives rounds and restarts. The posts are known by our own numbers only, so that whatever is erased
meanwhile leaves nothing of itself here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from models.columns import Instant


class AskingRow(SQLModel, table=True):
    """
    One such question: which watch asked about which posts, since when, and how to go on.

    `request` is the next question, as JSON, and never an address that is a secret itself.
    """

    __tablename__ = "asking"

    watch_id: int = Field(primary_key=True, foreign_key="watch.id")
    posts: list[int] = Field(sa_type=JSON)
    request: str = Field(sa_type=Text)
    began: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
