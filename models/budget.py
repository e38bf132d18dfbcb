"""
What a watch may spend in a day of UTC, and what it has spent: requests, and posts the source charges.

Sources charge by the day of UTC, so budgets end there too, whatever the incident's zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a day's budget; None where there is no limit."""

    requests: int | None = None
    reads: int | None = None


def day_of(now: datetime) -> str:
    """Return the day of UTC a moment belongs to, such as 2026-03-04."""
    return f"{now.astimezone(UTC):%Y-%m-%d}"


def day_begins(now: datetime) -> datetime:
    """Return when the day of UTC of a moment began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def until_tomorrow(now: datetime) -> timedelta:
    """Return how long it is to the next day of UTC."""
    return day_begins(now) + timedelta(days=1) - now


class SpentRow(SQLModel, table=True):
    """What one watch has spent on one day."""

    __tablename__ = "spent"

    watch_id: int = Field(foreign_key="watch.id", primary_key=True)
    day: str = Field(primary_key=True)
    requests: int = Field(default=0, sa_type=BigInteger)
    reads: int = Field(default=0, sa_type=BigInteger)
