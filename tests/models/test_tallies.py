"""Tallies: whatever becomes of posts, what is kept of an hour is what counting them one by one gives."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.day import day_window
from models.incident import Watch
from models.marks import Marks, made_marks
from models.post import Post
from models.store import Store, Transaction
from models.store.erasure import Whose
from models.store.volumes import Cell, Tally, Volume
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch, an_incident

DAY = day_window(date(2026, 4, 5), "Australia/Lord_Howe")
"""Clocks went back by half an hour on it."""

LABELS = ("complaint", "praise", "credit_request")
STEPS = 30


def counted(store: Store, incident: int) -> tuple[Tally, Counter[str], Counter[str]]:
    """Return a day's volumes and cells, an incident's labels and its sources, counted one by one."""
    with store.read() as tx:
        waiting = {one.post_id for one in tx.posts.unscored(10_000)}
        posts = list(tx.views.posts(incident))
    cells: Counter[tuple[int, str, str]] = Counter()
    volumes, unscored = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for post in posts:
        if post.official or post.posted_at is None or not DAY.since <= post.posted_at < DAY.until:
            continue
        hour = (post.posted_at - DAY.since) // timedelta(hours=1)
        cells.update((hour, post.source, label) for label in (post.labels or {""}))
        volumes[hour, post.source] += 1
        unscored[hour, post.source] += post.id in waiting
    return (
        Tally(tuple(sorted(Cell(*key, n) for key, n in cells.items())),
              tuple(sorted(Volume(*key, n, unscored[key]) for key, n in volumes.items()))),
        Counter(label for post in posts for label in post.labels),
        Counter(post.source for post in posts),
    )  # fmt: skip


class Life:
    """An incident's posts, to which things happen by chance."""

    def __init__(self, store: Store, marks: Marks, seed: int) -> None:
        self.store, self.marks, self.chance = store, marks, random.Random(seed)
        self.watches: list[Watch] = [a_watch(store)]
        with store.begin() as tx:
            other = an_incident(slug="other")
            tx.incidents.add(other)
        self.watches.append(a_watch(store, incident_id=other.id))
        self.posts: dict[str, Post] = {}

    def a_post(self, number: str) -> Post:
        """Return a post of around the day, or one without a time; a few are the company's own."""
        chance = self.chance
        when = DAY.since + timedelta(minutes=chance.randrange(-120, 1700))
        return a_post(
            external_id=number, source=chance.choice(("x", "wordpress")), author=f"user{number}",
            text=f"words number {chance.randrange(12)} of many", official=chance.random() < 0.1,
            posted_at=None if chance.random() < 0.1 else when, as_of=NOW,
        )  # fmt: skip

    def come(self) -> None:
        """Let posts come in, and some be seen again: changed in their words, their time, or whose they are."""
        new = [self.a_post(str(len(self.posts) + n)) for n in range(self.chance.randrange(1, 12))]
        again = [
            Post(**{name: getattr(self.a_post(key) if self.chance.random() < 0.5 else old, name)
                    for name in Post.__struct_fields__}
                 | {"source": old.source, "external_id": key, "version": old.version + 1})
            for key, old in self.chance.sample(sorted(self.posts.items()), min(3, len(self.posts)))
        ]  # fmt: skip
        self.posts |= {post.external_id: post for post in (*new, *again)}
        with self.store.begin() as tx:
            tx.posts.add(self.chance.choice(self.watches), [*new, *again], NOW)

    def tag(self) -> None:
        """Let the classifier read some of what waits."""
        with self.store.begin() as tx:
            rows = tx.posts.unscored(self.chance.randrange(1, 30))
            tags = [Tag(post_id=row.post_id, label=label, by="classifier:x", score=0.9)
                    for row in rows for label in LABELS if self.chance.random() < 0.4]  # fmt: skip
            tx.tags.put_scored(rows, tags, by="classifier:x", at=NOW)

    def say(self) -> None:
        """Let somebody correct a label, or take all back that they said."""
        with self.store.begin() as tx:
            if self.chance.random() < 0.3:
                tx.tags.undo("ana", NOW)
                return
            ids = [post.id for post in tx.views.posts(self.watches[0].incident_id)]
            tx.tags.put([Tag(post_id=one, label=self.chance.choice(LABELS), by="ana",
                             put=self.chance.random() < 0.5)
                         for one in self.chance.sample(ids, min(2, len(ids)))], NOW)  # fmt: skip

    def go(self) -> None:
        """Let an author be erased."""
        key = self.chance.choice(sorted(self.posts) or [""])
        with self.store.begin() as tx:
            ids, _ = tx.erasure.ids(Whose(author=("x", f"user{key}")))
            tx.erasure.take_away(tx.erasure.read(ids), self.marks, "asked", NOW)


