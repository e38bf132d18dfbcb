"""Let a draft go out: approved by a second person, then published, when and where being kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.act_draft import Url, Version, form
from amends.board.door import Door, Here, Visitor, Who
from amends.when import moment
from models.errors import Conflict, SetupError
from models.store.acts import Signer

door = Door()

When = Annotated[str, Form(max_length=40)]


@door.act("/i/{slug}/acts/{act_id:int}/approve", "lead")
def approve(
    request: Request, place: Here, who: Who, slug: str, act_id: int, version: Version
) -> Response:
    """Approve somebody else's draft as they saw it; a person does, never a token."""
    now = place.now()
    try:
        by_person(who)
        with place.store.begin() as tx:
            incident = tx.incidents.find(slug)
            tx.acts.get(act_id, incident.id)
            row = tx.acts.approve(act_id, version, Signer(who.name, who.role), now)
            tx.audit.note("approved", f"act:{act_id}", by=who.name, now=now,
                          incident_id=incident.id, detail={"version": row.version})  # fmt: skip
    except (Conflict, SetupError) as error:
        return _told(request, place, slug, act_id, error)
    return RedirectResponse(f"/i/{incident.slug}/acts/{act_id}", 303)


@door.act("/i/{slug}/acts/{act_id:int}/publish", "lead")
def publish(
    request: Request, place: Here, who: Who, slug: str, act_id: int, version: Version,
    url: Url = "", at: When = "", promise: When = "",
) -> Response:  # fmt: skip
    """
    Note that an approved draft went out; Amends itself publishes nothing.

    `promise` is when the public was told to hear more; without one the promise is kept, and gone.
    """
    now = place.now()
    try:
        with place.store.begin() as tx:
            incident = tx.incidents.find(slug)
            tx.acts.get(act_id, incident.id)
            when = min(moment(at, now, incident.tz), now) if at.strip() else now
            following = moment(promise, now, incident.tz) if promise.strip() else None
            row = tx.acts.publish(act_id, version, Signer(who.name, who.role), when, url)
            incident.next_update_at = following
            tx.incidents.save(incident)
            tx.audit.note("published", f"act:{act_id}", by=who.name, now=now,
                          incident_id=incident.id, detail={"version": row.version})  # fmt: skip
    except (Conflict, SetupError) as error:
        return _told(request, place, slug, act_id, error)
    return RedirectResponse(f"/i/{incident.slug}/acts", 303)


def by_person(who: Visitor) -> None:
    """SetupError if a program asks: a second person's approval is that person's own."""
    if who.by_token:
        message = "a person approves a draft, not a program"
        raise SetupError(message, "log in on the board")


def _told(
    request: Request, place: Here, slug: str, act_id: int, error: Conflict | SetupError
) -> Response:
    if error.message.startswith("there is no "):
        raise error
    status = 409 if isinstance(error, Conflict) else 400
    return form(request, place, slug, act_id, wrong=error, status=status)
