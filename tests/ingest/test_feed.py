"""Comment feeds: what they show, what has scrolled by, and what is no feed at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.source import Answer, Request, Response
from ingest.sources.feed import source
from ingest.sources.feed.entries import NotAFeed, read_feed
from models.coverage import Span
from models.errors import SetupError, SourceBusy, SourceChanged
from models.incident import Watch
from tests.recorded import FIXTURES, NOW, play, recorded, watch_of

FEEDS = FIXTURES / "sources" / "feed"
URL = "https://blog.example/outage/feed/"
WATCH = Watch(source="feed", address=URL)
TENTH = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def rss(*items: str) -> bytes:
    """Return an RSS feed of these items."""
    body = "".join(f"<item>{item}</item>" for item in items)
    channel = f"<channel><title>Comments</title>{body}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


def comment(number: int, when: datetime) -> str:
    """Return an item as WordPress writes it."""
    return (
        f"<title>By: Cleo</title><link>{URL}#comment-{number}</link>"
        f"<pubDate>{when:%a, %d %b %Y %H:%M:%S} +0000</pubDate><description>Down</description>"
    )


def answer(body: bytes, request: Request, status: int = 200, **headers: str) -> Response:
    """Return the reply to a request."""
    return Response(
        request=request, status=status, body=body, at=NOW, url=request.url, headers=headers
    )


def marked(**values: Any) -> Watch:
    """Return the watch with a bookmark."""
    return msgspec.structs.replace(WATCH, bookmark=msgspec.json.encode(values).decode())


def look(watch: Watch, *items: str) -> Answer:
    """Read a feed of these items for a watch."""
    return source.read(answer(rss(*items), source.ask(watch, NOW)))


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body><p>Please sign in</p></body></html>",
        b"<html><body><rss version='2.0'><channel></channel></rss></body></html>",
        b"<!-- cached -->\n<HTML><body>By: Cleo</body></HTML>",
        b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"></html>',
        b'<?xml version="1.0"?><rss version="2.0"><channel><title>Cut he',
        b'{"comments": []}',
        b"",
        b"\xff\xfe\x00\x01",
    ],
)
def test_what_is_no_feed_is_never_an_empty_one(body: bytes) -> None:
    """Feedparser finds no entries in an HTML page and no fault either; we say what it is."""
    with pytest.raises(SourceChanged):
        source.read(answer(body, source.ask(WATCH, NOW)))


def test_a_body_is_never_taken_for_the_name_of_a_file(tmp_path: Path) -> None:
    """A server that answers with a path doesn't get that file read."""
    secret = tmp_path / "feed.xml"
    secret.write_bytes(rss(comment(1, TENTH)))

    with pytest.raises(NotAFeed):
        read_feed(str(secret).encode(), URL, NOW)


def test_an_unchanged_feed_was_quiet() -> None:
    """A 304 covers the time since the newest comment, and keeps the bookmark's validators."""
    watch = marked(etag='"a"', modified="Tue, 03 Mar 2026 10:00:00 GMT", newest=TENTH, seen=TENTH)
    request = source.ask(watch, NOW)

    said = source.read(answer(b"", request, 304))

    assert request.headers["if-none-match"] == '"a"'
    assert request.headers["if-modified-since"] == "Tue, 03 Mar 2026 10:00:00 GMT"
    assert said.posts == ()
    assert said.span == Span(TENTH, NOW)
    assert msgspec.json.decode(said.bookmark or "")["etag"] == '"a"'


def test_a_window_that_scrolled_by_says_what_may_be_missing() -> None:
    """When the newest comment of the last look is gone, the stretch between stays uncovered."""
    items = [comment(n, NOW - timedelta(minutes=n)) for n in range(1, 11)]

    said = look(marked(newest=TENTH, seen=TENTH), *items)

    assert said.span == Span(NOW - timedelta(minutes=10), NOW)
    assert said.notes == (
        (
            "the feed shows only its newest 10; comments made between 2026-03-03 10:00"
            " and 2026-03-04 11:50 UTC may be missing"
        ),
    )


def test_a_window_that_reaches_back_is_whole() -> None:
    """When the last look's newest comment is still shown, nothing can have slipped by."""
    said = look(marked(newest=TENTH, seen=TENTH), comment(2, NOW), comment(1, TENTH))

    assert said.span == Span(TENTH, NOW)
    assert said.notes == ()


def test_a_feed_that_was_empty_before_covers_the_time_between() -> None:
    """An empty feed is quiet, not blind: the next look joins on to it."""
    first = look(WATCH)
    later = look(msgspec.structs.replace(WATCH, bookmark=first.bookmark))

    assert first.span is None
    assert msgspec.json.decode(first.bookmark or "")["seen"] == "2026-03-04T12:00:00Z"
    assert later.posts == ()
    half_past = look(marked(seen=TENTH), comment(1, TENTH + timedelta(minutes=30)))
    assert half_past.span == Span(TENTH, NOW)


