"""Who may log in and what programs have tokens, for admins."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from amends.board.door import Door, Here
from amends.board.place import Place
from amends.board.render import render
from models.person import ROLES, SCOPES

door = Door()


@door.page("/people", "admin")
def show(request: Request, place: Here) -> Response:
    """Show them."""
    return shown(request, place)


def shown(request: Request, place: Place, **new: Any) -> Response:
    """Return the page; `new` is a link or a token that is shown this once."""
    with place.store.read() as tx:
        people = tx.people.every()
        tokens = tx.people.tokens()
    values = {"link": "", "token": "", "for_whom": ""} | new
    return render(
        request, "people_show.html", people=people, tokens=tokens, roles=ROLES, scopes=SCOPES,
        names={one.id: one.name for one in people}, now=place.now(), **values,
    )  # fmt: skip
