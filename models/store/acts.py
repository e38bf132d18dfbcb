"""Acts within one transaction."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.campaign import ActRow


class Acts:
    """What the company said or did, by incident."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, act: ActRow) -> ActRow:
        """Keep an act; it gets its id."""
        self._session.add(act)
        self._session.flush()
        return act

    def of(self, incident_id: int) -> list[ActRow]:
        """Return an incident's acts in the order they went out; drafts last."""
        return list(
            self._session.exec(
                select(ActRow)
                .where(ActRow.incident_id == incident_id)
                .order_by(col(ActRow.at).is_(None), col(ActRow.at), col(ActRow.id))
            )
        )
