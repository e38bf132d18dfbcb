"""Comments read from HTML pages of every age and make."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from ingest.source import Request, Response
from ingest.sources.thread_page import source
from ingest.sources.thread_page.html import read_html
from models.coverage import Span
from models.errors import SetupError, SourceChanged
from models.incident import Watch
from tests.recorded import NOW, cases, play

URL = "https://blog.example/sorry/"
WATCH = Watch(source="thread_page", address=URL)


def said(html: str | bytes) -> list[tuple[str | None, str]]:
    """Return who said what on a page."""
    return [(post.author, post.text) for post in read_html(html, URL, NOW).posts]


def response(body: str, *, watch: Watch = WATCH, status: int = 200, **headers: str) -> Response:
    """Return a page as the answer to the first question of a watch."""
    return Response(
        request=source.ask(watch, NOW), status=status, body=body.encode(), at=NOW, url=URL,
        headers={"content-type": "text/html"} | headers,
    )  # fmt: skip


def item(number: int, name: str, text: str, inner: str = "") -> str:
    """Return one comment in html5 markup."""
    return (
        f'<li id="comment-{number}" class="comment"><article id="div-comment-{number}" '
        f'class="comment-body"><footer class="comment-meta"><b class="fn">{name}</b> '
        f'<time datetime="2026-03-03T10:12:44+01:00">March 3</time></footer>'
        f'<div class="comment-content"><p>{text}</p></div></article>{inner}</li>'
    )


def test_replies_do_not_leak_into_their_parent() -> None:
    """Three levels deep, each one's words are their own."""
    deepest = f'<ol class="children">{item(3, "Hal", "three")}</ol>'
    page = item(1, "Cleo", "one", f'<ol class="children">{item(2, "Dre", "two", deepest)}</ol>')

    posts = read_html(f'<ol class="comment-list">{page}</ol>', URL, NOW).posts

    assert [(p.author, p.text, p.parent_id) for p in posts] == [
        ("Cleo", "one", None),
        ("Dre", "two", "blog.example#comment-1"),
        ("Hal", "three", "blog.example#comment-2"),
    ]
    assert posts[0].posted_at == datetime(2026, 3, 3, 9, 12, 44, tzinfo=UTC)
    assert posts[0].url == "https://blog.example/sorry/#comment-1"


def test_a_parent_without_words_does_not_take_its_replys() -> None:
    """A comment that is one picture has no text; its reply's text stays the reply's."""
    reply = f'<ol class="children">{item(2, "Dre", "two")}</ol>'
    thread = read_html(
        f'<ol><li id="comment-1" class="comment"><b class="fn">Cleo</b>{reply}</li></ol>', URL, NOW
    )

    assert [(p.author, p.text) for p in thread.posts] == [("Dre", "two")]
    assert len(thread.rejects) == 1


def test_a_theme_of_its_own_making_is_read_by_its_ids() -> None:
    """Only id="comment-N" is left; who and when stand in the text."""
    assert said(
        '<ul><li id="comment-1"><p><strong>Cleo</strong> on March 3, 2026 at 10:12 am</p><p>a</p></li>'
        '<li id="comment-2"><p>Dre says:</p><p>b</p></li></ul>'
    ) == [("Cleo", "a"), ("Dre", "b")]


def test_a_broken_block_costs_no_other() -> None:
    """JSON-LD by hand is often broken: the bad block is a reject, the good one is read."""
    good = '{"@type":"Comment","text":"Down","author":"Cleo","dateCreated":"2026-03-03T10:00:00Z",}'
    thread = read_html(
        '<script type="application/ld+json">{"a": [}</script>'
        f'<script type="application/ld+json">[{good}, null, 7, {{"@type": "Comment", "text": 5}}]</script>',
        URL,
        NOW,
    )

    assert [(p.author, p.text) for p in thread.posts] == [("Cleo", "Down")]
    assert thread.rejects[0].where == "JSON-LD block 1"


def test_quotes_are_kept_apart_on_a_forum_page() -> None:
    """“NAME said:” with a quoted block inside: Cleo's words count once, and only for Cleo."""
    assert said(
        "<h1>Down</h1><p>A spokesman said: sorry.</p><a>Load all comments...</a>"
        "<div><p><b>Cleo</b> said:</p><p>The machine ate my card today.</p></div>"
        "<div><p><b>Dre</b> said:</p><blockquote>Cleo said: The machine ate my card today."
        "</blockquote><p>Same here</p></div>"
    ) == [("Cleo", "The machine ate my card today."), ("Dre", "Same here")]


