"""Writes come from our own pages or from a program with a token, and are no larger than need be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.guard import HEADERS, HOOKS, LARGEST, SMALL
from amends.board.place import Place
from models.incident import Watch
from tests.amends.board.conftest import ORIGIN
from tests.amends.board.doors import WRITES, knock, ways
from tests.amends.board.test_doors import KNOWN, everything
from tests.battery import Record, tell

FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "a neighbouring name": {"sec-fetch-site": "same-site", "origin": "http://www.testserver"},
    "typed or from a mail": {"sec-fetch-site": "none"},
    "another site, by an old browser": {"origin": "https://evil.example"},
    "a sandboxed frame": {"origin": "null"},
    "an old browser that says nothing": {},
    "a name that begins like ours": {"origin": "http://testserver.evil.example"},
    "our name, another port": {"origin": "http://testserver:8080"},
}
ODD: dict[str, dict[str, str]] = {
    "only a referrer": {"referer": "http://testserver/"},
    "no address at all": {"origin": "http://["},
    "a token beside the cookie": {"authorization": "Bearer x"},
    "two words": {"sec-fetch-site": "same-origin, cross-site"},
    "our name as a user": {"origin": "http://testserver@evil.example"},
}


@pytest.fixture
def app(place: Place, watch: Watch) -> FastAPI:
    """Return a board with an admin and an incident."""
    with place.store.begin() as tx:
        tx.people.add("root", "admin", place.now())
    return board(place)


@pytest.fixture
def cookie(app: FastAPI, place: Place) -> dict[str, str]:
    """Return what an admin's browser brings along, wherever the request was made."""
    with place.store.begin() as tx:
        return {"cookie": f"amends={tx.people.log_in(tx.people.named('root'), place.now())}"}


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Return a browser that nobody is logged in to."""
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as opened:
        yield opened


def test_security_no_other_site_can_write(
    app: FastAPI, place: Place, cookie: dict[str, str], record_property: Record
) -> None:
    """Whatever a foreign page makes an admin's browser send is turned away, and changes nothing."""
    routes = [way for way in ways(app.routes) if way.method in WRITES]
    sets = FOREIGN | ODD
    before, let_in = everything(place), []
    for way in routes:
        for name, headers in sets.items():
            # At a hook no cookie counts, so that there is nothing to borrow.
            turned_away = 401 if way.path.startswith(HOOKS) else 403
            answer = knock(app, way.method, way.filled(**KNOWN), cookie | headers)
            if answer.status != turned_away:
                let_in.append((way.method, way.path, name))
    tell(record_property, f"{len(routes)} writes x {len(sets)} header sets: {len(let_in)} let in")
    assert not let_in, "\n".join(map(str, let_in))
    assert everything(place) == before


@pytest.mark.parametrize("headers", [
    {"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"},
    {"sec-fetch-site": "same-origin", "origin": "null"},
])  # fmt: skip
def test_our_own_pages_can_write(
    app: FastAPI, cookie: dict[str, str], headers: dict[str, str]
) -> None:
    """By what new browsers say, and by what old ones say."""
    assert knock(app, "POST", "/logout", cookie | headers).status == 303


def test_security_over_https_a_page_without_it_is_foreign(app: FastAPI, place: Place) -> None:
    """Whoever sits on the wire can make such a page under our name."""
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as client:
        form = {"name": "root", "password": "wrong"}
        for origin, status in (("http://testserver", 403), ("https://testserver", 401)):
            assert (
                client.post("/login", data=form, headers={"origin": origin}).status_code == status
            )


def test_security_a_token_speaks_for_itself_but_not_beside_a_cookie(
    app: FastAPI, place: Place, cookie: dict[str, str]
) -> None:
    """A program needs no origin; a browser that brings a cookie too is checked like any other."""
    with place.store.begin() as tx:
        root, until = tx.people.named("root"), place.now() + timedelta(days=1)
        _, secret = tx.people.grant(root, "t", "write", place.now(), until)
    bearer = {"authorization": f"Bearer {secret}"}
    assert knock(app, "POST", "/people/999999/disable", bearer).status == 404
    assert knock(app, "POST", "/people/999999/disable", bearer | cookie).status == 403
    basic = {"authorization": "Basic cm9vdDp4"}
    assert knock(app, "POST", "/people/999999/disable", basic).status == 403


def test_security_headers_stand_on_every_answer(client: TestClient, app: FastAPI) -> None:
    """On pages, files, refusals, what isn't there, and when something breaks."""

    @app.get("/breaks")
    def breaks() -> None:
        {}["a secret"]

    for method, path, status in (
        ("GET", "/login", 200), ("GET", "/static/board.css", 200), ("GET", "/nowhere", 404),
        ("POST", "/login", 403), ("PUT", "/login", 403), ("GET", "/", 303), ("GET", "/breaks", 500),
        ("GET", "/api/nowhere", 404), ("GET", "/healthz", 503),
    ):  # fmt: skip
        answer = client.request(method, path)
        assert answer.status_code == status, path
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
        assert "a secret" not in answer.text and "Traceback" not in answer.text
    assert client.get("/login").headers["cache-control"] == "no-store"
    assert "unsafe" not in HEADERS["content-security-policy"]


def test_security_a_stranger_cant_send_much(
    client: TestClient, app: FastAPI, cookie: dict[str, str]
) -> None:
    """Not by the length it gives, not without one, not by a lie; and nobody can send more than all."""

    def parts() -> Iterator[bytes]:
        for _ in range(4):
            yield b"x" * (SMALL // 2)

    form = {"content-type": "application/x-www-form-urlencoded"} | ORIGIN
    assert client.post("/login", content=b"x" * (SMALL + 1), headers=form).status_code == 413
    assert client.post("/login", content=parts(), headers=form).status_code == 413
    known = form | cookie
    assert client.post("/people", content=b"x" * (SMALL + 1), headers=known).status_code == 422
    for length in (str(LARGEST + 1), "-1", "1e3"):
        assert knock(app, "POST", "/people", known | {"content-length": length}).status == 413
    lies = form | {"content-length": "1"}
    assert knock(app, "POST", "/login", lies, b"x" * (SMALL + 1)).status == 413
