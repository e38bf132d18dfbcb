"""Posts, voices and distinct complaints, as a person with a pencil would count them."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from models.coverage import Span
from models.day import day_window, local_day
from models.incident import Watch
from models.store import Store
from models.store.voices import MOST_DAYS, Part, Spread, Voiced
from models.tag import Tag
from tests.battery import Record, tell
from tests.factories import NOW, a_post, a_watch
from tests.models.test_clusters import CHANGED, CUT, FIRST, OTHER, keep

TZ = "Australia/Lord_Howe"
DAY = Span(NOW - timedelta(hours=12), NOW + timedelta(hours=12))


@pytest.fixture
def watch(store: Store) -> Watch:
    """Return a watch of an open incident."""
    return a_watch(store)


def test_a_complaint_passed_on_2700_times_is_one(
    store: Store, watch: Watch, record_property: Record
) -> None:
    """2,400 reposts and 300 copies with changes, 100 people did both: one complaint, 2,601 voices."""
    before, after = ("so true: ", "my street too. ", ""), (" #fail", "", " please share")
    posts = [a_post(author="cleo", text=FIRST)]
    posts += [a_post(author=f"u{n}", kind="repost", text=f"RT @cleo: {FIRST}") for n in range(2400)]
    posts += [
        a_post(author=f"u{n + 2300}", source="x", text=before[n % 3] + FIRST + after[n // 3 % 3])
        for n in range(300)
    ]
    with store.begin() as tx:
        ids = keep(tx, watch, *posts)
        found = tx.voices.counted(1, [DAY], ["complaint", "praise"])
    assert found == Voiced(
        posts=2701, voices=2601, complaints=1,
        labels=(Part(label="complaint", posts=2701, voices=2601),
                Part(label="praise", posts=0, voices=0)),
        widest=Spread(post_id=ids[0], posts=2701, voices=2601, share=1.0, complaint=True),
    )  # fmt: skip
    tell(record_property, f"2,400 reposts and 300 copies: {found.complaints} complaint, "
                          f"{found.voices:,} voices (right: 2,601)")  # fmt: skip


def test_virality_stands_apart(store: Store, watch: Watch) -> None:
    """The widest text is told with its share; where nothing was said twice there is none."""
    with store.begin() as tx:
        assert tx.voices.counted(1, [DAY]) == Voiced()
        keep(tx, watch, a_post(text=OTHER, author="dre"))
        assert tx.voices.counted(1, [DAY]).widest is None
        ids = keep(
            tx, watch, a_post(text=FIRST), a_post(text=CHANGED), a_post(text=CUT, author="eve")
        )
        found = tx.voices.counted(1, [DAY])
        assert (found.posts, found.voices, found.complaints) == (4, 3, 2)
        assert found.widest == Spread(post_id=ids[0], posts=3, voices=2, share=0.75, complaint=True)
        number = tx.clusters.split(1, ids[2], "ana", NOW)
        assert tx.voices.counted(1, [DAY]).complaints == 3
        tx.clusters.undo(1, number, NOW)
        assert tx.voices.counted(1, [DAY]).complaints == 2


def test_posts_without_an_author_are_one_voice_a_text_and_day(store: Store, watch: Watch) -> None:
    """However often it is pasted; on the next day it is one more."""
    with store.begin() as tx:
        keep(tx, watch, *(a_post(author=None, text=text) for text in (FIRST, CHANGED, OTHER)),
             a_post(author=None, text=FIRST, posted_at=NOW + timedelta(days=1)))  # fmt: skip
        assert tx.voices.counted(1, [DAY]).voices == 2
        found = tx.voices.counted(1, tx.voices.days(1, "UTC"))
        assert (found.voices, found.complaints) == (3, 2)


@pytest.mark.parametrize("seed", range(3))
def test_every_number_is_the_one_a_person_would_count(
    store: Store, watch: Watch, seed: int
) -> None:
    """Days of 24.5 hours, undated, official, two labels, two sources, other incidents: 300 posts."""
    chance = random.Random(seed)
    texts = [FIRST, CHANGED, CUT, OTHER, *(f"nothing new under the sun {n}" for n in range(9))]
    since = day_window(date(2026, 4, 4), TZ).since
    posts = [
        a_post(
            text=chance.choice(texts), source=chance.choice(["x", "wordpress"]),
            author=chance.choice(["cleo", "dre", "eve", None]), author_id=chance.choice([None, "1"]),
            posted_at=None if chance.random() < 0.1 else since + timedelta(minutes=chance.randrange(4400)),
            official=chance.random() < 0.1,
        )
        for _ in range(300)
    ]  # fmt: skip
    labels = {
        text: {name for name in ("complaint", "praise") if chance.random() < 0.5} for text in texts
    }
    other = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(other, [a_post(text=FIRST)], NOW)
        ids = tx.posts.add(watch, posts, NOW).ids
        rows = tx.posts.unscored(999)
        tags = [Tag(post_id=row.post_id, label=name, by="classifier:t", score=0.9)
                for row in rows for name in labels[row.text]]  # fmt: skip
        tx.tags.put_scored(rows, tags, by="classifier:t", at=NOW)
        days = tx.voices.days(1, TZ)
        found = tx.voices.counted(1, days, ["complaint", "praise"], undated=True)
        near = {line.post_id: line.near for line in tx.queue.these(1, list(ids.values()))}

    told = []
    for post in posts:
        if not post.official:
            cluster = near[ids[post.source, post.external_id]]
            name = post.author_id or post.author
            day = None if post.posted_at is None else local_day(post.posted_at, TZ)
            voice = (day, f"{post.source} {name}" if name else cluster)
            told.append((cluster, voice, labels[post.text]))
    assert found.posts == len(told)
    assert found.voices == len({voice for _, voice, _ in told})
    assert found.complaints == len({cluster for cluster, _, has in told if "complaint" in has})
    for part in found.labels:
        mine = [voice for _, voice, has in told if part.label in has]
        assert (part.posts, part.voices) == (len(mine), len(set(mine)))
    cluster, most = Counter(cluster for cluster, _, _ in told).most_common(1)[0]
    assert found.widest is not None and found.widest.posts == most
    assert len({near[ids["x", p.external_id]] for p in posts
                if p.source == "x" and p.text in texts[:3] and not p.official}) <= 1  # fmt: skip


def test_hostile_dates_cost_nothing(lite: Store) -> None:
    """A stranger who dates posts all over three decades is counted in bounded time."""
    watch = a_watch(lite)
    first = datetime(1995, 1, 1, tzinfo=UTC)
    with lite.begin() as tx:
        keep(tx, watch, *(a_post(posted_at=first + timedelta(days=3 * n), text=f"lie {n}")
                          for n in range(1500)))  # fmt: skip
        days = tx.voices.days(1, TZ)
        assert len(days) == MOST_DAYS + 1
        assert tx.voices.counted(1, days).posts == 1500
