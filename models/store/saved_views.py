"""Saved views of the queue within one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from models.errors import SetupError
from models.post import clean
from models.reply import SavedViewRow

LONGEST_TITLE = 40
MOST = 20
"""Views of one incident: more than that nobody finds their way among."""


class SavedViews:
    """Saved views within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, incident_id: int) -> list[SavedViewRow]:
        """Return an incident's saved views in the order they were made."""
        return list(
            self._session.exec(
                select(SavedViewRow)
                .where(SavedViewRow.incident_id == incident_id)
                .where(col(SavedViewRow.removed_at).is_(None))
                .order_by(col(SavedViewRow.id))
            )
        )

    def add(self, incident_id: int, title: str, query: str, by: str, now: datetime) -> SavedViewRow:
        """Keep one; SetupError for a title that is empty, too long or taken, or for one too many."""
        title = " ".join(clean(title).split())
        if not title or len(title) > LONGEST_TITLE:
            message = f"a view needs a title of up to {LONGEST_TITLE} characters"
            raise SetupError(message, "name it by what it shows")
        there = self.of(incident_id)
        if title.lower() in (row.title.lower() for row in there):
            message = f"there is a view called “{title}” already"
            raise SetupError(message, "give this one another name, or remove that one first")
        if len(there) >= MOST:
            message = f"there are {MOST} views already"
            raise SetupError(message, "remove one nobody uses")
        row = SavedViewRow(incident_id=incident_id, title=title, query=query, by=by, at=now)
        self._session.add(row)
        self._session.flush()
        return row

    def remove(self, incident_id: int, view_id: int, now: datetime) -> SavedViewRow:
        """Take one away; SetupError if the incident has none of that number."""
        row = self._session.get(SavedViewRow, view_id)
        if row is None or row.incident_id != incident_id or row.removed_at is not None:
            message = f"there is no view {view_id}"
            raise SetupError(message, "somebody may have removed it")
        row.removed_at = now
        self._session.flush()
        return row
