"""X: where to go on, what an answer proves and holds, and what counting costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.source import Answer
from ingest.sources.x import source
from ingest.sources.x.chain import NEAR, Mark
from ingest.sources.x.values import id_at, said_at
from models.coverage import Span
from models.errors import SourceChanged
from tests.ingest.x_said import (
    LAG,
    QUIET,
    TEN,
    a_watch,
    asked,
    found,
    many_terms,
    more,
    read,
    said,
)
from tests.recorded import FIXTURES, NOW, play


def newest(answer: Answer) -> datetime:
    """Return the newest post's time an answer's bookmark knows of."""
    mark = msgspec.json.decode(answer.bookmark or "", type=Mark)
    return mark.seen.replace(microsecond=mark.seen.microsecond // 1000 * 1000)


def test_a_recorded_chain_proves_its_stretch_without_a_seam() -> None:
    """Newest first: each answer reaches down to where the next begins, the last to the bookmark."""
    answers = play(source, FIXTURES / "sources" / "x" / "chain")
    spans = [answer.span for answer in answers if answer.span]

    assert (answers[1].posts, answers[1].span) == ((), None)
    assert spans[0].until == NOW - LAG
    assert spans[0].since == spans[1].until
    assert said_at("2029164461859799047") == newest(answers[-1])
    assert answers[0].hole == Span(spans[-1].since, spans[0].since)
    assert answers[-1].hole is None
    assert "2 things" in answers[-1].notes[0]
    assert len(answers[-1].rejects) == 1


def test_the_oldest_second_of_an_answer_is_not_yet_proved() -> None:
    """X gives whole seconds, and the next answer may go on in the same one."""
    request = source.ask(a_watch(since=TEN), NOW)
    answer = read(request, found(said(TEN + timedelta(minutes=30)), then="b"))

    assert answer.span == Span(TEN + timedelta(minutes=30, seconds=1), NOW - LAG)
    assert ("next_token", "b") in more(answer).params
    assert asked(more(answer))["start_time"] == asked(request)["start_time"]


def test_silence_keeps_the_bookmark() -> None:
    """Nothing new is no reason to forget where we were: X's index may only be late."""
    answer = read(source.ask(a_watch(bookmark=id_at(TEN)), NOW), QUIET)

    assert (newest(answer), answer.more) == (TEN, None)
    assert answer.span == Span(TEN - NEAR, NOW - LAG)


def test_a_post_from_the_future_never_becomes_the_bookmark() -> None:
    """One broken clock must not make the watch deaf."""
    good = said(TEN)

    answer = read(source.ask(a_watch(), NOW), found(said(NOW + timedelta(days=400)), good))

    assert newest(answer) == TEN


def test_several_queries_prove_their_stretch_together() -> None:
    """What one query found quiet, another may not: nothing is proved before the last has ended."""
    watch = a_watch(terms=many_terms(), bookmark=id_at(TEN))
    first = source.ask(watch, NOW)
    one = read(first, found(said(TEN + timedelta(minutes=50)), then="b"))
    two = read(more(one), found(said(TEN + timedelta(minutes=20))), at=NOW + LAG)
    three = read(more(two), found(said(TEN + timedelta(minutes=55))), at=NOW + 2 * LAG)

    assert asked(more(two))["query"] != asked(first)["query"] == asked(more(one))["query"]
    assert "next_token" not in asked(more(two))
    assert asked(first)["since_id"] == asked(more(two))["since_id"]
    assert (one.span, two.span) == (None, None)
    assert one.hole == two.hole == Span(TEN - NEAR, NOW), "nothing less than all is still to read"
    assert three.more is None
    assert three.span == Span(TEN - NEAR, NOW - LAG)
    assert newest(three) == TEN + timedelta(minutes=55)


def test_the_same_token_twice_is_a_circle() -> None:
    """A server gone round would be paid for ever."""
    answer = read(source.ask(a_watch(), NOW), found(said(TEN), then="b"))

    with pytest.raises(SourceChanged, match="same answer"):
        read(more(answer), found(said(TEN), then="b"))


def test_a_question_kept_by_another_version_is_no_traceback() -> None:
    """The watch starts over instead."""
    request = msgspec.structs.replace(source.ask(a_watch(), NOW), state={"old": "shape"})

    with pytest.raises(SourceChanged):
        read(request, QUIET)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"message": "hello"},
        {"meta": {}},
        {"meta": {"result_count": 5}},
        {"data": {"id": "1"}, "meta": {"result_count": 1}},
        {"data": [1, None, "x"], "meta": {"result_count": 3}},
    ],
)
def test_a_wrong_shape_is_never_silence(body: Any) -> None:
    """Only X's own word that there is nothing counts as quiet."""
    with pytest.raises(SourceChanged):
        read(source.ask(a_watch(), NOW), body)


