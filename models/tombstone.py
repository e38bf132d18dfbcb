"""
Tombstones: that a post was erased, and nothing of what it said, who said it or where.

A tombstone is a keyed hash of a post's source and id there; the key lies in the home and in no database,
export or backup, so whoever has one of those can't try out ids. What was counted before a post went is
kept as counts of an hour, so that the digests of the past go on telling the truth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlmodel import Field, SQLModel

from models.columns import Instant

Why = Literal["asked", "gone", "kept long enough"]
"""A person asked for it, its source no longer has it, or it was kept as long as it may be."""

ALL, NONE, OFFICIAL = "*", "", "!"
"""What stands for a label where all posts are counted, those without one, and the company's own."""

UNDATED = -1
"""What stands for the hour of posts that carry no time."""


class TombstoneRow(SQLModel, table=True):
    """A tombstone; `key` names the key its mark was made with."""

    __tablename__ = "tombstone"

    key: str = Field(primary_key=True)
    mark: str = Field(primary_key=True)
    why: str
    at: datetime = Field(sa_type=Instant)


class GonePostsRow(SQLModel, table=True):
    """
    How many posts that are gone an incident had, by local hour, source and label.

    `hour` is when the hour began in microseconds since 1970, or `UNDATED`; `label` may be `ALL`, `NONE` or
    `OFFICIAL`.
    """

    __tablename__ = "gone_posts"

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Instant)
    source: str = Field(primary_key=True)
    label: str = Field(primary_key=True)
    posts: int


class GoneVoicesRow(SQLModel, table=True):
    """How many voices and distinct complaints of a local day are gone; `label` may be `ALL`."""

    __tablename__ = "gone_voices"

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    day: datetime = Field(primary_key=True, sa_type=Instant)
    label: str = Field(primary_key=True)
    voices: int
    complaints: int


class RetentionRow(SQLModel, table=True):
    """
    How long posts are kept: those of a source, or those of an incident (`of`: `source:x`, `incident:3`).

    `keep_days` None is without end. While it is `held`, nothing of it is erased at all; `by` and `at` are of
    the last change.
    """

    __tablename__ = "retention"

    of: str = Field(primary_key=True)
    keep_days: int | None = None
    held: bool = False
    by: str
    at: datetime = Field(sa_type=Instant)
