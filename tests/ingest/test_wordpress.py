"""WordPress: REST first, and one rung down whenever the site says no."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ingest.source import Answer, Request, Response
from ingest.sources.wordpress import source
from models.coverage import Span
from models.errors import SetupError, SourceBusy, SourceChanged, SourceRefused
from models.incident import Watch
from tests.recorded import FIXTURES, NOW, play, recorded, watch_of

CASES = FIXTURES / "sources" / "wordpress"
ADDRESS = "https://blog.example/2026/03/no-bills-for-you/"
WATCH = Watch(source="wordpress", address=ADDRESS)
NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
JSON = {"content-type": "application/json", "x-wp-total": "3", "x-wp-totalpages": "1"}


def reply(body: Any, request: Request, status: int = 200, **headers: str) -> Response:
    """Return the reply to a request, JSON unless bytes."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(
        request=request, status=status, body=content, at=NOW, url=request.url, headers=headers
    )


def comment(number: int, when: datetime, **values: Any) -> dict[str, Any]:
    """Return a comment as REST gives it."""
    return {
        "id": number,
        "post": 44,
        "parent": 0,
        "author_name": "Cleo",
        "date_gmt": f"{when:%Y-%m-%dT%H:%M:%S}",
        "content": {"rendered": "<p>Down again</p>"},
        "link": f"{ADDRESS}#comment-{number}",
        "status": "approved",
        "type": "comment",
    } | values


def after_discovery(watch: Watch = WATCH) -> Request:
    """Return the question that follows the article."""
    said = source.read(recorded(CASES / "chain" / "1.http", source.ask(watch, NOW)))
    assert said.more is not None
    return said.more


def rest(items: Any, watch: Watch = WATCH, status: int = 200, **headers: str) -> Answer:
    """Read an answer of REST."""
    return source.read(reply(items, after_discovery(watch), status, **{**JSON, **headers}))


def discovered(address: str, html: str, link: str = "", final: str = "") -> Request:
    """Return the question after a start page or an article with this HTML."""
    request = source.ask(Watch(source="wordpress", address=address), NOW)
    response = Response(
        request=request,
        status=200,
        body=html.encode(),
        at=NOW,
        url=final or address.partition("?")[0],
        headers={"link": link},
    )
    more = source.read(response).more
    assert more is not None
    return more


@pytest.mark.parametrize(
    ("address", "html", "link", "url", "params"),
    [
        (  # the Link header alone, and the number in the body's class
            "https://www.blog.example/outage/",
            "<body class='single postid-7'>",
            '<https://blog.example/wp-json/>; rel="https://api.w.org/"',
            "https://blog.example/wp-json/wp/v2/comments",
            ("post", "7"),
        ),
        (  # plain permalinks: the number stands in the address
            "https://blog.example/?p=44",
            "<link rel='https://api.w.org/' href='https://blog.example/index.php?rest_route=/'>",
            "",
            "https://blog.example/index.php?rest_route=/wp/v2/comments",
            ("post", "44"),
        ),
        (  # a site in a folder, whose start page has a number of its own
            "https://blog.example/news",
            "<link rel='https://api.w.org/' href='/news/wp-json/'><body class='home page-id-2'>",
            "",
            "https://blog.example/news/wp-json/wp/v2/comments",
            ("order", "asc"),
        ),
        (  # the REST link hidden, but the feed gives the root away
            "https://blog.example/",
            "<link rel='alternate' type='application/rss+xml' href='/comments/feed/'>/wp-content/",
            "",
            "https://blog.example/wp-json/wp/v2/comments",
            ("order", "asc"),
        ),
    ],
)
def test_the_article_says_where_its_comments_are(
    address: str, html: str, link: str, url: str, params: tuple[str, str]
) -> None:
    """Headers, links and classes lead to REST, for an article or the whole site."""
    request = discovered(address, html, link)

    assert request.url == url
    assert request.params[0] == params


def test_an_article_without_a_number_is_read_by_its_feed() -> None:
    """Without the article's number REST would bring the whole site's comments."""
    request = discovered(
        "https://blog.example/outage/",
        "<link rel='https://api.w.org/' href='https://blog.example/wp-json/'>",
    )

    assert request.url == "https://blog.example/outage/feed/"


def test_an_article_never_sends_us_to_another_host() -> None:
    """HTML is written by strangers: a REST root inside the company's network isn't followed."""
    request = discovered(
        "https://blog.example/outage/",
        "<link rel='https://api.w.org/' href='http://169.254.169.254/wp-json/'>"
        "<link rel='shortlink' href='http://[bad/?p=1'><i>/wp-content/</i>",
    )

    assert request.url == "https://blog.example/outage/feed/"


