"""Whether we are well: 200 or 503 for anybody, why not for those we know, figures for a token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from amends.board.health_show import LEAST_ROOM, look
from amends.board.place import Place
from models.coverage import Span
from models.incident import Watch
from models.lease import LASTS
from models.outbox import OutboxRow
from models.store import Store
from tests.amends.board.conftest import Clock, posts
from tests.conftest import database
from tests.factories import NOW
from tests.grounds import KINDS

Browsers = Callable[[str | None], TestClient]


@pytest.fixture
def heard(place: Place, watch: Watch) -> Watch:
    """Return a watch that was just asked and answered in full."""
    with place.store.begin() as tx:
        tx.watches.went_on(watch.id, None, "b", NOW)
        tx.watches.spend(watch.id, 3, 40, NOW)
        tx.coverage.add(watch.id, Span(NOW - timedelta(hours=1), NOW - timedelta(minutes=2)))
        tx.leases.take("collecting for discs-late", "me", NOW)
    return watch


def test_all_is_well_while_every_open_incident_is_heard(as_: Browsers, heard: Watch) -> None:
    """Anybody may ask, and is told the checks' names alone."""
    answer = as_(None).get("/healthz")
    checks = dict.fromkeys(("database", "watches", "writer", "disk", "outputs"), True)
    assert (answer.status_code, answer.json()) == (200, {"well": True, "checks": checks})


def test_a_message_given_up_or_waiting_for_long_is_red(
    place: Place, heard: Watch, clock: Clock
) -> None:
    """Until somebody has looked at it."""
    row = OutboxRow(event_id="alarm.1", destination="mail", kind="alarm", title="t", value="{}",
                    created_at=NOW, not_before=NOW)  # fmt: skip
    with place.store.begin() as tx:
        tx.outbox.put([row])
    assert look(place, LEAST_ROOM).checks["outputs"]
    clock.now += timedelta(hours=2)
    assert not look(place, LEAST_ROOM).checks["outputs"]
    with place.store.begin() as tx:
        claimed = tx.outbox.claim("mail", clock.now)
        assert claimed is not None
        tx.outbox.give_up(claimed, "no such address")
    assert "1 messages to outputs were given up" in look(place, LEAST_ROOM).why
    with place.store.begin() as tx:
        tx.outbox.drop([claimed.id or 0])
    assert look(place, LEAST_ROOM).checks["outputs"]


def test_a_blind_watch_is_red_and_strangers_arent_told_which(
    as_: Browsers, place: Place, heard: Watch, clock: Clock
) -> None:
    """Five seconds later at the latest; a paused watch and a closed incident are nobody's worry."""
    client, stranger = as_("eve"), as_(None)
    assert client.get("/healthz").status_code == 200
    with place.store.begin() as tx:
        tx.watches.in_trouble(heard.id, "changed", "it sent a login form", clock.now, None)
    assert client.get("/healthz").status_code == 200, "it is looked at every five seconds"
    clock.now += timedelta(seconds=5)

    told, bare = client.get("/healthz"), stranger.get("/healthz")

    assert told.status_code == bare.status_code == 503
    assert "it sent a login form" in told.json()["why"][0]
    assert bare.json() == {"well": False, "checks": told.json()["checks"]}
    assert [name for name, well in bare.json()["checks"].items() if not well] == ["watches"]
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").closed_at = clock.now
    clock.now += timedelta(seconds=5)
    assert stranger.get("/healthz").status_code == 200


@pytest.fixture(params=KINDS)
def two_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Return two stores on one database, on each of the two."""
    url = database(request.param, request, tmp_path)
    first, second = Store.open(url), Store.open(url)
    yield first, second
    first.close()
    second.close()


def test_a_stuck_writer_is_red(two_stores: tuple[Store, Store]) -> None:
    """Somebody holds on to the lock; with that one gone all is well, and patience is what it was."""
    from models.store import dialect

    mine, theirs = two_stores
    assert mine.can_write(200)
    with theirs.begin() as tx:
        dialect.alone(tx.session.connection(), "lease")
        assert not mine.can_write(200)
    assert mine.can_write(200)
    if mine.engine.dialect.name == "sqlite":
        with mine.begin() as tx:
            waits = tx.session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar()
        assert waits == dialect.BUSY_MS


def test_a_full_disk_and_a_lost_database_are_red(place: Place, heard: Watch) -> None:
    """Each by its own name."""
    full = look(place, LEAST_ROOM - 1)
    assert (full.well, full.checks["disk"], full.checks["watches"]) == (False, False, True)
    assert look(place, LEAST_ROOM).well
    with place.store.begin() as tx:
        from sqlalchemy import text

        tx.session.execute(text("ALTER TABLE incident RENAME TO gone"))
    assert not look(place, LEAST_ROOM).checks["database"]


def test_figures_are_for_those_we_know_in_prometheus_form(
    as_: Browsers, place: Place, heard: Watch, clock: Clock
) -> None:
    """A token of scope read will do; nobody else gets them."""
    posts(place.store, heard, ("no discs", ("complaint",)), ("my credit", ("credit_request",)))
    with place.store.begin() as tx:
        until = NOW + timedelta(days=1)
        _, token = tx.people.grant(tx.people.named("eve"), "scrape", "read", NOW, until)
    clock.now = NOW + timedelta(seconds=30)
    assert as_(None).get("/metrics").status_code == 401

    answer = as_(None).get("/metrics", headers={"authorization": f"Bearer {token}"})

    lines = answer.text.splitlines()
    figures = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
               for line in lines if not line.startswith("#")}  # fmt: skip
    watch = f'incident="discs-late",watch="{heard.id}",source="x"'
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert figures['amends_posts{incident="discs-late"}'] == 2
    assert figures['amends_items_open{incident="discs-late"}'] == 2
    assert figures[f'amends_watch_state{{{watch},state="live"}}'] == 1
    assert figures[f"amends_watch_lag_seconds{{{watch}}}"] == 150
    assert figures[f"amends_requests_today{{{watch}}}"] == 3
    assert figures[f"amends_paid_reads_today{{{watch}}}"] == 40
    assert figures['amends_seconds_since_round{incident="discs-late"}'] == 30
    shape = re.compile(r'amends_\w+\{(\w+="[^"\n]*",?)*\} -?[0-9.e+]+|# (HELP|TYPE) amends_\w+ .+')
    assert all(shape.fullmatch(line) for line in lines)


def test_a_round_that_asked_nobody_is_a_round(
    as_: Browsers, place: Place, heard: Watch, clock: Clock
) -> None:
    """The lease says when somebody last collected, also while every watch waits."""
    clock.now = NOW + timedelta(hours=1)
    with place.store.begin() as tx:
        tx.leases.take("collecting for discs-late", "me", clock.now - timedelta(seconds=7))
        assert tx.leases.take("collecting for discs-late", "me", clock.now).until
    clock.now += LASTS
    line = next(line for line in as_("eve").get("/metrics").text.splitlines()
                if line.startswith("amends_seconds_since_round{"))  # fmt: skip
    assert line.endswith(" 120")
