"""The audit trail: who changed what and when, without any post's text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from models.columns import Instant


class AuditRow(SQLModel, table=True):
    """One change by a person or a command. `about` names the thing, such as `watch:3`."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_incident", "incident_id", "at"),
        Index("audit_about", "incident_id", "about"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id")
    by: str
    did: str
    about: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=Instant)
