"""What bounds the asking: a day's budget, a place that is down, a canary that falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from ingest.collector import collect
from ingest.keep import keep
from ingest.source import Request, Response
from ingest.walk import Outcome
from models.errors import SourceBusy
from models.incident import WatchRow
from models.store import Store
from models.store.watches import Standing
from tests.factories import NOW, a_watch
from tests.ingest.newest_first import SECOND, Stream, Streams

BEGAN = NOW - timedelta(hours=2)
MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Retry without waiting."""
    with stamina.set_testing(testing=True, attempts=1):
        yield


def a_round(
    store: Store, stream: Stream, now: datetime, asker: Streams | None = None
) -> list[Outcome]:
    """Do one round."""
    with store.read() as tx:
        due = tx.watches.due(1, now)
    sources = {"stream": stream, "other": stream}
    outcomes = list(collect(due, sources, asker or Streams(stream), lambda: now))
    for outcome in outcomes:
        keep(store, outcome, now)
    return outcomes


def standing(store: Store, now: datetime, number: int = 0) -> Standing:
    """Return how a watch stands."""
    with store.read() as tx:
        return tx.watches.standing(1, now)[number]


def stored(store: Store) -> int:
    """Return how many posts there are."""
    with store.read() as tx:
        return tx.views.count(1)


def limit(store: Store, **said: object) -> None:
    """Change the first watch."""
    with store.begin() as tx:
        row = tx.watches.get(1)
        for name, value in said.items():
            setattr(row, name, value)
        tx.watches.save(row)


def test_a_budget_of_requests_holds_for_the_day_and_over_restarts(lite: Store) -> None:
    """What is spent is kept with the answer it was spent on; tomorrow there is more."""
    a_watch(lite, source="stream", since=BEGAN)
    limit(lite, requests_a_day=5)
    stream = Stream(holds=1)
    stream.says(*(BEGAN + n * MINUTE for n in range(9)))

    for n in range(10):
        a_round(lite, stream, NOW + n * MINUTE)

    found = standing(lite, NOW + 10 * MINUTE)
    assert (len(stream.asked), found.requests) == (5, 5)
    assert found.state.state == "capped" and "budget of requests is spent" in found.state.why
    assert found.row.not_before is not None and found.row.not_before >= MIDNIGHT
    assert len(found.holes) == 1
    a_round(lite, stream, MIDNIGHT + MINUTE)
    a_round(lite, stream, MIDNIGHT + timedelta(days=1, minutes=1))
    assert (stored(lite), standing(lite, MIDNIGHT + timedelta(days=1)).holes) == (9, [])


def test_paid_reads_are_counted_once_a_day(lite: Store) -> None:
    """A post read twice on one day is charged once, on the next day again."""
    a_watch(lite, source="stream", since=BEGAN)
    limit(lite, reads_a_day=4)
    stream = Stream(holds=2, charges=True)
    stream.says(*(NOW - n * MINUTE for n in range(1, 11)))

    a_round(lite, stream, NOW)
    assert (stored(lite), standing(lite, NOW).reads) == (4, 4)

    limit(lite, bookmark=None, reads_a_day=6, not_before=None, trouble_kind=None)
    for n in range(1, 8):
        a_round(lite, stream, NOW + n * MINUTE)
    assert (stored(lite), standing(lite, NOW).reads) == (6, 6), "the four known ones cost nothing"

    for n in (1, 2):
        limit(lite, bookmark=None, reads_a_day=4, not_before=None, trouble_kind=None)
        a_round(lite, stream, MIDNIGHT + n * MINUTE)
    assert standing(lite, MIDNIGHT + MINUTE).reads == 4, "a new day charges again, but once"


def test_a_source_that_charges_nothing_costs_nothing(lite: Store) -> None:
    """Nobody is told of posts paid for where none was."""
    a_watch(lite, source="stream", since=BEGAN)
    stream = Stream()
    stream.says(NOW - MINUTE)

    a_round(lite, stream, NOW)

    assert (stored(lite), standing(lite, NOW).reads) == (1, 0)


class Down(Streams):
    """An asker for whom one host is down."""

    def __init__(self, stream: Stream, host: str, retry_after: float | None) -> None:
        super().__init__(stream)
        self.host, self.retry_after, self.knocks = host, retry_after, 0

    def ask(self, request: Request, now: datetime) -> Response:
        """Knock in vain at that host."""
        if self.host in request.url:
            self.knocks += 1
            message = "nobody answers"
            raise SourceBusy(message, "later", retry_after=self.retry_after)
        return super().ask(request, now)


def many(store: Store, *addresses: str) -> None:
    """Watch many addresses for the incident."""
    a_watch(store, source="stream", address=addresses[0], since=BEGAN)
    with store.begin() as tx:
        for address in addresses[1:]:
            tx.watches.add(WatchRow(incident_id=1, key="", source="stream", address=address,
                                    since=BEGAN, created_at=NOW))  # fmt: skip


