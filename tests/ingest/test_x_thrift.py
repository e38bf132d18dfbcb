"""X on a budget: counted first, then replies to the company, then a sample drawn by chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Request
from ingest.sources.x import source
from ingest.sources.x.chain import Mark
from ingest.sources.x.thrift import allowed, thrifty
from models.budget import Left
from models.coverage import Span
from models.incident import Watch
from tests.ingest.x_said import LAG, QUIET, TEN, a_watch, asked, found, more, read, said
from tests.recorded import NOW

MARK = Mark(seen=NOW - timedelta(minutes=10), deep=NOW - timedelta(minutes=11))


def on_a_budget(reads: int, **kwargs: Any) -> Watch:
    """Return a watch that may pay for so many more posts today, last heard ten minutes ago."""
    bookmark = msgspec.json.encode(MARK).decode()
    plain = {"terms": ("lumabank", "@lumabank"), "bookmark": bookmark, "left": Left(reads=reads)}
    return a_watch(**(plain | kwargs))


def counts(total: int) -> dict[str, Any]:
    """Return X's count."""
    return {"data": [], "meta": {"total_tweet_count": total}}


def walked(watch: Watch, total: int, replies: int = 1) -> tuple[list[Request], list[Answer]]:
    """Walk a chain to its end: so many posts counted, so many answers of replies, the rest empty."""
    request: Request | None = source.ask(watch, NOW)
    requests, answers = [], []
    while request is not None:
        requests.append(request)
        if "/counts/" in request.url:
            body = counts(total)
        elif asked(request)["query"] == "(to:lumabank)" and len(answers) < replies:
            body = found(said(TEN), then=f"t{len(answers)}")
        else:
            body = QUIET
        answers.append(read(request, body))
        request = answers[-1].more
    return requests, answers


def test_without_a_budget_nothing_is_counted() -> None:
    """A count costs as much as a post."""
    assert "/search/" in source.ask(a_watch(), NOW).url


def test_what_fits_the_budget_is_read_in_full() -> None:
    """The count is of what is new; the reading goes back a little further, which is free that day."""
    requests, answers = walked(on_a_budget(50_000), 900)

    gauge, search = requests
    assert "/2/tweets/counts/recent" in gauge.url
    assert int(asked(search)["since_id"]) < int(asked(gauge)["since_id"])
    assert answers[-1].sample is None
    assert answers[-1].span is not None and answers[-1].span.until == NOW - LAG


def test_beyond_the_budget_replies_come_first_and_then_a_sample() -> None:
    """What is said to the company is read first; slices of the rest are drawn, with known chance."""
    requests, answers = walked(on_a_budget(10_000), 20_000, replies=3)

    queries = [asked(request)["query"] for request in requests[1:]]
    first = queries.index("(lumabank OR @lumabank) -from:lumabank")
    assert 1 <= first <= 5 and set(queries[:first]) == {"(to:lumabank)"}
    assert set(queries[first:]) == {"(lumabank OR @lumabank) -from:lumabank"}
    sample = answers[-1].sample
    assert sample is not None
    assert (sample.counted, sample.span) == (20_000, Span(MARK.seen, NOW - LAG))
    assert len(sample.slices) == len(queries) - first
    stretches = [(asked(r)["start_time"], asked(r)["end_time"]) for r in requests[1 + first :]]
    assert stretches == [
        (f"{s.since:%Y-%m-%dT%H:%M:%SZ}", f"{s.until:%Y-%m-%dT%H:%M:%SZ}") for s in sample.slices
    ]
    slices = -(-sample.span.length // sample.width)
    assert sample.probability == len(sample.slices) / slices
    assert 0.02 < sample.probability < 0.05
    assert all(answer.span is None for answer in answers), "nothing is proved complete"
    assert "sample of" in answers[0].notes[0]


def test_replies_never_take_all_of_the_budget() -> None:
    """At most half; the sample must say what the rest is like."""
    requests, _ = walked(on_a_budget(4_000), 20_000, replies=1_000)

    queries = [asked(request)["query"] for request in requests[1:]]
    assert queries.count("(to:lumabank)") == 2
    assert len(queries) - 2 >= 2


def test_a_sampled_stretch_is_never_paid_for_by_a_later_walk() -> None:
    """Reading again what the index was late with ends where the sample ended."""
    _, answers = walked(on_a_budget(10_000), 20_000)
    bookmark = answers[-1].bookmark

    for minutes in (1, 30):
        later = NOW + timedelta(minutes=minutes)
        request = source.ask(on_a_budget(10_000, bookmark=bookmark), later)
        quiet = read(more(read(request, counts(0), at=later)), QUIET, at=later)
        assert quiet.span is not None and quiet.span.since == NOW - LAG


def test_the_same_question_draws_the_same_slices() -> None:
    """Asked again after a crash it must not draw until it likes what it sees."""
    span = Span(TEN, TEN + timedelta(minutes=10))

    one, two = (thrifty(5_000, 1_000, span, (), NOW, "seed") for _ in range(2))

    assert one is not None and one == two


def test_a_walk_spends_a_tenth_of_the_rest_or_its_share_of_the_day() -> None:
    """So a budget never runs out in one minute, and isn't left over at midnight."""
    minute = Span(NOW, NOW + timedelta(minutes=1))
    evening = datetime(2026, 3, 4, 23, 58, tzinfo=UTC)

    assert allowed(10_000, minute, NOW) == 1_000
    assert allowed(10_000, minute, evening) == 5_000
    assert allowed(150, minute, NOW) == 150
    assert allowed(900, minute, NOW) == 200
