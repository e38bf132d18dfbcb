"""The collector: nothing lost at a cut, nobody delayed by another's trouble."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import stamina

from ingest.collector import collect
from ingest.keep import keep
from ingest.source import Answer, Request, Response
from ingest.walk import Outcome, walk
from models.incident import Watch
from models.store import Store
from tests.factories import NOW, a_watch
from tests.fake import Fake, FakePlaces


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Retry without waiting."""
    with stamina.set_testing(testing=True, attempts=3):
        yield


def a_round(store: Store, watch: Watch, fake: Fake) -> list[Outcome]:
    """Ask one watch as it stands in the store, and keep what comes."""
    with store.read() as tx:
        standing = tx.watches.get(watch.id).as_watch()
    outcomes = list(collect([standing], {"fake": fake}, FakePlaces(fake), lambda: NOW))
    for outcome in outcomes:
        keep(store, outcome, NOW)
    return outcomes


def stored(store: Store) -> int:
    """Return how many posts there are."""
    with store.read() as tx:
        return tx.views.count(1)


def test_the_bookmark_moves_only_at_the_end_of_a_chain(lite: Store) -> None:
    """A chain cut in the middle keeps its posts, its place, and the old bookmark."""
    watch = a_watch(lite)
    fake = Fake().says("2 posts, more").then("429 in 60s").then("3 posts")

    a_round(lite, watch, fake)

    with lite.read() as tx:
        row = tx.watches.get(watch.id)
        assert row.bookmark is None
        assert row.chain is not None
        assert row.not_before is not None
        assert timedelta(seconds=60) <= row.not_before - NOW <= timedelta(seconds=65)
    assert stored(lite) == 2

    a_round(lite, watch, fake)

    with lite.read() as tx:
        row = tx.watches.get(watch.id)
        assert (row.bookmark, row.chain, row.trouble) == ("after 3", None, None)
    assert stored(lite) == 5
    assert fake.asked[2].state == {"step": 1, "n": 1}, "it went on where it was cut"


def test_a_watch_that_has_to_wait_is_not_due(lite: Store) -> None:
    """Waiting long is written down, not slept."""
    watch = a_watch(lite)
    a_round(lite, watch, Fake().says("429 in 600s"))

    with lite.read() as tx:
        assert tx.watches.due(watch.incident_id, NOW + timedelta(seconds=599)) == []
        assert len(tx.watches.due(watch.incident_id, NOW + timedelta(seconds=606))) == 1


def test_a_refusal_pauses_the_watch_and_says_why(lite: Store) -> None:
    """Asking again would not help until a person changed something."""
    watch = a_watch(lite)
    a_round(lite, watch, Fake().says("refused"))

    with lite.read() as tx:
        row = tx.watches.get(watch.id)
        assert row.paused_at == NOW
        assert row.trouble_kind == "refused"
        assert "403" in str(row.trouble)
        assert tx.watches.due(watch.incident_id, NOW) == []


@pytest.mark.parametrize("word", ["html", "boom"])
def test_an_unknown_answer_is_trouble_not_silence(lite: Store, word: str) -> None:
    """A login page, or our own mistake in reading, ends the chain and moves nothing."""
    watch = a_watch(lite)
    a_round(lite, watch, Fake().says(word))

    with lite.read() as tx:
        row = tx.watches.get(watch.id)
        assert (row.trouble_kind, row.bookmark) == ("changed", None)
        assert tx.coverage.of(watch.id) == []


def test_a_bad_watch_never_stops_the_others(lite: Store) -> None:
    """Everyone is asked, whatever becomes of their neighbours."""
    names = ["html", "boom", "refused", "2 posts"]
    fakes = {name: Fake(name).says(name) for name in names}
    watches = [a_watch(lite, source=name, incident_id=None) for name in names]

    class Each:
        """The asker that knows a request by its fake's name."""

        def ask(self, request: Request, now: datetime) -> Response:  # type: ignore[no-untyped-def]
            """Bring it to the fake it is for."""
            return fakes[request.params[0][1]].fetch(request, now)

    named = [
        Watch(id=watch.id, incident_id=watch.incident_id, source=name, bookmark=name)
        for watch, name in zip(watches, names, strict=True)
    ]
    outcomes = list(collect(named, fakes, Each(), lambda: NOW))

    good = [outcome for outcome in outcomes if outcome.answer is not None]
    assert [len(outcome.answer.posts) for outcome in good if outcome.answer] == [2]
    assert len(outcomes) == 4


def test_a_stored_chain_the_source_no_longer_takes_is_begun_anew(lite: Store) -> None:
    """A stale continuation is dropped, and the next round asks from the bookmark."""
    watch = a_watch(lite)
    fake = Fake().says("1 posts, more").then("429 in 60s").then("refused").then("4 posts")

    for _ in range(3):
        with lite.begin() as tx:
            row = tx.watches.get(watch.id)
            row.paused_at = None
        a_round(lite, watch, fake)

    assert fake.asked[-1].params == (("from", "start"),)
    assert stored(lite) == 5


def test_a_circle_is_noticed(lite: Store) -> None:
    """A source that answers with the request it was just asked can't hold us for ever."""
    watch = a_watch(lite)

    class Round(Fake):
        """A source whose answers lead back to themselves."""

        def read(self, response: Response) -> Answer:  # type: ignore[no-untyped-def]
            """Answer with the same question."""
            from msgspec.structs import replace

            return replace(super().read(response), more=response.request)

    fake = Round().says("1 posts, more")

    outcomes = list(walk(watch, fake, FakePlaces(fake), lambda: NOW))

    assert "circle" in str(outcomes[-1].error)
    assert len(fake.asked) == 1


def test_a_short_hiccup_is_asked_again_at_once(lite: Store) -> None:
    """One 429 for a second doesn't end a chain."""
    watch = a_watch(lite)
    fake = Fake().says("429 in 1s").then("2 posts")

    outcomes = a_round(lite, watch, fake)

    assert [outcome.error for outcome in outcomes] == [None]
    assert stored(lite) == 2


def test_what_belongs_to_an_answer_is_kept_with_it_or_not_at_all(lite: Store) -> None:
    """If what goes along fails, neither posts nor the place to go on from are kept."""
    watch = a_watch(lite)
    fake = Fake().says("2 posts, more")
    outcome = next(walk(watch, fake, FakePlaces(fake), lambda: NOW))

    def fail(*_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        keep(lite, outcome, NOW, fail)

    assert stored(lite) == 0
    with lite.read() as tx:
        assert tx.watches.get(watch.id).chain is None
