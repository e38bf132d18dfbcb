"""X: what a refusal means. Wait, stop, mend, or ask once more in another way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.sources.x import source
from ingest.sources.x.values import id_at
from models.coverage import Span
from models.errors import SourceBusy, SourceChanged, SourceRefused
from tests.ingest.x_said import (
    LAG,
    QUIET,
    RESET,
    TEN,
    a_watch,
    asked,
    bounds,
    found,
    more,
    read,
    said,
)
from tests.recorded import NOW

STALE = {
    "errors": [
        {
            "message": "'since_id' must be a tweet id created after 2026-02-25T12:00Z.",
            "parameters": {"since_id": ["2020000000000000000"]},
        }
    ],
    "title": "Invalid Request",
    "type": "https://api.twitter.com/2/problems/invalid-request",
}
UNKNOWN = {
    "errors": [
        {"message": "[note_tweet] isn't one of the fields", "parameters": {"tweet.fields": ["x"]}}
    ],
    "title": "Invalid Request",
}


def test_a_refused_bookmark_is_asked_by_time_once() -> None:
    """The chain goes on where X reaches; the stretch before stays a hole."""
    bookmark = id_at(NOW - timedelta(days=6, hours=22))
    request = source.ask(a_watch(bookmark=bookmark), NOW)
    later = NOW + timedelta(hours=3)

    answer = read(request, STALE, status=400, at=later)
    again = more(answer)

    assert bounds(request) == {"since_id"}
    assert bounds(again) == {"start_time"}
    assert answer.bookmark is None
    assert len(answer.notes) == 1
    assert read(again, QUIET, at=later).span == Span(
        later - timedelta(days=6, hours=23), later - LAG
    )
    with pytest.raises(SourceChanged, match="since_id"):
        read(again, STALE, status=400, at=later)


def test_refused_field_names_are_asked_in_the_other_dialect_once() -> None:
    """And the person is told which setting saves that question."""
    answer = read(source.ask(a_watch(), NOW), UNKNOWN, status=400)

    assert "post.fields" in asked(more(answer))
    assert "dialect=post" in answer.notes[0]
    with pytest.raises(SourceChanged):
        read(more(answer), UNKNOWN, status=400)


def test_a_query_x_does_not_take_is_for_a_person() -> None:
    """In X's own words, kept short."""
    problem = {
        "errors": [{"message": "no such operator\x00", "parameters": {"query": ["min_faves:3"]}}]
    }

    with pytest.raises(SourceRefused, match="no such operator") as caught:
        read(source.ask(a_watch(), NOW), problem, status=400)

    assert "terms" in caught.value.remedy


@pytest.mark.parametrize(("reset_in", "wait"), [(120, 121.0), (-50, 1.0), (7200, 900.0)])
def test_the_window_s_end_is_waited_for(reset_in: int, wait: float) -> None:
    """Never more than a quarter of an hour, whatever X's clock says."""
    headers = RESET | {"x-rate-limit-reset": str(int(NOW.timestamp()) + reset_in)}

    with pytest.raises(SourceBusy) as caught:
        read(source.ask(a_watch(), NOW), {"errors": [{"code": 88}]}, status=429, headers=headers)

    assert caught.value.retry_after == wait


def test_the_last_question_of_a_window_says_how_long_to_wait() -> None:
    """Better than asking once more only to be refused."""
    request = source.ask(a_watch(), NOW)

    assert read(request, found(said(TEN), then="b"), headers=RESET).wait == 121.0
    assert read(request, found(said(TEN)), headers=RESET).wait == 0.0
    assert read(request, found(said(TEN), then="b")).wait == 0.0


def test_the_archive_is_asked_at_most_once_a_second() -> None:
    """X refuses more."""
    request = source.ask(a_watch(settings={"search": "all"}), NOW)

    assert read(request, found(said(TEN), then="b")).wait == 1.0


@pytest.mark.parametrize("host", ["https://api.x.com", "https://api.twitter.com"])
def test_a_used_up_cap_is_no_wait(host: str) -> None:
    """It lasts until the month ends; asking again each minute helps nobody."""
    problem = {"title": "UsageCapExceeded", "type": f"{host}/2/problems/usage-capped"}

    with pytest.raises(SourceRefused, match="until the month ends"):
        read(source.ask(a_watch(), NOW), problem, status=429, headers=RESET)


def test_a_429_that_says_nothing_is_a_wait_of_unknown_length() -> None:
    """The Collector knows what to do then."""
    with pytest.raises(SourceBusy) as caught:
        read(source.ask(a_watch(), NOW), {}, status=429)

    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "X_BEARER_TOKEN"), (402, "credits"), (403, "project")]
)
def test_a_refusal_says_what_to_do(status: int, remedy: str) -> None:
    """A person can mend each of these."""
    with pytest.raises(SourceRefused) as caught:
        read(source.ask(a_watch(), NOW), {"detail": "no"}, status=status)

    assert remedy in caught.value.remedy
    assert caught.value.source == "x"
