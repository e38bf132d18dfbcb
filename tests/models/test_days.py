"""What a day adds up to: the database counts as a person with a pencil would."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models.coverage import Span
from models.day import day_window
from models.post import Post
from models.store import Store
from models.store.days import Best, Found
from models.store.posts import Unscored
from models.tag import Tag, VerdictRow
from tests.factories import a_post, a_watch

TZ = "Australia/Lord_Howe"
DAY = day_window(date(2026, 4, 5), TZ)
HOUR = timedelta(hours=1)
LABELS = ("complaint", "credit_request", "praise")
SEEN = datetime(2026, 4, 5, 12, tzinfo=UTC)
WAITING = ("complaint", "credit_request")


class Kept:
    """Posts kept in a store for one incident, beside what a person would write on paper."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.watch = a_watch(store, terms=["a"])
        self.incident = self.watch.incident_id
        self.second = a_watch(store, incident_id=self.incident, terms=["b"])
        self.posts: dict[int, Post] = {}
        self.labels: dict[int, set[str]] = {}

    def add(self, *posts: Post, labels: set[str] | None = None, at: datetime = SEEN) -> list[int]:
        """Keep posts, seen by both watches, with these labels on each."""
        with self.store.begin() as tx:
            for watch in (self.watch, self.second):
                ids = tx.posts.add(watch, posts, at).ids
            mine = [ids[post.source, post.external_id] for post in posts]
            tags = [Tag(post_id=i, label=name, by="ana") for i in mine for name in labels or ()]
            if tags:
                tx.tags.put(tags, at)
        self.posts |= dict(zip(mine, posts, strict=True))
        self.labels |= {i: set(labels or ()) for i in mine}
        return mine

    def ask(self, question: Callable[..., Any], *values: Any) -> Any:
        """Ask one question of `days` in a transaction of its own."""
        with self.store.read() as tx:
            return question(tx.days, self.incident, *values)


@pytest.fixture
def kept(store: Store) -> Kept:
    """Return an incident with two watches and no posts."""
    return Kept(store)


def in_day(post: Post) -> bool:
    """Whether a post counts in the day."""
    return (
        not post.official and post.posted_at is not None and DAY.since <= post.posted_at < DAY.until
    )


def a_random_post(chance: random.Random, number: int, labels: frozenset[str]) -> Post:
    """Return a post from around the day: on its edges, without a time, or the company's own."""
    edge = timedelta(microseconds=1)
    when = chance.choice(
        [
            DAY.since, DAY.since - edge, DAY.until, DAY.until - edge, None,
            DAY.since + chance.randrange(24) * HOUR, DAY.since + chance.randrange(24) * HOUR - edge,
            *(DAY.since + timedelta(minutes=chance.randrange(-300, 1800)) for _ in range(20)),
        ]
    )  # fmt: skip
    return a_post(
        external_id=str(number),
        source=chance.choice(["x", "wordpress"]),
        # What Ana says of a text she says of its copies.
        text=f"text {chance.randrange(40)} {' '.join(sorted(labels))}",
        author=chance.choice(["cleo", "dre", "eve", None]),
        author_id=chance.choice([None, "1", "2"]),
        posted_at=when,
        official=chance.random() < 0.1,
        author_followers=chance.choice([None, 0, -5, 10, 10**15]),
        reposts=chance.choice([None, 3, 2**62]),
        views=chance.choice([None, 250, 2**62]),
    )


def reach(post: Post) -> int:
    """Return how far a post carries, worked out by hand."""
    followers, reposts, views = (
        min(max(n or 0, 0), 10**12) for n in (post.author_followers, post.reposts, post.views)
    )
    return followers + 10 * reposts + views // 100


