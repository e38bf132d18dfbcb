"""Saved replies: what people start an answer from. And saved views of the queue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from models.columns import Instant
from models.errors import SetupError

FIELDS = ("author", "company", "incident", "credit")
"""What a saved reply may leave open, in braces."""

_FIELD = re.compile(r"\{([^{}]*)\}")


class ReplyRow(SQLModel, table=True):
    """
    A saved reply. Its text may name fields, such as {author}, {company} or {incident}.

    `label` says for which posts it is offered first, `phase` in which phase of an offer
    (`models/phase.py`). `owner` is who answers such posts, `within` by how many minutes of working
    time after they came in; None as the incident says.
    """

    __tablename__ = "reply"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    text: str = Field(sa_type=Text)
    label: str | None = None
    by: str
    at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    phase: str | None = None
    owner: str = ""
    within: int | None = None


class SavedViewRow(SQLModel, table=True):
    """A view of an incident's queue under a name: its filters, as in the address."""

    __tablename__ = "saved_view"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    title: str
    query: str = Field(sa_type=Text)
    by: str
    at: datetime = Field(sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


def fields_of(text: str) -> list[str]:
    """Return the fields a saved reply leaves open; SetupError for one there isn't, or a lone brace."""
    named = _FIELD.findall(text)
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    for name in named:
        if name not in FIELDS:
            message = f"there is no field {{{name[:40]}}}"
            raise SetupError(message, f"the fields are {known}")
    if set("{}") & set(_FIELD.sub("", text)):
        message = "a brace stands alone"
        raise SetupError(message, f"braces are for fields: {known}")
    return list(dict.fromkeys(named))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a saved reply with its fields filled; what fills one is never read for fields itself."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
