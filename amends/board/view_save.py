"""Saved views: the queue's filters under a name, for the whole team."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Form, Response
from fastapi.responses import RedirectResponse

from amends.board import filters
from amends.board.door import Door, Here, Who
from classify.unsaid import guesses
from models.errors import SetupError

door = Door()

LARGEST = 2**31 - 1


@door.act("/i/{slug}/views", "agent")
def save(
    place: Here,
    who: Who,
    slug: str,
    title: Annotated[str, Form(max_length=200)],
    query: Annotated[str, Form(max_length=4_000)] = "",
) -> Response:
    """Keep the filters of an address under a name."""
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        asked = filters.read(dict(parse_qsl(query)), incident, who, place.labels).asked
        _says_what_was_said(f"{title} {asked.get('q', '')}")
        row = tx.saved_views.add(incident.id or 0, title, urlencode(asked), who.name, place.now())
        tx.audit.note("saved a view", f"view:{row.id}", by=who.name, now=place.now(),
                      incident_id=incident.id)  # fmt: skip
    return RedirectResponse(
        f"/i/{incident.slug}/queue?{urlencode(asked | {'done': 'view:0'})}", 303
    )


@door.act("/i/{slug}/views/{view_id}/remove", "agent")
def remove(place: Here, who: Who, slug: str, view_id: int) -> Response:
    """Take a view away."""
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        view_id = view_id if 0 <= view_id <= LARGEST else 0
        tx.saved_views.remove(incident.id or 0, view_id, place.now())
        tx.audit.note("removed a view", f"view:{view_id}", by=who.name, now=place.now(),
                      incident_id=incident.id)  # fmt: skip
    return RedirectResponse(f"/i/{incident.slug}/queue?done=unview:0", 303)


def _says_what_was_said(said: str) -> None:
    """SetupError for a view that would sort people by what they didn't tell us for that."""
    word = guesses(said)
    if word is not None:
        message = f"a view isn't kept by “{word}”: it would sort people by their health, belief, origin, love, union, record or money"
        raise SetupError(
            message,
            "name and search what posts say about the service; looking for a word once is fine",
        )
