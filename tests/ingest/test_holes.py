"""Freshest first and gap-free: what a walk leaves open has a name, and later rounds fill it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import stamina

from ingest.collector import FILLING, collect
from ingest.keep import keep
from ingest.walk import ANSWERS, Outcome
from models.coverage import Span, holes
from models.hole import MOST, MOST_LOST, HoleRow
from models.incident import Watch
from models.store import Store
from tests.factories import NOW, a_watch
from tests.ingest.newest_first import SECOND, Stream, Streams, state_size

BEGAN = NOW - timedelta(hours=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Retry without waiting."""
    with stamina.set_testing(testing=True, attempts=1):
        yield


@pytest.fixture
def watch(lite: Store) -> Watch:
    """Return a watch that listens to the stream from when the incident began."""
    return a_watch(lite, source="stream", since=BEGAN)


def a_round(
    store: Store, stream: Stream, now: datetime, *, kept: int | None = None
) -> list[Outcome]:
    """Do one round; with `kept`, be killed after that many outcomes."""
    with store.read() as tx:
        due = tx.watches.due(1, now)
    outcomes = []
    for outcome in collect(due, {"stream": stream}, Streams(stream), lambda: now):
        if kept is not None and len(outcomes) >= kept:
            break
        keep(store, outcome, now)
        outcomes.append(outcome)
    return outcomes


def open_holes(store: Store) -> list[HoleRow]:
    """Return the first watch's open holes."""
    with store.read() as tx:
        return tx.holes.of([1]).get(1, [])


def stored(store: Store) -> int:
    """Return how many posts there are."""
    with store.read() as tx:
        return tx.views.count(1)


def uncovered(store: Store, until: datetime) -> list[Span]:
    """Return what isn't proved of the time since the incident began."""
    with store.read() as tx:
        return holes(Span(BEGAN, until), tx.coverage.of(1))


def test_a_walk_cut_by_its_cap_leaves_a_hole_that_is_filled(lite: Store, watch: Watch) -> None:
    """The newest posts are there after one round, the oldest some rounds later, none twice."""
    stream = Stream(holds=1)
    posts = ANSWERS + FILLING + 20
    stream.says(*(BEGAN + n * SECOND for n in range(posts)))

    a_round(lite, stream, NOW)

    (hole,) = open_holes(lite)
    assert hole.span == Span(BEGAN, BEGAN + (posts - ANSWERS) * SECOND)
    assert "200 answers" in hole.why
    assert uncovered(lite, NOW) == [hole.span]
    stream.says(NOW + SECOND)
    later = a_round(lite, stream, NOW + MINUTE)
    first, second = later[:2]
    assert first.answer is not None and second.answer is not None
    assert [post.posted_at for post in first.answer.posts] == [NOW + SECOND], "what is new is first"
    assert second.filling
    a_round(lite, stream, NOW + 2 * MINUTE)
    assert open_holes(lite) == []
    assert uncovered(lite, NOW + 2 * MINUTE) == []
    assert stored(lite) == posts + 1
    assert len(stream.asked) == posts + 2
    a_round(lite, stream, NOW + 3 * MINUTE)
    began = stream.asked[-1].state["start"]
    assert began == (NOW + 2 * MINUTE).isoformat(), "filling an old hole moves no bookmark back"


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_kill_in_the_middle_loses_nothing(lite: Store, watch: Watch, kept: int) -> None:
    """The hole is there from the first answer on, in the transaction that moved the bookmark."""
    stream = Stream(holds=2)
    stream.says(*(BEGAN + n * MINUTE for n in range(11)))

    a_round(lite, stream, NOW, kept=kept)

    assert [hole.span for hole in open_holes(lite)] == uncovered(lite, NOW)
    stream.says(NOW + SECOND)
    a_round(lite, stream, NOW + MINUTE)
    assert (stored(lite), open_holes(lite), uncovered(lite, NOW + MINUTE)) == (12, [], [])


