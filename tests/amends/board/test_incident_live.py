"""News as they come: one look for all, nothing missed and nothing told twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import httpx
import msgspec
import pytest
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.incident_live import Lookout
from amends.board.place import Place
from models.incident import Watch
from models.store import Store
from models.store.changes import Changes, Moment
from models.store.items import Seen
from tests.amends.board.conftest import posts
from tests.amends.board.serving import Serving
from tests.factories import NOW, a_watch

FAST = 0.05


def claimed(store: Store, by: str, *numbers: int) -> None:
    """Let somebody claim posts, as the board does."""
    with store.begin() as tx:
        for number in numbers:
            version = tx.items.get(1, number).version
            tx.items.claim(1, [Seen(number, version)], by, by, NOW)
            tx.audit.note("claimed", f"post:{number}", by=by, now=NOW, incident_id=1)


def test_what_happened_since_a_moment(store: Store) -> None:
    """New posts are counted, changed items named with their version and who it was."""
    watch = a_watch(store, source="x")
    (old,) = posts(store, watch, ("an old one", ()))
    with store.read() as tx:
        moment = tx.happenings.moment(1)
        assert tx.happenings.since(1, moment) == Changes(moment)
    posts(store, watch, ("a new one", ()), ("and another", ()))
    claimed(store, "ana", old)

    with store.read() as tx:
        told = tx.happenings.since(1, moment)
    assert told.new == 2
    assert [(one.post, one.version, one.by) for one in told.items] == [(old, 1, "ana")]


def test_another_incident_is_no_news(store: Store) -> None:
    """Each incident's board tells its own."""
    from tests.factories import an_incident

    watch = a_watch(store, source="x")
    with store.begin() as tx:
        other = tx.incidents.add(an_incident(slug="other")).id or 0
    with store.read() as tx:
        moment = tx.happenings.moment(other)
    (number,) = posts(store, watch, ("not theirs", ()))
    claimed(store, "ana", number)

    with store.read() as tx:
        told = tx.happenings.since(other, moment)
    assert (told.new, told.items) == (0, ())


async def next_of(news: AsyncIterator[Changes | None]) -> Changes:
    """Return the next change, over all beats."""
    async with asyncio.timeout(10):
        while True:
            told = await anext(news)
            if told is not None:
                return told


def test_all_who_listen_are_told_the_same(lite: Store, watch: Watch) -> None:
    """Whoever joins late or comes back is told what they missed, once."""

    async def scene() -> None:
        lookout = Lookout(lite, every=FAST)
        async with aclosing(lookout.hear(1, None)) as ana, aclosing(lookout.hear(1, None)) as bo:
            begun = await next_of(ana)
            await next_of(bo)
            assert (begun.new, begun.items) == (0, ())
            await asyncio.to_thread(posts, lite, watch, ("one", ()), ("two", ()))
            assert (await next_of(ana)).new == (await next_of(bo)).new == 2
            async with aclosing(lookout.hear(1, begun.at)) as late:
                assert (await next_of(late)).new == 2
                await asyncio.to_thread(posts, lite, watch, ("three", ()))
                assert [(await next_of(one)).new for one in (ana, bo, late)] == [1, 1, 1]
        assert lookout.listeners == 0

    asyncio.run(scene())


def test_nothing_falls_between_the_first_answer_and_the_first_look(
    lite: Store, watch: Watch
) -> None:
    """A post that comes just after somebody joined is told at the next look."""

    async def scene() -> None:
        lookout = Lookout(lite, every=0.3)
        async with aclosing(lookout.hear(1, None)) as ana:
            await next_of(ana)
            await asyncio.sleep(0.1)
            await asyncio.to_thread(posts, lite, watch, ("one", ()))
            assert (await next_of(ana)).new == 1

    asyncio.run(scene())


def test_whoever_joins_between_two_looks_is_told_nothing_twice(lite: Store, watch: Watch) -> None:
    """What a page shows already is no news to it, though it is to those who were there before."""

    async def scene() -> None:
        lookout = Lookout(lite, every=1.5)
        async with aclosing(lookout.hear(1, None)) as ana, aclosing(lookout.hear(1, None)) as late:
            await next_of(ana)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(posts, lite, watch, ("one", ()))
            await next_of(late)
            await asyncio.to_thread(posts, lite, watch, ("two", ()))
            assert (await next_of(ana)).new == 2
            assert (await next_of(late)).new == 1

    asyncio.run(scene())


