"""WordPress: what an address tells of where its comments are."""

from __future__ import annotations

import pytest

from ingest.sources.wordpress import source
from models.errors import SetupError, SourceChanged, SourceRefused
from models.incident import Watch
from tests.ingest.wordpress_said import (
    ADDRESS,
    WATCH,
    discovered,
    reply,
)
from tests.recorded import NOW


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


def test_a_watch_needs_an_address_and_a_true_time_zone() -> None:
    """Mistakes in the setup are told before anything is asked."""
    for watch in (
        Watch(source="wordpress"),
        Watch(source="wordpress", address="blog"),
        Watch(source="wordpress", address=ADDRESS, settings={"tz": "Mars"}),
    ):
        with pytest.raises(SetupError):
            source.ask(watch, NOW)