def test_errors_alone_prove_nothing() -> None:
    """No posts, no stretch, no new bookmark, but a word to the person."""
    request = source.ask(a_watch(terms=many_terms(), bookmark=id_at(TEN)), NOW)
    one = read(request, found(said(TEN + timedelta(minutes=5)), then="b"))

    answer = read(more(one), {"errors": [{"title": "Not Found Error"}]})

    assert (answer.posts, answer.span, answer.bookmark, answer.more) == ((), None, None, None)
    assert len(answer.notes) == 1


@pytest.mark.parametrize("field", ["author_id", "created_at"])
def test_fields_left_out_without_a_word_are_a_dialect_mismatch(field: str) -> None:
    """X answers 200 and bills it when it doesn't know the names we ask by."""
    bare = [{k: v for k, v in said(TEN).items() if k != field}]

    with pytest.raises(SourceChanged, match="field dialect mismatch") as caught:
        read(source.ask(a_watch(), NOW), found(*bare))

    assert "dialect=post" in caught.value.remedy


def test_the_company_s_own_words_are_marked() -> None:
    """Its statement, spread by customers, is no feedback."""
    original = said(TEN) | {"author_id": "1", "text": "we know, and we are sorry"}
    repost = said(TEN + timedelta(minutes=1)) | {
        "referenced_tweets": [{"type": "retweeted", "id": original["id"]}]
    }
    users = [{"id": "1", "username": "Lumabank"}, {"id": "77", "username": "olek"}]

    answer = read(
        source.ask(a_watch(terms=("@lumabank",)), NOW),
        found(repost, includes={"users": users, "tweets": [original]}),
    )

    assert [(p.author, p.kind, p.official) for p in answer.posts] == [
        ("olek", "repost", False),
        ("Lumabank", "post", True),
    ]


def test_a_bad_post_never_loses_the_good_ones() -> None:
    """Nulls, numbers and hostile text stand between two good posts."""
    hostile = said(TEN, "down\x00 &amp;amp; out \u202e" + "x" * 100_000) | {
        "public_metrics": {"like_count": -1, "retweet_count": 2**80, "reply_count": "7"},
        "entities": {"urls": [None, {"url": 5}]},
        "edit_history_tweet_ids": "abc",
        "lang": ["en"],
    }
    answer = read(
        source.ask(a_watch(), NOW),
        found(said(TEN), None, 7, {"id": "1" * 40}, hostile, said(TEN) | {"text": "  "}),  # type: ignore[arg-type]
    )

    assert len(answer.posts) == 2
    assert len(answer.rejects) == 4
    last = answer.posts[-1]
    assert last.text.startswith("down &amp; out")
    assert (last.likes, last.reposts, last.replies, last.lang) == (None, None, 7, None)


@pytest.mark.parametrize("name", ["total_tweet_count", "total_post_count"])
def test_an_estimate_adds_up_over_the_chain(name: str) -> None:
    """The archive counts month by month; the totals add up, in either dialect."""
    watch = a_watch(settings={"search": "all"}, since=NOW - timedelta(days=60))
    request = source.estimate(watch, NOW)
    one = read(request, {"data": [], "meta": {name: 40, "next_token": "older"}})
    two = read(more(one), {"data": [], "meta": {name: 2}})

    assert request.url.endswith("/2/tweets/counts/all")
    assert not {"max_results", "tweet.fields", "expansions"} & asked(request).keys()
    assert (one.total, two.total, two.more) == (40, 2, None)
    assert one.wait == 1.0
    assert (one.posts, one.span) == ((), None)


def test_a_count_goes_through_all_queries() -> None:
    """Terms that take two queries take two counts."""
    one = read(
        source.estimate(a_watch(terms=many_terms()), NOW), {"meta": {"total_tweet_count": 3}}
    )
    two = read(more(one), {"meta": {"total_tweet_count": 4}})

    assert (one.total, two.total, two.more) == (3, 4, None)


def test_a_count_without_a_total_is_no_zero() -> None:
    """An estimate of nothing would spend without asking."""
    with pytest.raises(SourceChanged):
        read(source.estimate(a_watch(), NOW), {"data": [], "meta": {}})
