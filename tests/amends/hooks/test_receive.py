"""Who may call and who may not, and that nobody is turned away whom that would switch off."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.place import Place
from models.home import Secrets
from models.store import Store
from tests.amends.board.conftest import Clock, as_, clock, place, watch  # noqa: F401
from tests.amends.hooks.test_kinds import FOLDER
from tests.slots import odd

SECRET = odd("monitor's signing secret")


def body(kind: str, name: str = "down") -> bytes:
    """Return a recorded call."""
    return (FOLDER / kind / f"{name}.json").read_bytes()


Adds = Callable[..., str]


@pytest.fixture
def add(place: Place) -> Adds:  # noqa: F811
    """Return a function that lets a monitor call, and gives the secret of its address."""

    def added(name: str, kind: str, **settings: str) -> str:
        with place.store.begin() as tx:
            _, secret = tx.monitors.add(name, kind, company="Reelpost", tz="UTC", terms=[],
                                        watches=[], settings=settings, now=place.now())  # fmt: skip
        return secret

    return added


@pytest.fixture
def caller(place: Place) -> TestClient:  # noqa: F811
    """Return somebody outside, who knows nothing but what they are told."""
    named = {f"AMENDS_HOOK_{name}": SECRET for name in ("PD", "SIGNED")}
    return TestClient(board(msgspec.structs.replace(place, secrets=Secrets(named))))


def alerts(store: Store) -> list[tuple[str, str]]:
    """Return what is kept: who said it, and what."""
    with store.read() as tx:
        return [(name, one.state) for one, name in tx.alerts.newest(100)]


def signed(said: bytes, secret: str = SECRET) -> dict[str, str]:
    """Return the header PagerDuty signs with, beside one made with the secret before."""
    ours = hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
    return {"x-pagerduty-signature": f"v1={'0' * 64},v1={ours}"}


def test_four_payloads_open_one_incident(
    place: Place, add: Adds, caller: TestClient  # noqa: F811
) -> None:  # fmt: skip
    """A status page by its address, PagerDuty signed, Alertra as JSON and as its older callback."""
    status, alertra, old = (
        add("status", "statuspage"), add("al", "alertra"), add("old", "alertra")
    )  # fmt: skip
    add("pd", "pagerduty")
    query = (FOLDER / "alertra" / "callback.txt").read_text()
    page_duty = body("pagerduty")
    answers = [
        caller.post(f"/hooks/status/{status}", content=body("statuspage")),
        caller.post("/hooks/pd", content=page_duty, headers=signed(page_duty)),
        caller.post(f"/hooks/al/{alertra}", content=body("alertra")),
        caller.get(f"/hooks/old/{old}?{query}"),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.json()["opened"] is not None for answer in answers] == [
        True,
        False,
        False,
        False,
    ]
    with place.store.read() as tx:
        assert len(tx.incidents.every()) == 1
    again = caller.post("/hooks/pd", content=page_duty, headers=signed(page_duty))
    assert again.json() == {"new": 0, "opened": None}


@pytest.mark.parametrize("forged", [
    {}, {"x-pagerduty-signature": ""}, {"x-pagerduty-signature": "v1="},
    {"x-pagerduty-signature": "v0=" + "a" * 64}, signed(b"another body"), signed(body("pagerduty"), ""),
    signed(body("pagerduty"), "another secret"), {"authorization": f"Bearer {SECRET}"},
    {"authorization": "Basic !!!"}, {"x-pagerduty-signature": "v1=é".encode("latin-1").decode("latin-1")},
])  # fmt: skip
def test_a_forged_signature_is_401(
    place: Place, add: Adds, caller: TestClient, forged: dict[str, str]  # noqa: F811
) -> None:  # fmt: skip
    """And nothing of it is kept; the secret of the address is none for one that signs."""
    secret = add("pd", "pagerduty")
    headers = {name: value.encode("latin-1") for name, value in forged.items()}
    for path in ("/hooks/pd", f"/hooks/pd/{secret}"):
        answer = caller.post(path, content=body("pagerduty"), headers=headers)
        assert answer.status_code == 401
    assert alerts(place.store) == []


def test_an_address_without_its_secret_is_401(
    place: Place, add: Adds, caller: TestClient  # noqa: F811
) -> None:  # fmt: skip
    """Whether there is such a monitor or not, nobody is told; one that was removed is none."""
    secret = add("status", "statuspage")
    said = body("statuspage")
    paths = [
        "/hooks/status",
        "/hooks/status/x",
        f"/hooks/stati/{secret}",
        "/hooks/none",
        "/hooks/pd",
    ]
    answers = [caller.post(path, content=said) for path in paths]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert caller.post(f"/hooks/status/{secret}", content=said).status_code == 200
    with place.store.begin() as tx:
        tx.monitors.remove("status", place.now())
    assert caller.post(f"/hooks/status/{secret}", content=said).status_code == 401


@pytest.mark.parametrize("way", ["bearer", "basic"])
def test_the_secret_may_come_in_a_header(
    place: Place, add: Adds, caller: TestClient, way: str  # noqa: F811
) -> None:  # fmt: skip
    """As a token, or as the password of whatever name: what Alertmanager and Grafana can send."""
    secret = add("am", "alertmanager")
    if way == "bearer":
        answer = caller.post("/hooks/am", content=body("alertmanager"),
                             headers={"authorization": f"Bearer {secret}"})  # fmt: skip
    else:
        answer = caller.post("/hooks/am", content=body("alertmanager"), auth=("amends", secret))
    assert answer.json()["new"] == 2
    assert alerts(place.store) == [("am", "down")] * 2


@pytest.mark.parametrize(("late", "good"), [(0, True), (200, True), (400, False), (-400, False)])
def test_grafana_signs_with_a_time(
    place: Place, add: Adds, caller: TestClient, late: int, good: bool  # noqa: F811
) -> None:  # fmt: skip
    """Five minutes off at most; with a secret to sign with, the address alone no longer counts."""
    secret = add("signed", "grafana", timestamp="X-Time")
    said, stamp = body("grafana"), str(int((place.now() - timedelta(seconds=late)).timestamp()))
    ours = hmac.new(SECRET.encode(), f"{stamp}:".encode() + said, hashlib.sha256).hexdigest()
    headers = {"x-time": stamp, "x-grafana-alerting-signature": ours}
    answer = caller.post("/hooks/signed", content=said, headers=headers)
    assert answer.status_code == (200 if good else 401)
    assert caller.post(f"/hooks/signed/{secret}", content=said).status_code == 401


@pytest.mark.parametrize("said", [
    b"", b"{", b"null", b"[]", b'{"event":{"event_type":"service.created","id":"E9"}}', b"\xff\xfe",
    b'{"event":{"event_type":"incident.custom_field_values.updated","id":"E8","data":null}}',
])  # fmt: skip
def test_what_we_dont_know_is_kept_as_a_note(
    place: Place, add: Adds, caller: TestClient, said: bytes  # noqa: F811
) -> None:  # fmt: skip
    """And answered with 200: three times 400, and PagerDuty would switch us off for a day."""
    add("pd", "pagerduty")
    answer = caller.post("/hooks/pd", content=said, headers=signed(said))
    assert (answer.status_code, answer.json()) == (200, {"new": 1, "opened": None})
    assert alerts(place.store) == [("pd", "note")]


def test_too_much_is_refused_and_a_full_megabyte_taken(
    place: Place, add: Adds, caller: TestClient  # noqa: F811
) -> None:  # fmt: skip
    """A megabyte, and no more, whether its length is said or not."""
    secret = add("status", "statuspage")
    whole = b" " * (1024 * 1024 - len(body("statuspage"))) + body("statuspage")
    assert caller.post(f"/hooks/status/{secret}", content=whole).status_code == 200
    assert caller.post(f"/hooks/status/{secret}", content=whole + b" ").status_code == 413
    parts = (whole[at : at + 65_536] for at in range(0, len(whole), 65_536))
    unsaid = (part for part in [*parts, b" "])
    assert caller.post(f"/hooks/status/{secret}", content=unsaid).status_code == 413
    assert sorted(alerts(place.store)) == [("status", "down"), ("status", "note")]


@pytest.mark.sqlite("only SQLite has but one writer")
def test_while_the_database_is_busy_they_are_asked_to_come_again(
    place: Place, add: Adds, caller: TestClient  # noqa: F811
) -> None:  # fmt: skip
    """503 and when; then the same call is kept. It is the one answer after which all try again."""
    secret = add("status", "statuspage")
    store = Store.open(str(place.store.engine.url))
    done, begun = threading.Event(), threading.Event()

    def write() -> None:
        with store.begin() as tx:
            tx.people.anybody()
            begun.set()
            done.wait(30)

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(10)
    try:
        answer = caller.post(f"/hooks/status/{secret}", content=body("statuspage"))
    finally:
        done.set()
        writer.join()
        store.close()
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert caller.post(f"/hooks/status/{secret}", content=body("statuspage")).json()["opened"]


def test_the_incident_page_shows_what_they_say(
    place: Place, add: Adds, caller: TestClient, as_: Callable[[str], TestClient]  # noqa: F811
) -> None:  # fmt: skip
    """How each thing stands, with markup as text; and programs can read it all."""
    secret = add("belts", "json")
    for state, at in (("down", "11:00"), ("up", "11:30"), ("down", "11:50")):
        said = {
            "id": "b1",
            "status": state,
            "name": "<b>Belt</b>",
            "timestamp": f"2026-03-04T{at}Z",
        }
        caller.post(f"/hooks/belts/{secret}", json=said)
    shown = as_("eve").get("/i/b-belt-b")
    assert (
        shown.text.count("&lt;b&gt;Belt&lt;/b&gt;</span> <span") == 1
        and "<b>Belt" not in shown.text
    )
    told = as_("eve").get("/api/incidents/b-belt-b/alerts?limit=2").json()
    rest = as_("eve").get(f"/api/incidents/b-belt-b/alerts?after={told['next']}").json()
    states = [one["state"] for one in told["items"] + rest["items"]]
    assert states == ["down", "up", "down"] and rest["next"] is None
