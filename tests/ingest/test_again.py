"""Asking again: what a source says is gone, what it says is there, and what it doesn't say."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from ingest.again import Again, Asked, AsksAgain
from ingest.registry import all_sources
from ingest.source import Request, Response
from ingest.sources.wordpress.chain import Mark
from ingest.sources.wordpress.place import Place
from models.budget import Left
from models.errors import SourceBusy, SourceChanged, SourceRefused
from models.incident import Watch
from tests.factories import NOW
from tests.ingest.x_said import said as on_x

SOURCES = all_sources()


def said(source: AsksAgain, request: Request | None, body: Any, status: int = 200) -> Again:
    """Return what a source makes of an answer."""
    assert request is not None
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source.read_again(Response(request=request, status=status, body=content, at=NOW), [])


def post(number: str) -> dict[str, Any]:
    """Return a post of that number as X gives it."""
    return on_x(NOW) | {"id": number, "edit_history_tweet_ids": [number]}


def x_asked(*ids: str) -> tuple[AsksAgain, Request | None]:
    """Ask X about posts."""
    source = SOURCES["x"]
    assert isinstance(source, AsksAgain)
    watch = Watch(source="x", terms=("reelpost",))
    asking = source.ask_again(watch, [Asked(id=one) for one in ids], NOW)
    assert asking is not None
    return source, asking.request


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


@pytest.mark.parametrize(
    ("due", "reads", "url"),
    [
        (100, None, "/2/tweets"),
        (100, 5, "/2/tweets"),
        (100, 0, "/2/compliance/jobs"),
        (101, None, "/2/compliance/jobs"),
        (10_500, 5, "/2/compliance/jobs"),
    ],
)
def test_few_posts_are_looked_up_and_many_are_a_job(due: int, reads: int | None, url: str) -> None:
    """So are a few that nobody may pay for; and a job takes no more than it should."""
    source = SOURCES["x"]
    assert isinstance(source, AsksAgain)
    watch = Watch(source="x", terms=("reelpost",), left=Left(reads=reads))

    asking = source.ask_again(watch, [Asked(id=str(n)) for n in range(due)], NOW)

    assert asking is not None and asking.request is not None
    assert asking.request.url == f"https://api.x.com{url}"
    assert asking.request.free == url.endswith("jobs")
    assert len(asking.ids) == min(due, 10_000)


def test_where_x_allows_no_jobs_posts_are_looked_up_if_that_may_be_paid_for() -> None:
    """A hundred at a time; without a budget it says how to give one. A job at work is waited for."""
    source = SOURCES["x"]
    assert isinstance(source, AsksAgain)
    due = [Asked(id=str(n)) for n in range(150)]
    for reads, kind in ((5, None), (0, SourceRefused)):
        watch = Watch(source="x", terms=("reelpost",), left=Left(reads=reads))
        asking = source.ask_again(watch, due, NOW)
        assert asking is not None and asking.request is not None
        refused = Response(request=asking.request, status=403, body=b"{}", at=NOW)
        if kind is not None:
            with pytest.raises(kind, match="compliance"):
                source.read_again(refused, due)
        else:
            more = source.read_again(refused, due).more
            assert more is not None and not more.free
            assert len(dict(more.params)["ids"].split(",")) == 100
        with pytest.raises(SourceBusy):
            source.read_again(msgspec.structs.replace(refused, status=409), due)


def test_the_token_goes_to_xs_own_server_only() -> None:
    """Some addresses X gives lead elsewhere; and what it gives for ids is never told."""
    source = SOURCES["x"]
    assert isinstance(source, AsksAgain)
    due = [Asked(id="7")]
    watch = Watch(source="x", terms=("reelpost",), left=Left(reads=0))
    asking = source.ask_again(watch, due, NOW)
    assert asking is not None and asking.request is not None
    for host, secret in (("api.x.com", "X_BEARER_TOKEN"), ("storage.example", None)):
        job = {"id": "1", "status": "created", "upload_url": f"https://{host}/up?token=t"}
        body = json.dumps({"data": job}).encode()
        created = Response(request=asking.request, status=200, body=body, at=NOW)
        upload = source.read_again(created, due).more
        assert upload is not None
        assert (upload.method, upload.secret, upload.signed) == ("PUT", secret, True)
        assert (upload.body, upload.headers) == (b"7\n", {"content-type": "text/plain"})


def test_a_blog_that_closed_its_comments_proves_nothing() -> None:
    """A login page, or REST that is closed by now; and without REST nobody can be asked."""
    source = SOURCES["wordpress"]
    assert isinstance(source, AsksAgain)
    comments = "https://blog.example/wp-json/wp/v2/comments"
    for rest in (comments, None):
        place = Place(address="https://blog.example/outage/", post=44, comments=rest)
        bookmark = msgspec.json.encode(Mark(place=place, rung="rest", learnt=NOW)).decode()
        watch = Watch(source="wordpress", address="https://blog.example/outage/", bookmark=bookmark)
        due = [Asked(id=f"blog.example#comment-{number}") for number in (1, 2)]
        asking = source.ask_again(watch, due, NOW)
        if rest is None:
            assert asking is None
            continue
        assert asking is not None
        for body in (b"<html>log in</html>", {"code": "rest_cannot_read"}):
            with pytest.raises(SourceChanged):
                said(source, asking.request, body)
        # None at all may be an empty cache: each is asked for by itself.
        found = said(source, asking.request, [])
        assert found.gone == {} and found.more is not None
