"""
An alarm: voices with one label rose, a watch went blind while it mattered, or posts weren't verified.

Beside it the chart it comes from, so that each round goes on where the last one stopped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Instant

AlarmKind = Literal["rise", "blind", "late"]
KINDS: tuple[AlarmKind, ...] = ("rise", "blind", "late")


class AlarmRow(SQLModel, table=True):
    """
    One alarm, from opened to ended; without `ended_at` it goes on.

    `subject` is the label, for blindness `watch:3`, for what is late `unverified:x`. `since` is when the rise began as far as can be
    told, `opened_at` the minute in which it became an alarm: with kind and subject that makes it the same
    one again. `why` says it in words, with its figures. At its height, in the hour up to `peak_at`,
    there were `peak_voices`, `peak` times the usual. `recorded_at` and `end_recorded_at` are when we knew.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        UniqueConstraint("incident_id", "kind", "subject", "opened_at", name="alarm_once"),
        Index("alarm_recorded", "recorded_at"),
        Index("alarm_end_recorded", "end_recorded_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    kind: str
    subject: str
    since: datetime = Field(sa_type=Instant)
    opened_at: datetime = Field(sa_type=Instant)
    why: str = Field(sa_type=Text)
    peak: float | None = None
    peak_voices: int | None = None
    peak_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    end_recorded_at: datetime | None = Field(default=None, sa_type=Instant)
    acked_by: str | None = None
    acked_at: datetime | None = Field(default=None, sa_type=Instant)


class ChartRow(SQLModel, table=True):
    """
    How far one label of an incident has been followed.

    All minutes before `until` are in it. `learnt` is the baseline as JSON, made at `learnt_at` for what
    `key` says of rule and watches; `state` is the chart as JSON.
    """

    __tablename__ = "chart"

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    label: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Instant)
    key: str
    learnt_at: datetime = Field(sa_type=Instant)
    learnt: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
