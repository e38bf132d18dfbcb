"""The outbox on both databases: put in once, claimed by one, never forgotten."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from models.outbox import DigestRow, OutboxRow
from models.store import Store
from models.store.outbox import HOLDS
from tests.factories import NOW, a_watch

MINUTE = timedelta(minutes=1)


def a_row(**said: Any) -> OutboxRow:
    """Return an alarm for the mail, or what the scene makes of it."""
    plain: dict[str, Any] = {
        "event_id": "alarm.1", "destination": "mail", "kind": "alarm", "title": "Complaints rise",
        "value": "{}", "created_at": NOW, "not_before": NOW,
    }  # fmt: skip
    return OutboxRow(**(plain | said))


def put(store: Store, *rows: OutboxRow) -> list[str]:
    """Put rows in; return the destinations that were new."""
    with store.begin() as tx:
        return tx.outbox.put(rows)


def claim(store: Store, at: Any = NOW, destination: str = "mail") -> OutboxRow | None:
    """Claim the next row."""
    with store.begin() as tx:
        return tx.outbox.claim(destination, at)


def test_an_event_is_in_for_a_destination_once(store: Store) -> None:
    """However often somebody puts it in, also after it was sent or dropped."""
    assert put(store, a_row(), a_row(destination="chat")) == ["mail", "chat"]
    assert put(store, a_row(), a_row(destination="hook")) == ["hook"]
    claimed = claim(store)
    assert claimed is not None
    with store.begin() as tx:
        tx.outbox.sent(claimed, NOW)
        (chat,) = [row for row in tx.outbox.of("alarm.1") if row.destination == "chat"]
        assert tx.outbox.drop([chat.id or 0]) == 1

    assert put(store, a_row(), a_row(destination="chat")) == []
    assert claim(store, NOW + HOLDS) is None
    with store.read() as tx:
        rows = {row.destination: row for row in tx.outbox.of("alarm.1")}
    assert (rows["mail"].state, rows["mail"].value, rows["mail"].sent_at) == ("sent", "", NOW)
    assert (rows["chat"].state, rows["chat"].value) == ("dropped", "")


def test_what_isnt_kept_isnt_in(store: Store) -> None:
    """An event lives and dies with the transaction of what it tells of."""
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.outbox.put([a_row()])
        _ = 1 // 0
    assert claim(store) is None


def test_a_claim_keeps_others_away_until_it_ends(store: Store) -> None:
    """Who died leaves a row that comes due again; who only slept can't mark it any more."""
    put(store, a_row())
    first = claim(store)
    assert first is not None and claim(store) is None
    assert claim(store, NOW + HOLDS - MINUTE) is None

    second = claim(store, NOW + HOLDS)
    with store.begin() as tx:
        tx.outbox.give_up(first, "too late")
        tx.outbox.later(first, NOW, "too late")
    assert second is not None and second.tries == 2
    with store.begin() as tx:
        tx.outbox.sent(second, NOW)
        assert tx.outbox.of("alarm.1")[0].state == "sent"


def test_of_many_who_claim_at_once_each_row_goes_to_one(store: Store) -> None:
    """Eight threads, forty rows."""
    put(store, *(a_row(event_id=f"alarm.{n}") for n in range(40)))
    got: list[int] = []

    def work() -> None:
        while (row := claim(store)) is not None:
            got.append(row.id or 0)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 40 and len(set(got)) == 40


def test_a_destination_that_failed_is_left_alone_and_its_other_rows_get_their_turn(
    store: Store,
) -> None:
    """What fails again and again stands behind what hasn't been tried yet; others aren't held up."""
    put(store, a_row(), a_row(event_id="alarm.2"), a_row(destination="chat"))
    first = claim(store)
    assert first is not None
    with store.begin() as tx:
        tx.outbox.later(first, NOW + MINUTE, "try later", ["ana@reelpost.example"])

    assert claim(store) is None and claim(store, destination="chat") is not None
    with store.read() as tx:
        assert tx.outbox.destinations(NOW) == []
    then = claim(store, NOW + MINUTE)
    assert then is not None and then.event_id == "alarm.2"
    again = claim(store, NOW + MINUTE)
    assert again is not None and again.event_id == "alarm.1"
    assert again.remaining == "ana@reelpost.example" and again.said == "try later"


def test_what_was_given_up_waits_for_a_person(store: Store) -> None:
    """It is counted, and tried again when somebody says so."""
    put(store, a_row())
    claimed = claim(store)
    assert claimed is not None
    with store.begin() as tx:
        tx.outbox.give_up(claimed, "no such address")
    assert claim(store, NOW + 10 * HOLDS) is None
    with store.begin() as tx:
        assert tx.outbox.given_up() == 1 and tx.outbox.waits_since() is None
        assert tx.outbox.retry([], NOW + HOLDS) == 1
        assert tx.outbox.given_up() == 0 and tx.outbox.waits_since() == NOW
    again = claim(store, NOW + HOLDS)
    assert again is not None and again.tries == 1 and again.value == "{}"


def test_a_version_of_a_day_is_made_by_one(store: Store) -> None:
    """The second one is told, and the first one's numbers stay."""
    key = a_watch(store).incident_id
    rows = [
        DigestRow(incident_id=key, day="2026-03-04", version=1, print=mark, facts=mark, made_at=NOW)
        for mark in "ab"
    ]
    with store.begin() as tx:
        assert [tx.digests.add(row) for row in rows] == [True, False]
        tx.digests.add(
            DigestRow(
                incident_id=key, day="2026-03-04", version=2, print="c", facts="c", made_at=NOW
            )
        )
        assert [row.print for row in tx.digests.of(key, "2026-03-04")] == ["a", "c"]
        assert tx.digests.newest(key)["2026-03-04"].version == 2