def test_two_who_change_the_same_posts_at_once_count_them_once(store: Store) -> None:
    """One tags what came in while another says what it is: each post stands in one place alone."""
    watch = a_watch(store)
    posts = [
        a_post(external_id=f"{n}", text=f"{n} words of its own", posted_at=DAY.since)
        for n in range(60)
    ]
    with store.begin(refetchable=True) as tx:
        ids = sorted(tx.posts.add(watch, posts, NOW).ids.values())

    def say(part: int) -> None:
        for number in ids[part::3]:
            with store.begin() as tx:
                tx.tags.put([Tag(post_id=number, label=LABELS[part], by="ana")], NOW)

    def tag(turn: int) -> None:
        with store.begin(refetchable=True) as tx:
            rows = tx.posts.take(tx.posts.unscored(20))
            tags = [Tag(post_id=row.post_id, label="praise", by="classifier:x") for row in rows]
            tx.tags.put_scored(rows, tags, by="classifier:x", at=NOW)

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(say, part) for part in range(3)] + [
            pool.submit(tag, n) for n in range(5)
        ]
    assert [one.exception() for one in done] == [None] * len(done)
    with store.read() as tx:
        assert tx.days.tally(watch.incident_id, DAY) == counted(store, watch.incident_id)[0]
        assert tx.gauges.waiting() == {watch.incident_id: 60}


def test_who_counts_waits_for_nobody_any_more(store: Store) -> None:
    """One says what a post is and goes on to new words, while another who had new words wants to count."""
    watch = a_watch(store)

    def come(*ids: str) -> None:
        posts = [a_post(external_id=one, text=f"{one} has words of its own") for one in ids]
        with store.begin(refetchable=True) as tx:
            tx.posts.add(watch, posts, NOW)

    def tag(tx: Transaction, most: int) -> None:
        rows = tx.posts.take(tx.posts.unscored(5)[:most])
        tx.tags.put_scored(rows, [], by="classifier:x", at=NOW)

    def beside() -> None:
        with store.begin(refetchable=True) as tx:
            tag(tx, 1)

    come("first")
    beside()
    come("second", "third")
    with ThreadPoolExecutor(1) as pool:
        with store.begin(refetchable=True) as tx:
            tx.tags.put([Tag(post_id=1, label="praise", by="ana")], NOW)
            other = pool.submit(beside)
            # Where several write at once, the other one now has its words and is about to count.
            wait([other], timeout=1)
            rows = tx.posts.unscored(5)[-1:]
            tx.tags.put_scored(rows, [], by="classifier:x", at=NOW)
        other.result()

    with store.begin() as tx:
        tag(tx, 5)
    with store.read() as tx:
        assert tx.gauges.waiting() == {watch.incident_id: 3}
        assert tx.views.label_counts(watch.incident_id) == {"praise": 1}


def test_what_changed_is_counted_at_once_by_who_changed_it(store: Store) -> None:
    """Within the transaction that tags posts, too."""
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(external_id="1")], NOW)
        rows = tx.posts.unscored(5)
        tags = [Tag(post_id=rows[0].post_id, label="praise", by="classifier:x", score=0.9)]
        tx.tags.put_scored(rows, tags, by="classifier:x", at=NOW)

        assert tx.views.label_counts(watch.incident_id) == {"praise": 1}


@pytest.mark.parametrize("seed", range(2))
def test_what_is_tallied_is_what_counting_one_by_one_gives(
    database_url: str, tmp_path: Path, seed: int
) -> None:
    """Posts come, change, are tagged, corrected and erased; after each step all counts still agree."""
    marks = made_marks(tmp_path / "erasure.key")
    store = Store.open(database_url, None, lambda: marks)
    life = Life(store, marks, seed)
    key = life.watches[0].incident_id
    for _ in range(STEPS):
        life.chance.choice((life.come, life.come, life.tag, life.tag, life.say, life.go))()
        day, labels, sources = counted(store, key)
        with store.read() as tx:
            assert tx.days.tally(key, DAY) == day
            assert Counter(tx.views.label_counts(key)) == labels
            assert Counter(tx.views.source_counts(key)) == sources
            assert tx.gauges.posts().get(key, 0) == sources.total()
            assert tx.gauges.waiting().get(key, 0) == tx.pulse.unseen(key)
    store.close()
