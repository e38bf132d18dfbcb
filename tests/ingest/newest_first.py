"""A place that gives its newest posts first, a few at a time, and the source that reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Price, Request, Response
from models.coverage import Span
from models.errors import SetupError, SourceBusy
from models.incident import Watch
from models.post import Post

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Stream:
    """
    Posts by the second they were made in; both the source and the asker.

    `holds` is how many one answer holds, `charges` makes each post cost something, `reach` how far
    back it can be asked. `busy` are the numbers of the questions it is too busy for, `pause` the
    seconds it wants between an answer and the next.
    """

    name = "stream"
    summary, costs, misses = "a test's source", "nothing", "nothing"
    takes: tuple[str, ...] = ("address", "terms")
    needs: tuple[str, ...] = ()
    settings: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, holds: int = 3, *, charges: bool = False) -> None:
        self.posts: set[datetime] = set()
        self.holds = holds
        self.price = Price(per_post=0.005 if charges else 0.0)
        self.reach: timedelta | None = None
        self.busy: set[int] = set()
        self.pause = 0.0
        self.sings = True
        self.refuses_chains = False
        self.asked: list[Request] = []

    def says(self, *seconds: datetime) -> None:
        """Let posts be made."""
        self.posts |= set(seconds)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Ask from the bookmark, or the beginning, up to the end or now."""
        start = datetime.fromisoformat(watch.bookmark) if watch.bookmark else watch.since or EPOCH
        end = watch.until or now
        if self.reach is not None and end <= now - self.reach:
            message = "that is too long ago"
            raise SetupError(message, "ask earlier")
        state = {"start": start.isoformat(), "top": end.isoformat(), "below": end.isoformat()}
        return Request(url=watch.address or "stream://here", state=state)

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Count how often a term is used."""
        state = {"count": list(watch.terms)}
        return Request(url=watch.address or "stream://here", state=state)

    def fetch(self, request: Request, now: datetime) -> Response:
        """Hand the question through; the clock of the answer says which one it was."""
        self.asked.append(request)
        return Response(request=request, status=200, body=b"{}", at=now, url=request.url)

    def read(self, response: Response) -> Answer:
        """Give the newest posts of the stretch still open."""
        state: dict[str, Any] = response.request.state
        if len(self.asked) in self.busy:
            message = "too many questions"
            raise SourceBusy(message, retry_after=60.0)
        if "count" in state:
            return Answer(total=int(self.sings))
        start, top, below = (datetime.fromisoformat(state[k]) for k in ("start", "top", "below"))
        if self.refuses_chains and below != top:
            message = "that chain has expired"
            raise response.trouble(message, "ask anew")
        open_ = sorted((at for at in self.posts if start <= at < below), reverse=True)
        given = open_[: self.holds]
        edge = given[-1] if len(open_) > self.holds else start
        further = state | {"below": edge.isoformat()}
        more = edge > start
        return Answer(
            posts=tuple(
                Post(source="stream", external_id=at.isoformat(), text=f"still down at {at}",
                     author="cleo", posted_at=at, as_of=at)
                for at in given
            ),
            span=Span(edge, below) if edge < below else None,
            more=Request(url=response.request.url, state=further) if more else None,
            hole=Span(start, edge) if more else None,
            wait=self.pause if more else 0.0,
            bookmark=top.isoformat(),
        )  # fmt: skip


class Streams:
    """The asker that brings a question to the stream at its address."""

    def __init__(self, *streams: Stream) -> None:
        self._streams = streams

    def ask(self, request: Request, now: datetime) -> Response:
        """Bring it there."""
        return self._streams[0].fetch(request, now)


def state_size(rows: list[Any]) -> int:
    """Return how many bytes rows take as JSON."""
    return sum(len(msgspec.json.encode(row.model_dump())) for row in rows)
