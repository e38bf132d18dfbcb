"""Sources that read those places: newest first with an overlap, oldest first, and a window of the newest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from ingest.source import Answer, Price, Request, Response
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch
from models.post import Post
from tests.amends.machine.places import BEGAN, LATEST, SECOND, Told, stamp


class Where(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Where a walk stands: from `start` on, before `until`.

    `top` is the time of its first answer, by the place's clock; `edge` is how far it has come. No post
    from before `since` is wanted.
    """

    address: str
    terms: tuple[str, ...]
    since: datetime
    start: datetime
    until: datetime | None = None
    top: datetime | None = None
    edge: datetime | None = None
    token: str = ""

    def question(self, *, count: bool = False) -> Request:
        """Build the question."""
        said = {"terms": " ".join(self.terms), "from": stamp(self.start)}
        said |= {"until": stamp(self.until)} if self.until else {}
        said |= {"token": self.token} if self.token else {}
        said |= {"count": "yes"} if count else {}
        params = tuple(said.items())
        return Request(url=self.address, params=params, state=msgspec.to_builtins(self))

    def bookmark(self) -> str:
        """Return up to when all that was shown is read, or left behind in a hole."""
        return "" if self.top is None else self.top.isoformat()


def seen(bookmark: str | None) -> datetime | None:
    """Return up to when all is read or left behind, by a bookmark."""
    return datetime.fromisoformat(bookmark) if bookmark else None


class Plain:
    """What the three have in common; `reach` is how far back the place can be asked."""

    summary, costs, misses = "a test's source", "nothing", "nothing"
    takes: tuple[str, ...] = ("address", "terms")
    needs: tuple[str, ...] = ()
    settings: dict[str, str] = {}  # noqa: RUF012
    overlap = LATEST

    def __init__(self, name: str, *, charges: bool = False) -> None:
        self.name = name
        self.price = Price(per_post=0.005 if charges else 0.0)
        self.reach: timedelta | None = None

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Ask from a little before the bookmark; SetupError for what is too long ago."""
        if self.reach is not None and watch.until is not None and watch.until <= now - self.reach:
            message = "that is too long ago"
            raise SetupError(message, "ask earlier")
        return self._begin(watch).question()

    def estimate(self, watch: Watch, now: datetime) -> Request:
        """Count the posts."""
        return self._begin(watch).question(count=True)

    def read(self, response: Response) -> Answer:
        """Read an answer from where its walk stands."""
        response.check()
        told = response.json()
        if told is None:
            message = "an empty answer"
            raise response.trouble(message)
        told = msgspec.convert(told, Told)
        if told.total is not None:
            return Answer(total=told.total)
        where = msgspec.convert(response.request.state, Where)
        posts = tuple(
            Post(source=self.name, external_id=post.key, text=post.text, author="cleo",
                 posted_at=post.at, as_of=told.now, version=post.version, likes=post.likes)
            for post in told.posts
            if post.at >= where.since
        )  # fmt: skip
        proved = self.proved(where, told, [post.at for post in told.posts])
        wait = response.pause if told.token else 0.0
        return Answer(posts=posts, wait=wait, **proved)

    def proved(self, where: Where, told: Told, times: list[datetime]) -> dict[str, Any]:
        """Return an answer's span, bookmark and what follows."""
        raise NotImplementedError

    def _begin(self, watch: Watch) -> Where:
        since = watch.since or BEGAN
        known = seen(watch.bookmark)
        start = since if known is None else max(since, known - self.overlap)
        return Where(address=watch.address or "", terms=watch.terms, since=since, start=start,
                     until=watch.until)  # fmt: skip


class Newest(Plain):
    """Reads newest first; the bookmark moves at once, and what is still to be read is a hole."""

    def proved(self, where: Where, told: Told, times: list[datetime]) -> dict[str, Any]:
        """Prove down to above the oldest second given, or to the start where nothing follows."""
        top = where.top or min(where.until or told.now, told.now)
        edge = where.edge or top
        start = max(where.start, told.floor or where.start)
        lost = Span(where.start, min(start, edge)) if where.start < min(start, edge) else None
        down_to = max(start, min(edge, times[-1] + SECOND)) if told.token else start
        where = msgspec.structs.replace(
            where, start=start, top=top, edge=min(edge, down_to), token=told.token
        )
        return {
            "span": Span(down_to, edge) if down_to < edge else None,
            "more": where.question() if told.token else None,
            "hole": Span(start, max(where.edge or edge, start)) if told.token else None,
            "lost": lost,
            "bookmark": where.bookmark(),
        }


class Oldest(Plain):
    """Reads oldest first; what is still to be read is a chain, and the bookmark moves at its end."""

    def proved(self, where: Where, told: Told, times: list[datetime]) -> dict[str, Any]:
        """Prove up to below the newest second given, or to now where nothing follows."""
        edge = where.edge or where.start
        floor = max(edge, told.floor or edge)
        up_to = max(floor, times[-1]) if told.token else max(floor, told.now)
        # What came to light behind the walk is found by the next one: it begins before this one did.
        where = msgspec.structs.replace(
            where, top=where.top or told.now, edge=up_to, token=told.token
        )
        return {
            "span": Span(floor, up_to) if floor < up_to else None,
            "more": where.question() if told.token else None,
            "lost": Span(edge, floor) if edge < floor else None,
            "bookmark": where.bookmark(),
        }


class Window(Plain):
    """Reads the newest few, all there is to see; what has scrolled by is lost."""

    overlap = timedelta()

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Ask for the window, whatever is in it."""
        return msgspec.structs.replace(super().ask(watch, now), params=(("terms", watch.terms[0]),))

    def proved(self, where: Where, told: Told, times: list[datetime]) -> dict[str, Any]:
        """Prove from above the oldest second given, or from the start where the window has room."""
        now = told.now
        bottom = min(times[-1] + SECOND, now) if told.token else where.since
        # Contiguous with the last look unless it has scrolled past it.
        where = msgspec.structs.replace(where, top=now)
        return {
            "span": Span(bottom, now) if bottom < now else None,
            "lost": Span(where.start, bottom) if where.start < bottom else None,
            "bookmark": where.bookmark(),
        }
