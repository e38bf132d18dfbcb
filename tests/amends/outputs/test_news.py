"""Alarms, new incidents and the line for whoever leads reach those who are to be told, each once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from amends import course
from amends.outputs.event import Event, Line
from amends.outputs.news import tell_news
from amends.outputs.settings import Folder, Outputs
from models.alarm import AlarmRow
from models.store import Store
from tests.amends.goldens import STYLES
from tests.factories import NOW, a_watch

EVERYTHING = Outputs(
    named={"chat": Folder(folder="x"), "phone": Folder(folder="y")},
    routes={"alarm": ("phone", "chat"), "incident": ("chat",), "line": ("chat",)},
    board="https://amends.reelpost.example",
)


def only(*kinds: str) -> Outputs:
    """Return outputs that are told these kinds of news alone."""
    routes = {kind: EVERYTHING.routes[kind] for kind in kinds}
    return msgspec.structs.replace(EVERYTHING, routes=routes)


def look(store: Store, outputs: Outputs, at: datetime = NOW) -> list[Event]:
    """Look for news."""
    return tell_news(store, outputs, STYLES, at)


def waiting(store: Store) -> list[tuple[str, str]]:
    """Return what waits, and for whom."""
    with store.read() as tx:
        return sorted((row.event_id, row.destination) for row in tx.outbox.rows(100))


def rings(store: Store, **said: Any) -> int:
    """Let complaints be in alarm."""
    plain = {"incident_id": 1, "kind": "rise", "subject": "complaint", "since": NOW,
             "opened_at": NOW, "recorded_at": NOW, "why": "Complaint: 57 voices where 9 are usual"}  # fmt: skip
    with store.begin() as tx:
        row = tx.alarms.open(AlarmRow(**(plain | said)))
    assert row is not None
    return row.id or 0


def test_an_alarm_is_told_once_and_its_end_too(store: Store) -> None:
    """However often somebody looks; to everybody who is to be told."""
    a_watch(store)
    number = rings(store)
    assert [one.id for one in look(store, only("alarm"))] == [f"alarm.discs-late.{number}.opened"]
    assert look(store, only("alarm"), NOW + timedelta(hours=1)) == []
    with store.begin() as tx:
        row = tx.incidents.find("discs-late")
        course.closed(tx, row, by="ana", now=NOW + timedelta(hours=2))
    ended = look(store, only("alarm"), NOW + timedelta(hours=2))
    assert [one.id for one in ended] == [f"alarm.discs-late.{number}.ended"]
    assert len(waiting(store)) == 4


def test_what_happened_long_before_is_no_news(store: Store) -> None:
    """Outputs that are named today aren't told of last week."""
    a_watch(store)
    rings(store)
    assert look(store, EVERYTHING, NOW + timedelta(days=7)) != []
    assert [one[0].partition(".")[0] for one in waiting(store)] == ["line"]


def test_who_isnt_to_be_told_isnt(store: Store) -> None:
    """Without a route nothing is written."""
    a_watch(store)
    rings(store)
    assert look(store, only()) == [] and waiting(store) == []


def test_a_new_incident_names_who_opened_it_and_where_it_listens(store: Store) -> None:
    """So that a monitor's call reaches people."""
    with store.begin() as tx:
        course.opened(tx, title="Belt\r\nBcc: eve@x.example", company="Reelpost", terms=[], tz="UTC",
                      began=NOW.isoformat(), by="monitor pager", now=NOW)  # fmt: skip
    (event,) = look(store, only("incident"))
    assert isinstance(event.value, Line)
    assert "Opened by monitor pager for Reelpost" in event.value.text
    assert "Nobody has said yet where to listen" in event.value.text
    assert "\n" not in event.value.title


@pytest.mark.parametrize(("minutes", "new"), [(0, 0), (14, 0), (15, 1), (16, 1), (240, 1)])
def test_the_line_is_told_once_a_quarter_of_an_hour(store: Store, minutes: int, new: int) -> None:
    """Stretches that nobody looked in are passed over; a closed incident has none."""
    a_watch(store)
    assert len(look(store, only("line"))) == 1
    later = look(store, only("line"), NOW + timedelta(minutes=minutes))
    assert len(later) == new
    with store.begin() as tx:
        course.closed(tx, tx.incidents.find("discs-late"), by="ana", now=NOW)
    assert look(store, only("line"), NOW + timedelta(days=1)) == []
