"""Which digests were made to be sent, within one transaction."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.columns import to_micros
from models.outbox import DigestRow

_ADD = text("""
INSERT INTO digest (incident_id, day, version, print, facts, made_at)
VALUES (:incident_id, :day, :version, :print, :facts, :made_at)
ON CONFLICT (incident_id, day, version) DO NOTHING
""")


class Digests:
    """Digests that were made, by incident and local day."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: DigestRow) -> bool:
        """Keep a version of a day; False if somebody else made it first."""
        said = self._session.connection().execute(_ADD, {
            "incident_id": row.incident_id, "day": row.day, "version": row.version,
            "print": row.print, "facts": row.facts, "made_at": to_micros(row.made_at),
        })  # fmt: skip
        return bool(said.rowcount)

    def of(self, incident_id: int, day: str) -> list[DigestRow]:
        """Return the versions of a day, oldest first."""
        query = select(DigestRow).where(DigestRow.incident_id == incident_id)
        return list(
            self._session.exec(query.where(DigestRow.day == day).order_by(col(DigestRow.version)))
        )

    def newest(self, incident_id: int) -> dict[str, DigestRow]:
        """Return the newest version of each day, the days in order."""
        query = select(DigestRow).where(DigestRow.incident_id == incident_id)
        ordered = query.order_by(col(DigestRow.day), col(DigestRow.version))
        return {row.day: row for row in self._session.exec(ordered)}
