"""What an alert does: one outage is one incident, whichever monitors tell of it and how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from amends import course
from amends.wanted import watch_row
from ingest.registry import find
from ingest.source import Source
from models.errors import AmendsError
from models.incident import IncidentRow, WatchRow
from models.monitor import Alert, AlertRow, MonitorRow
from models.store import Transaction

EARLIEST = timedelta(days=3)
"""How long before its call an outage may have begun: monitors that can't reach us try for two days."""


class Heard(msgspec.Struct, frozen=True):
    """What came of a call: alerts that were new, and the incident it opened, if it did."""

    new: int
    opened: str | None = None


def heard(
    tx: Transaction,
    monitor: MonitorRow,
    alerts: Sequence[Alert],
    sources: Mapping[str, Source],
    now: datetime,
) -> Heard:
    """
    Keep what a monitor says and let it count, in one transaction; what was sent before changes nothing.

    While an incident of the company is open, whoever opened it, alerts join it and change nothing of it:
    people say how far it is and when it is over.
    """
    times = [
        msgspec.structs.replace(one, at=one.at and min(max(one.at, now - EARLIEST), now))
        for one in alerts
    ]
    fresh = tx.alerts.keep(monitor, times, now)
    opened = None
    for alert in fresh:
        if alert.state == "note":
            continue
        incident_id = tx.alerts.incident_of(alert, monitor.company)
        if incident_id is None and alert.state == "down" and not tx.alerts.is_over(alert):
            row = _opened(tx, monitor, alert, sources, now)
            opened, incident_id = row.slug, row.id
        if incident_id is not None:
            tx.alerts.belongs(alert, incident_id)
            tx.audit.note(alert.state, f"alert:{alert.id}", by=by_of(monitor), now=now,
                          incident_id=incident_id)  # fmt: skip
    return Heard(len(fresh), opened)


def by_of(monitor: MonitorRow) -> str:
    """Return a monitor as the audit trail names it."""
    return f"monitor {monitor.name}"


def _opened(
    tx: Transaction,
    monitor: MonitorRow,
    alert: AlertRow,
    sources: Mapping[str, Source],
    now: datetime,
) -> IncidentRow:
    by = by_of(monitor)
    row = course.opened(
        tx, title=alert.title or f"{monitor.company} is down", company=monitor.company,
        terms=monitor.terms, tz=monitor.tz, began=alert.at.isoformat(), by=by, now=now,
    )  # fmt: skip
    for wanted in monitor.watches:
        # A source that can't be asked any more must not cost us the alert.
        try:
            kept, _ = tx.watches.add(listening(wanted, row, sources, now))
        except AmendsError as error:
            detail = {"source": wanted.partition("=")[0], "why": type(error).__name__}
            tx.audit.note("watch left out", f"incident:{row.id}", by=by, now=now,
                          incident_id=row.id, detail=detail)  # fmt: skip
        else:
            tx.audit.note("added", f"watch:{kept.id}", by=by, now=now, incident_id=row.id)
    return row


def listening(
    wanted: str, row: IncidentRow, sources: Mapping[str, Source], now: datetime
) -> WatchRow:
    """Return the watch that SOURCE or SOURCE=ADDRESS means for an incident; SetupError if none."""
    name, _, address = wanted.partition("=")
    return watch_row(
        find(sources, name.strip()), incident_id=row.id or 0, now=now,
        address=address.strip() or None, terms=row.terms, settings={},
    )  # fmt: skip
