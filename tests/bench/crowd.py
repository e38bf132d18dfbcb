"""
Fifty people at the board at once, while posts come in: how long they wait, and when they see a post.

    python -m tests.bench.crowd --folder DIR [--posts N] [--people 50] [--seconds 60]

Run `python -m tests.bench.board` first, which fills the folder. The board is served by a process of its
own, people are tasks in this one: each listens to the news and looks at something every few seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from classify.classifier import Classifier
from classify.labels import Labels
from classify.tagging import tag_new
from models.post import Post
from models.store import Store

EVERY = 5.0
"""Seconds between two looks of one person, on average."""

LOOKS = {"/i/bench/queue": 5, "/i/bench/queue?label=complaint": 2, "/i/bench/queue?q=login": 2,
         "/i/bench": 1}  # fmt: skip

NEW_EVERY = 3.0
"""Seconds between two posts that come in."""


def serve(store: Store, folder: Path) -> None:
    """Serve a board until the end; print where."""
    import msgspec

    from amends.board import board
    from amends.board.incident_live import lookout_of
    from amends.cli.server import Server, config, listening
    from tests.bench.board import place_at

    place = msgspec.structs.replace(place_at(store, folder), now=lambda: datetime.now(UTC))
    place.classifier()
    app = board(place)
    with listening("127.0.0.1", 0) as sock:
        print(f"http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
        Server(config(app), lookout_of(app).end).run(sockets=[sock])


async def person(client: httpx.AsyncClient, until: float, took: dict[str, list[float]]) -> None:
    """Look at something now and then."""
    chance = random.Random()
    await asyncio.sleep(chance.uniform(0, EVERY))
    while time.monotonic() < until:
        (path,) = chance.choices(list(LOOKS), list(LOOKS.values()))
        began = time.perf_counter()
        answer = await client.get(path)
        took.setdefault(path, []).append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text[:300]
        await asyncio.sleep(chance.uniform(0, 2 * EVERY))


async def listener(client: httpx.AsyncClient, heard: asyncio.Queue[float]) -> None:
    """Listen to the news for as long as it is allowed to."""
    async with client.stream("GET", "/i/bench/live", timeout=None) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:") and '"new":0' not in line:
                heard.put_nowait(time.perf_counter())


def bring(store: Store, classifier: Classifier, number: int) -> None:
    """Keep and tag a post, as a round does with an answer."""
    now = datetime.now(UTC)
    post = Post(source="x", external_id=f"new-{now.timestamp()}", posted_at=now, as_of=now,
                text=f"brand new post {number}: where is my credit", author="dre")  # fmt: skip
    with store.begin(refetchable=True) as tx:
        watch = next(iter(tx.watches.of(1)))
        tx.posts.add(watch.as_watch(), [post], now)
    tag_new(store, classifier, now=now)


async def posts(client: httpx.AsyncClient, store: Store, folder: Path, until: float) -> list[float]:
    """Let posts come in; return how long each took from its answer to a page that shows it."""
    classifier = Classifier.load(folder / "classifier", Labels.load())
    heard: asyncio.Queue[float] = asyncio.Queue()
    listens = asyncio.create_task(listener(client, heard))
    await asyncio.sleep(EVERY)
    seen, number = [], 0
    while time.monotonic() < until:
        number += 1
        while not heard.empty():
            heard.get_nowait()
        began = time.perf_counter()
        await asyncio.to_thread(bring, store, classifier, number)
        await asyncio.wait_for(heard.get(), 60)
        page = await client.get(f"/i/bench/queue?q=%22brand+new+post+{number}%22&folded=0")
        assert f"brand new post {number}" in page.text
        seen.append(time.perf_counter() - began)
        await asyncio.sleep(NEW_EVERY)
    listens.cancel()
    return seen


async def crowd(url: str, people: int, seconds: float, store: Store, folder: Path) -> None:
    """Let them all look, and print how long they waited."""
    took: dict[str, list[float]] = {}
    limits = httpx.Limits(max_connections=3 * people)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        await answers(client)
        for path in LOOKS:
            await client.get(path)
        until = time.monotonic() + seconds
        ears = [asyncio.create_task(listener(client, asyncio.Queue())) for _ in range(people)]
        looks = [person(client, until, took) for _ in range(people)]
        seen, *_ = await asyncio.gather(posts(client, store, folder, until), *looks)
        for ear in ears:
            ear.cancel()
    print(f"{people} people, each with the news open and a look every {EVERY:.0f} s, for {seconds:.0f} s"
          f" (load average {os.getloadavg()[0]:.1f}), in ms:")  # fmt: skip
    for path, times in [*took.items(), ("all", [one for part in took.values() for one in part])]:
        print(
            f"  {path:40} {len(times):5} looks, median {_at(times, 0.5):6.0f}, p95 {_at(times, 0.95):6.0f}"
        )
    print(f"  from a post's answer to a page that shows it: {len(seen)} posts,"
          f" median {_at(seen, 0.5):,.0f}, slowest {_at(seen, 1):,.0f}")  # fmt: skip


async def answers(client: httpx.AsyncClient) -> None:
    """Wait until a board answers."""
    for _ in range(100):
        try:
            await client.get("/healthz")
        except httpx.ConnectError:
            await asyncio.sleep(0.2)
        else:
            return


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000


def main() -> None:
    """Serve in one process, look in the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/amends-bench-board"))
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    store = Store.open(f"sqlite:///{options.folder}/amends-{options.posts}.db")
    if options.serve:
        serve(store, options.folder)
        return
    command = [sys.executable, "-m", "tests.bench.crowd", "--serve", "--posts", str(options.posts),
               "--folder", str(options.folder)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        try:
            asyncio.run(crowd(url, options.people, options.seconds, store, options.folder))
        finally:
            server.terminate()
    store.close()


if __name__ == "__main__":
    main()
