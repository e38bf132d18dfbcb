"""WordPress by REST: whole chains, proven stretches, and odd items."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.sources.wordpress import source
from models.coverage import Span
from models.errors import SourceChanged
from tests.ingest.wordpress_said import (
    ADDRESS,
    CASES,
    JSON,
    NINE,
    TEN,
    WATCH,
    after_discovery,
    comment,
    reply,
    rest,
)
from tests.recorded import NOW, play, recorded, watch_of


def test_a_short_answer_is_not_the_last() -> None:
    """The number of answers decides, since unseen comments count too."""
    first = rest([comment(1, NINE)], headers={"x-wp-totalpages": "3"})
    assert first.more is not None
    second = source.read(reply([], first.more, headers=JSON | {"x-wp-totalpages": "3"}))

    assert second.more is not None
    assert dict(second.more.params)["page"] == "3"
    assert first.bookmark is None and second.bookmark is None


def test_without_totals_the_chain_ends_at_an_empty_answer() -> None:
    """A proxy that strips headers doesn't cut the chain short."""
    bare = {"content-type": "application/json"}
    first = source.read(reply([comment(1, NINE)], after_discovery(), headers=bare))
    assert first.more is not None
    last = source.read(reply([], first.more, headers=bare))

    assert last.more is None
    assert last.span == Span(NINE, NOW)


def test_an_article_without_comments_is_quiet() -> None:
    """REST's empty list is proof of silence, up to the age of a cached answer."""
    said = rest([], headers={"age": "600", "x-wp-total": "0", "x-wp-totalpages": "0"})

    assert said.posts == ()
    assert said.span is not None
    assert said.span.until == NOW - timedelta(minutes=10)


def test_the_next_chain_reads_two_days_again() -> None:
    """A comment held for moderation appears with its old date; only REST's own times count."""
    said = rest([comment(1, NINE), comment(2, TEN)])
    later = msgspec.structs.replace(WATCH, bookmark=said.bookmark)
    request = source.ask(later, NOW + timedelta(hours=1))

    assert request.url == "https://blog.example/wp-json/wp/v2/comments"
    assert dict(request.params)["after"] == "2026-03-01T10:00:00Z"
    again = source.read(reply([comment(2, TEN)], request, headers=JSON))
    assert again.span == Span(datetime(2026, 3, 2, 10, 0, tzinfo=UTC), NOW)


def test_a_place_is_learnt_anew_after_a_day() -> None:
    """Then REST gets another chance, and fills in what a feed let slip since it was last open."""
    case = CASES / "fallback-feed"
    bookmark = play(source, case)[-1].bookmark
    watch = msgspec.structs.replace(watch_of(case), bookmark=bookmark)

    assert source.ask(watch, NOW + timedelta(hours=1)).url == f"{ADDRESS}feed/"
    tomorrow = source.ask(watch, NOW + timedelta(hours=25))
    assert tomorrow.url == ADDRESS
    said = source.read(recorded(CASES / "chain" / "1.http", tomorrow))
    assert said.more is not None
    assert "after" not in dict(said.more.params)


def test_the_stretch_asked_for_is_asked_wider_and_cut_to_measure() -> None:
    """Old sites take dates in their own time: a day more is asked for on both sides."""
    watch = msgspec.structs.replace(WATCH, since=NINE, until=TEN)
    said = rest([comment(1, NINE - timedelta(hours=1)), comment(2, NINE), comment(3, TEN)], watch)

    params = dict(after_discovery(watch).params)
    assert (params["after"], params["before"]) == ("2026-03-02T09:00:00Z", "2026-03-04T10:00:00Z")
    assert [post.external_id for post in said.posts] == ["blog.example#comment-2"]
    assert said.span == Span(NINE, TEN)


def test_a_bad_question_is_trouble_unless_it_is_the_date() -> None:
    """A site that takes no dates is asked for everything."""
    watch = msgspec.structs.replace(WATCH, since=NINE)
    bad = {"code": "rest_invalid_param", "data": {"status": 400, "params": {"after": "bad"}}}
    said = rest(bad, watch, status=400)

    assert said.more is not None
    assert "after" not in dict(said.more.params)
    with pytest.raises(SourceChanged):
        source.read(reply(bad, said.more, 400))
    with pytest.raises(SourceChanged):
        rest({"code": "rest_invalid_param", "data": {"params": {"per_page": "x"}}}, status=400)


@pytest.mark.parametrize("body", [{"comments": []}, "none", 7, [1, None, "x"], b"[{", b""])
def test_json_of_another_shape_is_trouble(body: Any) -> None:
    """A whole answer that is no list of comments is never silence."""
    with pytest.raises(SourceChanged):
        rest(body)


def test_bad_items_lose_none_of_the_good() -> None:
    """Each odd item becomes a reject beside the comments that are sound."""
    odd: list[Any] = [
        None,
        {"id": {}},
        comment(-2, NINE),
        comment(3, NINE, content="text"),
        comment(4, NINE, content={"rendered": "<blockquote>only a quotation</blockquote>"}),
    ]
    sound = [
        comment(5, NINE, author_name=12, parent="4", link=None),
        comment(6, NINE, id="6", date_gmt="0000-00-00T00:00:00", author_name=None),
        comment(7, NINE, date_gmt="2099-01-01T00:00:00", content={"rendered": "a\0b\ud800"}),
    ]
    body = b"[" + b",".join(_encode(item) for item in [*odd, *sound]) + b"]"

    said = rest(body)

    assert [r.where for r in said.rejects] == [f"comment {n}" for n in (1, 2, 3, 4, 5)]
    assert [post.external_id.rpartition("-")[2] for post in said.posts] == ["5", "6", "7"]
    assert said.posts[0].parent_id == "blog.example#comment-4"
    assert said.posts[1].posted_at is None and said.posts[2].posted_at is None


def _encode(item: Any) -> bytes:
    import json

    return json.dumps(item).replace("\\ud800", "�").encode()


def test_an_estimate_is_one_cheap_question() -> None:
    """REST's total is asked for with a single comment, and no post is kept."""
    first = source.read(recorded(CASES / "chain" / "1.http", source.estimate(WATCH, NOW)))
    assert first.more is not None
    said = source.read(reply([comment(1, NINE)], first.more, headers=JSON))

    assert dict(first.more.params)["per_page"] == "1"
    assert (said.total, said.posts, said.more, said.bookmark) == (3, (), None, None)
