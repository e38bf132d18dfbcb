"""Take the last decision about posts back."""

from __future__ import annotations

from fastapi import Request, Response

from amends.board.deed import Items, Outcome, done, noted
from amends.board.door import Door, Here, Who
from models.incident import IncidentRow
from models.store import Transaction

door = Door()


@door.act("/i/{slug}/items/undo", "agent")
def undo(request: Request, place: Here, who: Who, slug: str, asked: Items) -> Response:
    """Take it back on each of them, or on none."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        for one in asked.seen:
            was = tx.items.undo(incident.id or 0, one, who.name, place.now())
            noted(tx, place, who, incident, "undid", [one.post_id], decision=was)
        return Outcome("undo")

    return done(request, place, who, slug, asked, do)
