"""
A lease: who may do a job that must not be done twice at once, and until when.

Each time somebody takes it over, its token grows. Whoever slept meanwhile still holds the old token and
is told so, in the same transaction in which it would have written.
"""

from __future__ import annotations

import os
import platform
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from models.columns import Instant


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A lease as its holder knows it. Where it stands `under` another, it holds while both do."""

    job: str
    token: int
    under: Lease | None = None


LASTS = timedelta(minutes=2)
"""How long a lease holds unless it is renewed."""


class LeaseRow(SQLModel, table=True):
    """A stored lease. `holder` is a name for people, such as a machine and a process."""

    __tablename__ = "lease"

    job: str = Field(primary_key=True)
    holder: str
    token: int = Field(sa_type=BigInteger)
    until: datetime = Field(sa_type=Instant)


def me() -> str:
    """Return what this process is called in a lease."""
    return f"{platform.node()}, process {os.getpid()}"