@pytest.mark.parametrize("seed", range(3))
def test_every_number_of_a_day_is_the_one_a_person_would_count(kept: Kept, seed: int) -> None:
    """Edges, undated, official, two watches, other incidents: 400 random posts, counted by hand."""
    chance = random.Random(seed)
    by_labels: dict[frozenset[str], list[Post]] = {}
    for number in range(400):
        labels = frozenset(name for name in LABELS if chance.random() < 0.4)
        by_labels.setdefault(labels, []).append(a_random_post(chance, number, labels))
    for labels, posts in by_labels.items():
        kept.add(*posts, labels=set(labels))
    other = a_watch(kept.store, incident_id=a_watch(kept.store).incident_id, terms=["c"])
    with kept.store.begin() as tx:
        tx.posts.add(other, [a_post(external_id="other", posted_at=DAY.since)], SEEN)

    mine = {i: post for i, post in kept.posts.items() if in_day(post)}
    tally = kept.ask(lambda days, *a: days.tally(*a), DAY)
    hours = {i: (post.posted_at - DAY.since) // HOUR for i, post in mine.items()}  # type: ignore[operator]
    cells = Counter(
        (hours[i], post.source, label)
        for i, post in mine.items()
        for label in (kept.labels[i] or {""})
    )
    volumes = Counter((hours[i], post.source) for i, post in mine.items())
    assert {(c.hour, c.source, c.label): c.posts for c in tally.cells} == cells
    assert {(v.hour, v.source): v.posts for v in tally.volumes} == volumes
    assert all(volume.unscored == volume.posts for volume in tally.volumes)
    undated = [p for p in kept.posts.values() if p.posted_at is None and not p.official]
    assert sum(v.posts for v in kept.ask(lambda days, *a: days.undated(*a)).volumes) == len(undated)
    assert kept.ask(lambda days, *a: days.official(*a), DAY) == sum(
        p.posted_at is not None and DAY.since <= p.posted_at < DAY.until
        for p in kept.posts.values()
        if p.official
    )
    assert kept.ask(lambda days, *a: days.by_watch(*a), DAY) == {
        kept.watch.id: len(mine), kept.second.id: len(mine)
    }  # fmt: skip

    wanted = [i for i in mine if kept.labels[i] & set(WAITING)]
    best: Best = kept.ask(lambda days, *a: days.waiting(*a), DAY, WAITING, 1000)
    assert best.among == len(wanted)
    groups: dict[str, list[int]] = {}
    for i in wanted:
        groups.setdefault(mine[i].text, []).append(i)
    first = [
        min(ids, key=lambda i: (-reach(mine[i]), mine[i].posted_at, i)) for ids in groups.values()
    ]
    first.sort(key=lambda i: (-reach(mine[i]), mine[i].posted_at, i))
    assert [post.post_id for post in best.posts] == first
    assert [post.reach for post in best.posts] == [reach(mine[i]) for i in first]
    assert [post.alike for post in best.posts] == [len(groups[mine[i].text]) - 1 for i in first]
    assert [set(post.labels) for post in best.posts] == [kept.labels[i] for i in first]


def test_what_somebody_decided_on_waits_no_longer(kept: Kept) -> None:
    """A verdict in this incident takes the post off the list, one in another incident doesn't."""
    done, open_ = kept.add(
        a_post(text="no discs", posted_at=DAY.since),
        a_post(text="no discs at all", posted_at=DAY.since + HOUR),
        labels={"complaint"},
    )
    elsewhere = a_watch(kept.store).incident_id
    with kept.store.begin() as tx:
        for incident_id, post_id in ((kept.incident, done), (elsewhere, open_)):
            tx.session.add(
                VerdictRow(
                    incident_id=incident_id, post_id=post_id, decision="reply", by="ana", at=SEEN
                )
            )
    best = kept.ask(lambda days, *a: days.waiting(*a), DAY, WAITING, 10)
    assert [post.post_id for post in best.posts] == [open_] and best.among == 1


def test_a_tag_taken_off_counts_no_more_and_a_scored_post_waits_for_nobody(kept: Kept) -> None:
    """What Ana took off is neither a complaint nor waiting; scored posts aren't unscored."""
    (post_id,) = kept.add(a_post(text="lovely", posted_at=DAY.since), labels={"complaint"})
    with kept.store.begin() as tx:
        tx.tags.put([Tag(post_id=post_id, label="complaint", by="bo", put=False)], SEEN)
        tx.posts.mark_scored(
            [Unscored(post_id, "lovely", datetime(2026, 3, 4, 12, tzinfo=UTC), 0)], "c"
        )
    tally = kept.ask(lambda days, *a: days.tally(*a), DAY)
    assert [(cell.label, cell.posts) for cell in tally.cells] == [("", 1)]
    assert [volume.unscored for volume in tally.volumes] == [0]
    assert kept.ask(lambda days, *a: days.waiting(*a), DAY, WAITING, 10) == Best()


def test_thanks_are_praise_that_doesnt_complain_as_well(kept: Kept) -> None:
    """Cleo's “great, thanks for nothing” isn't shown among the thanks."""
    (thanks,) = kept.add(a_post(text="thank you", posted_at=DAY.since), labels={"praise"})
    kept.add(a_post(text="thanks for nothing", posted_at=DAY.since), labels={"praise", "complaint"})
    best = kept.ask(lambda days, *a: days.praise(*a), DAY, ["praise"], ["complaint"], 5)
    assert [post.post_id for post in best.posts] == [thanks] and best.among == 1


def test_undated_posts_to_answer_come_in_a_list_of_their_own(kept: Kept) -> None:
    """They stand in no day's list."""
    (undated,) = kept.add(a_post(text="my credit?", posted_at=None), labels={"credit_request"})
    assert kept.ask(lambda days, *a: days.waiting(*a), DAY, WAITING, 5) == Best()
    best = kept.ask(lambda days, *a: days.waiting(*a), None, WAITING, 5)
    found: Found = best.posts[0]
    assert (found.post_id, found.posted_at, found.first_seen) == (undated, None, SEEN)


def test_late_and_edited_posts_are_those_of_the_day_they_came(kept: Kept) -> None:
    """Late means posted before the day and first seen within it, by any watch of the incident."""
    early = DAY.since - HOUR
    kept.add(a_post(external_id="late", posted_at=early), at=DAY.since + HOUR)
    kept.add(a_post(external_id="known", posted_at=early), at=DAY.since - timedelta(minutes=1))
    kept.add(a_post(external_id="later", posted_at=early), at=DAY.until)
    kept.add(a_post(external_id="prompt", posted_at=DAY.since), at=DAY.since)
    again = a_watch(kept.store, incident_id=kept.incident, terms=["d"])
    edited = a_post(external_id="known", posted_at=early, version=1, text="now with other words")
    with kept.store.begin() as tx:
        tx.posts.add(again, [edited], DAY.since + HOUR)
    assert kept.ask(lambda days, *a: days.late(*a), DAY) == {"x": 1}
    assert kept.ask(lambda days, *a: days.edited(*a), DAY) == 1
    assert kept.ask(lambda days, *a: days.edited(*a), Span(DAY.until, DAY.until + HOUR)) == 0


def test_a_long_text_leaves_the_database_as_its_beginning(kept: Kept) -> None:
    """A megabyte of anger costs the digest no more than a sentence."""
    kept.add(a_post(text="late " * 200_000, posted_at=DAY.since), labels={"complaint"})
    best = kept.ask(lambda days, *a: days.waiting(*a), DAY, WAITING, 5)
    assert len(best.posts[0].text) == 600
