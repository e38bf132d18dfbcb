"""
What the living rival loses without a word, and we don't: L1 to L6 of a study of obsei 1.1.1.

Each scene is the one in which it was seen to lose; `test_rivals_files.py` has the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from amends.digest import as_text, build, snapshot
from ingest.source import Request, Response
from ingest.sources import feed, hackernews, mastodon, wordpress, x
from models.coverage import Span, holes
from models.store import Store
from tests.amends.listening import Listener
from tests.battery import Record, tell
from tests.ingest import hackernews_said, mastodon_said, wordpress_said
from tests.ingest.fake_x import FakeX
from tests.ingest.storm import a_said
from tests.ingest.test_feed import comment as entry
from tests.ingest.test_feed import rss
from tests.recorded import recorded

TEN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
WRONG_CLOCK = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Try again without waiting."""
    with stamina.set_testing(testing=True, attempts=3):
        yield


Say = Callable[..., None]
Place = Callable[[Store], tuple[Listener, Say]]


def on_mastodon(store: Store) -> tuple[Listener, Say]:
    """Return a watch on a hashtag, newest first, and the way to speak there."""
    place = mastodon_said.Instance()
    known = place.tags["reelpost"]

    def say(moments: Sequence[datetime], found: datetime | None = None) -> None:
        known.extend([mastodon_said.status(when, len(known) + n) for n, when in enumerate(moments)])

    where = {"address": mastodon_said.HOME, "terms": ["Reelpost"]}
    return Listener(store, mastodon.source, place.fetch, TEN, **where), say


def on_hackernews(store: Store) -> tuple[Listener, Say]:
    """Return a watch on a word, newest first, and the way to speak there."""
    place = hackernews_said.Index()

    def fetch(request: Request, now: datetime) -> Response:
        place.upto = now
        return place.fetch(request, now)

    def say(moments: Sequence[datetime], found: datetime | None = None) -> None:
        start = len(place.hits)
        place.hits += [hackernews_said.comment(when, start + n) for n, when in enumerate(moments)]

    return Listener(store, hackernews.source, fetch, TEN, terms=["lumabank"]), say


def on_x(store: Store) -> tuple[Listener, Say]:
    """Return a watch on a word, newest first, and the way to speak there."""
    place = FakeX(empty=0, trouble=0)

    def say(moments: Sequence[datetime], found: datetime | None = None) -> None:
        start = len(place.said)
        place.add([a_said(when, start + n, known=found) for n, when in enumerate(moments)])

    return Listener(store, x.source, place.ask, TEN, terms=["lumabank"]), say