@pytest.mark.parametrize(("retry_after", "knocks"), [(None, 2), (60.0, 1)])
def test_a_place_that_is_down_is_not_asked_by_all(
    lite: Store, retry_after: float | None, knocks: int
) -> None:
    """Two failures in a row, or one that names a time, close it for all; other places go on."""
    many(lite, *(f"https://dead.example/{n}" for n in range(20)), "https://alive.example/")
    stream = Stream()
    stream.says(NOW - SECOND)
    asker = Down(stream, "dead", retry_after)

    outcomes = a_round(lite, stream, NOW, asker)

    assert asker.knocks == knocks
    assert len(outcomes) == 21 and stored(lite) == 1
    with lite.read() as tx:
        assert len(tx.watches.due(1, NOW + SECOND / 2)) == 1, "and none of them comes back at once"


def test_a_place_that_asks_for_a_pause_is_left_alone_by_all(lite: Store) -> None:
    """Also where it does so in a good answer: that was the last question it takes for now."""
    many(lite, "https://one.example/1", "https://one.example/2")
    stream = Stream(holds=1)
    stream.says(*(BEGAN + n * MINUTE for n in range(3)))
    stream.pause = 60.0

    outcomes = a_round(lite, stream, NOW)

    assert len(stream.asked) == 1
    assert [outcome.answer is not None for outcome in outcomes] == [True, False]
    with lite.read() as tx:
        assert tx.watches.due(1, NOW + 59 * SECOND) == []


def test_a_host_that_is_dead_for_an_hour_is_asked_seldom_and_found_again(lite: Store) -> None:
    """Rounds every minute: few knocks in all, spread by chance, and one probe finds it again."""
    many(lite, *(f"https://dead.example/{n}" for n in range(5)))
    stream = Stream()
    asker = Down(stream, "dead", None)
    now = NOW
    while now < NOW + timedelta(hours=1):
        a_round(lite, stream, now, asker)
        now += MINUTE
    assert asker.knocks <= 70
    assert standing(lite, now).state.state == "blind"
    stream.says(now)
    asker.host = "nowhere"
    for _ in range(16):
        now += MINUTE
        a_round(lite, stream, now, asker)
    assert all(standing(lite, now, n).state.state == "live" for n in range(5))


def test_waiting_times_are_spread_by_chance(lite: Store) -> None:
    """All who were turned away at once must not come back at once."""
    many(lite, *(f"https://dead{n}.example/" for n in range(30)))
    stream = Stream()

    a_round(lite, stream, NOW, Down(stream, "dead", None))

    with lite.read() as tx:
        waits = {each.row.not_before for each in tx.watches.standing(1, NOW)}
    assert len(waits) > 20


def test_a_canary_tells_quiet_from_blind(lite: Store) -> None:
    """When the term that must always hit finds nothing, silence proves nothing."""
    a_watch(lite, source="stream", since=BEGAN)
    limit(lite, canary="the")
    stream = Stream()

    a_round(lite, stream, NOW)
    assert standing(lite, NOW).state.state == "quiet"

    stream.sings = False
    a_round(lite, stream, NOW + 5 * MINUTE)
    assert standing(lite, NOW + 5 * MINUTE).state.state == "quiet", "it isn't asked every time"
    a_round(lite, stream, NOW + 20 * MINUTE)
    mute = standing(lite, NOW + 20 * MINUTE).state
    assert (mute.state, mute.since) == ("blind", NOW + 20 * MINUTE)
    assert "the canary “the” finds nothing" in mute.why
    a_round(lite, stream, NOW + 40 * MINUTE)
    assert standing(lite, NOW + 40 * MINUTE).state.since == NOW + 20 * MINUTE

    stream.sings = True
    a_round(lite, stream, NOW + 60 * MINUTE)
    assert standing(lite, NOW + 60 * MINUTE).state.state == "quiet"
    stream.busy = {len(stream.asked) + 2}
    a_round(lite, stream, NOW + 80 * MINUTE)
    found = standing(lite, NOW + 80 * MINUTE)
    assert found.state.state == "throttled", "a canary that couldn't be asked says nothing"
    assert found.requests == len(stream.asked), "and its questions are paid for all the same"
    assert found.row.not_before is not None
    assert found.row.not_before >= NOW + 81 * MINUTE, "the source is left alone as it asked"


def test_a_watch_that_hears_somebody_needs_no_canary(lite: Store) -> None:
    """Posts prove that it hears; the question is saved."""
    a_watch(lite, source="stream", since=BEGAN)
    limit(lite, canary="the")
    stream = Stream()
    stream.says(NOW - MINUTE)

    a_round(lite, stream, NOW)

    assert [request.state for request in stream.asked if "count" in request.state] == []
