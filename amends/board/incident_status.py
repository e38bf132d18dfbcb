"""Say how far an incident is; close it, and open it again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.course import closed, moved, reopened

door = Door()


@door.act("/i/{slug}/status", "lead")
def status(place: Here, who: Who, slug: str, to: Annotated[str, Form(max_length=100)]) -> Response:
    """Change its status."""
    with place.store.begin() as tx:
        row = tx.incidents.find(slug)
        moved(tx, row, to, by=who.name, now=place.now())
    return RedirectResponse(f"/i/{row.slug}", 303)


@door.act("/i/{slug}/close", "lead")
def close(place: Here, who: Who, slug: str) -> Response:
    """Close it: its watches are no longer asked."""
    with place.store.begin() as tx:
        row = tx.incidents.find(slug)
        closed(tx, row, by=who.name, now=place.now())
    return RedirectResponse(f"/i/{row.slug}", 303)


@door.act("/i/{slug}/reopen", "lead")
def reopen(place: Here, who: Who, slug: str) -> Response:
    """Open it again."""
    with place.store.begin() as tx:
        row = tx.incidents.find(slug)
        reopened(tx, row, by=who.name, now=place.now())
    return RedirectResponse(f"/i/{row.slug}", 303)
