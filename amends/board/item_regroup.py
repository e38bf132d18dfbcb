"""Say that a post is no copy of those it is with, or that it says the same as another; or take that back."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Form, Request, Response

from amends.board.deed import Items, Outcome, done, noted
from amends.board.door import Door, Here, Who
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction

door = Door()

# The clusters come before the items in every transaction, as when posts are tagged: whoever holds one and
# waits for the other would wait in a ring.
_POST = re.compile(r"\s*(?:\S*/p/)?([0-9]{1,18})(?:[?#]\S*)?\s*")


@door.act("/i/{slug}/items/split", "agent")
def split(request: Request, place: Here, who: Who, slug: str, asked: Items) -> Response:
    """Set each of them apart."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        key = incident.id or 0
        for post_id in asked.post_ids:
            number = tx.clusters.split(key, post_id, who.name, place.now())
            noted(tx, place, who, incident, "split", [post_id], regrouping=number)
        tx.items.correct(key, asked.seen, who.name, place.now())
        return Outcome("split")

    return done(request, place, who, slug, asked, do)


@door.act("/i/{slug}/items/merge", "agent")
def merge(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    asked: Items,
    other: Annotated[str, Form(max_length=300)],
) -> Response:
    """Put each of them, and all it is with, together with another: its number, or its address here."""
    found = _POST.fullmatch(other)
    if found is None:
        message = "that names no post"
        raise SetupError(message, "give its number, or the address of its page")

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        key = incident.id or 0
        for post_id in asked.post_ids:
            number = tx.clusters.merge(key, post_id, int(found[1]), who.name, place.now())
            noted(tx, place, who, incident, "merged", [post_id], regrouping=number,
                  other=int(found[1]))  # fmt: skip
        tx.items.correct(key, asked.seen, who.name, place.now())
        return Outcome("merge")

    return done(request, place, who, slug, asked, do)


@door.act("/i/{slug}/items/regroup", "agent")
def regroup(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    asked: Items,
    number: Annotated[int, Form(ge=1, le=2**31 - 1)],
) -> Response:
    """Take a split or a merge back."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        was = tx.clusters.undo(incident.id or 0, number, place.now())
        tx.items.correct(incident.id or 0, asked.seen, who.name, place.now())
        noted(tx, place, who, incident, "regrouped", asked.post_ids, regrouping=number, was=was.did)
        return Outcome("regroup")

    return done(request, place, who, slug, asked, do)
