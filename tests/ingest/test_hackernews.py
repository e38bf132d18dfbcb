"""Hacker News: past the thousandth hit, what a lagging index proves, and what is no answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.hackernews import source
from models.coverage import Span, merge
from models.errors import SetupError, SourceChanged
from tests.ingest.hackernews_said import (
    CEILING,
    HOUR,
    LAG,
    MINUTE,
    SECOND,
    TEN,
    Index,
    a_watch,
    comment,
    found,
    onward,
    read,
    searching,
    walk,
)
from tests.recorded import NOW


def test_a_walk_goes_past_the_thousandth_hit() -> None:
    """Two and a half thousand hits: each once, and all of the stretch is proved."""
    said = [comment(TEN + n * SECOND * 2, n) for n in range(2_500)]

    heard = walk(Index(*said), a_watch())

    assert sorted(heard.ids) == sorted(hit["objectID"] for hit in said)
    assert merge(heard.spans) == [Span(TEN, NOW - LAG)]


def test_a_walk_cut_short_proves_only_what_it_read() -> None:
    """The oldest second of an answer may go on in the next; below it is a hole until the walk does."""
    said = [comment(NOW - n * MINUTE, n) for n in range(1, 250)]

    heard = walk(Index(*said), a_watch(since=None), answers=3)

    assert merge(heard.spans) == [Span(NOW - 199 * MINUTE + SECOND, NOW - LAG)]


def test_a_second_that_fills_several_answers_loses_nothing() -> None:
    """Ties are gone through within their second."""
    said = [comment(TEN + HOUR, n) for n in range(250)] + [comment(TEN + MINUTE, n) for n in (1, 2)]

    heard = walk(Index(*said), a_watch())

    assert sorted(heard.ids) == sorted(hit["objectID"] for hit in said)


def test_more_than_a_thousand_in_one_second_is_no_silence() -> None:
    """What the search holds back is said, never left out without a word."""
    with pytest.raises(SourceChanged, match="1000 hits"):
        walk(Index(*(comment(TEN + HOUR, n) for n in range(1_050))), a_watch())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_is_lost_however_it_is_indexed_and_cut(data: st.DataObject) -> None:
    """Hits up to 55 minutes late, walks cut anywhere: in the end all have come, and no span lies."""
    minutes = st.integers(0, 240)
    hits = data.draw(st.lists(st.tuples(minutes, st.integers(0, 55)), max_size=300))
    looks = sorted(data.draw(st.lists(minutes, min_size=1, max_size=12)))
    said = [
        (comment(TEN + m * MINUTE, n), TEN + m * MINUTE, late) for n, (m, late) in enumerate(hits)
    ]
    watch, brought, spans = a_watch(), set(), list[Span]()
    for look in [*looks, 300, 301, 302]:
        at = TEN + look * MINUTE
        index = Index(*(hit for hit, when, late in said if when + late * MINUTE <= at), upto=at)
        cut = data.draw(st.integers(1, 4)) if look < 300 else 10_000
        heard = walk(index, watch, at, answers=cut)
        brought |= set(heard.ids)
        spans += heard.spans
        watch = onward(watch, heard)
        proved = {
            hit["objectID"] for hit, when, late in said
            if not late and any(span.since <= when < span.until for span in spans)
        }  # fmt: skip
        assert proved <= brought

    assert len(brought) == len(hits)


def test_an_index_that_stands_still_proves_nothing_newer() -> None:
    """It has stood still for a day before now: quiet and blind look the same but for its newest."""
    index = Index(comment(TEN + MINUTE), upto=TEN + HOUR)

    heard = walk(index, a_watch())

    assert merge(heard.spans) == [Span(TEN, TEN + HOUR - LAG)]
    assert "only to 04 Mar 10:59 UTC" in heard.notes[0]


def test_an_index_that_catches_up_loses_nothing() -> None:
    """The next walk begins where the index had stood, whatever the clock said."""
    index = Index(upto=TEN)
    watch = onward(a_watch(), walk(index, a_watch()))
    late = comment(TEN + 5 * MINUTE)
    index.hits.append(late)
    index.upto = NOW + HOUR

    heard = walk(index, watch, NOW + HOUR)

    assert heard.ids == [late["objectID"]]


def test_an_empty_index_proves_nothing() -> None:
    """A site of ten million comments that shows none isn't quiet."""
    first = read(source.ask(a_watch(), NOW), found())
    assert first.more is not None
    last = read(first.more, found())

    assert "nothing is proved" in first.notes[0]
    assert (last.span, last.bookmark, last.more) == (None, None, None)


