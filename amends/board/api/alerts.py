"""What monitors said of an incident, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import After, In, Instant, Leaf, Many, Out, Slug, incident_of, open_door
from amends.board.door import Here
from models.monitor import AlertRow

door = open_door("alerts")


class Alert(Out):
    """One thing a monitor said: that `key` is down, or up again, `at` a time by the monitor's clock."""

    id: int
    monitor: str
    key: str
    state: str
    title: str
    url: str | None
    at: Instant
    heard_at: Instant


class Sought(In):
    """Where the list goes on, and how much of it."""

    after: After = None
    limit: Many = 50


@door.api("GET", "/api/incidents/{slug}/alerts", "viewer", response_model=Leaf[Alert])
def every(place: Here, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List an incident's alerts in the order they came."""
    behind = opened(sought.after, 1)[0] if sought.after else 0
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        found = tx.alerts.of(key, behind, sought.limit + 1)
    return leaf(found, sought.limit, _shape, lambda one: sealed(one[0].id or 0))


def _shape(one: tuple[AlertRow, str]) -> Alert:
    row, monitor = one
    return Alert(
        id=row.id or 0, monitor=monitor, key=row.key, state=row.state, title=row.title, url=row.url,
        at=row.at, heard_at=row.heard_at,
    )  # fmt: skip
