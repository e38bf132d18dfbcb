"""
A spike: 25,000 posts a minute for five minutes into a board under use, in one process as `amends serve`.

    python -m tests.bench.spike [--minutes 5] [--people 5] [--rate 25000]

A made-up source has a post due every few milliseconds and gives all that are due since it was last asked;
rounds collect and tag them, while people look at the queue. Told are posts lost, how far the newest post
on the board lies behind, when that is made up for, memory, and how long people wait.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import httpx
from sqlmodel import text

from ingest.source import Answer, Price, Request, Response
from models.coverage import Span
from models.incident import IncidentRow, Watch, WatchRow
from models.post import Post
from models.store import Store
from tests.bench.board import place_at
from tests.bench.chatter import texts
from tests.bench.crowd import EVERY, answers, person

SIZE = 1_000
"""Posts of one answer."""

PAUSE = 5.0
"""Seconds from one round to the next."""

EVERY_SAMPLE = 2.0


class Flood:
    """A source with `rate` posts a minute since it began, until `until`; and what answers for it."""

    name = "flood"
    summary, costs, misses = "a bench's source", "nothing", "nothing"
    takes: tuple[str, ...] = ("terms",)
    needs: tuple[str, ...] = ()
    settings: dict[str, str] = {}  # noqa: RUF012
    price = Price()

    def __init__(self, rate: int, texts: list[str]) -> None:
        self.posts = len(texts)
        self._each = timedelta(minutes=1) / rate
        self._texts = texts
        self.began = datetime.now(UTC)

    def ask(self, watch: Watch, now: datetime) -> Request:
        """Ask from the bookmark on."""
        return Request(url="flood://here", state={"from": int(watch.bookmark or 0)})

    estimate = ask

    def fetch(self, request: Request, now: datetime) -> Response:
        """Answer; there is nothing to fetch."""
        return Response(request=request, status=200, body=b"", at=now, url=request.url)

    def read(self, response: Response) -> Answer:
        """Give what was due when it was asked, oldest first, up to `SIZE`."""
        first = response.request.state["from"]
        due = min((response.at - self.began) // self._each, self.posts)
        last = min(due, first + SIZE)
        more = Request(url="flood://here", state={"from": last}) if last < due else None
        return Answer(
            posts=tuple(map(self._post, range(first, last))), more=more, bookmark=str(last),
            span=Span(self.began + self._each * first, self.began + self._each * (last + 1)),
        )  # fmt: skip

    def _post(self, number: int) -> Post:
        at = self.began + self._each * number
        return Post(source=self.name, external_id=str(number), text=self._texts[number],
                    author=f"user{number % 50_000}", posted_at=at, as_of=at, lang="en")  # fmt: skip


class _Place:
    def __init__(self, flood: Flood) -> None:
        self._flood = flood

    def ask(self, request: Request, now: datetime) -> Response:
        """Bring every question to the flood."""
        return self._flood.fetch(request, now)


def serve(folder: Path, rate: int) -> None:
    """Serve a board and do rounds, in one process; print where."""
    import msgspec

    from amends.board import board
    from amends.board.incident_live import lookout_of
    from amends.cli.server import Server, config, listening
    from amends.rounds import Rounds, Turn

    store = Store.open(_url(folder))
    place = msgspec.structs.replace(place_at(store, folder), now=lambda: datetime.now(UTC))
    place.classifier()
    app = board(place)
    flood = Flood(rate, (folder / "texts").read_text().split("\0"))

    @contextmanager
    def asker() -> Iterator[_Place]:
        yield _Place(flood)

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    with listening("127.0.0.1", 0) as sock, Turn(store, {"flood": flood}, place.now, say) as turn:
        rounds = Rounds(store, turn, asker, place.classifier, say, PAUSE)
        thread = threading.Thread(target=rounds.run, daemon=True)
        flood.began = datetime.now(UTC)
        thread.start()
        print(f"http://127.0.0.1:{sock.getsockname()[1]} {flood.began.timestamp()}", flush=True)
        Server(config(app), lookout_of(app).end).run(sockets=[sock])
        rounds.stop.set()
        thread.join()


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/amends.db"


class Sample:
    """What was seen at a moment: seconds since it began, posts on the board, MB of the server."""

    def __init__(self, at: float, posts: int, mb: float) -> None:
        self.at, self.posts, self.mb = at, posts, mb


def sample(store: Store, pid: int, began: float) -> Sample:
    """Return what is there now."""
    with store.read() as tx:
        count = tx.session.execute(text("SELECT COUNT(*) FROM item")).scalar_one()
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return Sample(time.time() - began, count, int(found[1]) / 1024 if found else 0.0)


async def use(url: str, people: int, store: Store, pid: int, began: float, rate: int,
              minutes: float) -> tuple[list[Sample], dict[str, list[float]]]:  # fmt: skip
    """Look at the board until all posts are on it, or as long again as they took to come."""
    took: dict[str, list[float]] = {}
    samples: list[Sample] = []
    wanted = int(rate * minutes)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        await answers(client)
        end = time.monotonic() + minutes * 60 - (time.time() - began)
        looks = [asyncio.create_task(person(client, end, took)) for _ in range(people)]
        while time.time() - began < minutes * 120:
            samples.append(await asyncio.to_thread(sample, store, pid, began))
            if samples[-1].posts >= wanted:
                break
            await asyncio.sleep(EVERY_SAMPLE)
        await asyncio.gather(*looks)
    return samples, took


def tell(samples: list[Sample], took: dict[str, list[float]], rate: int, minutes: float) -> None:
    """Print what was seen."""
    wanted = int(rate * minutes)
    behind = [min(one.at, minutes * 60) - one.posts / rate * 60 for one in samples]
    last, half = samples[-1], [one.mb for one in samples if one.at > minutes * 30]
    caught = last.at - minutes * 60
    waits = sorted(one for each in took.values() for one in each)
    print("| what | measured |")
    print("|---|---:|")
    print(f"| posts that came, on the board at the end | {wanted:,}, {last.posts:,} |")
    print(f"| lost | {wanted - last.posts:,} |")
    print(f"| farthest behind, seconds | {max(behind):.0f} |")
    print(f"| all of it there, seconds after the last came | {caught:.0f} |")
    print(
        f"| memory of the server in the second half, MB, least to most | {min(half):.0f} to {max(half):.0f} |"
    )
    for share, name in ((0.5, "median"), (0.95, "p95")):
        print(
            f"| a look at the board, ms, {name} of {len(waits)} | {waits[int(len(waits) * share)] * 1000:.0f} |"
        )


def main() -> None:
    """Serve in one process, look in the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--rate", type=int, default=25_000)
    parser.add_argument("--serve", type=Path, help="for the process that serves: where")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.rate)
        return
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        store = Store.open(_url(folder))
        now = datetime.now(UTC)
        with store.begin() as tx:
            row = IncidentRow(
                slug="bench", title="Bench", company="Reelpost", began=now, opened_at=now
            )
            tx.incidents.add(row)
            tx.watches.add(WatchRow(incident_id=row.id or 0, key="", source="flood",
                                    terms=["reelpost"], created_at=now))  # fmt: skip
        # Made and trained here: the server's memory is its own.
        place_at(store, folder)
        posts = int(options.rate * options.minutes)
        (folder / "texts").write_text("\0".join(islice(texts(posts), posts)))
        command = [sys.executable, "-m", "tests.bench.spike", "--serve", base,
                   "--minutes", str(options.minutes), "--rate", str(options.rate)]  # fmt: skip
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server,
        ):
            assert server.stdout is not None
            url, began = server.stdout.readline().split()
            try:
                samples, took = asyncio.run(
                    use(url, options.people, store, server.pid, float(began), options.rate,
                        options.minutes)
                )  # fmt: skip
            finally:
                server.terminate()
        store.close()
    print(f"{options.people} people with a look every {EVERY:.0f} s, {options.rate:,} posts a minute"
          f" for {options.minutes:g} min\n")  # fmt: skip
    tell(samples, took, options.rate, options.minutes)


if __name__ == "__main__":
    main()