def test_an_hour_is_read_again() -> None:
    """Hits are indexed late, and their points later."""
    bookmark = walk(Index(), a_watch()).bookmark

    request = searching(a_watch(bookmark=bookmark))

    start = int((NOW - LAG - HOUR).timestamp())
    assert f"created_at_i>={start}" in dict(request.params)["numericFilters"]


def test_several_terms_are_proved_together() -> None:
    """Only when the last has ended is it known that nobody used any."""
    watch = a_watch(terms=("lumabank", "#Lumabank", "@lumabank", "card payments"))
    index = Index(comment(TEN + HOUR), comment(TEN + MINUTE, text="their card payments fail"))

    halfway = walk(index, watch, answers=2)
    whole = walk(index, onward(watch, halfway))

    assert len(index.asked) == 3
    assert halfway.spans == []
    assert whole.spans == [Span(TEN, NOW - LAG)]
    assert len(halfway.posts + whole.posts) == 2


def test_a_cached_answer_proves_nothing_newer_than_itself() -> None:
    """The newest of the index is worth nothing for an answer made before it."""
    heard = walk(Index(comment(TEN)), a_watch(), date="Wed, 04 Mar 2026 11:30:00 GMT")

    assert merge(heard.spans) == [Span(TEN, NOW - 30 * MINUTE - LAG)]
    assert heard.posts[0].as_of == NOW - 30 * MINUTE


def test_one_cached_answer_among_several_terms_proves_less() -> None:
    """Together they prove what the oldest of them does."""
    index = Index(*(comment(NOW - n * MINUTE, n) for n in range(1, 105)))
    watch = a_watch(terms=("lumabank", "discs"))
    fresh = walk(index, watch, answers=3)

    heard = walk(index, onward(watch, fresh), date="Wed, 04 Mar 2026 11:30:00 GMT")

    assert heard.spans == [Span(TEN, NOW - 30 * MINUTE - LAG)]


@pytest.mark.parametrize(
    "body",
    [
        found(message=CEILING),
        found(total=12),
        {"hits": None, "nbHits": 0},
        {"hits": []},
        {"message": "Invalid application"},
        [],
        found(1, 2),
        found({"objectID": "1", "created_at_i": 10**30}),
    ],
)
def test_what_is_no_answer_is_changed(body: Any) -> None:
    """It never counts as silence."""
    with pytest.raises(SourceChanged):
        read(searching(a_watch()), body)


def test_hits_out_of_order_are_changed_where_the_walk_rests_on_it() -> None:
    """What goes on below the oldest would leave out the rest; a whole answer needs no order."""
    hits = (comment(TEN), comment(TEN + MINUTE))

    assert len(read(searching(a_watch()), found(*hits)).posts) == 2
    with pytest.raises(SourceChanged, match="newest first"):
        read(searching(a_watch()), found(*hits, total=5))


def test_a_search_that_ignores_its_bounds_is_changed() -> None:
    """It would be walked for ever, or bring years."""
    with pytest.raises(SourceChanged, match="stretch"):
        read(searching(a_watch()), found(comment(TEN - HOUR)))


def test_a_stretch_is_asked_for_by_its_bounds() -> None:
    """The end is excluded; a watch that says nothing looks back a week."""
    bounded = searching(a_watch(until=TEN + HOUR))
    free = searching(a_watch(since=None))

    ten = int(TEN.timestamp())
    assert dict(bounded.params)["numericFilters"] == (
        f"created_at_i>={ten},created_at_i<={ten + 3599}"
    )
    week_ago = int((NOW - timedelta(days=7)).timestamp())
    assert dict(free.params)["numericFilters"] == f"created_at_i>={week_ago}"
    assert read(bounded, found()).span == Span(TEN, TEN + HOUR)


def test_an_estimate_asks_for_every_term() -> None:
    """The counts are beyond the thousandth hit too."""
    request = source.estimate(a_watch(terms=("lumabank", "card payments")), NOW)

    answer = read(request, found(comment(TEN), total=5_562))

    assert dict(request.params)["hitsPerPage"] == "1"
    assert answer.total == 5_562
    assert answer.more is not None
    assert read(answer.more, found()).more is None


@pytest.mark.parametrize(
    "wrong",
    [{"terms": ()}, {"terms": ("!?",)}, {"settings": {"stories": "49000000,item"}}, {"until": TEN}],
)
def test_what_cannot_be_asked_is_a_setup_error(wrong: dict[str, Any]) -> None:
    """Said before anything is asked, with a remedy."""
    with pytest.raises(SetupError) as caught:
        source.ask(a_watch(**wrong), NOW)

    assert caught.value.remedy


def test_an_unreadable_bookmark_costs_one_full_look() -> None:
    """A damaged bookmark is left aside rather than stopping the watch."""
    assert source.ask(a_watch(bookmark="yesterday"), NOW) == source.ask(a_watch(), NOW)
