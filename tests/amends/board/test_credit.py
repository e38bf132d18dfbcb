"""Where is my credit: the page, the form and the API; and promises as clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.campaign import ActRow, Terms
from models.incident import Watch
from tests.amends.board.conftest import Clock, posts
from tests.factories import NOW

As = Callable[[str | None], TestClient]
HERE, API = "/i/discs-late/credit", "/api/incidents/discs-late"
FORM = {"text": "We are sorry.", "how": "link", "offers": "3 %\n24 cents\nStreaming: $5", "days": "7",
        "batches": "2026-03-04T09:00=12000", "once": "on", "bill_by": "2026-04-30"}  # fmt: skip
EVIL = "<script>alert(1)</script> {{ 7*7 }} \u202e"


@pytest.fixture
def board(as_: As, watch: Watch) -> As:
    """Return browsers on a board with an incident."""
    return as_


def kept(place: Place) -> list[Terms]:
    """Return the campaigns that are kept."""
    with place.store.read() as tx:
        return [row.terms for row in tx.campaigns.of(1)]


def test_a_lead_writes_it_down_and_everybody_sees_it(board: As, place: Place) -> None:
    """With its phase; the form comes back as it was meant, and saves the same."""
    bo = board("bo")
    assert bo.post(HERE, data=FORM).status_code == 303
    (terms,) = kept(place)
    assert terms.offers == {"": ("3 %", "24 cents"), "Streaming": ("$5",)} and terms.once
    text = board("eve").get(HERE).text
    assert "3 %, 24 cents; Streaming: $5" in text and "Inside the window" in text
    assert "Write down an offer" not in text

    form = bo.get(f"{HERE}/1").text
    assert "2026-03-04T09:00+0000=12000" in form and 'value="2026-04-30"' in form
    again = FORM | {"version": 0, "batches": "2026-03-04T09:00+0000=12000"}
    assert bo.post(f"{HERE}/1", data=again).status_code == 303
    assert kept(place) == [terms]
    late = bo.post(f"{HERE}/1", data=again | {"text": "Mine"})
    assert late.status_code == 409 and "Mine" in late.text and "has changed" in late.text
    assert bo.post(f"{HERE}/1", data={"version": 1, "do": "remove"}).status_code == 303
    assert kept(place) == []


@pytest.mark.parametrize(
    "wrong",
    [{"offers": "much"}, {"days": "x"}, {"bill_by": "soon"}, {"batches": "x=1"}, {"how": EVIL}],
)
def test_what_cant_be_meant_stays_in_the_form(
    board: As, place: Place, wrong: dict[str, str]
) -> None:
    """With a sentence; nothing is kept."""
    said = board("bo").post(HERE, data=FORM | wrong)
    assert said.status_code == 400 and "We are sorry." in said.text and "<script>" not in said.text
    assert kept(place) == []


@pytest.mark.parametrize("name", ["eve", "ana"])
def test_only_leads_write_it_down(board: As, place: Place, name: str) -> None:
    """The team reads it."""
    assert board(name).post(HERE, data=FORM).status_code == 403
    assert board(name).get(f"{HERE}/new").status_code == 403
    assert board(name).get(HERE).status_code == 200
    assert kept(place) == []


def test_requests_by_phase_and_by_what_they_ask(
    board: As, place: Place, watch: Watch, clock: Clock
) -> None:
    """Each with the reply that fits, who answers and by when; one of a phase that has passed says so."""
    board("bo").post(HERE, data=FORM)
    asks = ("credit_request", "credit_mail_missing")
    posts(place.store, watch, ("I never received that email", asks), author="dre")
    with place.store.begin() as tx:
        tx.replies.add("No mail", "Look at your account, {author}.", "credit_mail_missing", "bo", NOW,
                       "inside", owner="Post room <b>", within=30)  # fmt: skip
        tx.replies.add("Too late", "It is over.", "credit_request", "bo", NOW, "over")
    text = board("ana").get(HERE).text
    assert "Mail not received" in text and "Look at your account, {author}." in text
    assert "Post room &lt;b&gt;" in text and "label=credit_mail_missing&amp;since=" in text
    assert "It is over." not in text and "Since then" not in text
    found = {one["label"]: one for one in board("eve").get(f"{API}/credit").json()["requests"]}
    assert set(found) == {*asks} and found["credit_request"]["voices"] == 1
    assert (found["credit_mail_missing"]["owner"], found["credit_mail_missing"]["minutes"]) == (
        "Post room <b>", 30)  # fmt: skip
    clock.now += timedelta(days=9)
    text = board("ana").get(HERE).text
    assert "Since then it is “window over”" in text and ", late</time>" in text


def test_a_person_says_what_a_request_asks(board: As, place: Place, watch: Watch) -> None:
    """Where a credit is asked for, ten more labels can be pressed; one that holds stands with the others."""
    (asked,) = posts(place.store, watch, ("where is it", ("credit_request",)), author="dre")
    (other,) = posts(place.store, watch, ("it is down", ("complaint",)), author="cleo")
    ana = board("ana")
    page = ana.get(f"/i/discs-late/p/{asked}").text
    assert 'value="credit_link_dead:1"' in page
    assert "credit_link_dead:1" not in ana.get(f"/i/discs-late/p/{other}").text

    said = {"item": f"{asked}:0", "label": "credit_link_dead:1", "back": "/i/discs-late/queue"}
    assert ana.post("/i/discs-late/items/correct", data=said).status_code == 303
    assert 'value="credit_link_dead:0"' in ana.get(f"/i/discs-late/p/{asked}").text
    found = ana.get("/i/discs-late/queue?label=credit_link_dead&folded=0").text
    assert f'data-post="{asked}"' in found and f'data-post="{other}"' not in found


def test_a_saved_reply_says_who_answers(board: As, place: Place) -> None:
    """The form is filled from where it is missed; minutes are digits, or what was written stays."""
    bo = board("bo")
    form = bo.get("/replies/new?label=credit_how&phase=inside").text
    assert 'value="credit_how" selected' in form and 'value="inside" selected' in form
    said = {"title": "How", "text": "Click it.", "label": "credit_how", "phase": "inside",
            "owner": "Billing", "within": "45"}  # fmt: skip
    wrong = bo.post("/replies", data=said | {"within": "soon"})
    assert (
        wrong.status_code == 400
        and "no number of minutes" in wrong.text
        and "Billing" in wrong.text
    )
    assert bo.post("/replies", data=said).status_code == 303
    with place.store.read() as tx:
        (row,) = [one for one in tx.replies.every() if one.title == "How"]
    assert (row.owner, row.within) == ("Billing", 45)
    assert "answered by Billing; within 45 minutes" in bo.get("/replies").text


def test_what_people_say_was_offered(board: As, place: Place, watch: Watch) -> None:
    """Conflicts first, with their posts; a stranger's words are only words."""
    board("bo").post(HERE, data=FORM | {"text": EVIL, "who": EVIL})
    ids = posts(place.store, watch, (f"{EVIL} gave me a 9% credit", ()), ("3% credit", ()))
    page = board("ana").get(HERE).text
    assert "Not what was offered" in page and f'href="/i/discs-late/p/{ids[0]}"' in page
    assert "<script>alert" not in page and "\u202e" not in page
    said: dict[str, Any] = board("eve").get(f"{API}/credit").json()
    assert [(one["finding"], one["worth"], one["post_ids"]) for one in said["said"]] == [
        ("conflict", "9 %", [ids[0]]), ("agrees", "3 %", [ids[1]])]  # fmt: skip


