"""
Doors: routes that name the least role they are for, and the visitor who comes through them.

A visitor is known by a session's cookie, by a token, or, on a board for one, by being here. Nobody
reaches a page's function without the role it names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from amends.board.errors import LogIn, NotYours
from amends.board.place import Place
from models.errors import StoreError
from models.person import NOTED, Role, may
from models.store import Store, Transaction

COOKIE = "amends"
SAFE_COOKIE = "__Host-amends"
"""The cookie's name over https: a browser lets nobody else set it."""

PATIENCE = 100
"""Milliseconds we wait for our turn to note that somebody is here; it isn't worth more."""


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
    # Over https the other name isn't ours: whoever owns a neighbouring name could have set it.
    return request.cookies.get(SAFE_COOKIE if request.url.scheme == "https" else COOKIE, "")


def token_of(authorization: str) -> str | None:
    """Return the token a program brought; None if it brought none."""
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def is_ours(address: str) -> bool:
    """Return whether an address leads to a page of this board, whatever a browser makes of it."""
    # A browser takes what begins with two strokes, or with one and a backslash, for the name of another site.
    if not address.startswith("/") or address.startswith("//"):
        return False
    if not address.isprintable() or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not (parts.netloc or parts.scheme or parts.path.startswith("//"))


def visitor(request: Request) -> Visitor | None:
    """Return who asks; None if they are nobody we know. Looked up once for a request."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _looked_up(request)
    found: Visitor | None = request.state.visitor
    return found


def _looked_up(request: Request) -> Visitor | None:
    place = place_of(request)
    token = token_of(request.headers.get("authorization", ""))
    if token is not None:
        return _by_token(place, token)
    if place.single is not None:
        with place.store.read() as tx:
            # Once there are people, they log in; also where the board was begun before.
            return None if tx.people.anybody() else Visitor(place.single, "admin")
    secret = cookie_of(request)
    return _by_cookie(place, secret) if secret else None


def _by_cookie(place: Place, secret: str) -> Visitor | None:
    now = place.now()
    with place.store.read() as tx:
        person = tx.people.by_session(secret, now)
        fresh = tx.people.is_fresh(secret, now)
    if person is None:
        return None
    if not fresh:
        _noted(place.store, lambda tx: tx.people.seen(secret, now))
    return Visitor(person.name, person.role)


def _by_token(place: Place, secret: str) -> Visitor | None:
    now = place.now()
    with place.store.read() as tx:
        found = tx.people.by_token(secret, now)
    if found is None:
        return None
    person, token = found
    if token.used_at is None or now - token.used_at >= NOTED:
        _noted(place.store, lambda tx: tx.people.used(token.id or 0, now))
    return Visitor(person.name, person.role, token.scope, by_token=True)


def _noted(store: Store, note: Callable[[Transaction], None]) -> None:
    """Note that somebody is here, if nobody else writes just now; the next request tries again."""
    with suppress(StoreError), store.begin(refetchable=True, patience=PATIENCE) as tx:
        note(tx)


def _asks(least: Role | None) -> Callable[[Request], Visitor | None]:
    def ask(request: Request) -> Visitor | None:
        if least is None:
            return None
        found = visitor(request)
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
