"""Alerts within one transaction: each kept once, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import true
from sqlmodel import Session, col, func, select

from models.columns import to_micros
from models.incident import IncidentRow
from models.monitor import Alert, AlertRow, MonitorRow
from models.post import clean
from models.store import dialect

LONGEST_KEY, LONGEST_TITLE, LONGEST_URL = 200, 300, 2_000

_KEEP = """
    INSERT INTO alert (monitor_id, key, event, state, title, url, at, heard_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (monitor_id, event) DO NOTHING"""


class Alerts:
    """Alerts within one transaction, which is durable: they are sent once, and never again."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, monitor: MonitorRow, alerts: Sequence[Alert], now: datetime) -> list[AlertRow]:
        """
        Keep what a monitor says, and return what is new of it, in the order it happened.

        One call at a time: two monitors that tell of the same outage must see each other's incident.
        """
        connection = self._session.connection()
        dialect.alone(connection, "alert")
        newest = select(func.max(AlertRow.id))
        before = self._session.exec(newest).one() or 0
        at = to_micros(now)
        dialect.many(connection, _KEEP, (
            (monitor.id, _id(alert.key), _id(alert.event),
             alert.state, _words(alert.title, LONGEST_TITLE), _address(alert.url),
             at if alert.at is None else to_micros(alert.at), at)
            for alert in alerts
        ))  # fmt: skip
        monitor.heard_at = now
        self._session.add(monitor)
        self._session.flush()
        fresh = select(AlertRow).where(col(AlertRow.id) > before)
        order = (col(AlertRow.at), col(AlertRow.id))
        return list(self._session.exec(fresh.order_by(*order)))

    def is_over(self, alert: AlertRow) -> bool:
        """Return whether what an alert speaks of is known to be up again since."""
        later = select(AlertRow.state).where(
            AlertRow.monitor_id == alert.monitor_id, AlertRow.key == alert.key,
            AlertRow.state != "note", AlertRow.at >= alert.at, AlertRow.id != alert.id,
        )  # fmt: skip
        newest = later.order_by(col(AlertRow.at).desc(), col(AlertRow.id).desc())
        return self._session.exec(newest).first() == "up"

    def incident_of(self, alert: AlertRow, company: str) -> int | None:
        """
        Return the incident an alert belongs to: an end goes to where its beginning went.

        All else goes to the company's newest open incident, however its name is written.
        """
        before = select(AlertRow.incident_id).where(
            AlertRow.monitor_id == alert.monitor_id, AlertRow.key == alert.key,
            AlertRow.id != alert.id, col(AlertRow.incident_id).is_not(None),
        )  # fmt: skip
        if alert.state == "up":
            began = self._session.exec(before.order_by(col(AlertRow.id).desc())).first()
            if began is not None:
                return began
        mine = func.lower(col(IncidentRow.company)) == company.lower()
        query = select(IncidentRow.id).where(mine).where(col(IncidentRow.closed_at).is_(None))
        return self._session.exec(query.order_by(col(IncidentRow.id).desc())).first()

    def belongs(self, alert: AlertRow, incident_id: int) -> None:
        """Note which incident an alert belongs to."""
        alert.incident_id = incident_id
        self._session.add(alert)
        self._session.flush()

    def standing(self, incident_id: int, most: int) -> list[tuple[AlertRow, str]]:
        """Return how each thing stands that an incident's alerts speak of, newest first, by whom."""
        mine = select(func.max(AlertRow.id)).where(AlertRow.incident_id == incident_id)
        last = mine.group_by(col(AlertRow.monitor_id), col(AlertRow.key))
        return self._named(col(AlertRow.id).in_(last), most)

    def newest(self, most: int, monitor_id: int | None = None) -> list[tuple[AlertRow, str]]:
        """Return the alerts that came last, newest first, with the names of who sent them."""
        return self._named(
            true() if monitor_id is None else AlertRow.monitor_id == monitor_id, most
        )

    def of(self, incident_id: int, after: int, most: int) -> list[tuple[AlertRow, str]]:
        """Return an incident's alerts in the order they came, those behind the id `after`, by whom."""
        query = select(AlertRow, MonitorRow.name).join(MonitorRow)
        query = query.where(AlertRow.incident_id == incident_id, col(AlertRow.id) > after)
        return list(self._session.exec(query.order_by(col(AlertRow.id)).limit(most)))

    def _named(self, which: Any, most: int) -> list[tuple[AlertRow, str]]:
        query = select(AlertRow, MonitorRow.name).join(MonitorRow).where(which)
        return list(self._session.exec(query.order_by(col(AlertRow.id).desc()).limit(most)))


def _id(said: str) -> str:
    # Cut short, two could become one, and the second would be taken for the first sent again.
    said = clean(said)
    whole = said if len(said) <= LONGEST_KEY else hashlib.sha256(said.encode()).hexdigest()
    return whole or "nothing"


def _words(said: str, longest: int) -> str:
    return " ".join(clean(said, longest).split())


def _address(url: str | None) -> str | None:
    url = clean(url or "")
    return url if url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL else None
