"""Alarms on the board: a banner, a list, who looks after them, and the same for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from amends.board.place import Place
from models.alarm import AlarmRow
from models.incident import Watch
from tests.factories import NOW

As = Callable[[str | None], TestClient]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def alarm(place: Place, watch: Watch) -> AlarmRow:
    """Return an alarm that goes on."""
    return rings(place)


def rings(place: Place, **said: Any) -> AlarmRow:
    """Keep an alarm."""
    plain = {"incident_id": 1, "kind": "rise", "subject": "credit_request", "since": NOW,
             "opened_at": NOW, "why": f"Credit request: 30 voices {HOSTILE}", "recorded_at": NOW}  # fmt: skip
    with place.store.begin() as tx:
        return tx.alarms.open(AlarmRow(**(plain | said)))


def test_an_alarm_stands_above_and_in_the_list_until_it_is_over(
    place: Place, alarm: AlarmRow, as_: As
) -> None:
    """On the incident's page with its reason, and where everybody begins; then only as one that was."""
    eve = as_("eve")
    during, begin = eve.get("/i/discs-late").text, eve.get("/").text
    with place.store.begin() as tx:
        tx.alarms.end(tx.alarms.get(alarm.id or 0), NOW + timedelta(hours=1), NOW)
    after, later = eve.get("/i/discs-late").text, eve.get("/").text

    assert "In alarm</a>: credit request since 4 Mar 12:00." in during
    assert "Credit request: 30 voices" in during and HOSTILE not in during
    assert "in alarm: credit request" in begin
    assert "In alarm" not in after and "over since 4 March 2026, 13:00 UTC" in after
    assert "in alarm" not in later


def test_who_answers_may_say_that_they_look_after_it(
    place: Place, alarm: AlarmRow, as_: As
) -> None:
    """Whoever says so first does; who may only look sees no button."""
    assert "/ack" not in as_("eve").get("/i/discs-late").text
    assert "/ack" in as_("ana").get("/i/discs-late").text

    gone = as_("ana").post(f"/i/discs-late/alarms/{alarm.id}/ack")
    as_("bo").post(f"/i/discs-late/alarms/{alarm.id}/ack")
    page = as_("ana").get("/i/discs-late").text

    assert gone.status_code == 303 and gone.headers["location"] == "/i/discs-late#alarms"
    assert "(seen by ana)" in page and "/ack" not in page
    with place.store.read() as tx:
        assert [one.by for one in tx.audit.about(1, f"alarm:{alarm.id}")] == ["ana"]


def test_programs_see_and_acknowledge_the_same(place: Place, alarm: AlarmRow, as_: As) -> None:
    """What goes on and what is over, in order; and a figure for those who watch over us."""
    over = rings(place, kind="blind", subject="watch:1", ended_at=NOW, end_recorded_at=NOW)
    ana = as_("ana")

    on, off = (
        ana.get("/api/incidents/discs-late/alarms", params={"ended": ended}).json()["items"]
        for ended in ("false", "true")
    )
    acked = ana.post(f"/api/incidents/discs-late/alarms/{alarm.id}/ack").json()
    missing = ana.post("/api/incidents/discs-late/alarms/99/ack")
    figures = ana.get("/metrics").text

    assert [one["id"] for one in on] == [alarm.id] and [one["id"] for one in off] == [over.id]
    assert acked["acked_by"] == "ana" and acked["ended_at"] is None
    assert missing.status_code == 404
    assert 'amends_alarms{incident="discs-late",kind="rise"} 1' in figures
    assert 'amends_alarms{incident="discs-late",kind="blind"} 0' in figures
