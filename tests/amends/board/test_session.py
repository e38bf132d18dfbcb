"""How people get in and stay in: cookies, links, and what the clock makes of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from amends.board import board
from amends.board.place import Place
from models.person import IDLE, INVITED, SESSION, SessionRow, TokenRow
from models.store.people import digest_of
from tests.amends.board.conftest import ORIGIN, Clock
from tests.amends.board.logins import RIGHT, Browser, browsers, inside, log_in
from tests.battery import Record, tell, times


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    """Return a function that opens a browser somewhere; Ana and Bo have passwords."""
    with browsers(place) as opened:
        yield opened


def test_security_a_session_begins_with_the_right_password_and_ends_with_logout(
    browser: Browser, place: Place
) -> None:
    """The cookie is new, out of scripts' reach, and worth nothing after the logout."""
    client = browser()
    assert log_in(client, password="something else entirely") == 401
    assert not inside(client)

    answer = client.post("/login", data={"name": "Ana", "password": RIGHT, "to": "/people?x=1"})
    cookie = client.cookies["amends"]
    flags = answer.headers["set-cookie"].lower()

    assert (answer.status_code, answer.headers["location"]) == (303, "/people?x=1")
    assert "httponly" in flags and "samesite=lax" in flags and "path=/" in flags
    assert "domain" not in flags and "secure" not in flags
    assert inside(client)
    with place.store.read() as tx:
        assert [row.digest for row in tx.session.exec(select(SessionRow))] == [digest_of(cookie)]
    assert client.post("/logout").headers["location"] == "/login"
    client.cookies.set("amends", cookie)
    assert not inside(client)


def test_security_over_https_only_the_cookie_nobody_else_can_set_counts(browser: Browser) -> None:
    """A neighbouring name can set `amends`, but not `__Host-amends`."""
    client, thief = browser(url="https://testserver"), browser(url="https://testserver")
    answer = client.post("/login", data={"name": "ana", "password": RIGHT})

    flags = answer.headers["set-cookie"].lower()
    assert flags.startswith("__host-amends=") and "; secure" in flags and "httponly" in flags
    assert answer.headers["strict-transport-security"]
    assert inside(client)
    thief.cookies.set("amends", client.cookies["__Host-amends"])
    assert not inside(thief)


def test_security_a_session_set_from_outside_is_never_taken_over(
    browser: Browser, place: Place
) -> None:
    """Fixation: what a browser brought before is neither kept nor valid after the login."""
    client, thief = browser(), browser()
    log_in(thief, "bo")
    planted = thief.cookies["amends"]
    for brought in (planted, "known-to-the-thief"):
        client.cookies.clear()
        client.cookies.set("amends", brought)
        fresh = client.post("/login", data={"name": "ana", "password": RIGHT}).cookies["amends"]
        assert fresh not in (brought, planted)
        thief.cookies.clear()
        thief.cookies.set("amends", brought)
        assert not inside(thief)


def test_security_forged_and_stale_cookies_let_nobody_in(
    browser: Browser, place: Place, clock: Clock, record_property: Record
) -> None:
    """None of: made up, cut, joined, a digest, another kind of secret, ended, idle too long."""
    client = browser()
    log_in(client)
    real = client.cookies["amends"]
    with place.store.begin() as tx:
        bo = tx.people.named("bo")
        _, token = tx.people.grant(bo, "t", "write", place.now(), place.now() + timedelta(days=9))
        link = tx.people.invite(bo, place.now())
    forged = [real[:-1], real + "A", real.lower(), real[::-1], digest_of(real), token, link,
              "", "0", "null", "' OR 1=1 --", "%00", "ana", "admin", "../../ana"]  # fmt: skip
    forged += [secrets.token_urlsafe(32) for _ in range(times(1000))]
    stranger = browser()
    accepted = 0
    for cookie in forged:
        headers = {"cookie": f'amends="{cookie}"'} if '"' not in cookie else {}
        accepted += stranger.get("/", headers=headers).status_code == 200

    clock.now += IDLE - timedelta(minutes=1)
    assert inside(client)
    clock.now += IDLE + timedelta(seconds=1)
    accepted += inside(client)
    tell(record_property, f"{len(forged) + 1} forged and stale cookies: {accepted} accepted")
    assert accepted == 0


def test_security_a_session_ends_after_a_fortnight_however_busy(
    browser: Browser, clock: Clock
) -> None:
    """Being used keeps it alive, but not for ever."""
    client = browser()
    log_in(client)
    begun = clock.now
    while clock.now - begun <= SESSION - timedelta(hours=11):
        assert inside(client)
        clock.now += timedelta(hours=11)
    # Used a moment ago, so that it isn't for want of use that it ends.
    assert inside(client)
    clock.now = begun + SESSION + timedelta(seconds=1)
    assert not inside(client)


def test_being_here_is_written_down_once_a_minute(
    browser: Browser, place: Place, clock: Clock
) -> None:
    """For sessions and tokens alike."""
    client, program = browser(), browser()
    log_in(client)
    with place.store.begin() as tx:
        until = clock.now + timedelta(days=1)
        _, token = tx.people.grant(tx.people.named("bo"), "t", "read", clock.now, until)

    def noted() -> tuple[object, object]:
        inside(client)
        program.get("/", headers={"authorization": f"Bearer {token}"})
        with place.store.read() as tx:
            session = tx.session.exec(select(SessionRow)).one()
            return session.seen_at, tx.session.exec(select(TokenRow)).one().used_at

    first = clock.now
    assert noted() == (first, first)
    clock.now += timedelta(seconds=59)
    assert noted() == (first, first)
    clock.now += timedelta(seconds=1)
    assert noted() == (clock.now, clock.now)


