"""
The queue at a million posts: how long the server takes for a leaf, each filter, and far down.

    python -m tests.bench.board [--posts N] [--folder DIR] [--database URL]

A folder is filled once and used again.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from amends.board import board
from amends.board.place import Place
from classify.classifier import Classifier
from classify.examples import Examples, shipped
from classify.labels import Labels
from models.columns import to_micros
from models.incident import IncidentRow, WatchRow
from models.post import Post
from models.store import Store
from models.store.items import Seen, Verdict
from models.store.queue import Sought
from models.tag import Decision, Tag

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
WORDS = [
    "still",
    "no",
    "discs",
    "here",
    "in",
    "ohio",
    "and",
    "the",
    "stream",
    "is",
    "down",
    "again",
    "where",
    "is",
    "my",
    "credit",
    "thanks",
]
DAYS = 3
BATCH = 4_000
TIMES = 30
RARE = 0.0001
"""The share of what is rare: one post in ten thousand."""

SOURCES = {"x": 0.8, "bluesky": 0.1, "mastodon": 0.06, "wordpress": 0.0399, "hackernews": RARE}
LANGUAGES = {"en": 0.85, "es": 0.1, "de": 0.0499, "fi": RARE}
LABELS = {"complaint": 0.45, "praise": 0.15, "credit_request": 0.08, "threat": RARE}
COPIED = 0.3
"""The share of posts that say what others say, the most copied of them every twentieth of these."""

SOMETIMES = 0.03
"""The share of posts with a word that isn't rare."""

LATELY = timedelta(hours=6)
"""How long ago a word came up that all have used since: the queue has those last."""

LIMIT, SEARCH_LIMIT = 0.1, 0.2


def posts(count: int) -> Iterator[list[Post]]:
    """Yield made-up posts in batches, most of them in their own words."""
    chance = random.Random(5)
    picked = {name: _picks(shares, count) for name, shares in
              {"source": SOURCES, "lang": LANGUAGES}.items()}  # fmt: skip
    followers = np.minimum(np.random.default_rng(5).pareto(0.9, count) * 50, 5e7).astype(int)
    for start in range(0, count, BATCH):
        batch = []
        for number in range(start, min(start + BATCH, count)):
            copied = chance.random() < COPIED
            said = min(int(chance.paretovariate(0.5)) * 20, 900_000) if copied else number + 10**6
            # What differs in a word or two would be folded as copies, whatever it is called.
            own = random.Random(said)
            words = " ".join(
                [*own.choices(WORDS, k=12), *(_word(own.randrange(20_000)) for _ in range(3))]
            )
            at = NOW - timedelta(days=DAYS) * chance.random()
            words += " login" if chance.random() < SOMETIMES else ""
            words += " password" if at > NOW - LATELY else ""
            batch.append(
                Post(source=picked["source"][number], external_id=str(number), posted_at=at,
                     as_of=at, text=f"{words} {_word(said)}", author=f"user{number % 400_000}",
                     author_followers=int(followers[number]), lang=picked["lang"][number],
                     url=f"https://x.example/{number}")
            )  # fmt: skip
        yield batch


def _picks(shares: dict[str, float], count: int) -> list[str]:
    left = np.array(list(shares.values()))
    return list(np.random.default_rng(7).choice(list(shares), count, p=left / left.sum()))


