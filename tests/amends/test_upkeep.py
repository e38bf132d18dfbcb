"""Rounds let go what was kept long enough, and what its source no longer has; edits reach the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amends.erase import Place
from amends.upkeep import Upkeep, expire
from amends.verify import Verifier
from amends.visit import Checked
from classify.labels import Labels
from ingest.again import Again, Asked, Asking
from ingest.source import Price, Request, Response
from models.home import Home
from models.incident import Watch
from models.marks import made_marks
from models.store import Store
from models.store.views import Wanted
from tests.factories import NOW, a_post, a_watch
from tests.fake import Fake, FakePlaces

DAY = timedelta(days=1)


class Remembering(Fake):
    """A source that can be asked again, and has forgotten some posts and changed others."""

    again = 3
    proof = "it says so"

    def __init__(self, *, gone: Sequence[str] = (), edited: Sequence[str] = ()) -> None:
        super().__init__()
        self.gone, self.edited = gone, edited

    def ask_again(self, watch: Watch, due: Sequence[Asked], now: datetime) -> Asking:
        """Ask about posts."""
        ids = [one.id for one in due][: self.again]
        return Asking(request=Request(url="fake://again", state={"ids": ids}), ids=tuple(ids))

    def read_again(self, response: Response, asked: Sequence[Asked]) -> Again:
        """Say which are there."""
        response.check()
        ids = response.request.state["ids"]
        return Again(
            posts=tuple(
                a_post(source="fake", external_id=one, as_of=response.at, version=1,
                       text="changed since" if one in self.edited else "as it was")
                for one in ids if one not in self.gone
            ),
            gone={one: "deleted" for one in ids if one in self.gone},
        )  # fmt: skip


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    """Return an empty place, on each of the two databases."""
    home = Home(tmp_path / "home").make()
    marks = made_marks(home.erasure_key)
    store = Store.open(database_url, home.seal, home.marks)
    yield Place(home, store, marks, Labels.load(), lambda _: None)
    store.close()


def kept(place: Place, count: int, at: datetime = NOW - 2 * DAY) -> Watch:
    """Keep posts that were seen two days ago, 0 to so many."""
    watch = a_watch(place.store)
    posts = [
        a_post(source="fake", external_id=f"{n}", text="as it was", as_of=at) for n in range(count)
    ]
    with place.store.begin() as tx:
        tx.posts.add(watch, posts, at)
    return watch


def verify(place: Place, source: Remembering, now: datetime = NOW) -> Checked:
    """Ask once about what is due."""
    all_ = Checked()
    for _, checked in Verifier(place, FakePlaces(source), lambda: now).verify(source):
        all_.add(checked)
    return all_


def late(place: Place) -> int:
    """Return how many posts have no proof of the last day."""
    with place.store.read() as tx:
        return sum(one.late for one in tx.verified.proofs(NOW - DAY))


def texts(place: Place) -> dict[str, str]:
    """Return what is kept, by id."""
    with place.store.read() as tx:
        return {one.external_id: one.text for one in tx.views.posts(1, Wanted())}


def test_what_is_gone_there_is_erased_here_and_edits_are_kept(place: Place) -> None:
    """In questions of so many posts as the source takes; nothing is asked twice before its time."""
    kept(place, 8)
    source = Remembering(gone=["2", "5"], edited=["1"])

    found = verify(place, source)

    assert (found.there, found.gone, found.requests) == (6, 2, 3)
    assert texts(place) == {f"{n}": "changed since" if n == 1 else "as it was"
                            for n in range(8) if n not in (2, 5)}  # fmt: skip
    assert late(place) == 0
    with place.store.read() as tx:
        assert tx.tombstones.count() == 2
    again = verify(place, source)
    assert again.requests == 0
    later = verify(place, source, NOW + DAY)
    assert later.there == 6


def test_a_source_in_trouble_takes_nothing_away(place: Place) -> None:
    """Nothing is verified, and doctor can say for how long."""
    kept(place, 4)
    source = Remembering(gone=["2"])
    source.says("refused")

    found = verify(place, source)

    assert (found.there, found.gone) == (0, 0)
    assert "403" in found.trouble
    assert late(place) == 4
    assert verify(place, source).requests == 0, "it is left alone for a while"
    found = verify(place, source, NOW + timedelta(hours=1))
    assert (found.there, found.gone, late(place)) == (3, 1, 0)


def test_a_budget_is_kept_to(place: Place) -> None:
    """It stops where the watch may ask no more today."""
    watch = kept(place, 8)
    with place.store.begin() as tx:
        tx.watches.get(watch.id).requests_a_day = 1
    source = Remembering()

    found = verify(place, source)

    assert (found.there, found.requests) == (3, 1)
    assert "budget" in found.trouble


def test_a_round_asks_no_priced_source_without_a_limit(place: Place) -> None:
    """Nobody agreed to pay for it."""
    kept(place, 3)
    source = Remembering(gone=["1"])
    source.price = Price(per_post=0.005)
    upkeep = Upkeep(lambda: place, {"fake": source}, lambda: NOW)

    assert [line for line in upkeep.round(FakePlaces(source)) if "are gone" in line] == []
    assert source.asked == []
    source.price = Price()
    assert [line for line in upkeep.round(FakePlaces(source)) if "1 posts are gone" in line]


def test_what_was_kept_long_enough_goes(place: Place) -> None:
    """400 days on all of it, but what is held; and it doesn't come back with the next backfill."""
    watch = kept(place, 5)
    with place.store.begin() as tx:
        tx.holds.keep("source:fake", 90, "bo", NOW)
        tx.holds.hold("incident:1", "bo", NOW, held=True)
    assert expire(place, NOW + 400 * DAY).posts == 0
    with place.store.begin() as tx:
        tx.holds.hold("incident:1", "bo", NOW, held=False)

    assert expire(place, NOW + 400 * DAY).posts == 5

    with place.store.begin() as tx:
        again = tx.posts.add(watch, [a_post(source="fake", external_id="3")], NOW)
    assert (texts(place), again.new) == ({}, 0)
