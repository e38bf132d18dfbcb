"""
Doors: routes that name the least role they are for, and the visitor who comes through them.

A visitor is known by a session's cookie, by a token, or, on a board for one, by being here. Nobody
reaches a page's function without the role it names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from amends.board.errors import LogIn, NotYours
from amends.board.place import Place
from models.person import Role, may

COOKIE = "amends"
SAFE_COOKIE = "__Host-amends"
"""The cookie's name over https: a browser lets nobody else set it."""


class Visitor(NamedTuple):
    """Who asks: their name and role, whether a program asks for them, and what it may do."""

    name: str
    role: str
    scope: str = "write"
    by_token: bool = False

    def may(self, least: str) -> bool:
        """Return whether they may do what `least` may."""
        return may(self.role, least)

    @property
    def masked(self) -> bool:
        """Whether handles are hidden from them."""
        return not self.may("agent")


def place_of(request: Request) -> Place:
    """Return the place a request asks at."""
    place: Place = request.app.state.place
    return place


def cookie_of(request: Request) -> str:
    """Return the session's secret a browser brought, or nothing."""
    return request.cookies.get(SAFE_COOKIE) or request.cookies.get(COOKIE) or ""


def visitor(request: Request) -> Visitor | None:
    """Return who asks; None if they are nobody we know."""
    place = place_of(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind:
        return _by_token(place, token.strip()) if kind.lower() == "bearer" else None
    if place.single is not None:
        return Visitor(place.single, "admin")
    secret = cookie_of(request)
    if not secret:
        return None
    with place.store.read() as tx:
        person = tx.people.by_session(secret, place.now())
    return None if person is None else Visitor(person.name, person.role)


def _by_token(place: Place, secret: str) -> Visitor | None:
    with place.store.read() as tx:
        found = tx.people.by_token(secret, place.now())
    if found is None:
        return None
    person, token = found
    return Visitor(person.name, person.role, token.scope, by_token=True)


def _asks(least: Role | None) -> Callable[[Request], Visitor | None]:
    def ask(request: Request) -> Visitor | None:
        found = visitor(request)
        if least is None:
            return found
        if found is None:
            raise LogIn
        reads = request.method in ("GET", "HEAD")
        if not found.may(least) or (found.scope == "read" and not reads):
            raise NotYours(found.name, least)
        return found

    return ask


class Door(APIRouter):
    """A set of routes; each names the least role it is for, or None for anybody at all."""

    def page(self, path: str, role: Role | None, **said: Any) -> Callable[..., Any]:
        """Show a page."""
        said = {"response_class": HTMLResponse, "include_in_schema": False} | said
        return self._open("GET", path, role, said)

    def act(self, path: str, role: Role | None, **said: Any) -> Callable[..., Any]:
        """Take what a form sends."""
        said = {"response_class": HTMLResponse, "include_in_schema": False} | said
        return self._open("POST", path, role, said)

    def api(self, method: str, path: str, role: Role, **said: Any) -> Callable[..., Any]:
        """Answer a program."""
        return self._open(method, path, role, said)

    def _open(
        self, method: str, path: str, role: Role | None, said: dict[str, Any]
    ) -> Callable[..., Any]:
        extra = {"x-role": role or "anybody"} | said.pop("openapi_extra", {})
        asks = Depends(_asks(role))
        return self.api_route(
            path, methods=[method], dependencies=[asks], openapi_extra=extra, **said
        )


def _somebody(request: Request) -> Visitor:
    found = visitor(request)
    if found is None:
        raise LogIn
    return found


Here = Annotated[Place, Depends(place_of)]
Who = Annotated[Visitor, Depends(_somebody)]
"""For a page's function: where it is, and who asks."""
