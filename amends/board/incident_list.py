"""All incidents, the open ones first: where everybody begins."""

from __future__ import annotations

from fastapi import Request, Response

from amends.board.door import Door, Here
from amends.board.render import render

door = Door()


@door.page("/", "viewer")
def show(request: Request, place: Here) -> Response:
    """Show them."""
    with place.store.read() as tx:
        incidents = sorted(tx.incidents.every(), key=lambda row: row.closed_at is not None)
    return render(request, "incident_list.html", incidents=incidents, now=place.now())
