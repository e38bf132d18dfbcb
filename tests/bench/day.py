"""
The digest of one large day: how long each part of it takes, and all of it.

    python -m tests.bench.day [--posts N] [--folder DIR] [--postgresql] [--shuffled]

A folder is filled once and used again: with `SEED` posts kept one by one, and then with all of them again and
again in other words. With `--shuffled` the day was read back in any order, as archives are, instead of as it went on.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from amends.digest import as_html, build, snapshot
from amends.digest.ears import ears
from amends.digest.offers import offers
from amends.pulse.themes import themes_of
from amends.truth.day import truth
from amends.truth.vocabulary import vocabulary
from classify.labels import Labels
from models.day import day_before, day_window
from models.incident import IncidentRow, WatchRow
from models.post import Post
from models.store import Store, Transaction
from models.store.gathered import Gathered
from models.tag import Tag
from tests.bench.board import BATCH, LABELS, LANGUAGES, SOURCES, _picks, _worked_on
from tests.bench.chatter import PEOPLE, texts
from tests.bench.queries import SEED, database, grow

DAY = date(2026, 3, 3)
WINDOW = day_window(DAY, "UTC")
NOW = WINDOW.until + timedelta(hours=9)
TO_ANSWER, THANKS, AGAINST = ("complaint", "credit_request"), ("praise",), ("complaint",)

TIMES = 3
LATE = 120
"""Seconds a post is on its way, on average."""


def posts(count: int, *, shuffled: bool) -> Iterator[tuple[datetime, list[Post]]]:
    """Yield a day's posts in batches, each with when it came in."""
    chance = random.Random(5)
    sources, languages = _picks(SOURCES, count), _picks(LANGUAGES, count)
    followers = np.minimum(np.random.default_rng(5).pareto(0.9, count) * 50, 5e7).astype(int)
    said, step = texts(count), WINDOW.length / count
    for start in range(0, count, BATCH):
        batch = []
        for number, text in enumerate(islice(said, BATCH), start):
            due = chance.random() if shuffled else number / count
            late = timedelta(seconds=chance.expovariate(1 / LATE))
            at = max(WINDOW.since, WINDOW.since + due * WINDOW.length - late)
            batch.append(
                Post(source=sources[number], external_id=str(number), posted_at=at, as_of=at,
                     text=text, author=f"user{int(chance.random() * count * PEOPLE)}",
                     author_followers=int(followers[number]), lang=languages[number],
                     url=f"https://x.example/{number}")
            )  # fmt: skip
        yield (NOW if shuffled else WINDOW.since + step * (start + len(batch))), batch


def fill(store: Store, count: int, *, shuffled: bool) -> None:
    """Put an incident into a store with a day of so many tagged posts, part of them worked on."""
    chance = random.Random(6)
    with store.begin() as tx:
        row = IncidentRow(slug="bench", title="Bench", company="Reelpost", began=WINDOW.since,
                          opened_at=WINDOW.since, tz="UTC", terms=["reelpost"])  # fmt: skip
        tx.incidents.add(row)
        watch, _ = tx.watches.add(WatchRow(incident_id=row.id or 0, key="", source="x",
                                           terms=["reelpost"], created_at=WINDOW.since))  # fmt: skip
    began = time.perf_counter()
    for at, batch in posts(count, shuffled=shuffled):
        with store.begin(refetchable=True) as tx:
            tx.posts.add(watch.as_watch(), batch, at)
            waiting = tx.posts.unscored(BATCH)
            tags = [Tag(post_id=one.post_id, label=label, by="classifier:bench", score=0.8)
                    for one in waiting for label, share in LABELS.items()
                    if chance.random() < share]  # fmt: skip
            tx.tags.put_scored(waiting, tags, by="classifier:bench", at=at)
    print(f"filled: {count / (time.perf_counter() - began):,.0f} posts/s stored and tagged")
    _worked_on(store, count)


Ask = Callable[[Transaction, IncidentRow, Gathered], Any]
_BEFORE = day_window(day_before(DAY, "UTC"), "UTC")

PARTS: dict[str, Ask] = {
    "tallies": lambda tx, row, items: (tx.days.tally(1, WINDOW), tx.days.undated(1)),
    "gathering": lambda tx, row, items: tx.days.items(1, WINDOW),
    "voices": lambda tx, row, items: tx.voices.counted(1, [WINDOW], list(LABELS), [items]),
    "official": lambda tx, row, items: tx.days.official(1, WINDOW),
    "waiting": lambda tx, row, items: tx.days.waiting(1, WINDOW, TO_ANSWER, 12, items),
    "waiting, undated": lambda tx, row, items: tx.days.waiting(1, None, TO_ANSWER, 10),
    "overdue": lambda tx, row, items: tx.pulse.overdue(1, TO_ANSWER, NOW, WINDOW.until),
    "themes": lambda tx, row, items: themes_of(tx, row, WINDOW, NOW, items),
    "praise": lambda tx, row, items: tx.days.praise(1, WINDOW, THANKS, AGAINST, 6, items),
    "ears": lambda tx, row, items: ears(tx, row, WINDOW, _BEFORE, NOW, items=items),
    "late": lambda tx, row, items: tx.days.late(1, WINDOW, items),
    "edited": lambda tx, row, items: tx.days.edited(1, WINDOW),
    "spot checks": lambda tx, row, items: [tx.spots.tells(1, WINDOW, name) for name in LABELS],
    "offers": lambda tx, row, items: offers(tx, row, WINDOW, NOW, {}, items),
    "truth": lambda tx, row, items: truth(tx, row, WINDOW, NOW, vocabulary()),
    "the whole digest": lambda tx, row, items: as_html(
        build(snapshot(tx, row, DAY, NOW, list(Labels.load())))
    ),
}  # fmt: skip
"""All but the last go by what was gathered before."""


def measure(store: Store, times: int, only: str) -> None:
    """Print the seconds of work and by the wall clock of each part: the least of some times."""
    print("| part | busy | by the clock |\n|---|---|---|")
    with store.read() as tx:
        row, items = tx.incidents.find("bench"), tx.days.items(1, WINDOW)
        for name, ask in PARTS.items():
            if only not in name:
                continue
            spent = []
            for _ in range(times):
                began, busy = time.perf_counter(), time.process_time()
                ask(tx, row, items)
                spent.append((time.process_time() - busy, time.perf_counter() - began))
            least = [min(one) for one in zip(*spent, strict=True)]
            print(f"| {name} | {least[0]:.2f} | {least[1]:.2f} |", flush=True)


def main() -> None:
    """Fill what is empty, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/amends-bench-day"))
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    folder = options.folder / ("shuffled" if options.shuffled else "as-it-went")
    folder.mkdir(parents=True, exist_ok=True)
    with database(folder, options.posts, postgresql=options.postgresql) as url:
        store = Store.open(url)
        with store.read() as tx:
            empty = not tx.incidents.every()
        if empty:
            fill(store, min(options.posts, SEED), shuffled=options.shuffled)
            grow(store, options.posts)
        name = "PostgreSQL" if options.postgresql else "SQLite"
        print(
            f"{name}, a day of {options.posts:,} posts ({min(options.posts, SEED):,} kept one by one, the rest"
            f" the same in other words), in seconds, the least of {options.times} times.\n"
        )
        measure(store, options.times, options.only)
        store.close()


if __name__ == "__main__":
    main()
