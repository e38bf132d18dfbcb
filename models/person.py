"""
The people who work here: who may do what, how they prove who they are, and for how long.

Of passwords, sessions and tokens only what can't be turned back is kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Instant

Role = Literal["viewer", "agent", "lead", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "agent", "lead", "admin")
"""From the one who may least to the one who may most; each may what those before it may."""

SCOPES = ("read", "write")
"""What a token may do at most; never more than its person."""

SESSION = timedelta(days=14)
IDLE = timedelta(hours=12)
"""How long a session lasts at most, and how long without a request."""

NOTED = timedelta(minutes=1)
"""How often it is written down that a session or a token is in use."""

AWHILE = timedelta(minutes=15)
"""How long wrong passwords count against a place."""

FORGOTTEN = timedelta(days=1)
"""How long it is kept who gave a wrong one, and from where."""

INVITED = timedelta(days=2)
"""How long a link to set a password is good for; once."""


def may(role: str, least: str) -> bool:
    """Return whether one role may do what another one may."""
    order: tuple[str, ...] = ROLES
    return role in order and order.index(role) >= order.index(least)


class PersonRow(SQLModel, table=True):
    """Somebody who may log in. Without a `password` only an invitation lets them in."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("name", name="person_name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    role: str
    password: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)


class SessionRow(SQLModel, table=True):
    """Somebody logged in, by the SHA-256 of the cookie's secret."""

    __tablename__ = "session"
    __table_args__ = (Index("session_person", "person_id"),)

    digest: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)


class InvitationRow(SQLModel, table=True):
    """A link that lets somebody set a password, once, by the SHA-256 of its secret."""

    __tablename__ = "invitation"

    digest: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    until: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class TokenRow(SQLModel, table=True):
    """A program's way in, by the SHA-256 of its secret; `start` is what people know it by."""

    __tablename__ = "token"
    __table_args__ = (UniqueConstraint("digest", name="token_digest"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    title: str
    start: str
    digest: str
    scope: str
    created_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class KnockRow(SQLModel, table=True):
    """A password that was wrong: for whom, and from where."""

    __tablename__ = "knock"
    __table_args__ = (Index("knock_name", "name", "at"), Index("knock_place", "place", "at"))

    id: int | None = Field(default=None, primary_key=True)
    name: str
    place: str
    at: datetime = Field(sa_type=Instant)