def test_a_dead_comment_feed_does_not_stop_the_others() -> None:
    """One article's feed is gone and one is HTML: both are noted, the span isn't claimed."""
    case = FEEDS / "article"
    first = source.read(recorded(case / "1.http", source.ask(watch_of(case), NOW)))
    assert first.more is not None
    second = source.read(answer(b"gone", first.more, 404))
    assert second.more is not None
    last = source.read(answer(b"<html>hi</html>", second.more))

    assert second.notes == ("https://blog.example/day-2/feed/ answered 404; left out",)
    assert last.rejects[0].reason == "this is an HTML page, not a feed"
    assert last.more is None
    assert last.span is None
    assert last.bookmark is not None
    with pytest.raises(SourceBusy):
        source.read(answer(b"", first.more, 503))


def test_articles_are_followed_newest_first_and_only_when_they_have_comments() -> None:
    """The article without comments isn't asked; the newest is asked first."""
    asked = [said.more.url for said in play(source, FEEDS / "article") if said.more]

    assert asked == ["https://blog.example/day-2/feed/", "https://blog.example/day-1/feed/"]


def test_no_more_than_twenty_articles_are_followed() -> None:
    """A long feed of articles is no reason to ask a small host fifty times."""
    items = [
        f"<title>{n}</title><wfw:commentRss>https://blog.example/{n}/feed/</wfw:commentRss>"
        for n in range(50)
    ]
    body = rss(*items).replace(b"<rss ", b'<rss xmlns:wfw="http://wellformedweb.org/CommentAPI/" ')
    said = source.read(answer(body, source.ask(WATCH, NOW)))
    asked = 0
    assert said.notes == ("30 more articles have comments; only the newest 20 are followed",)
    while said.more is not None:
        asked += 1
        said = source.read(answer(rss(), said.more))

    assert asked == 20
    assert said.span is None


def test_an_estimate_counts_without_following() -> None:
    """The counts stand in the feed of articles; no comment feed is asked for them."""
    request = source.estimate(watch_of(FEEDS / "article"), NOW)

    said = source.read(recorded(FEEDS / "article" / "1.http", request))

    assert said.total == 3
    assert said.more is None
    assert "if-none-match" not in source.estimate(marked(etag='"a"'), NOW).headers


def test_the_stretch_asked_for_bounds_posts_and_span() -> None:
    """What lies outside since and until is left out; a post without a time stays."""
    watch = msgspec.structs.replace(
        WATCH, since=TENTH, until=datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    )
    early, late = TENTH - timedelta(hours=1), TENTH + timedelta(hours=2)
    timeless = "<title>By: Dre</title><guid>x:9</guid><description>When?</description>"

    said = look(watch, comment(3, late), comment(2, TENTH), comment(1, early), timeless)

    assert [post.external_id for post in said.posts] == ["blog.example#comment-2", "x:9"]
    assert said.span == Span(TENTH, datetime(2026, 3, 3, 11, 0, tzinfo=UTC))


def test_a_torn_feed_keeps_what_it_brought() -> None:
    """A feed cut in the middle gives the comments before the cut, and says so."""
    whole = rss(comment(2, NOW), comment(1, TENTH))

    said = source.read(answer(whole[:-90], source.ask(WATCH, NOW)))

    assert said.posts[0].external_id == "blog.example#comment-2"
    assert said.notes == ("the feed is malformed; what could be read was",)


def test_an_address_is_needed() -> None:
    """A watch without an address, or with a file's, can't begin."""
    for address in (None, "comments.xml"):
        with pytest.raises(SetupError):
            source.ask(Watch(source="feed", address=address), NOW)


def test_an_unreadable_bookmark_costs_one_full_look() -> None:
    """A damaged bookmark is left aside rather than stopping the watch."""
    broken = msgspec.structs.replace(WATCH, bookmark='{"newest": 7')

    assert source.ask(broken, NOW) == source.ask(WATCH, NOW)


@given(st.text(max_size=200), st.text(max_size=50), st.binary(max_size=200))
def test_no_entry_however_odd_is_a_traceback(text: str, name: str, noise: bytes) -> None:
    """Whatever strangers put in a feed, the comment beside it comes through or it is no feed."""
    clean = "".join(c for c in text if c.isprintable()).replace("]]>", "")
    odd = f"<title>{name.replace('<', '')}</title><description><![CDATA[{clean}]]></description>"
    body = rss(odd, comment(1, TENTH)).replace(b"</channel>", noise + b"</channel>")

    try:
        feed = read_feed(body, URL, NOW)
    except NotAFeed:
        return

    assert all(post.text and post.external_id for post in feed.posts)
