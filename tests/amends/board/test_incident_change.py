"""Incidents opened, edited, moved on and closed from the board, by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.incident import IncidentRow, Watch
from tests.factories import NOW

As = Callable[[str | None], TestClient]

OPENED = {"title": "TV is black", "company": "Reelpost", "terms": "reelpost, @reelpost\nblack tv",
          "tz": "America/Chicago", "began": "2026-03-04T05:30"}  # fmt: skip


def found(place: Place, slug: str = "discs-late") -> IncidentRow:
    """Return an incident as it is kept."""
    with place.store.read() as tx:
        return tx.incidents.find(slug)


def form(browser: TestClient, path: str = "/i/discs-late/edit") -> dict[str, str]:
    """Return the form as the page shows it."""
    page = browser.get(path).text
    said = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    return said | dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)<', page))


def did(place: Place) -> list[tuple[str, str]]:
    """Return what the audit trail says was done, and by whom."""
    with place.store.read() as tx:
        rows = tx.audit.of(1, NOW - timedelta(days=1), NOW + timedelta(days=1))
        return [(row.did, row.by) for row in rows]


def test_a_lead_opens_one(place: Place, as_: As) -> None:
    """And goes on to choose where to listen."""
    answer = as_("bo").post("/incidents/open", data=OPENED)

    assert (answer.status_code, answer.headers["location"]) == (303, "/i/tv-is-black/watches/add")
    row = found(place, "tv-is-black")
    assert (row.title, row.tz, row.terms) == (
        "TV is black", "America/Chicago", ["reelpost", "@reelpost", "black tv"])  # fmt: skip
    assert row.began == NOW - timedelta(minutes=30) and did(place) == [("opened", "bo")]


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"title": " \x00 "}, "the title is empty"),
        ({"company": ""}, "the company is empty"),
        ({"tz": "Mars/Olympus"}, "no time zone"),
        ({"began": "soonish"}, "isn&#39;t a time"),
        ({"terms": ",".join(map(str, range(99)))}, "too many terms"),
    ],
)
def test_what_is_odd_is_said_and_nothing_is_lost(
    place: Place, as_: As, odd: dict[str, str], why: str
) -> None:
    """The form comes back as it was filled in."""
    answer = as_("bo").post("/incidents/open", data=OPENED | odd)

    assert answer.status_code == 400 and why in answer.text
    assert "America/Chicago" in answer.text or "tz" in odd
    with place.store.read() as tx:
        assert tx.incidents.every() == []


def test_a_lead_edits_all_of_it(place: Place, watch: Watch, as_: As) -> None:
    """Times are local; what wasn't touched stays exact."""
    exact = found(place).began
    browser = as_("bo")
    changes = {"title": "Discs very late", "tz": "Europe/Berlin", "terms": "discs\nreelpost",
               "look_within": "15", "answer_within": "60", "hours": "Mon-Fri 08:00-20:00",
               "next_update_at": "2026-03-04T15:00"}  # fmt: skip

    assert browser.post("/i/discs-late/edit", data=form(browser) | changes).status_code == 303

    row = found(place)
    assert (row.title, row.terms, row.look_within, row.answer_within, row.hours) == (
        "Discs very late", ["discs", "reelpost"], 15, 60, "Mon-Fri 08:00-20:00")  # fmt: skip
    assert row.next_update_at == NOW + timedelta(hours=2) and row.began == exact
    assert form(browser)["next_update_at"] == "2026-03-04T15:00"
    browser.post("/i/discs-late/edit", data=form(browser) | {"next_update_at": ""})
    assert found(place).next_update_at is None
    assert did(place) == [("edited", "bo")] * 2


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"hours": "whenever"}, "says no hours of work"),
        ({"look_within": "0"}, "looked at within 0 minutes"),
        ({"title": ""}, "the title is empty"),
        ({"next_update_at": "soon"}, "isn&#39;t a time"),
    ],
)
def test_an_edit_is_whole_or_not_at_all(
    place: Place, watch: Watch, as_: As, odd: dict[str, str], why: str
) -> None:
    """One odd field, and the others stay as they were too."""
    browser = as_("bo")

    answer = browser.post("/i/discs-late/edit", data=form(browser) | {"company": "Else"} | odd)

    assert answer.status_code == 400 and why in answer.text
    assert found(place).company == "Reelpost" and did(place) == []


def test_of_two_who_edit_one_wins(place: Place, watch: Watch, as_: As) -> None:
    """The other hears who was faster, and overwrites nothing."""
    browser, other = as_("bo"), as_("root")
    mine, theirs = form(browser), form(other)
    other.post("/i/discs-late/edit", data=theirs | {"title": "Hers"})

    answer = browser.post("/i/discs-late/edit", data=mine | {"title": "His"})

    assert answer.status_code == 409 and "root changed this incident" in answer.text
    assert found(place).title == "Hers"


def test_closing_stops_and_reopening_goes_on(place: Place, watch: Watch, as_: As) -> None:
    """A closed incident isn't among those that rounds are made for; the page says so."""

    def heard() -> list[str]:
        with place.store.read() as tx:
            return [row.slug for row in tx.gauges.open_incidents()]

    browser = as_("bo")
    assert browser.post("/i/discs-late/close").status_code == 303
    assert heard() == [] and found(place).status == "resolved"
    assert "Closed on 4 March 2026" in browser.get("/i/discs-late").text

    browser.post("/i/discs-late/reopen")
    assert heard() == ["discs-late"] and found(place).closed_at is None
    assert [name for name, _ in did(place)] == ["closed", "reopened"]


def test_a_status_is_one_of_four(place: Place, watch: Watch, as_: As) -> None:
    """Anything else changes nothing."""
    browser = as_("bo")

    assert browser.post("/i/discs-late/status", data={"to": "monitoring"}).status_code == 303
    assert browser.post("/i/discs-late/status", data={"to": "fine"}).status_code == 400

    assert found(place).status == "monitoring" and did(place) == [("status", "bo")]
    assert "status: monitoring" in browser.get("/i/discs-late").text


@pytest.mark.parametrize("who", ["eve", "ana", None])
@pytest.mark.parametrize("path", [
    "/incidents/open", "/i/discs-late/edit", "/i/discs-late/status", "/i/discs-late/close",
    "/i/discs-late/reopen", "/i/discs-late/watches/add", "/i/discs-late/paste",
    *(f"/i/discs-late/watches/1/{deed}" for deed in ("pause", "resume", "remove", "change")),
])  # fmt: skip
def test_who_leads_nothing_changes_nothing(
    place: Place, watch: Watch, as_: As, who: str | None, path: str
) -> None:
    """Whatever they send; and they are shown no button for it."""
    browser = as_(who)

    answer = browser.post(path, data={"to": "monitoring", "do": "save", "text": "x", "seen": ""})

    assert answer.status_code == (401 if who is None else 403)
    assert did(place) == []
    if who is not None:
        assert path not in browser.get("/i/discs-late").text


def test_nothing_changes_by_looking(place: Place, watch: Watch, as_: As) -> None:
    """An address somebody is lured to does nothing."""
    browser = as_("bo")
    for path in ("close", "reopen", "status", "watches/1/pause", "watches/1/remove"):
        assert browser.get(f"/i/discs-late/{path}").status_code in (404, 405)
    assert did(place) == []
