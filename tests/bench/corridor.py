"""The corridor from a file to stored and tagged, beside the way it is usually written first."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from classify.classifier import Classifier
from classify.tagging import tag_new
from ingest.disk import Disk
from ingest.keep import keep
from ingest.registry import all_sources
from ingest.walk import walk
from models.incident import IncidentRow, WatchRow
from models.post import Post
from models.store import Store
from models.tag import Tag
from tests.bench.measure import medians

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
POSTS = 100_000
NAIVE = 2_000
TIMES = 3
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


def lines(count: int) -> Iterator[dict[str, str]]:
    """Yield made-up posts of about a hundred characters."""
    for number in range(count):
        said = " ".join(WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(18))
        yield {
            "id": str(number), "text": f"{said} {number}", "author": f"user{number % 5000}",
            "created_at": "2026-03-04T10:00:00Z",
        }  # fmt: skip


def a_store(folder: str) -> tuple[Store, WatchRow]:
    """Return an empty store with one watch."""
    store = Store.open(f"sqlite:///{folder}/amends.db")
    with store.begin() as tx:
        row = IncidentRow(slug="bench", title="Bench", company="Reelpost", began=NOW, opened_at=NOW)
        tx.incidents.add(row)
        watch, _ = tx.watches.add(
            WatchRow(incident_id=row.id or 0, key="", source="file", once=True,
                     address=f"{folder}/posts.jsonl", created_at=NOW)
        )  # fmt: skip
    return store, watch


def corridor(classifier: Classifier) -> dict[str, float]:
    """Return the seconds of each stage for POSTS posts from a file to stored and tagged."""
    with tempfile.TemporaryDirectory() as folder:
        with Path(folder, "posts.jsonl").open("w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines(POSTS))
        store, row = a_store(folder)
        spent = {"read": 0.0, "store": 0.0, "tag": 0.0}
        before = time.perf_counter()
        for outcome in walk(row.as_watch(), all_sources()["file"], Disk(), lambda: NOW, most=None):
            read = time.perf_counter()
            keep(store, outcome, NOW)
            stored = time.perf_counter()
            tag_new(store, classifier, now=NOW)
            tagged = time.perf_counter()
            spent["read"] += read - before
            spent["store"] += stored - read
            spent["tag"] += tagged - stored
            before = tagged
        store.close()
    return spent


def naive(classifier: Classifier) -> float:
    """Return the seconds for NAIVE posts, one by one, as it is usually written first."""
    with tempfile.TemporaryDirectory() as folder:
        store, row = a_store(folder)
        watch = row.as_watch()
        began = time.perf_counter()
        for line in lines(NAIVE):
            post = Post(source="file", external_id=line["id"], text=line["text"], posted_at=NOW)
            score = classifier.scores([post.text])[0]
            with store.begin(refetchable=True) as tx:
                kept = tx.posts.add(watch, [post], NOW)
                post_id = kept.ids["file", line["id"]]
                tx.tags.put(
                    [Tag(post_id=post_id, label="complaint", by="bench", score=score[0])], NOW
                )
        store.close()
        return time.perf_counter() - began


def bench(classifier: Classifier) -> None:
    """Measure, and print what was measured."""
    spent = medians(lambda: corridor(classifier), TIMES)
    whole = sum(spent.values())
    one_by_one = medians(lambda: {"naive": naive(classifier)}, TIMES)["naive"]
    print(
        f"file to stored and tagged: {POSTS / whole:,.0f} posts/s ({POSTS:,} posts, median of {TIMES})"
    )
    for stage, seconds in spent.items():
        print(f"  {stage}: {seconds / whole:.0%} ({POSTS / seconds:,.0f} posts/s)")
    print(
        f"one by one: {NAIVE / one_by_one:,.0f} posts/s; ours is {POSTS / whole / (NAIVE / one_by_one):.0f} times that"
    )
