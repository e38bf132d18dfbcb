"""
News of an incident as they come, as server-sent events.

One task in the process looks into the store every two seconds for all who listen to it; whoever
joins in the middle, or was away, is told what they missed. Events are numbered by the moment they
tell of, so a browser that comes back says itself where it was.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from amends.board.door import Door, Here, visitor
from models.errors import AmendsError
from models.store import Store
from models.store.changes import Changes, Moment

door = Door()

EVERY = 2.0
BEAT = 15.0
"""Seconds between two looks into the store, and of silence after which we show that we are here."""

AGAIN = 3_000
"""Milliseconds after which a browser that lost us comes back."""


class News(msgspec.Struct, frozen=True):
    """Changes, and since when."""

    since: Moment | None
    changes: Changes


class Lookout:
    """Looks into the store for all who listen. Lives in one event loop."""

    def __init__(self, store: Store, every: float = EVERY, beat: float = BEAT) -> None:
        self._store, self._every, self._beat = store, every, beat
        self._ears: dict[int, set[asyncio.Queue[News | None]]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return sum(len(ears) for ears in self._ears.values())

    async def hear(self, incident_id: int, since: Moment | None) -> AsyncGenerator[Changes | None]:
        """Yield the state at first, then what is new as it comes; None after a while without."""
        ear: asyncio.Queue[News | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._ears.setdefault(incident_id, set()).add(ear)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            told = await run_in_threadpool(self._read, incident_id, since)
            at = told.at
            yield told
            while True:
                try:
                    news = await asyncio.wait_for(ear.get(), self._beat)
                except TimeoutError:
                    yield None
                    continue
                if news is None:
                    return
                told = news.changes
                if told.at == at:
                    continue
                if news.since != at:
                    told = await run_in_threadpool(self._read, incident_id, at)
                at = told.at
                if told.new or told.items:
                    yield told
        finally:
            ears = self._ears.get(incident_id, set())
            ears.discard(ear)
            if not ears:
                self._ears.pop(incident_id, None)

    def end(self) -> None:
        """Let go of all who listen, so that the server can end. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._hush)

    def _hush(self) -> None:
        for ears in self._ears.values():
            for ear in ears:
                ear.put_nowait(None)

    def _read(self, incident_id: int, since: Moment | None) -> Changes:
        with self._store.read() as tx:
            if since is None:
                return Changes(tx.happenings.moment(incident_id))
            return tx.happenings.since(incident_id, since)

    async def _look(self) -> None:
        at: dict[int, Moment] = {}
        while self._ears:
            for incident_id in list(self._ears):
                since = at.get(incident_id)
                try:
                    told = await run_in_threadpool(self._read, incident_id, since)
                except AmendsError:
                    # A store that is away for a while is asked again at the next look.
                    continue
                if told.at != since:
                    at[incident_id] = told.at
                    for ear in self._ears.get(incident_id, ()):
                        ear.put_nowait(News(since, told))
            await asyncio.sleep(self._every)


def lookout_of(app: FastAPI) -> Lookout:
    """Return the one lookout of an application."""
    if not hasattr(app.state, "lookout"):
        app.state.lookout = Lookout(app.state.place.store)
    found: Lookout = app.state.lookout
    return found


def moment(said: str) -> Moment | None:
    """Return the moment an event's number stands for; None if it is none."""
    found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,18})", said)
    return found and Moment(int(found[1]), int(found[2]))


def number(at: Moment) -> str:
    """Return the number of an event that tells of everything up to a moment."""
    return f"{at.post}.{at.change}"


@door.page("/i/{slug}/live", "viewer", response_class=Response)
async def live(request: Request, place: Here, slug: str, since: str = "") -> Response:
    """Tell what is new until the browser goes away, or may no longer look."""
    incident_id = await run_in_threadpool(_incident, place.store, slug)
    begin = moment(request.headers.get("last-event-id", "") or since)
    return StreamingResponse(
        _events(request, lookout_of(request.app), incident_id, begin),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


def _incident(store: Store, slug: str) -> int:
    with store.read() as tx:
        return tx.incidents.find(slug).id or 0


async def _events(
    request: Request, lookout: Lookout, incident_id: int, since: Moment | None
) -> AsyncIterator[str]:
    yield f"retry: {AGAIN}\n\n"
    async with aclosing(lookout.hear(incident_id, since)) as news:
        async for told in news:
            if told is not None:
                body = msgspec.json.encode({"new": told.new, "items": told.items}).decode()
                yield f"id: {number(told.at)}\nevent: news\ndata: {body}\n\n"
                continue
            if not await run_in_threadpool(_may_still_look, request):
                return
            yield ": here\n\n"


def _may_still_look(request: Request) -> bool:
    # Who asks is looked up once for a request, and this one may last for days.
    anew = visitor(Request({**request.scope, "state": {}}))
    return anew is not None and anew.may("viewer")
