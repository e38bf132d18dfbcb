"""Incidents within one transaction."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches

from sqlmodel import Session, col, select

from models.errors import SetupError
from models.incident import IncidentRow

LONGEST_SLUG = 60


def slug_of(title: str) -> str:
    """Return a title as it can stand in a command: lower-case words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].rstrip("-")
    # A slug of digits alone would be taken for an id.
    return f"incident-{slug}".rstrip("-") if not slug or slug.isdigit() else slug


class Incidents:
    """Open, find and change incidents."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, incident: IncidentRow) -> IncidentRow:
        """Keep a new incident; a slug that is taken gets a number."""
        taken = set(self._session.exec(select(IncidentRow.slug)))
        wanted, number = incident.slug, 2
        while incident.slug in taken:
            incident.slug = f"{wanted}-{number}"
            number += 1
        self._session.add(incident)
        self._session.flush()
        return incident

    def every(self) -> list[IncidentRow]:
        """Return all incidents, the newest first."""
        newest = (col(IncidentRow.opened_at).desc(), col(IncidentRow.id).desc())
        return list(self._session.exec(select(IncidentRow).order_by(*newest)))

    def find(self, name: str) -> IncidentRow:
        """Return the incident with this slug or id, or say which there are."""
        by_id = IncidentRow.id == int(name) if name.isdecimal() and len(name) < 10 else False
        query = select(IncidentRow).where((col(IncidentRow.slug) == name) | by_id)
        found = self._session.exec(query).first()
        if found is not None:
            return found
        slugs = [incident.slug for incident in self.every()]
        message = f"there is no incident “{name}”"
        close = get_close_matches(name, slugs, n=1)
        if close:
            raise SetupError(message, f"did you mean {close[0]}?")
        if slugs:
            raise SetupError(message, f"there are: {', '.join(slugs[:8])}")
        raise SetupError(message, 'open one: amends incident open "TITLE" --company NAME')

    def save(self, incident: IncidentRow) -> IncidentRow:
        """Keep what was changed on an incident."""
        self._session.add(incident)
        self._session.flush()
        return incident
