"""Invite people, give them roles, disable them; grant and revoke tokens. For admins."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.people_show import shown
from models.errors import SetupError
from models.person import Role

door = Door()

Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form(max_length=60)]


@door.act("/people", "admin")
def invite(
    request: Request, place: Here, who: Who, name: Text, role: Annotated[Role, Form()]
) -> Response:
    """Add somebody, and show the link to set a password with, this once."""
    now = place.now()
    with place.store.begin() as tx:
        if not tx.people.anybody() and role != "admin":
            message = "the first of the team has to be an admin"
            raise SetupError(message, "choose the role admin: somebody has to let the others in")
        person = tx.people.add(name, role, now)
        secret = tx.people.invite(person, now)
        tx.audit.note("added", f"person:{person.id}", by=who.name, now=now, detail={"role": role})
    return _with_link(request, secret, person.name)


@door.act("/people/{person_id}/link", "admin")
def link(request: Request, place: Here, who: Who, person_id: Id) -> Response:
    """Show a new link for somebody who forgot the password, this once."""
    now = place.now()
    with place.store.begin() as tx:
        person = tx.people.get(person_id)
        secret = tx.people.invite(person, now)
        tx.audit.note("invited", f"person:{person.id}", by=who.name, now=now)
    return _with_link(request, secret, person.name)


@door.act("/people/{person_id}/role", "admin")
def role(place: Here, who: Who, person_id: Id, role: Annotated[Role, Form()]) -> Response:
    """Give somebody another role; they have to log in again."""
    with place.store.begin() as tx:
        person = tx.people.get(person_id)
        detail = {"from": person.role, "to": role}
        if person.role != role:
            tx.people.set_role(person, role)
            about = f"person:{person.id}"
            tx.audit.note("changed role", about, by=who.name, now=place.now(), detail=detail)
    return RedirectResponse("/people", 303)


@door.act("/people/{person_id}/disable", "admin")
def disable(place: Here, who: Who, person_id: Id) -> Response:
    """Let somebody in no more."""
    with place.store.begin() as tx:
        person = tx.people.get(person_id)
        tx.people.disable(person, place.now())
        tx.audit.note("disabled", f"person:{person.id}", by=who.name, now=place.now())
    return RedirectResponse("/people", 303)


@door.act("/people/{person_id}/enable", "admin")
def enable(request: Request, place: Here, who: Who, person_id: Id) -> Response:
    """Let somebody in again, and show the link to set a new password with, this once."""
    now = place.now()
    with place.store.begin() as tx:
        person = tx.people.get(person_id)
        tx.people.enable(person)
        secret = tx.people.invite(person, now)
        tx.audit.note("enabled", f"person:{person.id}", by=who.name, now=now)
    return _with_link(request, secret, person.name)


@door.act("/people/{person_id}/token", "admin")
def grant(
    request: Request,
    place: Here,
    who: Who,
    person_id: Id,
    title: Text,
    scope: Annotated[Literal["read", "write"], Form()],
    days: Annotated[int, Form(ge=1, le=366)] = 90,
) -> Response:
    """Grant a program a token, and show it this once."""
    now = place.now()
    with place.store.begin() as tx:
        person = tx.people.get(person_id)
        row, secret = tx.people.grant(person, title.strip(), scope, now, now + timedelta(days=days))
        detail = {"person": person.id, "scope": scope}
        tx.audit.note("granted", f"token:{row.id}", by=who.name, now=now, detail=detail)
    return shown(request, place, token=secret, for_whom=person.name)


@door.act("/tokens/{token_id}/revoke", "admin")
def revoke(place: Here, who: Who, token_id: Id) -> Response:
    """Make a token useless."""
    with place.store.begin() as tx:
        tx.people.revoke(token_id, place.now())
        tx.audit.note("revoked", f"token:{token_id}", by=who.name, now=place.now())
    return RedirectResponse("/people", 303)


def _with_link(request: Request, secret: str, name: str) -> Response:
    address = str(request.url_for("invited", secret=secret))
    return shown(request, request.app.state.place, link=address, for_whom=name)