def test_programs_write_it_down_too(board: As, place: Place) -> None:
    """All of a campaign in, all of it out; who was faster is told."""
    bo = board("bo")
    new = {"text": "Sorry", "how": "form", "offers": [{"worths": ["3%"]}, {"plan": "A", "worths": ["$5"]}],
           "batches": [{"at": "2026-03-04T09:00:00Z", "mails": 5}], "days": 7, "bill_by": "2026-04-30"}  # fmt: skip
    made = bo.post(f"{API}/campaigns", json=new)
    assert made.status_code == 201, made.text
    one = made.json()
    assert (one["phase"], one["closes"]) == ("inside", "2026-03-12T00:00:00Z")
    assert one["offers"] == [{"plan": "", "worths": ["3 %"]}, {"plan": "A", "worths": ["$5"]}]
    assert bo.put(f"{API}/campaigns/1", json=new | {"version": 0, "days": 8}).json()["days"] == 8
    assert bo.put(f"{API}/campaigns/1", json=new | {"version": 0}).status_code == 409
    assert (
        bo.post(f"{API}/campaigns", json=new | {"offers": [{"worths": ["much"]}]}).status_code
        == 400
    )
    assert [each["id"] for each in bo.get(f"{API}/credit").json()["campaigns"]] == [1]
    assert bo.delete(f"{API}/campaigns/1?version=1").status_code == 204
    assert kept(place) == []


def test_a_reply_is_for_a_phase(board: As, place: Place) -> None:
    """Or for any; for none that there isn't."""
    bo = board("bo")
    said = {"title": "Late", "text": "It is over.", "label": "credit_request", "phase": "over"}
    assert bo.post("/replies", data=said).status_code == 303
    assert "Window over" in bo.get("/replies").text
    assert bo.post("/replies", data=said | {"phase": "never"}).status_code == 400
    assert bo.get("/api/replies").json()["items"][0]["phase"] == "over"


def test_promises_are_clocks(board: As, place: Place, clock: Clock) -> None:
    """Found in what went out, due, then overdue, then kept and gone."""
    with place.store.begin() as tx:
        tx.acts.add(ActRow(incident_id=1, kind="status_update", text="Next update 14:40.", at=NOW,
                           by="ana", recorded_at=NOW))  # fmt: skip
    page = "/i/discs-late/acts"
    assert "due in 2 h 40 min" in board("eve").get(page).text
    clock.now += timedelta(hours=3)
    assert "overdue by 20 min" in board("eve").get(page).text
    with place.store.begin() as tx:
        tx.acts.add(ActRow(incident_id=1, kind="status_update", text="Fixed.", at=clock.now,
                           by="ana", recorded_at=clock.now))  # fmt: skip
    assert "overdue by" not in board("eve").get(page).text


def test_the_batch_that_said_it_stands_beside_what_wasnt_offered(
    board: As, place: Place, watch: Watch
) -> None:
    """With when it went out, and when it was set right; programs are told too."""
    board("bo").post(HERE, data=FORM)
    for hours, kind, text in (
        (3, "mail_batch", "9 % off your bill"),
        (1, "statement", "The mail said 9 % off."),
    ):
        at = NOW - timedelta(hours=hours)
        with place.store.begin() as tx:
            tx.acts.add(
                ActRow(incident_id=watch.incident_id, kind=kind, text=text, at=at, recorded_at=at)
            )
    posts(place.store, watch, ("they gave me a 9% credit", ()))
    page = board("ana").get(HERE).text
    assert "said by batch 1 of the mails" in page and "set right" in page
    (one,) = board("eve").get(f"{API}/credit").json()["said"]
    assert (one["origin"]["batch"], one["origin"]["named"]) == (1, True)
    assert one["origin"]["righted_at"] is not None
