"""Say that somebody looks after an alarm."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who

door = Door()


@door.act("/i/{slug}/alarms/{alarm_id:int}/ack", "agent")
def ack(place: Here, who: Who, slug: str, alarm_id: int) -> Response:
    """Note who it is; whoever says so first does."""
    now = place.now()
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        tx.alarms.get(alarm_id, incident.id)
        row = tx.alarms.acknowledge(alarm_id, who.name, now)
        if row.acked_by == who.name and row.acked_at == now:
            tx.audit.note("acknowledged", f"alarm:{row.id}", by=who.name, now=now,
                          incident_id=incident.id)  # fmt: skip
    return RedirectResponse(f"/i/{incident.slug}#alarms", 303)
