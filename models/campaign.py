"""Acts: what the company itself said or did in public while the incident went on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from models.columns import Instant

ActKind = Literal["apology", "status_update", "statement", "mail_batch", "credit_posted"]
ACT_KINDS: tuple[ActKind, ...] = (
    "apology",
    "status_update",
    "statement",
    "mail_batch",
    "credit_posted",
)


class ActRow(SQLModel, table=True):
    """
    One public act of the company. Without `at` it is a draft: not out yet.

    A draft is approved by another person than the one who wrote it (`by`); an edit, which makes
    `version` grow, takes the approval away.
    """

    __tablename__ = "act"
    __table_args__ = (Index("act_incident", "incident_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    kind: str
    text: str = Field(sa_type=Text)
    url: str | None = None
    by: str | None = None
    at: datetime | None = Field(default=None, sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    version: int = 0
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