def test_a_page_is_shown_while_somebody_else_writes(
    browser: Browser, place: Place, clock: Clock
) -> None:
    """That somebody is here can't be noted just now, and nobody has to wait for it."""
    client = browser()
    log_in(client)
    clock.now += timedelta(minutes=5)
    with place.store.begin():
        assert inside(client)


@pytest.mark.parametrize("did", ["role", "password", "disable"])
def test_security_a_change_of_the_person_ends_all_sessions(
    browser: Browser, place: Place, did: str
) -> None:
    """Whoever has another role or password logs in anew; whoever is disabled can't, token or not."""
    client, admin = browser(), browser()
    log_in(client), log_in(admin, "bo")
    with place.store.begin() as tx:
        ana = tx.people.named("ana")
        until = place.now() + timedelta(days=9)
        _, token = tx.people.grant(ana, "t", "read", place.now(), until)
        number, link = ana.id, tx.people.invite(ana, place.now())
    if did == "password":
        other = browser()
        other.post(f"/invitation/{link}", data={"password": "a new one for the week"})
        assert not inside(client)
        assert log_in(client) == 401
        assert log_in(client, password="a new one for the week") == 303
        return
    form = {"role": "lead"} if did == "role" else {}
    assert admin.post(f"/people/{number}/{did}", data=form).status_code == 303
    assert not inside(client)
    assert log_in(client) == (303 if did == "role" else 401)
    program = browser().get("/", headers={"authorization": f"Bearer {token}"})
    assert program.status_code == (200 if did == "role" else 303)
    assert browser().get(f"/invitation/{link}").status_code == (200 if did == "role" else 410)


def test_security_who_is_let_in_again_brings_nothing_of_before(
    browser: Browser, place: Place
) -> None:
    """Neither the old password nor a token nor a link of then; only the new link lets them in."""
    client, admin = browser(), browser()
    log_in(client), log_in(admin, "bo")
    with place.store.begin() as tx:
        ana = tx.people.named("ana")
        _, token = tx.people.grant(ana, "t", "read", place.now(), place.now() + timedelta(days=9))
        number, old = ana.id, tx.people.invite(ana, place.now())
    admin.post(f"/people/{number}/disable")
    page = admin.post(f"/people/{number}/enable").text
    new = re.findall(r"/invitation/([\w-]+)", page)[0]
    assert log_in(client) == 401 and not inside(client)
    assert browser().get("/", headers={"authorization": f"Bearer {token}"}).status_code == 303
    assert browser().get(f"/invitation/{old}").status_code == 410
    browser().post(f"/invitation/{new}", data={"password": "a new one for the week"})
    assert log_in(client, password="a new one for the week") == 303


def test_security_a_password_by_link_ends_what_was_open(browser: Browser, place: Place) -> None:
    """Whoever was in with the old one is out; the link is good once, and for two days."""
    old, new, late = browser(), browser(), browser()
    log_in(old)
    with place.store.begin() as tx:
        link = tx.people.invite(tx.people.named("ana"), place.now())
    assert new.get(f"/invitation/{link}").status_code == 200
    assert new.post(f"/invitation/{link}", data={"password": "ana"}).status_code == 400
    form = {"password": "twelve slow herons"}
    answer = new.post(f"/invitation/{link}", data=form)

    assert answer.status_code == 303 and inside(new) and not inside(old)
    assert late.post(f"/invitation/{link}", data=form).status_code == 410
    assert not inside(late)


def test_security_a_link_ends_by_the_clock(browser: Browser, place: Place, clock: Clock) -> None:
    """After two days it opens nothing."""
    with place.store.begin() as tx:
        link = tx.people.invite(tx.people.named("ana"), place.now())
    clock.now += INVITED
    answer = browser().post(f"/invitation/{link}", data={"password": "twelve slow herons"})
    assert answer.status_code == 410


@pytest.mark.parametrize("to", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:x",
    "/\t/evil.example", "/\n/evil.example", " //evil.example", "/%09/..//evil.example\r\n", "evil",
    "", "http:/evil.example", "/ok\r\nset-cookie: a=b",
])  # fmt: skip
def test_security_a_login_leads_nowhere_else(browser: Browser, to: str) -> None:
    """No open redirect: whatever isn't plainly a page of ours becomes the front page."""
    client = browser()
    answer = client.post("/login", data={"name": "ana", "password": RIGHT, "to": to})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "a" not in answer.cookies


def test_a_board_for_one_asks_for_a_login_once_there_are_people(
    place: Place, watch: object
) -> None:
    """It is open on this machine's own names alone, and only until somebody is added."""
    from msgspec.structs import replace

    app = board(replace(place, single="ana"))
    with TestClient(app, base_url="http://127.0.0.1:8323", headers=ORIGIN) as client:
        assert client.get("/people").status_code == 200
        for headers in ({"host": "evil.example"}, {"host": "127.0.0.1.evil.example"},
                        {"host": "[x"}, {"x-forwarded-for": "10.0.0.1"}, {"via": "1.1 proxy"}):  # fmt: skip
            assert client.get("/", headers=headers).status_code == 403
        first = client.post("/people", data={"name": "bo", "role": "admin"})
        assert "/invitation/" in first.text
        assert client.get("/people", follow_redirects=False).status_code == 303
