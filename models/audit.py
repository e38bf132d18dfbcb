"""
The audit trail: who changed what and when, before and after, without any post's text.

Each row is sealed over all it says and over the row before it (`models/seal.py`), so that none can
be changed, taken out, put in or moved unseen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from models.columns import Instant

FIELDS = ("id", "incident_id", "by", "did", "about", "detail", "changed", "at", "key")
"""What a row's seal is over, in this order."""

_PLAIN = re.compile(r"[^\W_][\w .,:+-]{0,79}")


class AuditRow(SQLModel, table=True):
    """
    One change by a person or a command. `about` names the thing, such as `watch:3`.

    `changed` says of each thing which of its fields were what before and are what after:
    `{"act:5": {"version": [1, 2], "text": ["#9c1e…", "#07ba…"]}}`, texts as keyed hashes. `key` is the
    name of the key the row is sealed with. No incident is pointed at: the trail outlives it.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_incident", "incident_id", "at"),
        Index("audit_about", "incident_id", "about"),
    )

    id: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    incident_id: int | None = None
    by: str
    did: str
    about: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    changed: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(sa_type=Instant)
    key: str = ""
    seal: str = ""


class AuditHeadRow(SQLModel, table=True):
    """The one row that says which audit row is the newest; whoever adds to the trail holds it."""

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    era: int
    last: int
    seal: str


def as_kept(said: dict[str, Any]) -> str:
    """Return what a JSON column of the trail holds, letter by letter."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def as_sealed(values: Sequence[Any]) -> bytes:
    """Return the bytes a seal is over: `values` as FIELDS says, JSON columns as text."""
    return json.dumps(list(values), separators=(",", ":"), default=repr).encode()


def is_plain(said: str) -> bool:
    """Return whether a word may stand in the trail as it is: no address, no @name, nothing long."""
    return _PLAIN.fullmatch(said) is not None