def test_other_pages_of_the_thread_are_found_and_no_others() -> None:
    """Comment pages of the same article; not the next article, not another host."""
    links = "".join(
        f'<a rel="next" href="{href}">x</a>'
        for href in (
            "/sorry/comment-page-2/#comments", "/sorry/?cpage=3#comments", "?replytocom=4#respond",
            "/other/comment-page-1/", "/page/2/", "https://else.example/sorry/comment-page-4/",
            "http://[bad/page/2", "/sorry/comment-page-2/#comment-9",
        )
    )  # fmt: skip

    assert read_html(links, URL, NOW).further == [
        "https://blog.example/sorry/comment-page-2/",
        "https://blog.example/sorry/?cpage=3",
    ]


def test_a_thread_ends_after_fifty_pages() -> None:
    """A calendar of pages without end doesn't keep a chain running for ever."""
    request: Request | None = source.ask(WATCH, NOW)
    asked = 0
    while request is not None:
        asked += 1
        page = (
            item(asked, "Cleo", f"text {asked}") + f'<a href="/sorry/?cpage={asked + 1}">next</a>'
        )
        answer = source.read(
            Response(request=request, status=200, body=page.encode(), at=NOW, url=request.url)
        )
        request = answer.more

    assert asked == 50
    assert answer.span is None
    assert "more than 50 pages" in answer.notes[0]


def test_a_promised_comment_that_is_not_there_is_no_silence() -> None:
    """“12 comments” and none in the page: a script loads them."""
    with pytest.raises(SourceChanged, match="12 comments but none"):
        source.read(response("<h2>12 comments</h2><div id='comments'></div>"))


def test_a_page_without_any_trace_is_no_silence() -> None:
    """Nothing that looks like comments: perhaps the wrong page."""
    with pytest.raises(SourceChanged, match="no trace of comments"):
        source.read(response("<h1>About us</h1><p>We are a bank.</p>"))


def test_an_empty_comment_form_is_silence_and_counts_as_looked() -> None:
    """A quiet page is proved quiet since the watch began."""
    since = datetime(2026, 3, 3, tzinfo=UTC)
    watch = msgspec.structs.replace(WATCH, since=since)

    answer = source.read(response("<h3>Leave a Reply</h3><form id='commentform'>", watch=watch))

    assert answer.posts == () and answer.span == Span(since, NOW)


def test_an_unchanged_page_is_asked_for_once() -> None:
    """The bookmark asks conditionally, and a 304 proves quiet without a body."""
    first = source.read(response(item(1, "Cleo", "one"), etag='"a"'))
    later = msgspec.structs.replace(WATCH, bookmark=first.bookmark)

    assert source.ask(later, NOW).headers["If-None-Match"] == '"a"'
    answer = source.read(response("", watch=later, status=304))
    assert answer.posts == () and answer.span == first.span and answer.bookmark == first.bookmark


def test_a_thread_of_several_pages_is_never_asked_conditionally() -> None:
    """Its first page may stay as it was while the last one grows."""
    case = next(case for case in cases("thread_page") if case.name == "chain")
    answer = play(source, case)[-1]
    later = msgspec.structs.replace(WATCH, bookmark=answer.bookmark)

    assert "If-None-Match" not in source.ask(later, NOW).headers


def test_a_bad_address_or_zone_is_said_at_once() -> None:
    """A person mends it before anything is asked."""
    for watch in (
        Watch(source="thread_page", address="blog.example"),
        Watch(source="thread_page", address=URL, settings={"tz": "Mars/Base"}),
    ):
        with pytest.raises(SetupError):
            source.ask(watch, NOW)


@pytest.mark.parametrize(
    "page",
    [
        "", "\0<p>\0", "<p>" + "x " * 500_000, "<div>" * 50_000, "<div class=comment>" * 20_000,
        "".join(f"<li id=comment-{n}><p>t{n}<ul class=children>" for n in range(2_000)),
        '<div itemscope itemtype="https://schema.org/Comment"><p itemprop=text>x' * 2_000,
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
        '<script type="application/ld+json">' + '{"@type":"Comment","comment":' * 400 + "</script>",
        b"\xff\xfe<\x00p\x00", b"\x80\x81 said:",
    ],
)  # fmt: skip
def test_hostile_markup_does_no_harm(page: str | bytes) -> None:
    """A megabyte, a deep pit, unclosed tags: an answer comes back, and ids stay single."""
    thread = read_html(page, URL, NOW)

    assert len({post.external_id for post in thread.posts}) == len(thread.posts)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_page_is_decoded_as_it_says(encoding: str) -> None:
    """Jörg keeps his umlaut, so that his paste and his page are one voice."""
    head = "" if encoding == "utf-16" else f'<meta charset="{encoding}">'

    assert said((head + item(1, "Jörg", "schön")).encode(encoding)) == [("Jörg", "schön")]
