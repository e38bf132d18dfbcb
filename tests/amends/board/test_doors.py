"""Every way in, for everybody who may stand before it: made from the application's own routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI

from amends.board import board
from amends.board.door import Door
from amends.board.place import Place
from models.incident import Watch
from models.person import ROLES, may
from tests.amends.board.conftest import ORIGIN, posts
from tests.amends.board.doors import WRITES, Answer, Way, knock, ways
from tests.battery import Record, tell

FOR_ANYBODY = {
    ("GET", "/login"), ("POST", "/login"), ("GET", "/healthz"),
    ("GET", "/invitation/{secret}"), ("POST", "/invitation/{secret}"),
    # Monitors have no role: each call proves itself, or is turned away with 401.
    ("POST", "/hooks/{name}"), ("POST", "/hooks/{name}/{secret}"), ("GET", "/hooks/{name}/{secret}"),
}  # fmt: skip
NOT_DOORS = {
    # The files every page needs, and how the API is called: both lie open in the sources.
    ("ANY", "/static"), ("GET", "/api/openapi.json"), ("HEAD", "/api/openapi.json"),
}  # fmt: skip
TURNED_AWAY = {401, 403}

KNOWN = {"slug": "discs-late", "secret": "nobody-was-given-this", "day": "2026-03-04"}


def undeclared(app: FastAPI) -> set[tuple[str, str]]:
    """Return the ways in that name no role, or stand open without being on the list."""
    return {
        (way.method, way.path)
        for way in ways(app.routes)
        if way.role not in ROLES and (way.method, way.path) not in FOR_ANYBODY | NOT_DOORS
    }


@pytest.fixture
def app(place: Place, watch: Watch) -> FastAPI:
    """Return a board with the team, an incident and two posts."""
    with place.store.begin() as tx:
        for role in ROLES:
            tx.people.add(role, role, place.now())
    posts(place.store, watch, ("no discs", ("complaint",)), ("my credit?", ("credit_request",)))
    return board(place)


Headers = Callable[[], dict[str, str]]


@pytest.fixture
def callers(place: Place, app: FastAPI) -> dict[str, Headers]:
    """Return everybody who may come, by how they prove who they are; each time anew."""
    store, now = place.store, place.now

    def cookie(name: str) -> Headers:
        def headers() -> dict[str, str]:
            with store.begin() as tx:
                return {"cookie": f"amends={tx.people.log_in(tx.people.named(name), now())}"}

        return headers

    def token(name: str, scope: str, *, days: int = 9, revoked: bool = False) -> Headers:
        with store.begin() as tx:
            until = now() + timedelta(days=days)
            row, secret = tx.people.grant(tx.people.named(name), "t", scope, now(), until)
            if revoked:
                tx.people.revoke(row.id or 0, now())
        return lambda: {"authorization": f"Bearer {secret}"}

    found = {f"cookie {role}": cookie(role) for role in ROLES}
    found |= {f"read {role}": token(role, "read") for role in ROLES}
    found |= {f"write {role}": token(role, "write") for role in ROLES}
    return found | {
        "nobody": dict,
        "forged cookie": lambda: {"cookie": "amends=" + "A" * 43},
        "forged token": lambda: {"authorization": "Bearer amends_" + "A" * 43},
        "empty token": lambda: {"authorization": "Bearer "},
        "revoked token": token("admin", "write", revoked=True),
        "ended token": token("admin", "write", days=-1),
    }  # fmt: skip


def expected(way: Way, who: str) -> Callable[[Answer], bool]:
    """Return what must come of it."""
    kind, _, role = who.partition(" ")
    if kind not in ("cookie", "read", "write"):
        if way.path.startswith(("/api/", "/metrics")) or way.method in WRITES:
            return lambda answer: answer.status == 401
        return lambda answer: (
            answer.status == 303 and answer.headers["location"].startswith("/login?to=")
        )
    if not may(role, way.role or "") or (kind == "read" and way.method in WRITES):
        return lambda answer: answer.status == 403
    return lambda answer: (
        answer.status < 500
        and answer.status not in TURNED_AWAY
        and not answer.headers.get("location", "").startswith("/login?")
    )


def test_security_every_route_names_a_role_or_is_on_the_short_list(app: FastAPI) -> None:
    """A route nobody thought about fails here; nothing is on the list that isn't there."""
    assert undeclared(app) == set()
    assert {(way.method, way.path) for way in ways(app.routes) if way.role not in ROLES} == (
        FOR_ANYBODY | NOT_DOORS
    )


def test_security_an_undeclared_route_is_seen(app: FastAPI) -> None:
    """The test above sees one that was put in beside the doors, and one that is for anybody."""
    beside, wide = Door(), Door()
    beside.get("/beside")(lambda: "")
    wide.page("/wide", None)(lambda: "")
    app.include_router(beside)
    app.include_router(wide)

    assert undeclared(app) == {("GET", "/beside"), ("GET", "/wide")}


def test_security_every_route_for_every_role(
    app: FastAPI, callers: dict[str, Headers], record_property: Record
) -> None:
    """Everybody is let in, or sent away in the right way; a write from a page of ours."""
    doors = [way for way in ways(app.routes) if way.role in ROLES]
    wrong = []
    for way in doors:
        # A write is tried on what isn't there, so that nobody changes what the next one needs.
        address = way.filled(**KNOWN) if way.method == "GET" else way.filled(slug="elsewhere")
        if way.method in WRITES:
            address = address.replace("/1", "/999999")
        for who, headers in callers.items():
            answer = knock(app, way.method, address, ORIGIN | headers())
            if not expected(way, who)(answer):
                wrong.append((who, way.method, address, answer.status))
    tell(record_property, f"{len(doors)} routes x {len(callers)} callers: {len(wrong)} wrong")
    assert not wrong, "\n".join(map(str, wrong))


def test_security_nothing_changes_by_looking(
    app: FastAPI, place: Place, callers: dict[str, Headers]
) -> None:
    """After a GET of every page by an admin the database holds what it held."""
    headers = callers["cookie admin"]()
    changed = []
    for way in ways(app.routes):
        if way.method != "GET":
            continue
        before = everything(place)
        knock(app, "GET", way.filled(**KNOWN), ORIGIN | headers)
        if everything(place) != before:
            changed.append(way.path)
    assert changed == []


def everything(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, but for when somebody was last seen."""
    from sqlalchemy import inspect, text

    found = {}
    with place.store.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            names = [
                f'"{column["name"]}"'
                for column in inspect(connection).get_columns(table)
                if (table, column["name"]) not in {("session", "seen_at"), ("token", "used_at")}
            ]
            query = text(f'SELECT {", ".join(names)} FROM "{table}"')
            found[table] = [tuple(row) for row in connection.execute(query)]
    return found
