"""Write a statement that isn't out yet, and change it; a change takes its approval away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.place import Place
from amends.board.render import render
from models.campaign import ACT_KINDS, ActRow
from models.errors import Conflict, SetupError
from models.incident import IncidentRow, zone
from models.store.acts import Words, checked

door = Door()

Kind = Annotated[str, Form(max_length=40)]
Text = Annotated[str, Form(max_length=20_000)]
Url = Annotated[str, Form(max_length=2_000)]
Version = Annotated[int, Form(ge=0, le=2**31 - 1)]


@door.page("/i/{slug}/acts/new", "agent")
def ask(request: Request, place: Here, slug: str) -> Response:
    """Show an empty form."""
    return form(request, place, slug)


@door.page("/i/{slug}/acts/{act_id:int}", "viewer")
def show(request: Request, place: Here, slug: str, act_id: int) -> Response:
    """Show one act; a draft with the form to change, approve or publish it."""
    return form(request, place, slug, act_id)


@door.act("/i/{slug}/acts", "agent")
def add(
    request: Request, place: Here, who: Who, slug: str, kind: Kind = "", text: Text = "",
    url: Url = "",
) -> Response:  # fmt: skip
    """Keep a new draft."""
    now = place.now()
    try:
        words = checked(Words(kind, text, url))
    except SetupError as error:
        return form(request, place, slug, said=Words(kind, text, url), wrong=error, status=400)
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        row = tx.acts.add(ActRow(incident_id=incident.id or 0, kind=words.kind, text=words.text,
                                 url=words.url, by=who.name, recorded_at=now))  # fmt: skip
        tx.audit.note("drafted", f"act:{row.id}", by=who.name, now=now, incident_id=incident.id,
                      detail={"kind": words.kind})  # fmt: skip
    return RedirectResponse(f"/i/{incident.slug}/acts/{row.id}", 303)


@door.act("/i/{slug}/acts/{act_id:int}", "agent")
def edit(
    request: Request, place: Here, who: Who, slug: str, act_id: int, version: Version,
    kind: Kind = "", text: Text = "", url: Url = "",
) -> Response:  # fmt: skip
    """Change a draft; told if somebody else did meanwhile, with both texts."""
    said = Words(kind, text, url)
    try:
        with place.store.begin() as tx:
            incident = tx.incidents.find(slug)
            tx.acts.get(act_id, incident.id)
            row = tx.acts.edit(act_id, version, said, who.name)
            tx.audit.note("edited", f"act:{act_id}", by=who.name, now=place.now(),
                          incident_id=incident.id, detail={"version": row.version})  # fmt: skip
    except Conflict as error:
        return form(request, place, slug, act_id, said=said, wrong=error, status=409)
    except SetupError as error:
        if error.message.startswith("there is no "):
            raise
        return form(request, place, slug, act_id, said=said, wrong=error, status=400)
    return RedirectResponse(f"/i/{incident.slug}/acts/{act_id}", 303)


def form(
    request: Request, place: Place, slug: str, act_id: int | None = None, *,
    said: Words | None = None, wrong: SetupError | Conflict | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """Return the page of one act, or of a new one, with what went wrong and what somebody wrote."""
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        row = None if act_id is None else tx.acts.get(act_id, incident.id)
        trail = [] if row is None else tx.audit.about(incident.id or 0, f"act:{row.id}")
    stands = None if row is None else Words(row.kind, row.text, row.url)
    values: dict[str, Any] = {
        "incident": incident, "slug": incident.slug, "zone": zone(incident.tz), "row": row,
        "kinds": ACT_KINDS, "said": said or stands or Words("status_update", ""), "trail": trail,
        "stands": stands.text if said and stands and said.text != stands.text else "",
        "promise": _still(incident, place.now()), "wrong": f"{wrong.message}: {wrong.remedy}" if wrong else "", "now": place.now(),
    }  # fmt: skip
    return render(request, "act_draft.html", status=status, **values)


def _still(incident: IncidentRow, now: datetime) -> str:
    """Return a promise that is still to be kept as the form says it, in the incident's zone."""
    at = incident.next_update_at
    return f"{at.astimezone(zone(incident.tz)):%Y-%m-%dT%H:%M}" if at and at > now else ""