def test_a_deleted_article_is_not_the_whole_site() -> None:
    """When an article's address leads to the start page, the site's comments aren't its own."""
    html = "<link rel='https://api.w.org/' href='https://blog.example/wp-json/'>"

    with pytest.raises(SourceRefused, match="start page"):
        discovered("https://blog.example/outage/", html, final="https://blog.example/")


@pytest.mark.parametrize("body", [b'{"a": 1}', b"\x89PNG\x00\x01", b"<html>Sign in</html>", b""])
def test_a_place_without_wordpress_is_trouble(body: bytes) -> None:
    """A login page, JSON or a picture at the address is never silence."""
    with pytest.raises(SourceChanged):
        source.read(reply(body, source.ask(WATCH, NOW)))


def test_a_short_answer_is_not_the_last() -> None:
    """The number of answers decides, since unseen comments count too."""
    first = rest([comment(1, NINE)], **{"x-wp-totalpages": "3"})
    assert first.more is not None
    second = source.read(reply([], first.more, **JSON | {"x-wp-totalpages": "3"}))

    assert dict(second.more.params)["page"] == "3" if second.more else False
    assert first.bookmark is None and second.bookmark is None


def test_without_totals_the_chain_ends_at_an_empty_answer() -> None:
    """A proxy that strips headers doesn't cut the chain short."""
    bare = {"content-type": "application/json"}
    first = source.read(reply([comment(1, NINE)], after_discovery(), **bare))
    assert first.more is not None
    last = source.read(reply([], first.more, **bare))

    assert last.more is None
    assert last.span == Span(NINE, NOW)


def test_an_article_without_comments_is_quiet() -> None:
    """REST's empty list is proof of silence, up to the age of a cached answer."""
    said = rest([], age="600", **{"x-wp-total": "0", "x-wp-totalpages": "0"})

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
    again = source.read(reply([comment(2, TEN)], request, **JSON))
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
    first = rest(items, **{"x-wp-totalpages": "9"})
    assert first.more is not None
    second = source.read(reply(items, first.more, **JSON | {"x-wp-totalpages": "9"}))

    assert second.posts == ()
    assert second.more is not None
    assert second.more.url == f"{ADDRESS}feed/"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_rest_is_never_a_reason_to_fall_back(status: int) -> None:
    """The feed would show ten of a thousand: waiting is better."""
    with pytest.raises(SourceBusy):
        rest(b"<html>busy</html>", status=status)


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

    assert [r.where for r in said.rejects] == [f"comment {n}" for n in (1, 2, 3, 4)]
    assert [post.external_id.rpartition("-")[2] for post in said.posts] == ["5", "6", "7"]
    assert said.posts[0].parent_id == "blog.example#comment-4"
    assert said.posts[1].posted_at is None and said.posts[2].posted_at is None


def _encode(item: Any) -> bytes:
    import json

    return json.dumps(item).replace("\\ud800", "�").encode()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>home</html>", "this is an HTML page, not a feed"),
        (
            b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>News</title>'
            b"<guid>https://blog.example/?p=44</guid><description>Long read</description></item>"
            b"</channel></rss>",
            "the feed holds articles, not comments",
        ),
        (
            b'<?xml version="1.0"?><rss version="2.0"><channel><item><title>By: Cleo</title>'
            b"<guid>https://blog.example/?p=9#comment-1</guid><description>Hi</description></item>"
            b"</channel></rss>",
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


def test_an_estimate_is_one_cheap_question() -> None:
    """REST's total is asked for with a single comment, and no post is kept."""
    first = source.read(recorded(CASES / "chain" / "1.http", source.estimate(WATCH, NOW)))
    assert first.more is not None
    said = source.read(reply([comment(1, NINE)], first.more, **JSON))

    assert dict(first.more.params)["per_page"] == "1"
    assert (said.total, said.posts, said.more, said.bookmark) == (3, (), None, None)


def test_a_watch_needs_an_address_and_a_true_time_zone() -> None:
    """Mistakes in the setup are told before anything is asked."""
    for watch in (
        Watch(source="wordpress"),
        Watch(source="wordpress", address="blog"),
        Watch(source="wordpress", address=ADDRESS, settings={"tz": "Mars"}),
    ):
        with pytest.raises(SetupError):
            source.ask(watch, NOW)
