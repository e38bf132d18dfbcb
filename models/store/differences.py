"""
What a transaction changes, field by field, for the audit trail: before and after, never a text.

Rows are looked at as the session writes them, so no caller can forget to say what was there before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import event, inspect
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, SQLModel

from models.audit import is_plain

Blind = Callable[[str], str]
"""Gives a keyed hash for a text."""


class Told(NamedTuple):
    """How a table's rows are told: as which noun, by which column, what of them is plain, what is left out."""

    noun: str
    key: str = "id"
    plain: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


_WHO = frozenset(["by", "holder", "approved_by", "acked_by"])
"""Members of the team: `by` says who they are anyway."""

TOLD = {
    "incident": Told("incident", plain=frozenset(["status", "tz", "hours", "slug"])),
    "watch": Told("watch", plain=frozenset(["source", "trouble_kind"])),
    "act": Told("act", plain=frozenset(["kind"])),
    "campaign": Told("campaign", plain=frozenset(["how", "bill_by"])),
    "reply": Told("reply", plain=frozenset(["label", "phase"])),
    "saved_view": Told("view"),
    "person": Told("person", plain=frozenset(["role"])),
    "token": Told("token", plain=frozenset(["scope"]), left_out=frozenset(["start", "digest"])),
    "monitor": Told("monitor", plain=frozenset(["kind", "tz"]), left_out=frozenset(["digest"])),
    "alarm": Told("alarm", plain=frozenset(["kind"])),
    "item": Told(
        "post", "post_id", frozenset(["decision"]),
        frozenset(["incident_id", "source", "near", "lang", "posted_at", "points", "labels", "urgency",
                   "held_at", "seen_at"]),
    ),
}  # fmt: skip
"""The tables whose rows people change."""

SECRET = frozenset(["password"])
"""Of these only whether they are set."""


class Differences:
    """What one transaction changed of the rows people change."""

    def __init__(self, session: Session) -> None:
        self._found: dict[int, tuple[SQLModel, dict[str, Any]]] = {}
        event.listen(session, "before_flush", self._look)

    def _look(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        for row in (*session.new, *session.dirty):
            if isinstance(row, SQLModel) and row.__tablename__ in TOLD:
                _, before = self._found.setdefault(id(row), (row, {}))
                for name, value in _before(row).items():
                    before.setdefault(name, value)

    def told(self, blind: Blind) -> dict[str, dict[str, list[Any]]]:
        """Return each thing's changed fields with what they were and are, after all was flushed."""
        told: dict[str, dict[str, list[Any]]] = {}
        for row, before in self._found.values():
            how = TOLD[str(row.__tablename__)]
            fields = {
                name: [_shown(how, name, was, blind), _shown(how, name, getattr(row, name), blind)]
                for name, was in before.items()
                if name not in how.left_out and was != getattr(row, name)
            }
            if fields:
                told.setdefault(f"{how.noun}:{getattr(row, how.key)}", {}).update(fields)
        return told


def _before(row: SQLModel) -> dict[str, Any]:
    state = inspect(row)
    fresh = state.key is None
    found: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if fresh:
            found[attribute.key] = None
        elif history.has_changes():
            found[attribute.key] = history.deleted[0] if history.deleted else None
    return found


def _shown(how: Told, name: str, value: Any, blind: Blind) -> Any:
    if name in SECRET:
        return None if value is None else "set"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        named = name in how.plain or name in _WHO
        return value if named and is_plain(value) else blind(value)
    return blind(json.dumps(value, sort_keys=True, default=str))
