"""What happened to an incident since a moment: posts that came into its queue, items people changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import msgspec
from sqlmodel import Session

from models.store import dialect

MOST_NEW = 1_000
MOST_CHANGED = 200
"""Further than this nobody counts: what asks for more is better looked at anew."""

_POST = "SELECT COALESCE(MAX(post_id), 0) FROM item WHERE incident_id = ?"
_CHANGE = "SELECT COALESCE(MAX(id), 0) FROM audit"

_NEW = """
SELECT COUNT(*) FROM
    (SELECT 1 FROM item WHERE incident_id = ? AND post_id > ? AND open LIMIT ?) AS found
"""

# From the newest back: by the incident's index SQLite would look through all of its past.
_SAID = "SELECT about, by FROM audit WHERE id > ? AND incident_id + 0 = ? ORDER BY id DESC LIMIT ?"

_ITEMS = "SELECT post_id, version FROM item WHERE incident_id = ? AND post_id = {KEYS}"


class Moment(NamedTuple):
    """A moment in an incident's life: its newest post and the newest entry of the audit trail."""

    post: int
    change: int


class Changed(msgspec.Struct, frozen=True):
    """An item a person changed: whose post, which version it has now, and who it was."""

    post: int
    version: int
    by: str


class Changes(msgspec.Struct, frozen=True):
    """What happened between two moments: how many open posts are new, which items changed."""

    at: Moment
    new: int = 0
    items: tuple[Changed, ...] = ()


class Happenings:
    """What happened, within one transaction. Posts count in the order in which they were first kept."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def moment(self, incident_id: int) -> Moment:
        """Return the moment it is now."""
        connection = self._session.connection()
        post = dialect.rows(connection, _POST, (incident_id,))[0][0]
        return Moment(int(post), int(dialect.rows(connection, _CHANGE)[0][0]))

    def since(self, incident_id: int, moment: Moment) -> Changes:
        """Return what happened since a moment."""
        at = self.moment(incident_id)
        new = 0
        connection = self._session.connection()
        if at.post > moment.post:
            rows = dialect.rows(connection, _NEW, (incident_id, moment.post, MOST_NEW))
            new = int(rows[0][0])
        items = self._changed(incident_id, moment.change) if at.change > moment.change else ()
        return Changes(at, new, items)

    def _changed(self, incident_id: int, change: int) -> tuple[Changed, ...]:
        connection = self._session.connection()
        said = dialect.rows(connection, _SAID, (change, incident_id, MOST_CHANGED))
        who: dict[int, str] = {}
        for about, by in said:
            for post in _posts(about):
                who.setdefault(post, by)
        rows = dialect.within(connection, _ITEMS, (incident_id,), sorted(who))
        return tuple(Changed(int(post), int(version), who[post]) for post, version in rows)


def _posts(about: str) -> Collection[int]:
    """Return the posts an entry is about: `post:3`, or `post:3,4,5`."""
    kind, _, names = about.partition(":")
    if kind not in ("post", "item"):
        return ()
    return [int(name) for name in names.split(",") if name.isdecimal()]
