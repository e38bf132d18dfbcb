"""What the company said in public, what it is about to say, and when it promised to say more."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request, Response

from amends.board.door import Door, Here
from amends.board.render import render
from amends.digest.words import length
from models.incident import IncidentRow, zone
from models.promise import clocks

door = Door()


@door.page("/i/{slug}/acts", "viewer")
def show(request: Request, place: Here, slug: str) -> Response:
    """Show drafts first, then what is out, the newest first."""
    now = place.now()
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        acts = tx.acts.of(incident.id or 0)
    return render(
        request, "act_list.html", incident=incident, slug=incident.slug, zone=zone(incident.tz),
        now=now, drafts=[act for act in acts if act.at is None],
        out=[act for act in reversed(acts) if act.at is not None],
        promise=promised(incident, now), clocks=[
            (one, length(abs(now - one.promise.due)))
            for one in clocks(acts, now, incident.tz) if one.state in ("due", "overdue")
        ],
    )  # fmt: skip


def promised(incident: IncidentRow, now: datetime) -> str:
    """Return how long it is to the next promised public update, in words; nothing without one."""
    if incident.next_update_at is None:
        return ""
    if incident.next_update_at < now:
        return f"overdue by {length(now - incident.next_update_at)}"
    return f"due in {length(incident.next_update_at - now)}"