def test_a_rate_limit_leaves_a_hole_that_says_so(lite: Store, watch: Watch) -> None:
    """What was refused is asked for again once the source takes questions."""
    stream = Stream(holds=2)
    stream.says(*(BEGAN + n * MINUTE for n in range(6)))
    stream.busy = {2}

    a_round(lite, stream, NOW)

    (hole,) = open_holes(lite)
    assert "too many questions" in hole.why
    assert a_round(lite, stream, NOW + 10 * SECOND) == [], "it is left alone as long as it asked"
    a_round(lite, stream, NOW + 2 * MINUTE)
    assert (stored(lite), open_holes(lite)) == (6, [])


def test_holes_are_few_and_small(lite: Store, watch: Watch) -> None:
    """With many of them open they are filled before anything new is asked: the state stays small."""
    stream = Stream(holds=1)
    now = NOW
    for n in range(MOST + 3):
        stream.says(now - 3 * SECOND, now - 2 * SECOND, now - SECOND)
        # Each walk is turned away after its first answer, before it could fill anything.
        stream.busy = {len(stream.asked) + 2}
        a_round(lite, stream, now)
        assert len(open_holes(lite)) <= MOST, n
        assert state_size(open_holes(lite)) < 64_000
        now += 3 * MINUTE
    stream.busy = set()
    for _ in range(3):
        a_round(lite, stream, now)
        now += MINUTE
    assert (stored(lite), open_holes(lite)) == (3 * (MOST + 3), [])


def test_a_hole_whose_chain_has_expired_is_asked_for_by_its_times(
    lite: Store, watch: Watch
) -> None:
    """A token lives as long as the platform likes; the stretch can always be asked for anew."""
    stream = Stream(holds=2)
    stream.says(*(BEGAN + n * MINUTE for n in range(4)))
    a_round(lite, stream, NOW, kept=1)
    stream.refuses_chains = True

    a_round(lite, stream, NOW + MINUTE)

    (hole,) = open_holes(lite)
    assert hole.chain is None and "expired" in hole.why
    with lite.read() as tx:
        assert tx.watches.get(1).trouble is None, "the watch itself hears well"
    a_round(lite, stream, NOW + 20 * MINUTE)
    assert (stored(lite), open_holes(lite)) == (4, [])


def test_a_hole_out_of_reach_is_closed_as_lost_with_its_length(lite: Store, watch: Watch) -> None:
    """Nobody waits for what can't come any more, and nobody forgets that it is missing."""
    stream = Stream(holds=2)
    stream.says(*(BEGAN + n * MINUTE for n in range(4)))
    a_round(lite, stream, NOW, kept=1)
    stream.refuses_chains = True
    a_round(lite, stream, NOW + MINUTE)
    stream.reach = timedelta(hours=1)

    a_round(lite, stream, NOW + 20 * MINUTE)

    with lite.read() as tx:
        (lost,) = tx.watches.standing(1, NOW)[0].lost
    assert open_holes(lite) == []
    assert lost.span == Span(BEGAN, BEGAN + 2 * MINUTE) and lost.seconds == 120
    assert uncovered(lite, NOW) == [lost.span], "and counts stay “at least”"


def test_what_is_lost_is_remembered_in_little(lite: Store, watch: Watch) -> None:
    """A feed may lose something at every look for days; its whole length is still told."""
    with lite.begin() as tx:
        for n in range(MOST_LOST + 40):
            at = BEGAN + n * MINUTE
            tx.holes.lose(1, Span(at, at + 20 * SECOND), "scrolled by", NOW)
        tx.holes.lose(1, Span(BEGAN, BEGAN + 20 * SECOND), "scrolled by", NOW)

    with lite.read() as tx:
        lost = tx.holes.of([1], lost=True)[1]
    assert len(lost) == MOST_LOST
    assert sum(hole.seconds for hole in lost) == 20 * (MOST_LOST + 40)


def test_coverage_of_a_source_that_often_loses_stays_small(lite: Store, watch: Watch) -> None:
    """What is forgotten counts as not heard, never the other way round."""
    with lite.begin(refetchable=True) as tx:
        for n in range(600):
            at = BEGAN + n * MINUTE
            tx.coverage.add(1, Span(at, at + (20 + n % 30) * SECOND))
        spans = tx.coverage.of(1)

    assert len(spans) == 500
    assert all((span.since - BEGAN).total_seconds() % 60 == 0 for span in spans)
