"""Asking again: what a source says is gone, what it says is there, and what it doesn't say."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from ingest.again import Again, AsksAgain
from ingest.registry import all_sources
from ingest.source import Request, Response
from ingest.sources.wordpress.chain import Mark
from ingest.sources.wordpress.place import Place
from models.errors import SourceBusy, SourceChanged
from models.incident import Watch
from tests.factories import NOW
from tests.ingest.wordpress_said import comment
from tests.ingest.x_said import said as on_x

SOURCES = all_sources()


def said(source: AsksAgain, request: Request | None, body: Any, status: int = 200) -> Again:
    """Return what a source makes of an answer."""
    assert request is not None
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source.read_again(Response(request=request, status=status, body=content, at=NOW))


def post(number: str) -> dict[str, Any]:
    """Return a post of that number as X gives it."""
    return on_x(NOW) | {"id": number, "edit_history_tweet_ids": [number]}


def x_asked(*ids: str) -> tuple[AsksAgain, Request | None]:
    """Ask X about posts."""
    source = SOURCES["x"]
    assert isinstance(source, AsksAgain)
    watch = Watch(source="x", terms=("reelpost",))
    return source, source.ask_again(watch, ids, NOW)


def test_x_tells_deleted_protected_and_withheld_apart_from_what_is_there() -> None:
    """What it doesn't speak of stays unknown."""
    source, request = x_asked("1", "2", "3", "4", "5", "no id")
    assert request is not None and dict(request.params)["ids"] == "1,2,3,4,5"
    kind = "https://api.x.example/2/problems"
    errors = [
        {"resource_id": "2", "resource_type": "tweet", "type": f"{kind}/resource-not-found"},
        {"value": "3", "type": f"{kind}/not-authorized-for-resource"},
        {"resource_id": "77", "type": f"{kind}/resource-not-found"},
        {"resource_id": "5", "type": f"{kind}/something-new"},
    ]
    data = [post("1"), post("4") | {"withheld": {"country_codes": ["DE"]}}]

    found = said(source, request, {"data": data, "errors": errors})

    assert [one.external_id for one in found.posts] == ["1"]
    assert found.gone.keys() == {"2", "3", "4"}


def test_all_of_a_question_may_be_gone_on_x() -> None:
    """Then there are only errors; and an answer without either proves nothing."""
    source, request = x_asked("2")
    error = {"resource_id": "2", "type": "https://x.example/problems/resource-not-found"}

    assert said(source, request, {"errors": [error]}).gone.keys() == {"2"}
    with pytest.raises(SourceChanged):
        said(source, request, {})
    with pytest.raises(SourceBusy):
        said(source, request, {}, status=503)


def wordpress_asked(*numbers: int, rest: bool = True) -> tuple[AsksAgain, Request | None]:
    """Ask a blog about comments."""
    source = SOURCES["wordpress"]
    assert isinstance(source, AsksAgain)
    comments = "https://blog.example/wp-json/wp/v2/comments" if rest else None
    place = Place(address="https://blog.example/outage/", post=44, comments=comments)
    mark = Mark(place=place, rung="rest", learnt=NOW)
    bookmark = msgspec.json.encode(mark).decode()
    watch = Watch(source="wordpress", address="https://blog.example/outage/", bookmark=bookmark)
    ids = [f"blog.example#comment-{number}" for number in numbers]
    return source, source.ask_again(watch, ids, NOW)


def test_a_comment_that_rest_no_longer_gives_is_gone() -> None:
    """Deleted, in the trash or no longer approved: it looks the same."""
    source, request = wordpress_asked(1, 2)
    assert request is not None and dict(request.params)["include"] == "1,2"

    found = said(source, request, [comment(1, NOW)])

    assert [one.external_id for one in found.posts] == ["blog.example#comment-1"]
    assert found.gone.keys() == {"blog.example#comment-2"}


def test_a_blog_that_gives_no_comment_at_all_proves_nothing() -> None:
    """It may have closed them, or its cache is empty; a login page proves as little."""
    source, request = wordpress_asked(1, 2)

    for body in ([], b"<html>log in</html>", {"code": "rest_cannot_read"}):
        with pytest.raises(SourceChanged):
            said(source, request, body)
    assert wordpress_asked(1, rest=False)[1] is None
