"""What an instance says in tests, and what it is asked: small builders, and one that answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import msgspec

from ingest.source import Answer, Request, Response
from ingest.sources.mastodon import source
from models.coverage import Span
from models.incident import Watch
from models.post import Post
from tests.recorded import NOW

HOME = "https://mastodon.example"
LAG, HOUR, MINUTE = timedelta(minutes=2), timedelta(hours=1), timedelta(minutes=1)
TEN = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ACCOUNT = {"acct": "cleo@far.example", "url": "https://far.example/@cleo", "bot": False}


def status(when: datetime, number: int = 0, **said: Any) -> dict[str, Any]:
    """Return what Cleo said, as an instance tells it; ids grow with the time, as there."""
    post_id = f"{int(when.timestamp() * 1000):015d}{number:04d}"
    plain = {
        "id": post_id, "created_at": f"{when:%Y-%m-%dT%H:%M:%S.%f}Z", "visibility": "public",
        "uri": f"https://far.example/users/cleo/statuses/{post_id}", "account": ACCOUNT,
        "content": "<p>nothing plays #Reelpost</p>",
    }  # fmt: skip
    return plain | said


class Instance:
    """An instance: what it knows under which hashtag, newest first, forty at a time."""

    def __init__(self, *statuses: dict[str, Any], **tags: list[dict[str, Any]]) -> None:
        self.tags: dict[str, list[dict[str, Any]]] = {"reelpost": list(statuses)} | tags
        self.version = "4.5.0"
        self.deaf_to: set[str] = set()
        self.asked: list[Request] = []

    def fetch(self, request: Request, at: datetime, **headers: str) -> Response:
        """Answer as Mastodon does."""
        self.asked.append(request)
        if request.url.endswith("/api/v2/instance"):
            return replied(request, {"version": self.version}, at=at, **headers)
        wanted = {k: v for k, v in request.params if k not in self.deaf_to}
        known = self.tags[unquote(request.url.rsplit("/", 1)[1])]
        found = [
            one for one in sorted(known, key=lambda one: str(one["id"]), reverse=True)
            if wanted.get("since_id", "") < one["id"] < wanted.get("max_id", "~")
        ][: int(wanted["limit"])]  # fmt: skip
        return replied(request, found, at=at, **headers)


class Heard(msgspec.Struct):
    """What walks brought."""

    posts: list[Post] = []
    spans: list[Span] = []
    bookmark: str | None = None
    more: Request | None = None

    @property
    def ids(self) -> list[str]:
        """The last part of the posts' ids."""
        return [post.external_id.rsplit("/", 1)[1] for post in self.posts]


def a_watch(**said: Any) -> Watch:
    """Return a watch on the instance, from ten o'clock on."""
    plain = {"source": "mastodon", "address": HOME, "terms": ("Reelpost",), "since": TEN}
    return Watch(**(plain | said))


def known(**said: Any) -> Watch:
    """Return a watch that heard all up to eleven, and knows what the instance shows."""
    mark = {"seen": TEN + HOUR, "deep": TEN + HOUR, "checked": NOW - MINUTE}
    mark |= {"near": {"reelpost": "0002"}, "floors": {"reelpost": "0001"}}
    return a_watch(bookmark=msgspec.json.encode(mark | said.pop("mark", {})).decode(), **said)


def replied(
    request: Request, body: Any, status: int = 200, at: datetime = NOW, **headers: str
) -> Response:
    """Return what came back for a request that went through a restart."""
    kept = msgspec.json.decode(msgspec.json.encode(request), type=Request)
    text = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        request=kept, status=status, body=text, at=at, url=request.url, headers=names
    )  # fmt: skip


def read(request: Request, body: Any, *args: Any, **headers: str) -> Answer:
    """Read one answer."""
    return source.read(replied(request, body, *args, **headers))


def walk(
    instance: Instance, watch: Watch, at: datetime = NOW, *, answers: int = 10_000, **headers: str
) -> Heard:
    """Walk a watch's chain, from where it was cut or from its bookmark, for so many answers."""
    heard = Heard(bookmark=watch.bookmark)
    request: Request | None = (
        msgspec.json.decode(watch.chain, type=Request) if watch.chain else source.ask(watch, at)
    )
    while request is not None and answers:
        answer = source.read(instance.fetch(request, at, **headers))
        heard.posts += answer.posts
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