def test_one_look_serves_everybody(lite: Store, watch: Watch) -> None:
    """Fifty who listen cost as many looks as one."""
    from sqlalchemy import event

    asked: list[str] = []

    async def looks(people: int) -> int:
        lookout = Lookout(lite, every=FAST)
        ears = [lookout.hear(1, Moment(0, 0)) for _ in range(people)]
        for ear in ears:
            await next_of(ear)
        asked.clear()
        await asyncio.sleep(FAST * 10)
        count = sum("MAX(post_id)" in sql for sql in asked)
        for ear in ears:
            await ear.aclose()
        return count

    @event.listens_for(lite.engine, "before_cursor_execute")
    def note(_c: Any, _k: Any, sql: str, *_: Any) -> None:
        asked.append(sql)

    assert 1 <= asyncio.run(looks(50)) <= 12


def events(lines: Any) -> Any:
    """Yield the number and the body of each event on a stream."""
    number = ""
    for line in lines:
        if line.startswith("id: "):
            number = line[4:]
        elif line.startswith("data: "):
            yield number, msgspec.json.decode(line[6:])


def test_over_the_wire(place: Place, as_: Callable[[str | None], TestClient], watch: Watch) -> None:
    """A stream tells of a new post within seconds, and goes on where the browser was."""
    cookies = dict(as_("eve").cookies)
    (first,) = posts(place.store, watch, ("one", ()))
    app = board(place)
    with Serving(app) as serving, httpx.Client(base_url=serving.url, cookies=cookies) as eve:
        with eve.stream("GET", "/i/discs-late/live", timeout=10) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            told = events(answer.iter_lines())
            number, body = next(told)
            assert body == {"new": 0, "items": []}
            begun = time.monotonic()
            threading.Timer(0.2, posts, (place.store, watch, ("two", ()))).start()
            number, body = next(told)
            assert body == {"new": 1, "items": []}
            assert time.monotonic() - begun < 5
        claimed(place.store, "ana", first)
        again = {"last-event-id": number}
        with eve.stream("GET", "/i/discs-late/live", headers=again, timeout=10) as answer:
            _, body = next(events(answer.iter_lines()))
        assert body == {"new": 0, "items": [{"post": first, "version": 1, "by": "ana"}]}
        until = time.monotonic() + 5
        while app.state.lookout.listeners and time.monotonic() < until:
            time.sleep(0.02)
        assert app.state.lookout.listeners == 0


def test_who_is_shut_out_hears_no_more(
    place: Place, as_: Callable[[str | None], TestClient], watch: Watch
) -> None:
    """A stream ends when the person may no longer look, however long it has been open."""
    cookies = dict(as_("eve").cookies)
    app = board(place)
    app.state.lookout = Lookout(place.store, beat=0.2)
    with (
        Serving(app) as serving,
        httpx.Client(base_url=serving.url, cookies=cookies) as eve,
        eve.stream("GET", "/i/discs-late/live", timeout=10) as answer,
    ):
        lines = answer.iter_lines()
        while next(lines) != ": here":
            pass
        with place.store.begin() as tx:
            tx.people.disable(tx.people.named("eve"), place.now())
        for number, _ in enumerate(lines):
            assert number < 50


@pytest.mark.parametrize("since", ["", "x", "1.", "-1.2", "9" * 30 + ".1", "1.2.3", "١.٢"])
def test_a_number_that_is_none_begins_now(
    place: Place, as_: Callable[[str | None], TestClient], watch: Watch, since: str
) -> None:
    """Whatever a browser says it heard last, it gets an answer."""
    cookies = dict(as_("eve").cookies)
    with (
        Serving(board(place)) as serving,
        httpx.Client(base_url=serving.url, cookies=cookies) as eve,
        eve.stream("GET", "/i/discs-late/live", params={"since": since}) as answer,
    ):
        _, body = next(events(answer.iter_lines()))
    assert body == {"new": 0, "items": []}


def test_nobody_hears_who_may_not_look(
    as_: Callable[[str | None], TestClient], watch: Watch
) -> None:
    """Strangers are sent to the login, and there is no stream of an incident there isn't."""
    assert as_(None).get("/i/discs-late/live").status_code == 303
    assert as_("eve").get("/i/nowhere/live").status_code == 404
