"""Alarms, for programs: what rose beyond the usual or went blind, and who looks after it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    After,
    Id,
    In,
    Instant,
    Leaf,
    Many,
    Out,
    Slug,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from models.alarm import AlarmKind

door = open_door("alarms")


class Alarm(Out):
    """
    An alarm, from when it opened to when it ended; without `ended_at` it goes on.

    `subject` is a label, or for blindness `watch:3`. At its height, in the hour up to `peak_at`, there were
    `peak_voices`, `peak` times the usual.
    """

    id: int
    kind: str
    subject: str
    since: Instant
    opened_at: Instant
    why: str
    peak: float | None
    peak_voices: int | None
    peak_at: Instant | None
    ended_at: Instant | None
    acked_by: str | None
    acked_at: Instant | None


class Sought(In):
    """Which alarms to list."""

    ended: Annotated[bool | None, Query(description="Only what is over, or only what goes on.")] = (
        None
    )
    kind: AlarmKind | None = None
    after: After = None
    limit: Many = 50


@door.api("GET", "/api/incidents/{slug}/alarms", "viewer", response_model=Leaf[Alarm])
def every(place: Here, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List alarms in the order in which they were first known."""
    after = opened(sought.after, 1)[0] if sought.after else 0
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        rows = sorted(tx.alarms.of(key), key=lambda row: row.id or 0)
    found = [
        row
        for row in rows
        if (row.id or 0) > after
        and sought.ended in (None, row.ended_at is not None)
        and sought.kind in (None, row.kind)
    ]
    return leaf(found, sought.limit, Alarm.model_validate, lambda row: sealed(row.id or 0))


@door.api("POST", "/api/incidents/{slug}/alarms/{alarm_id}/ack", "agent", response_model=Alarm)
def ack(place: Here, who: Who, slug: Slug, alarm_id: Id) -> Any:
    """Say that somebody looks after an alarm; whoever says so first does."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        tx.alarms.get(alarm_id, key)
        row = tx.alarms.acknowledge(alarm_id, who.name, now)
        if row.acked_by == who.name and row.acked_at == now:
            tx.audit.note(
                "acknowledged", f"alarm:{row.id}", by=signed(who), now=now, incident_id=key
            )
    return row
