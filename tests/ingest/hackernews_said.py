"""What Algolia's search says in tests: small builders, and an index that answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Request, Response
from ingest.sources.hackernews import source
from models.coverage import Span
from models.incident import Watch
from models.post import Post
from tests.recorded import NOW

LAG, HOUR, MINUTE = timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=1)
SECOND = timedelta(seconds=1)
TEN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
CEILING = "you can only fetch the 1000 hits for this query"


def comment(
    when: datetime, number: int = 0, text: str = "lumabank is down", **said: Any
) -> dict[str, Any]:
    """Return a comment as a hit."""
    second = int(when.timestamp())
    return {
        "objectID": f"{second}{number:04d}", "created_at_i": second, "author": "cleo",
        "comment_text": text, "title": None, "parent_id": 7, "story_id": 5, "_tags": ["comment"],
    } | said  # fmt: skip


def found(*hits: Any, total: int | None = None, **said: Any) -> dict[str, Any]:
    """Return an answer that holds these hits."""
    return {"hits": list(hits), "nbHits": len(hits) if total is None else total} | said


class Index:
    """An index: finds by the query's word, newest first, and never beyond the thousandth hit."""

    def __init__(self, *hits: dict[str, Any], upto: datetime = NOW) -> None:
        self.hits = list(hits)
        self.upto = upto
        self.asked: list[Request] = []

    def fetch(self, request: Request, at: datetime = NOW, **headers: str) -> Response:
        """Answer as Algolia does."""
        self.asked.append(request)
        asked = dict(request.params)
        if "query" not in asked:
            return replied(request, found(comment(self.upto, text="!"), total=10**7), at=at)
        bounds = asked["numericFilters"].split(",")
        least = int(bounds[0].removeprefix("created_at_i>="))
        most = int(bounds[1].removeprefix("created_at_i<=")) if bounds[1:] else 10**12
        word = asked["query"].strip('"').casefold()
        size, page = int(asked["hitsPerPage"]), int(asked["page"])
        hits = sorted(
            (
                hit for hit in self.hits
                if least <= hit["created_at_i"] <= most and word in hit["comment_text"].casefold()
            ),
            key=lambda hit: -hit["created_at_i"],
        )  # fmt: skip
        if page * size >= 1_000:
            return replied(request, found(message=CEILING), at=at, **headers)
        some = hits[page * size : (page + 1) * size]
        return replied(request, found(*some, total=len(hits)), at=at, **headers)


class Heard(msgspec.Struct):
    """What walks brought."""

    posts: list[Post] = []
    spans: list[Span] = []
    notes: list[str] = []
    bookmark: str | None = None
    more: Request | None = None

    @property
    def ids(self) -> list[str]:
        """The posts' ids."""
        return [post.external_id for post in self.posts]


def a_watch(**said: Any) -> Watch:
    """Return a watch for the invented bank, from ten o'clock on."""
    return Watch(**({"source": "hackernews", "terms": ("lumabank",), "since": TEN} | said))


def replied(
    request: Request, body: Any, status: int = 200, at: datetime = NOW, **headers: str
) -> Response:
    """Return what came back for a request that went through a restart."""
    kept = msgspec.json.decode(msgspec.json.encode(request), type=Request)
    text = json.dumps(body).encode()
    return Response(
        request=kept, status=status, body=text, at=at, url=request.url, headers=headers
    )  # fmt: skip


def searching(watch: Watch, at: datetime = NOW) -> Request:
    """Return the first question for a term, after the index has said that it has come up to now."""
    answer = source.read(Index(upto=at).fetch(source.ask(watch, at), at))
    assert answer.more is not None
    return answer.more


def read(request: Request, body: Any, **headers: str) -> Answer:
    """Read one answer."""
    return source.read(replied(request, body, **headers))


def walk(
    index: Index, watch: Watch, at: datetime = NOW, *, answers: int = 10_000, **headers: str
) -> Heard:
    """Walk a watch's chain, from where it was cut or from its bookmark, for so many answers."""
    heard = Heard(bookmark=watch.bookmark)
    request: Request | None = (
        msgspec.json.decode(watch.chain, type=Request) if watch.chain else source.ask(watch, at)
    )
    while request is not None and answers:
        answer = source.read(index.fetch(request, at, **headers))
        heard.posts += answer.posts
        heard.notes += answer.notes
        heard.spans += [answer.span] if answer.span else []
        request, answers = answer.more, answers - 1
        assert answer.hole is None or (request is not None and answer.bookmark is not None)
        heard.bookmark = answer.bookmark or heard.bookmark
    heard.more = request
    return heard


def onward(watch: Watch, heard: Heard) -> Watch:
    """Return the watch as the store keeps it after a walk."""
    chain = None if heard.more is None else msgspec.json.encode(heard.more).decode()
    return msgspec.structs.replace(watch, bookmark=heard.bookmark, chain=chain)
