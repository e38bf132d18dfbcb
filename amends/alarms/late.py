"""
Alarms of sources whose posts weren't verified in time.

They ring in open incidents that listen there. Posts of closed incidents have to be verified too: where nobody
listens any more, it rings in the incident that saw the post which has waited longest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from amends.alarms.words import about, late_said
from models.alarm import AlarmRow
from models.incident import IncidentRow
from models.store import Store, Transaction

NO_AGES: Mapping[str, timedelta] = {}


class _Proof(NamedTuple):
    """The oldest proof that a post of a source is still there, and how old it may get."""

    source: str
    oldest: datetime | None
    age: timedelta

    @property
    def subject(self) -> str:
        return f"unverified:{self.source}"

    def is_late(self, now: datetime) -> bool:
        return self.oldest is not None and now - self.oldest > self.age


def late_in(
    tx: Transaction, incident: IncidentRow, ages: Mapping[str, timedelta], now: datetime
) -> list[str]:
    """Open and end the alarms of an open incident, by the sources it listens to; say so, line by line."""
    key, said = incident.id or 0, []
    open_ = {row.subject: row for row in tx.alarms.going_on(key) if row.kind == "late"}
    for source in sorted({row.source for row in tx.watches.of(key, once=None)} & ages.keys()):
        proof = _Proof(source, tx.verified.oldest(source), ages[source])
        row = open_.get(proof.subject)
        if proof.is_late(now) and row is None:
            said.append(_opened(tx, incident, proof, incident.opened_at, now))
        elif row is not None and not proof.is_late(now):
            said += _ended(tx, [row], now)
    return said


def late_elsewhere(store: Store, ages: Mapping[str, timedelta], now: datetime) -> list[str]:
    """Open and end alarms of sources that no open incident listens to; say so, line by line."""
    said: list[str] = []
    with store.begin() as tx:
        ringing: dict[str, list[AlarmRow]] = {}
        for row in (one for rows in tx.alarms.ringing().values() for one in rows):
            if row.kind == "late":
                ringing.setdefault(row.subject, []).append(row)
        heard = {
            watch.source
            for incident in tx.gauges.open_incidents()
            for watch in tx.watches.of(incident.id or 0, once=None)
        }
        for source in sorted(ages.keys() - heard):
            proof = _Proof(source, tx.verified.oldest(source), ages[source])
            rows = ringing.get(proof.subject, [])
            if rows and not proof.is_late(now):
                said += _ended(tx, rows, now)
            elif proof.is_late(now) and not rows:
                incident = tx.verified.saw_oldest(source)
                if incident is not None:
                    since = incident.closed_at or incident.opened_at
                    said.append(_opened(tx, incident, proof, since, now))
    return said


def _opened(
    tx: Transaction, incident: IncidentRow, proof: _Proof, least: datetime, now: datetime
) -> str:
    """Open an alarm, at the moment the proof got too old but not before `least`."""
    assert proof.oldest is not None  # noqa: S101  it is late
    posts = tx.verified.late(proof.source, now - proof.age)
    trouble = next(
        (one.again_trouble for one in tx.verified.askers(proof.source) if one.again_trouble), ""
    )
    why = late_said(proof.source, posts, proof.oldest, proof.age, trouble, incident.tz)
    since = max(proof.oldest + proof.age, least)
    tx.alarms.open(AlarmRow(
        incident_id=incident.id or 0, kind="late", subject=proof.subject, since=since, opened_at=since,
        why=why, recorded_at=now,
    ))  # fmt: skip
    return f"ALARM {why}"


def _ended(tx: Transaction, rows: list[AlarmRow], now: datetime) -> list[str]:
    for row in rows:
        tx.alarms.end(row, now, now)
    return [f"over: {about(rows[0].subject)}"]
