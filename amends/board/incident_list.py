"""All incidents, the open ones first: where everybody begins."""

from __future__ import annotations

from fastapi import Request, Response

from amends.board.door import Door, Here
from amends.board.render import render

door = Door()


@door.page("/", "viewer")
def show(request: Request, place: Here) -> Response:
    """Show them; of the open ones also how much waits in each."""
    with place.store.read() as tx:
        incidents = tx.incidents.every()
        waiting = tx.gauges.waiting()
        ringing = tx.alarms.ringing()
        blind = {
            row.id: sorted(
                one.row.source
                for one in tx.watches.standing(row.id or 0, place.now())
                if one.state.state == "blind"
            )
            for row in incidents
            if row.closed_at is None
        }
    return render(
        request, "incident_list.html", now=place.now(), waiting=waiting, blind=blind,
        ringing=ringing,
        open_ones=[row for row in incidents if row.closed_at is None],
        closed_ones=[row for row in incidents if row.closed_at is not None],
    )  # fmt: skip