def on_wordpress(store: Store) -> tuple[Listener, Say]:
    """Return a watch on an article's comments, oldest first, and the way to speak there."""
    said: list[datetime] = []

    def fetch(request: Request, now: datetime) -> Response:
        if "/wp-json/" not in request.url:
            return recorded(wordpress_said.CASES / "chain" / "1.http", request, now)
        page = int(dict(request.params)["page"])
        after = datetime.fromisoformat(dict(request.params).get("after", "2026-01-01T00:00:00Z"))
        known = sorted((when, n) for n, when in enumerate(said, 1) if when > after)
        items = [wordpress_said.comment(n, when) for when, n in known]
        return wordpress_said.reply(
            items[(page - 1) * 100 : page * 100], request,
            headers={"x-wp-total": str(len(items)), "x-wp-totalpages": str(-(-len(items) // 100))},
        )  # fmt: skip

    where = {"address": wordpress_said.ADDRESS}
    return Listener(store, wordpress.source, fetch, TEN, **where), said.extend


def often(until: datetime) -> list[datetime]:
    """Return the moments of rounds from then on, a minute between, for half an hour."""
    return [until + n * MINUTE for n in range(31)]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(on_mastodon, id="L1 mastodon"),
        pytest.param(on_hackernews, id="L1 hackernews"),
        pytest.param(on_x, id="L2 x"),
    ],
)
def test_more_than_any_cap_between_two_looks(
    lite: Store, place: Place, record_property: Record
) -> None:
    """1,250 served; the rival keeps 550, because newest-first stops at a cap and then skips."""
    listener, say = place(lite)
    noon = TEN + 120 * MINUTE
    say([TEN + n * MINUTE for n in range(50)])
    listener.rounds(TEN + 50 * MINUTE)
    say([TEN + 55 * MINUTE + n * 3 * SECOND for n in range(1_200)])

    listener.rounds(*often(noon))

    assert len(listener.posts) == 1_250
    tell(
        record_property,
        f"L1, L2: {len(listener.posts):,} of 1,250 posts from {listener.watch.source}",
    )


def test_one_503_in_the_middle_of_a_chain(lite: Store, record_property: Record) -> None:
    """L3: 460 served; the rival keeps 200, because its bookmark moved with the first answer."""
    listener, say = on_wordpress(lite)
    say([TEN + n * SECOND for n in range(460)])
    whole = listener.ask

    def overloaded(request: Request, now: datetime) -> Response:
        ill = dict(request.params).get("page") == "3"
        return wordpress_said.reply(b"busy", request, 503) if ill else whole(request, now)

    listener.ask = overloaded
    listener.rounds(TEN + 60 * MINUTE)
    kept = len(listener.posts)
    listener.ask = whole
    listener.rounds(TEN + 61 * MINUTE)

    assert (kept, len(listener.posts)) == (200, 460)
    tell(record_property, f"L3: {len(listener.posts)} of 460 comments after a 503 in the middle")


@pytest.mark.parametrize("place", [on_mastodon, on_hackernews, on_x, on_wordpress])
def test_what_is_found_late_or_at_the_same_instant(
    lite: Store, place: Place, record_property: Record
) -> None:
    """L4: 13 served; the rival keeps 6, because it wants what is strictly newer than its bookmark."""
    listener, say = place(lite)
    newest = TEN + 30 * MINUTE
    say([newest - n * MINUTE for n in range(6)])
    listener.rounds(newest + 2 * MINUTE)
    say([newest - n * 50 * SECOND for n in range(1, 5)])
    say([newest] * 3)

    listener.rounds(*often(newest + 3 * MINUTE))

    assert len(listener.posts) == 13
    tell(
        record_property,
        f"L4: {len(listener.posts)} of 13 late or tied posts from {listener.watch.source}",
    )


@pytest.mark.parametrize("place", [on_mastodon, on_hackernews, on_wordpress])
def test_a_post_from_the_future(lite: Store, place: Place, record_property: Record) -> None:
    """L5: 201 served; the rival keeps 1, because its bookmark is in 2030 from then on."""
    listener, say = place(lite)
    say([WRONG_CLOCK])
    listener.rounds(TEN + 10 * MINUTE)
    say([TEN + 11 * MINUTE + n * SECOND for n in range(200)])

    listener.rounds(*often(TEN + 20 * MINUTE))

    assert len(listener.posts) == 201
    assert {line.posted_at for line in listener.posts if line.posted_at} <= {
        TEN + 11 * MINUTE + n * SECOND for n in range(200)
    }, "nobody believes it"
    tell(
        record_property,
        f"L5: {len(listener.posts)} of 201 posts from {listener.watch.source} after one dated 2030",
    )


def test_a_window_that_scrolled_by_is_named(lite: Store, record_property: Record) -> None:
    """L6: the feed shows 10 of 40; the rival doesn't notice, we say from when to when."""
    said = [TEN + n * MINUTE for n in range(5)]

    def window(request: Request, now: datetime) -> Response:
        newest = sorted(enumerate(said), reverse=True)[:10]
        body = rss(*(entry(n, when) for n, when in newest))
        return Response(request=request, status=200, body=body, at=now, url=request.url)

    address = "https://blog.example/outage/feed/"
    listener = Listener(lite, feed.source, window, TEN, address=address)
    first = TEN + 5 * MINUTE
    listener.rounds(first)
    said += [TEN + 6 * MINUTE + n * MINUTE for n in range(40)]
    (outcome,) = listener.rounds(TEN + 46 * MINUTE)

    lost = Span(first, said[-10])
    now = TEN + 47 * MINUTE
    with lite.read() as tx:
        sheet = build(snapshot(tx, listener.incident, TEN.date(), now, ()))
    assert outcome.answer is not None
    assert "between 2026-03-04 10:04 and 2026-03-04 10:36 UTC may be missing" in str(
        outcome.answer.notes
    )
    assert holes(Span(TEN, said[-1]), listener.covered) == [lost]
    assert lost in sheet.gaps
    assert "at least 15" in as_text(sheet)
    tell(
        record_property,
        f"L6: {len(listener.posts)} posts of a window, 30 scrolled by, the stretch named to the minute",
    )
