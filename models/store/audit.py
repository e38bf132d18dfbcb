"""The audit trail within one transaction: written with the change it speaks of, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.audit import AuditRow


class Audit:
    """Audit entries within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(
        self,
        did: str,
        about: str,
        *,
        by: str,
        now: datetime,
        incident_id: int | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write down that `by` did something to a thing; `detail` never holds a post's text."""
        self._session.add(
            AuditRow(
                incident_id=incident_id, by=by, did=did, about=about, detail=detail or {}, at=now
            )
        )

    def about(self, incident_id: int, about: str) -> list[AuditRow]:
        """Return what was done to one thing of an incident, newest first."""
        return list(
            self._session.exec(
                select(AuditRow)
                .where(AuditRow.incident_id == incident_id)
                .where(AuditRow.about == about)
                .order_by(col(AuditRow.id).desc())
            )
        )

    def of(self, incident_id: int, since: datetime, until: datetime) -> list[AuditRow]:
        """Return what was done to an incident in a stretch, oldest first."""
        return list(
            self._session.exec(
                select(AuditRow)
                .where(AuditRow.incident_id == incident_id)
                .where(col(AuditRow.at) >= since)
                .where(col(AuditRow.at) < until)
                .order_by(col(AuditRow.at), col(AuditRow.id))
            )
        )
