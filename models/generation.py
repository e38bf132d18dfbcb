"""Generations: with which keys authors were made pseudonyms; the keys themselves are in no database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from models.columns import Instant


class GenerationRow(SQLModel, table=True):
    """
    A key by its name, and since when it is used.

    The newest one is in use; once `settled` no post is of an older one, or under a name.
    """

    __tablename__ = "generation"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key: str
    at: datetime = Field(sa_type=Instant)
    settled: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
