"""One outage is one incident, whoever tells of it, how often and in what order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from amends import course
from amends.outage import Heard, heard
from ingest.registry import all_sources
from models.incident import IncidentRow
from models.monitor import Alert, MonitorRow, State
from models.store import Store
from tests.factories import NOW, an_incident

SOURCES = all_sources()


def a_monitor(store: Store, name: str = "pager", watches: tuple[str, ...] = ()) -> MonitorRow:
    """Keep a monitor of Reelpost's."""
    with store.begin() as tx:
        row, _ = tx.monitors.add(name, "json", company="Reelpost", tz="America/Chicago",
                                 terms=["@reelpost"], watches=watches, settings={}, now=NOW)  # fmt: skip
    return row


def an_alert(state: State = "down", minutes: int = 0, event: str = "", key: str = "belt") -> Alert:
    """Return an alert, so many minutes before now."""
    at = NOW - timedelta(minutes=minutes)
    return Alert(key=key, event=event or f"{key} {state} {minutes}", state=state,
                 title="The belt stands still", at=at)  # fmt: skip


def tell(store: Store, monitor: MonitorRow, *alerts: Alert) -> Heard:
    """Let a monitor call."""
    with store.begin() as tx:
        return heard(tx, monitor, alerts, SOURCES, NOW)


def incidents(store: Store) -> list[IncidentRow]:
    """Return all there are."""
    with store.read() as tx:
        return tx.incidents.every()


def test_a_monitor_opens_an_incident_that_listens(store: Store) -> None:
    """It began when the monitor says, in the monitor's zone, with its terms and watches."""
    monitor = a_monitor(store, watches=("x", "mastodon=https://social.example"))
    assert tell(store, monitor, an_alert(minutes=20)).opened == "the-belt-stands-still"
    (row,) = incidents(store)
    assert (row.company, row.tz, row.terms) == ("Reelpost", "America/Chicago", ["@reelpost"])
    assert row.began == NOW - timedelta(minutes=20) and row.closed_at is None
    with store.read() as tx:
        assert [one.source for one in tx.watches.of(row.id or 0)] == ["x", "mastodon"]
        assert {one.by for one in tx.audit.about(row.id or 0, f"incident:{row.id}")} == {
            "monitor pager"
        }


def test_what_is_repeated_changes_nothing(store: Store) -> None:
    """The same event, once or a thousand times, in one call or in many."""
    monitor = a_monitor(store)
    tell(store, monitor, an_alert(), an_alert())
    assert tell(store, monitor, *[an_alert()] * 1000) == Heard(0)
    with store.read() as tx:
        assert len(tx.alerts.newest(10)) == 1
    assert len(incidents(store)) == 1


def test_four_monitors_and_one_outage(store: Store) -> None:
    """All join the one incident, however the company's name is written."""
    names = ("status", "pager", "alertra", "old-alertra")
    monitors = [a_monitor(store, name) for name in names]
    opened = [tell(store, one, an_alert(key=one.name)).opened for one in monitors]
    assert opened == ["the-belt-stands-still", None, None, None]
    with store.read() as tx:
        assert {name for _, name in tx.alerts.standing(1, 9)} == set(names)


def test_an_incident_opened_by_people_is_joined_and_left_as_it_is(store: Store) -> None:
    """Neither its title nor its status nor when it began is changed by a monitor."""
    with store.begin() as tx:
        row = tx.incidents.add(an_incident(status="identified", company="REELPOST"))
    before = row.model_dump()
    told = tell(store, a_monitor(store), an_alert(minutes=90), an_alert("up", minutes=1))
    assert told == Heard(2)
    assert [one.model_dump() for one in incidents(store)] == [before]


def test_an_end_closes_nothing_and_no_end_is_needed(store: Store) -> None:
    """People say when it is over; a new outage after that is a new incident."""
    monitor = a_monitor(store)
    tell(store, monitor, an_alert(minutes=60))
    tell(store, monitor, an_alert("up", minutes=50))
    (row,) = incidents(store)
    assert row.closed_at is None
    with store.begin() as tx:
        course.closed(tx, tx.incidents.find(row.slug), by="ana", now=NOW)
    assert tell(store, monitor, an_alert(minutes=1)).opened == "the-belt-stands-still-2"


def test_an_end_belongs_to_where_its_beginning_went(store: Store) -> None:
    """Also when that incident is closed and another one is open."""
    monitor = a_monitor(store)
    tell(store, monitor, an_alert(minutes=60))
    with store.begin() as tx:
        course.closed(tx, tx.incidents.find("1"), by="ana", now=NOW)
    tell(store, monitor, an_alert(minutes=5, key="another belt"))
    tell(store, monitor, an_alert("up", minutes=1))
    with store.read() as tx:
        assert [alert.state for alert, _ in tx.alerts.of(1, 0, 9)] == ["down", "up"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_out_of_order_is_the_same(lite: Store, order: tuple[int, ...]) -> None:
    """Down, up and down again, in any order: one incident, and at last it is down."""
    said = [an_alert(minutes=9), an_alert("up", minutes=6), an_alert(minutes=3)]
    monitor = a_monitor(lite)
    for number in order:
        tell(lite, monitor, said[number])
    assert len(incidents(lite)) == 1


def test_a_beginning_after_its_end_opens_nothing(store: Store) -> None:
    """Nobody is woken for what is over: the end came first."""
    monitor = a_monitor(store)
    tell(store, monitor, an_alert("up", minutes=1))
    assert tell(store, monitor, an_alert(minutes=9)).opened is None
    assert incidents(store) == []


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_lies(store: Store, days: int) -> None:
    """An incident begins neither in the future nor long ago."""
    alert = Alert(key="k", event="e", state="down", title="t", at=NOW + timedelta(days=days))
    tell(store, a_monitor(store), alert)
    (row,) = incidents(store)
    assert NOW - timedelta(days=3) <= row.began <= NOW


def test_hostile_words_and_long_ids(store: Store) -> None:
    """What is too long for a key isn't cut to become another's; a title is one clean line."""
    monitor = a_monitor(store)
    long = "k" * 5000
    alerts = [
        Alert(key=f"{long}{n}", event=f"{long}{n}", state="down", url="javascript:alert(1)",
              title="<script>\x00\x1b[31m\r\nSubject: =1+1" + "x" * 9000)
        for n in range(3)
    ]  # fmt: skip
    assert tell(store, monitor, *alerts).new == 3
    (row,) = incidents(store)
    assert "\n" not in row.title and "\x1b" not in row.title and len(row.title) <= 300
    with store.read() as tx:
        assert {alert.url for alert, _ in tx.alerts.newest(9)} == {None}


def test_a_source_that_cant_be_asked_costs_no_incident(store: Store) -> None:
    """It is left out, and that is written down."""
    monitor = a_monitor(store, watches=("gone", "feed=ftp://feed.example/", "x"))
    assert tell(store, monitor, an_alert()).opened
    with store.read() as tx:
        assert [one.source for one in tx.watches.of(1)] == ["x"]
        left = [one for one in tx.audit.about(1, "incident:1") if one.did == "watch left out"]
    assert len(left) == 2
