"""WordPress: one rung down whenever the site says no, and never in silence."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ingest.sources.wordpress import source
from models.errors import SourceBusy, SourceChanged, SourceRefused
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
from tests.recorded import NOW, play


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, {"code": "rest_not_logged_in"}, "REST is closed on this site (401)"),
        (403, b"<html>firewall</html>", "REST is closed on this site (403)"),
        (404, {"code": "rest_no_route"}, "REST is closed on this site (404)"),
        (200, b"<!DOCTYPE html><html>home</html>", "REST leads to an HTML page on this site"),
        (200, {"code": "restx_logged_out"}, "REST is closed on this site (restx_logged_out)"),
        (200, [comment(1, NINE, post=9)], "REST ignores what it is asked on this site"),
        (
            200,
            [comment(2, TEN), comment(1, NINE)],
            "REST ignores what it is asked on this site",
        ),
    ],
)
def test_a_closed_rest_leads_to_the_feed(status: int, body: Any, said: str) -> None:
    """Whatever way a site closes REST, the feed is next and the note says why."""
    answer = rest(body, status=status)

    assert answer.posts == ()
    assert answer.more is not None
    assert answer.more.url == f"{ADDRESS}feed/"
    assert answer.notes[0].startswith(said)
    assert "newest 10" in answer.notes[0]


def test_the_same_answer_twice_leads_to_the_feed() -> None:
    """A server that drops the parameters would give its first answer for ever."""
    items = [comment(1, NINE), comment(2, TEN)]
    first = rest(items, headers={"x-wp-totalpages": "9"})
    assert first.more is not None
    second = source.read(reply(items, first.more, headers=JSON | {"x-wp-totalpages": "9"}))

    assert second.posts == ()
    assert second.more is not None
    assert second.more.url == f"{ADDRESS}feed/"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_rest_is_never_a_reason_to_fall_back(status: int) -> None:
    """The feed would show ten of a thousand: waiting is better."""
    with pytest.raises(SourceBusy):
        rest(b"<html>busy</html>", status=status)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>home</html>", "this is an HTML page, not a feed"),
        (
            (
                b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>News</title>'
                b"<guid>https://blog.example/?p=44</guid><description>Long read</description></item>"
                b"</channel></rss>"
            ),
            "the feed holds articles, not comments",
        ),
        (
            (
                b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>By: Cleo</title>'
                b"<guid>https://blog.example/?p=9#comment-1</guid><description>Hi</description></item>"
                b"</channel></rss>"
            ),
            "the feed holds the comments of other articles",
        ),
    ],
)
def test_a_feed_of_something_else_leads_to_the_article(body: bytes, said: str) -> None:
    """Articles or other articles' comments are never taken for this article's."""
    closed = rest(b"", status=404)
    assert closed.more is not None

    answer = source.read(reply(body, closed.more))

    assert answer.posts == ()
    assert said in answer.notes[0]
    assert answer.more is not None
    assert answer.more.url == ADDRESS


def test_when_every_way_is_closed_each_is_named() -> None:
    """A person gets to know what was tried, and what it said."""
    at_rest = rest(b"", status=401)
    assert at_rest.more is not None
    at_feed = source.read(reply(b"", at_rest.more, 404))
    assert at_feed.more is not None

    with pytest.raises(SourceRefused) as caught:
        source.read(reply(b"", at_feed.more, 403))

    assert "REST is closed on this site (401)" in caught.value.message
    assert "the comment feed can't be had (404)" in caught.value.message
    assert "the article can't be had (403)" in caught.value.message


def test_comments_that_only_a_script_shows_are_no_silence() -> None:
    """An article that says “3 responses” and shows none can't be read, and says so."""
    at_rest = rest(b"", status=401)
    assert at_rest.more is not None
    at_feed = source.read(reply(b"", at_rest.more, 404))
    assert at_feed.more is not None
    html = b"<html><body><div id='comments'><h2>3 responses to &#8220;Bills&#8221;</h2></div>"

    with pytest.raises(SourceChanged, match="3 comments"):
        source.read(reply(html, at_feed.more))


def test_a_remembered_way_that_closes_is_looked_for_afresh() -> None:
    """A stale bookmark never pauses the watch: the article is asked again first."""
    bookmark = play(source, CASES / "fallback-html")[-1].bookmark
    request = source.ask(msgspec.structs.replace(WATCH, bookmark=bookmark), NOW)

    said = source.read(reply(b"", request, 403))

    assert said.more is not None
    assert said.more.url == ADDRESS
    assert after_discovery().url == "https://blog.example/wp-json/wp/v2/comments"


def test_all_ways_give_a_comment_the_same_id() -> None:
    """Falling back and climbing up again doubles nobody."""
    ids = [
        {post.external_id for said in play(source, CASES / case) for post in said.posts}
        for case in ("chain", "fallback-feed", "fallback-html")
    ]

    assert "blog.example#comment-90180" in ids[0] & ids[1] & ids[2]
