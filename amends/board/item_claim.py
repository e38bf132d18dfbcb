"""Who has a post in hand: claimed, let go, given to somebody, and looked at."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from amends.board.deed import Items, Outcome, done, noted
from amends.board.door import Door, Here, Who
from models.errors import SetupError
from models.incident import IncidentRow
from models.person import may
from models.store import Transaction

door = Door()


@door.act("/i/{slug}/items/claim", "agent")
def claim(request: Request, place: Here, who: Who, slug: str, asked: Items) -> Response:
    """Take items in hand."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        tx.items.claim(incident.id or 0, asked.seen, who.name, who.name, place.now())
        noted(tx, place, who, incident, "claimed", asked.post_ids, holder=who.name)
        return Outcome("claim")

    return done(request, place, who, slug, asked, do)


@door.act("/i/{slug}/items/release", "agent")
def release(request: Request, place: Here, who: Who, slug: str, asked: Items) -> Response:
    """Let items go; who leads may let go what somebody else has."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        tx.items.claim(incident.id or 0, asked.seen, who.name, None, place.now(),
                       anybodys=who.may("lead"))  # fmt: skip
        noted(tx, place, who, incident, "released", asked.post_ids, holder=None)
        return Outcome("release")

    return done(request, place, who, slug, asked, do)


@door.act("/i/{slug}/items/assign", "agent")
def assign(
    request: Request, place: Here, who: Who, slug: str, asked: Items,
    person: Annotated[str, Form(max_length=60)],
) -> Response:  # fmt: skip
    """Give items to somebody of the team; who leads may give on what somebody else has."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        holder = _able(tx, person, place.single)
        tx.items.claim(incident.id or 0, asked.seen, who.name, holder, place.now(),
                       anybodys=who.may("lead"))  # fmt: skip
        noted(tx, place, who, incident, "claimed", asked.post_ids, holder=holder)
        return Outcome("assign")

    return done(request, place, who, slug, asked, do)


@door.act("/i/{slug}/items/seen", "agent")
def seen(request: Request, place: Here, who: Who, slug: str, asked: Items) -> Response:
    """Note that somebody has looked at posts."""

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        tx.items.look(incident.id or 0, asked.post_ids, place.now())
        tx.audit.note("looked", f"incident:{incident.id}:posts", by=who.name, now=place.now(),
                      incident_id=incident.id, detail={"posts": len(asked.seen)})  # fmt: skip
        return Outcome("seen")

    return done(request, place, who, slug, asked, do)


def _able(tx: Transaction, name: str, single: str | None) -> str:
    """Return the name of somebody who may work on items; SetupError if there is no such person."""
    if single is not None and name == single:
        return single
    person = tx.people.named(name)
    if person.disabled_at is not None or not may(person.role, "agent"):
        message = f"{person.name} doesn't work on posts"
        raise SetupError(message, "give it to somebody who does")
    return person.name
