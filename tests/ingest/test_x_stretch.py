"""X: where to begin. Since-ids, times, the week it reaches back, and what it can't be asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.sources.x import source
from ingest.sources.x.chain import DEEP, NEAR, RARELY, Mark
from ingest.sources.x.values import id_at
from models.coverage import Span
from models.errors import SetupError
from tests.ingest.x_said import (
    LAG,
    QUIET,
    TEN,
    a_watch,
    asked,
    bounds,
    read,
)
from tests.recorded import NOW


def test_the_first_question_asks_a_week_by_time() -> None:
    """With nothing known, recent search is asked for the week it has, an hour kept in hand."""
    request = source.ask(a_watch(), NOW)

    assert request.url == "https://api.x.com/2/tweets/search/recent"
    assert request.secret == "X_BEARER_TOKEN"
    assert asked(request)["max_results"] == "100"
    assert asked(request)["start_time"] == "2026-02-25T13:00:00Z"
    assert bounds(request) == {"start_time"}


def test_one_dialect_is_asked_and_never_mixed() -> None:
    """X leaves out, unasked-for and billed, what it doesn't know by that name."""
    classic = asked(source.ask(a_watch(), NOW))
    newer = asked(source.ask(a_watch(settings={"dialect": "post"}), NOW))

    assert "tweet.fields" in classic
    assert "post.fields" not in classic
    assert "post.fields" in newer
    assert "tweet" not in json.dumps(newer)


def test_a_bookmark_asks_by_id_alone() -> None:
    """X refuses since_id beside start_time, so the watch's own beginning is left out."""
    bookmark = id_at(TEN)

    request = source.ask(a_watch(bookmark=bookmark, since=TEN - timedelta(hours=2)), NOW)

    assert bounds(request) == {"since_id"}
    assert asked(request)["since_id"] == str(int(id_at(TEN - NEAR)) - 1), "and a little earlier"


def test_a_bookmark_and_an_end_are_both_ids() -> None:
    """The end becomes the first id X could have given out then."""
    until = TEN + timedelta(hours=1)

    request = source.ask(a_watch(bookmark=id_at(TEN), until=until), NOW)

    assert bounds(request) == {"since_id", "until_id"}
    assert asked(request)["until_id"] == id_at(until)


def test_an_end_that_is_not_yet_past_is_left_to_x() -> None:
    """X wants ends at least ten seconds old; until then its own lag is the end."""
    request = source.ask(a_watch(until=NOW - timedelta(seconds=5)), NOW)

    assert bounds(request) == {"start_time"}
    assert read(request, QUIET).span == Span(datetime(2026, 2, 25, 13, tzinfo=UTC), NOW - LAG)


def test_a_watch_opened_this_second_asks_for_something_past() -> None:
    """An incident begins now; X takes no beginning so young."""
    start = asked(source.ask(a_watch(since=NOW), NOW))["start_time"]

    assert datetime.fromisoformat(start) <= NOW - timedelta(seconds=60)


def test_times_are_whole_seconds() -> None:
    """X refuses microseconds."""
    when = TEN.replace(microsecond=123456)

    request = source.ask(a_watch(since=when, until=when + timedelta(hours=1)), NOW)

    assert asked(request)["start_time"] == "2026-03-04T10:00:00Z"
    assert asked(request)["end_time"] == "2026-03-04T11:00:00Z"
    assert read(request, QUIET).span == Span(TEN, TEN + timedelta(hours=1))


def test_a_stale_bookmark_is_dropped_and_the_hole_stays_visible() -> None:
    """Older than the week X reaches back, it would be refused for ever."""
    request = source.ask(a_watch(bookmark=id_at(NOW - timedelta(days=9))), NOW)
    answer = read(request, QUIET)

    assert bounds(request) == {"start_time"}
    assert answer.span == Span(datetime(2026, 2, 25, 13, tzinfo=UTC), NOW - LAG)
    assert "missed" in answer.notes[0]
    assert answer.lost is not None
    assert answer.lost.until == datetime(2026, 2, 25, 13, tzinfo=UTC)


def test_the_whole_archive_keeps_old_bookmarks_and_asks_500() -> None:
    """Nothing is stale there."""
    bookmark = id_at(NOW - timedelta(days=90))

    request = source.ask(a_watch(bookmark=bookmark, settings={"search": "all"}), NOW)

    assert request.url.endswith("/2/tweets/search/all")
    assert asked(request)["since_id"] == str(int(id_at(NOW - timedelta(days=90) - NEAR)) - 1)
    assert asked(request)["max_results"] == "500"


def test_a_beginning_before_the_week_is_said() -> None:
    """The person learns that recent search can't reach where they asked."""
    answer = read(source.ask(a_watch(since=NOW - timedelta(days=30)), NOW), QUIET)

    assert "reaches back a week" in answer.notes[0]
    assert answer.span is not None
    assert answer.span.since == datetime(2026, 2, 25, 13, tzinfo=UTC)


@pytest.mark.parametrize("bookmark", ["garbage", "9" * 19, "12", "-5"])
def test_a_bookmark_that_cannot_be_is_not_asked_by(bookmark: str) -> None:
    """An id from the future would find nothing, for ever."""
    assert bounds(source.ask(a_watch(bookmark=bookmark), NOW)) == {"start_time"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"settings": {"search": "everything"}},
        {"settings": {"dialect": "toot"}},
        {"settings": {"api": "api.x.com"}},
        {"settings": {"query": "lumabank " * 100}},
        {"terms": ()},
        {"since": TEN, "until": TEN - timedelta(hours=1)},
        {"until": NOW - timedelta(days=20)},
    ],
)
def test_what_x_cannot_be_asked_is_a_setup_error(wrong: dict[str, Any]) -> None:
    """Said before a question is paid for, with a remedy."""
    with pytest.raises(SetupError) as caught:
        source.ask(a_watch(**wrong), NOW)

    assert caught.value.remedy


def test_an_own_query_is_asked_as_it_is() -> None:
    """Whoever knows X's language may use it."""
    own = 'lumabank lang:pl -"job offer"'

    assert asked(source.ask(a_watch(terms=(), settings={"query": own}), NOW))["query"] == own


def test_every_few_minutes_a_walk_goes_deep() -> None:
    """X finds some posts only minutes after they were made; reading twice costs nothing that day."""
    mark = Mark(seen=TEN, deep=TEN - timedelta(minutes=3))
    bookmark = msgspec.json.encode(mark).decode()

    soon = source.ask(a_watch(bookmark=bookmark), TEN + timedelta(minutes=1))
    later = source.ask(a_watch(bookmark=bookmark), TEN - timedelta(minutes=3) + RARELY)

    assert asked(soon)["since_id"] == str(int(id_at(TEN - NEAR)) - 1)
    assert asked(later)["since_id"] == str(int(id_at(TEN - timedelta(minutes=3) - DEEP)) - 1)
