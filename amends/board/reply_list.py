"""The saved replies, by the label they are for."""

from __future__ import annotations

from fastapi import Request, Response

from amends.board.door import Door, Here
from amends.board.render import render
from amends.board.reply_draft import SAMPLE
from models.phase import TITLES
from models.reply import filled

door = Door()


@door.page("/replies", "viewer")
def show(request: Request, place: Here, label: str = "") -> Response:
    """Show them, those for a label first if one is chosen, each as it would read."""
    chosen = label if label in place.labels.names else None
    with place.store.read() as tx:
        rows = tx.replies.every(chosen)
    return render(
        request, "reply_list.html", chosen=chosen or "", labels=list(place.labels),
        titles={one.name: one.title for one in place.labels},
        phases=TITLES, replies=[(row, filled(row.text, SAMPLE)) for row in rows],
    )  # fmt: skip
