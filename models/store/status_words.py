"""What the company's status page and status updates said, as the store has it: alerts, acts, its own posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from models.campaign import ActRow
from models.columns import from_micros, to_micros
from models.incident import IncidentRow
from models.monitor import AlertRow, MonitorRow
from models.store import dialect

MOST = 500
"""Things said that are read of each kind, the newest."""

LONGEST = 2_000

STATUSPAGE = "statuspage"
"""The kind of monitor that speaks for a status page."""

# By the small index of posts that are no feedback.
_POSTS = f"""
SELECT post.posted_at, SUBSTR(post.text, 1, {LONGEST}) FROM post{{BY}}
WHERE (post.official OR post.scored_by IS NULL) AND post.official AND post.posted_at <= ?
    AND (post.url LIKE 'http%://status.%' OR post.url LIKE 'http%://%statuspage.%')
    AND EXISTS (SELECT 1 FROM sighting WHERE sighting.incident_id = ? AND sighting.post_id = post.id)
ORDER BY post.posted_at DESC LIMIT ?
"""  # noqa: S608  (numbers of our own)


class Said(NamedTuple):
    """Words of the company's own; `by_component` if they are a component's name, a colon and its state."""

    at: datetime
    text: str
    by_component: bool = False


class StatusWords:
    """What was said of the service's state, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, incident: IncidentRow, until: datetime) -> list[Said]:
        """
        Return what was said up to a moment, the oldest first.

        That is what status pages told us by a monitor's call, status updates that are out, and the
        company's own posts on a status page that an incident's watches saw.
        """
        found = [
            *self._alerts(incident, until),
            *self._acts(incident, until),
            *self._posts(incident, until),
        ]
        return sorted(found, key=lambda one: one.at)

    def _alerts(self, incident: IncidentRow, until: datetime) -> Iterator[Said]:
        query = select(AlertRow).join(MonitorRow).where(
            MonitorRow.kind == STATUSPAGE, AlertRow.at <= until,
            func.lower(col(MonitorRow.company)) == incident.company.lower(),
        )  # fmt: skip
        for row in self._session.exec(query.order_by(col(AlertRow.at).desc()).limit(MOST)):
            yield Said(row.at, row.title, row.key.startswith("component "))

    def _acts(self, incident: IncidentRow, until: datetime) -> Iterator[Said]:
        query = select(ActRow).where(
            ActRow.incident_id == incident.id,
            ActRow.kind == "status_update",
            col(ActRow.at) <= until,
        )
        for row in self._session.exec(query.order_by(col(ActRow.at).desc()).limit(MOST)):
            if row.at is not None:
                yield Said(row.at, row.text[:LONGEST])

    def _posts(self, incident: IncidentRow, until: datetime) -> Iterator[Said]:
        connection, values = self._session.connection(), (to_micros(until), incident.id, MOST)
        sql = _POSTS.replace("{BY}", dialect.by(connection, "post_aside"))
        for at, text in dialect.rows(connection, sql, values):
            yield Said(from_micros(at), text)
