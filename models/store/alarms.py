"""Alarms and charts within one transaction: opened once, raised, ended once, acknowledged once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlmodel import Session, col, select

from models.alarm import AlarmRow, ChartRow
from models.errors import SetupError

LARGEST = 2**31 - 1
"""The largest id an alarm can have."""


class News(NamedTuple):
    """
    An alarm opened or ended; `key` is the same whenever the same news is told again.

    `at` is when we knew of it, which is later than when it happened.
    """

    key: str
    what: Literal["opened", "ended"]
    at: datetime
    alarm: AlarmRow


class Alarms:
    """Alarms within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, row: AlarmRow) -> AlarmRow:
        """Keep an alarm; one that is known already is that one, as it stands."""
        known = self._session.exec(
            select(AlarmRow)
            .where(AlarmRow.incident_id == row.incident_id)
            .where(AlarmRow.kind == row.kind)
            .where(AlarmRow.subject == row.subject)
            .where(AlarmRow.opened_at == row.opened_at)
        ).first()
        if known is not None:
            return known
        self._session.add(row)
        self._session.flush()
        return row

    def height(self, row: AlarmRow, voices: int, times: float, at: datetime) -> None:
        """Note how high it was in the hour up to a moment, if it never was higher."""
        if row.peak_voices is None or voices > row.peak_voices:
            row.peak, row.peak_voices, row.peak_at = times, voices, at
            self._session.flush()

    def end(self, row: AlarmRow, at: datetime, now: datetime) -> None:
        """Note that it is over; the first end counts."""
        if row.ended_at is None:
            row.ended_at, row.end_recorded_at = at, now
            self._session.flush()

    def end_all(self, incident_id: int, now: datetime) -> None:
        """End what still goes on in an incident, because it is closed."""
        for row in self.going_on(incident_id):
            self.end(row, now, now)

    def going_on(self, incident_id: int) -> list[AlarmRow]:
        """Return the alarms of an incident that aren't over, the oldest first."""
        return [row for row in reversed(self.of(incident_id)) if row.ended_at is None]

    def ringing(self) -> dict[int, list[AlarmRow]]:
        """Return all that goes on, by incident, the oldest first."""
        query = select(AlarmRow).where(col(AlarmRow.ended_at).is_(None)).order_by(
            col(AlarmRow.opened_at), col(AlarmRow.id))  # fmt: skip
        found: dict[int, list[AlarmRow]] = {}
        for row in self._session.exec(query):
            found.setdefault(row.incident_id, []).append(row)
        return found

    def of(self, incident_id: int | None = None) -> list[AlarmRow]:
        """Return the alarms of an incident, or of all, the newest first."""
        query = select(AlarmRow).order_by(col(AlarmRow.opened_at).desc(), col(AlarmRow.id).desc())
        if incident_id is not None:
            query = query.where(AlarmRow.incident_id == incident_id)
        return list(self._session.exec(query))

    def get(self, alarm_id: int, incident_id: int | None = None) -> AlarmRow:
        """Return one alarm; SetupError if there is none, or none in this incident."""
        row = self._session.get(AlarmRow, alarm_id) if 0 < alarm_id <= LARGEST else None
        if row is None or incident_id not in (None, row.incident_id):
            message = f"there is no alarm {alarm_id}"
            raise SetupError(message, "amends alarms list shows them with their ids")
        return row

    def acknowledge(self, alarm_id: int, by: str, now: datetime) -> AlarmRow:
        """Note who looks after an alarm; whoever says so first does."""
        row = self.get(alarm_id)
        if row.acked_by is None:
            row.acked_by, row.acked_at = by, now
            self._session.flush()
        return row

    def since(self, moment: datetime) -> list[News]:
        """Return what opened or ended as far as was known since a moment, in order."""
        rows = self._session.exec(
            select(AlarmRow).where(
                (col(AlarmRow.recorded_at) >= moment) | (col(AlarmRow.end_recorded_at) >= moment)
            )
        ).all()
        news = [News(f"alarm:{row.id}:opened", "opened", row.recorded_at, row) for row in rows]
        news += [
            News(f"alarm:{row.id}:ended", "ended", row.end_recorded_at, row)
            for row in rows
            if row.end_recorded_at is not None
        ]
        return sorted((one for one in news if one.at >= moment), key=lambda one: (one.at, one.key))

    def charts(self, incident_id: int) -> dict[str, ChartRow]:
        """Return how far the labels of an incident have been followed."""
        query = select(ChartRow).where(ChartRow.incident_id == incident_id)
        return {row.label: row for row in self._session.exec(query)}

    def keep(self, charts: Sequence[ChartRow]) -> None:
        """Keep how far labels have been followed."""
        for row in charts:
            self._session.merge(row)
        self._session.flush()
