"""Plain values for tests: a post, an incident, a watch; override what the scene is about."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from models.incident import IncidentRow, Watch, WatchRow
from models.post import Post
from models.store import Store

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
_numbers = count(1)


def a_post(**said: Any) -> Post:
    """Return Cleo's complaint, or what the scene makes of it."""
    number = next(_numbers)
    plain = {
        "source": "x", "external_id": f"p{number}", "author": "cleo", "posted_at": NOW, "as_of": NOW,
        "text": f"day {number} and still no discs, what is going on",
    }  # fmt: skip
    return Post(**(plain | said))


def an_incident(**said: Any) -> IncidentRow:
    """Return an incident that isn't kept yet."""
    plain = {
        "slug": "discs-late", "title": "Discs late", "company": "Reelpost", "terms": ["reelpost"],
        "began": NOW, "opened_at": NOW,
    }  # fmt: skip
    return IncidentRow(**(plain | said))


def a_watch(store: Store, **said: Any) -> Watch:
    """Return a watch of a kept incident; both are made."""
    with store.begin() as tx:
        incident_id = said.pop("incident_id", None) or tx.incidents.add(an_incident()).id
        plain = {"incident_id": incident_id, "key": "", "source": "fake", "created_at": NOW}
        row, _ = tx.watches.add(WatchRow(**(plain | said)))
        return row.as_watch()