def _word(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


def fill(store: Store, count: int) -> None:
    """Put an incident with that many tagged posts into a store, part of them worked on."""
    chance = random.Random(6)
    with store.begin() as tx:
        row = IncidentRow(slug="bench", title="Bench", company="Reelpost", began=NOW, opened_at=NOW)
        tx.incidents.add(row)
        watch, _ = tx.watches.add(WatchRow(incident_id=row.id or 0, key="", source="x",
                                           terms=["reelpost"], created_at=NOW))  # fmt: skip
    began = time.perf_counter()
    for batch in posts(count):
        with store.begin(refetchable=True) as tx:
            tx.posts.add(watch.as_watch(), batch, NOW)
            waiting = tx.posts.unscored(BATCH)
            tags = [Tag(post_id=one.post_id, label=label, by="classifier:bench", score=0.8)
                    for one in waiting for label, share in LABELS.items()
                    if chance.random() < share]  # fmt: skip
            tx.tags.put_scored(waiting, tags, by="classifier:bench", at=NOW)
    print(f"filled: {count / (time.perf_counter() - began):,.0f} posts/s stored and tagged")
    _worked_on(store, count)


def _worked_on(store: Store, count: int) -> None:
    """Let five people have done their part of the most urgent, as they would in three days."""
    decisions: tuple[Decision, ...] = ("dismiss", "reply", "dismiss", "follow", "escalate")
    for share in range(10):
        with store.begin() as tx:
            free = Sought(holder="", folded=False)
            ids = tx.queue.ids(1, free, None, count // 500)
            seen = [Seen(line.post_id, line.version) for line in tx.queue.these(1, ids)]
            decision = decisions[share % 5]
            if decision in ("follow", "escalate"):
                seen = seen[: len(seen) // 10]
            tx.items.decide(1, seen, Verdict(decision), f"agent{share % 5}", NOW)
    with store.begin() as tx:
        tx.items.look(1, tx.queue.ids(1, Sought(folded=False), None, count // 20), NOW)


SEARCHES = {
    "often found": "stream", "one in thirty": "login", "found once": _word(10**6 + 77),
    "never found": "zzzzqqq", "two words": "login password", "phrase": '"down again"',
    "phrase that nobody says": '"stream ohio"', "beginning of words": "str*",
    "word left out": "stream -login", "of late alone": "password",
}  # fmt: skip


def asked(now: datetime) -> dict[str, dict[str, str]]:
    """Return the queries that are measured, by what they are."""
    hours = {n: (now - timedelta(hours=n)).isoformat() for n in (1, 2, 24, 36)}
    by = {f"label {name}": {"label": name} for name in LABELS}
    by |= {f"source {name}": {"source": name} for name in ("x", "wordpress", "hackernews")}
    by |= {f"language {name}": {"lang": name} for name in ("en", "de", "fi")}
    by |= {f"state {name}": {"state": name}
           for name in ("answered", "escalated", "followed", "dismissed", "all")}  # fmt: skip
    return {"all that is open": {}, "each copy by itself": {"folded": "0"}} | by | {
        "mine": {"holder": "agent3"}, "nobody's": {"holder": "nobody"}, "unseen": {"unseen": "1"},
        "the last hour": {"since": hours[1]}, "the last day": {"since": hours[24]},
        "an hour, a day ago": {"since": hours[36], "until": hours[24]},
        "praise in German, unseen": {"label": "praise", "lang": "de", "unseen": "1"},
        "rare label, rare language": {"label": "threat", "lang": "fi"},
        "rare source, praise, last day": {"source": "hackernews", "label": "praise",
                                          "since": hours[24]},
        "dismissed by source": {"state": "dismissed", "source": "wordpress"},
    } | {f"search, {name}": {"q": q} for name, q in SEARCHES.items()} | {
        "search, often found, praise": {"q": "stream", "label": "praise"},
        "search, often found, the last day": {"q": "stream", "since": hours[24]},
        "search, often found, rare language": {"q": "stream", "lang": "fi"},
    }  # fmt: skip


def spent(client: TestClient, path: str, times: int) -> list[tuple[float, float]]:
    """
    Return the seconds of some requests, the slowest last, and those the processor was busy with them.

    The first, which warms up, is left out.
    """
    taken = []
    for _ in range(times + 1):
        began, busy = time.perf_counter(), time.process_time()
        answer = client.get(path)
        taken.append((time.perf_counter() - began, time.process_time() - busy))
        assert answer.status_code == 200, answer.text[:500]
    return sorted(taken[1:])


def measure(place: Place, count: int, times: int) -> None:
    """Measure, and print what was measured."""
    # As the server does once it has started.
    gc.collect()
    gc.freeze()
    client = TestClient(board(place), base_url="http://127.0.0.1")
    cursors = {"": ""}
    for share in (0.1, 0.5, 0.9):
        at = NOW - timedelta(days=DAYS) * (1 - share)
        cursors[f", {share:.0%} down"] = str(to_micros(at)) + ".0"
    queries = {f"{name}{down}": query | ({"after": after} if after else {})
               for name, query in asked(NOW).items()
               for down, after in cursors.items()
               if not down or name in ("all that is open", "label praise")}  # fmt: skip
    slow = []
    load = os.getloadavg()[0]
    print(f"queue page at {count:,} posts, {times} requests each, in ms (load average {load:.1f}):")
    print(f"  {'':40} {'median':>8} {'p95':>8} {'p95 busy':>8}")
    for name, query in queries.items():
        path = str(client.build_request("GET", "/i/bench/queue", params=query).url)
        limit = SEARCH_LIMIT if name.startswith("search, ") else LIMIT
        if _shown(name, spent(client, path, times)) > limit:
            slow.append(name)
    with client.stream("GET", "/i/bench/queue") as answer:
        sent = sum(map(len, answer.iter_raw()))
    page = client.get("/i/bench/queue")
    print(f"first page: {len(page.content) / 1000:.0f} kB of HTML, {sent / 1000:.0f} kB sent")
    post = page.text.split('data-post="')[1].split('"')[0]
    began = time.perf_counter()
    client.get("/i/bench")
    print(f"  the incident, by the first who looks: {time.perf_counter() - began:.1f} s")
    for name, path in (("one post", f"/i/bench/p/{post}"), ("ask me", "/i/bench/ask"),
                       ("the incident", "/i/bench"), ("all hits corrected, preview",
                        "/i/bench/queue/correct?q=login+password")):  # fmt: skip
        _shown(name, spent(client, path, times))
    print(f"slower than {LIMIT * 1000:.0f} ms, or {SEARCH_LIMIT * 1000:.0f} for words: "
          f"{', '.join(slow) or 'none'}")  # fmt: skip


def _shown(name: str, taken: list[tuple[float, float]]) -> float:
    """Print what was measured, and return the p95."""
    last = min(len(taken) - 1, int(len(taken) * 0.95))
    busy = sorted(one for _, one in taken)[last]
    middle, p95 = taken[len(taken) // 2][0], taken[last][0]
    print(f"  {name:40} {middle * 1000:8.1f} {p95 * 1000:8.1f} {busy * 1000:8.1f}", flush=True)
    return p95


def place_at(store: Store, folder: Path) -> Place:
    """Return a board for one on a store, with the shipped classifier and a label that is rare."""
    from classify.labels import Label

    shipped_ = Labels.load()
    labels = Labels([*shipped_, Label(name="threat", title="Threat", meaning="It threatens.",
                                      threshold=0.5, share=0.01, order=9, colour="#555555")])  # fmt: skip
    kept = folder / "classifier"
    if not kept.exists():
        Classifier.train(shipped_, Examples(shipped(shipped_), shipped_)).save(kept)
    classifier = Classifier.load(kept, shipped_)
    return Place(store=store, home=folder, labels=labels, sources={}, now=lambda: NOW,
                 classifier=lambda: classifier, asker=_never, single="agent3")  # fmt: skip


def _never() -> Any:
    return nullcontext(None)


def main() -> None:
    """Fill what is empty, and measure."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/amends-bench-board"))
    parser.add_argument("--database", default="")
    parser.add_argument("--times", type=int, default=TIMES)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(options.database or f"sqlite:///{options.folder}/amends-{options.posts}.db")
    with store.read() as tx:
        empty = not tx.incidents.every()
    if empty:
        fill(store, options.posts)
    measure(place_at(store, options.folder), options.posts, options.times)
    store.close()


if __name__ == "__main__":
    main()
