"""Words that were said now and then, by all at once or long ago: a search finds every post that has them, in order."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import product

import pytest

from models.store import Store
from models.store.queue import Line, Sought
from models.store.search import Search
from models.store.walk import Limits, Place
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

LIMITS = (
    Limits(),
    Limits(items=1, hits=1),
    Limits(items=1, hits=1, many=20),
    Limits(items=1, hits=1, many=20, step=4, in_vain=3, passed=10),
    Limits(items=1, hits=1, many=1_000, step=4, in_vain=3, passed=10),
    Limits(items=1, hits=1, many=1_000, step=4, in_vain=3, passed=10_000),
)
"""As with more and more hits: looked up at once, some at a time, walked along, leapt to, given up."""

WORDS = {
    "always": lambda hours: True,
    "late": lambda hours: hours > 100,
    "early": lambda hours: hours < 5,
    "twice": lambda hours: 20 < hours < 24 or 90 < hours < 97,
    "stray": lambda hours: int(hours * 10) % 200 == 7 or hours > 110,
    "seldom": lambda hours: int(hours * 10) % 25 == 7,
}
SEARCHES = (
    *WORDS, "always late", "twice late", "seldom always", "la* always", "tw*", "late -stray", "num3*", "num* late",
    '"late stray"', '"twice always"', "nobody",
)  # fmt: skip


@pytest.fixture
def spread(store: Store) -> list[Line]:
    """Return all items of a store with 600 posts of five days, in the order of the queue."""
    watch, chance = a_watch(store), random.Random(881)
    batch = []
    for n in range(600):
        hours = 120 * chance.random()
        said = " ".join(word for word, when in WORDS.items() if when(hours))
        batch.append(a_post(
            text=f"{said} num{n % 400}", author_followers=10 ** chance.randrange(7),
            posted_at=NOW - timedelta(hours=120 - hours) if n % 40 else None,
        ))  # fmt: skip
    with store.begin() as tx:
        tx.posts.add(watch, batch, NOW)
        rows = tx.posts.unscored(1_000)
        tags = [Tag(post_id=row.post_id, label="complaint", by="classifier:t", score=0.9)
                for row in rows if chance.random() < 0.3]  # fmt: skip
        tx.tags.put_scored(rows, tags, by="classifier:t", at=NOW)
        return tx.queue.lines(1, Sought(folded=False), None, 1_000)


def test_a_search_leaf_by_leaf_is_all_that_is_sought_in_its_order(
    store: Store, spread: list[Line]
) -> None:
    """By whatever way the number of hits lets it go."""
    asks = list(product(SEARCHES, (None, "complaint"), (None, 60), (True, False)))
    with store.read() as tx:
        connection = tx.session.connection()
        for search, label, hours, folded in asks:
            since = None if hours is None else NOW - timedelta(hours=hours)
            sought = Sought(search=search, label=label, since=since, folded=folded)
            wanted = [line for line in spread if _says(line.text, search)]
            if label is not None:
                wanted = [line for line in wanted if label in line.labels]
            if since is not None:
                wanted = [line for line in wanted if line.posted_at and line.posted_at >= since]
            if folded:
                wanted = list({line.near: line for line in reversed(wanted)}.values())
                wanted.sort(key=lambda line: (line.urgency, line.post_id))
            for limits in LIMITS:
                found: list[int] = []
                place: Place | None = None
                while leaf := Search(connection, 1, sought, limits).keys(place, 17):
                    found += leaf
                    last = tx.queue.these(1, leaf[-1:])[0].cursor
                    place = (int(last.urgency.timestamp() * 1_000_000), last.post_id)
                assert found == [line.post_id for line in wanted], (sought, limits)
                count = Search(connection, 1, sought, limits).count(1_000)
                assert count.items <= len(wanted), (sought, limits)
                assert not count.all or count.items == len(wanted), (sought, limits)


def _says(text: str, search: str) -> bool:
    """Return whether a text has what is sought, put plainly."""
    if search.startswith('"'):
        return f" {search[1:-1]} " in f" {text} "
    return all(
        any(word == one or (one.endswith("*") and word.startswith(one[:-1])) for word in text.split())
        for one in search.split() if not one.startswith("-")
    ) and not any(one[1:] in text.split() for one in search.split() if one.startswith("-"))  # fmt: skip
