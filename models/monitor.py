"""
Monitors and what they tell us: who may call, and every alert that one of them sent.

A `Monitor` is a service that watches ours and calls when it is down: Statuspage, PagerDuty, Alertmanager
and the like. An `Alert` is one thing it said of one `key`: that it is down, that it is up again, or
something else worth a note. Of the secret it proves itself with only a digest is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, Instant

State = Literal["down", "up", "note"]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing a monitor says.

    `key` is what it speaks of, the same when it is down and up again; `event` is the same when the
    very thing is sent again. `at` is when it happened by the monitor's clock, aware UTC, None if it
    didn't say.
    """

    key: str
    event: str
    state: State
    title: str
    url: str | None = None
    at: datetime | None = None


class MonitorRow(SQLModel, table=True):
    """
    A monitor that may call. `watches` are what a new incident listens to, as SOURCE or SOURCE=ADDRESS.

    `settings` belong to its `kind`; `digest` is that of the secret in its address.
    """

    __tablename__ = "monitor"
    __table_args__ = (UniqueConstraint("name", name="monitor_name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    kind: str
    company: str
    tz: str = "UTC"
    terms: list[str] = Field(default_factory=list, sa_type=JSON)
    watches: list[str] = Field(default_factory=list, sa_type=JSON)
    settings: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    digest: str
    created_at: datetime = Field(sa_type=Instant)
    heard_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


class AlertRow(SQLModel, table=True):
    """An alert as it was kept, and the incident it belongs to; None where it opened or met none."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("monitor_id", "event", name="alert_event"),
        Index("alert_key", "monitor_id", "key"),
        Index("alert_incident", "incident_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    monitor_id: int = Field(foreign_key="monitor.id")
    key: str
    event: str
    state: str
    title: str = Field(sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    heard_at: datetime = Field(sa_type=Instant)
    incident_id: int | None = Field(default=None, foreign_key="incident.id")
