"""
Incidents and the watches that listen for them.

An `Incident` is something that went wrong for our customers. A `Watch` says: for this incident,
listen to this source for these terms or at this address; it remembers where to begin next time
(`bookmark`), an unfinished chain of answers (`chain`), its last trouble and when to come back.
A stretch of the past that a person asks for once (`amends backfill`) is a watch too, with
`once` set: it never comes due by itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.budget import Left
from models.columns import Instant
from models.errors import SetupError
from models.hole import Hole

Status = Literal["investigating", "identified", "monitoring", "resolved"]
STATUSES: tuple[Status, ...] = ("investigating", "identified", "monitoring", "resolved")


def zone(name: str) -> ZoneInfo:
    """Return the time zone of that name, such as Europe/Berlin."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"there is no time zone called “{name}”"
        raise SetupError(message, "use a name such as Europe/Berlin or UTC") from None


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """
    One watch as a source sees it: plain values, no database.

    `since` and `until` bound the stretch asked for (aware UTC, until excluded); `settings` are
    the source's own, as text. `holes` are open, oldest first; `left` is what it may still spend
    today; `canary` is a term that always finds something, given when it is time to ask for it;
    `troubled` means that the source was busy when it was last asked.
    """

    source: str
    id: int = 0
    incident_id: int = 0
    address: str | None = None
    terms: tuple[str, ...] = ()
    settings: dict[str, str] = {}
    since: datetime | None = None
    until: datetime | None = None
    bookmark: str | None = None
    chain: str | None = None
    holes: tuple[Hole, ...] = ()
    left: Left = Left()
    canary: str | None = None
    once: bool = False
    troubled: bool = False

    def setting(self, name: str, default: str = "") -> str:
        """One of the source's own settings."""
        return self.settings.get(name, default)

    @property
    def aim(self) -> str:
        """What it listens to, in words: the address, or the terms."""
        return self.address or ", ".join(self.terms) or "everything"


class IncidentRow(SQLModel, table=True):
    """
    An incident, from opened to closed. `began` is when customers first felt it.

    A post should be looked at within `look_within` minutes and answered within `answer_within`, of the
    `hours` people work in its zone, such as `Mon-Fri 08:00-20:00`; empty is always.
    `next_update_at` is when the company has promised to say more.
    """

    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("slug", name="incident_slug"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str
    title: str
    company: str
    tz: str = "UTC"
    terms: list[str] = Field(default_factory=list, sa_type=JSON)
    status: str = "investigating"
    began: datetime = Field(sa_type=Instant)
    opened_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    look_within: int = 30
    answer_within: int = 120
    hours: str = ""
    next_update_at: datetime | None = Field(default=None, sa_type=Instant)


class WatchRow(SQLModel, table=True):
    """
    A stored watch, and what the collector must remember of it between rounds.

    `trouble` is the sentence a person sees, `trouble_kind` one of busy, spent, refused, changed,
    setup. `canary` is a term that must always find something; `mute_since` is since when it doesn't.
    `again_trouble` says why posts can't be asked about again, which isn't tried before `again_at`.
    """

    __tablename__ = "watch"
    __table_args__ = (
        UniqueConstraint("incident_id", "key", name="watch_key"),
        Index("watch_incident", "incident_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    key: str
    source: str
    address: str | None = None
    terms: list[str] = Field(default_factory=list, sa_type=JSON)
    settings: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    since: datetime | None = Field(default=None, sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)
    once: bool = False
    bookmark: str | None = Field(default=None, sa_type=Text)
    chain: str | None = Field(default=None, sa_type=Text)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    trouble: str | None = Field(default=None, sa_type=Text)
    trouble_kind: str | None = None
    trouble_since: datetime | None = Field(default=None, sa_type=Instant)
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    requests_a_day: int | None = None
    reads_a_day: int | None = None
    canary: str | None = None
    canary_at: datetime | None = Field(default=None, sa_type=Instant)
    mute_since: datetime | None = Field(default=None, sa_type=Instant)
    again_at: datetime | None = Field(default=None, sa_type=Instant)
    again_trouble: str | None = Field(default=None, sa_type=Text)

    def as_watch(self) -> Watch:
        """Return the plain value a source gets to see."""
        return Watch(
            id=self.id or 0,
            incident_id=self.incident_id,
            source=self.source,
            address=self.address,
            terms=tuple(self.terms),
            settings=dict(self.settings),
            since=self.since,
            until=self.until,
            bookmark=self.bookmark,
            chain=self.chain,
            once=self.once,
            troubled=self.trouble_kind == "busy",
        )
