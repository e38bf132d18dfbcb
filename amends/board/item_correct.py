"""Say what posts are: a label put on or taken off, of them and all that say the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from amends.board.deed import Items, Outcome, done, noted
from amends.board.door import Door, Here, Who
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction
from models.tag import Tag

door = Door()


@door.act("/i/{slug}/items/correct", "agent")
def correct(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    asked: Items,
    label: Annotated[str, Form(max_length=60)],
    put: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """Correct them. A button says both in one: `complaint:1` puts it on, `complaint:0` takes it off."""
    name, _, with_it = label.partition(":")
    on = with_it or put
    place.labels.place(name)
    if on not in ("0", "1"):
        message = "is it one, or not?"
        raise SetupError(message, "send put=1 or put=0")

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        tx.items.correct(incident.id or 0, asked.seen, who.name, place.now())
        tags = [Tag(post_id=post_id, label=name, by=who.name, put=on == "1")
                for post_id in asked.post_ids]  # fmt: skip
        tx.tags.put(tags, place.now())
        did = "tagged" if on == "1" else "untagged"
        noted(tx, place, who, incident, did, asked.post_ids, label=name)
        return Outcome("correct")

    return done(request, place, who, slug, asked, do)
