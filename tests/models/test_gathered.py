"""A day read column by column, in parts: the same counts as post by post, whatever a part is."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from models.coverage import Span
from models.incident import Watch
from models.phase import Course
from models.post import Post
from models.store import Store
from models.store.items import Seen, Verdict
from models.store.requests import counted
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

DAY = Span(NOW - timedelta(hours=12), NOW + timedelta(hours=12))
WAITING = ("complaint", "credit_request")
WHOLE, FEW = 10_000, 7
"""Items of a part: all of them, and so few that there are many parts."""


def _said(number: int) -> str:
    """Return a text like no other's, so that nothing but the same words is a copy."""
    words = random.Random(number)
    return " ".join("".join(words.choices("abcdefghij", k=6)) for _ in range(8))


class Scene:
    """An incident with two watches, and posts that are scored or wait, of this day and those around it."""

    def __init__(self, store: Store, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = store
        self.watch = a_watch(store, terms=["a"])
        self.second = a_watch(store, incident_id=self.watch.incident_id, terms=["b"])
        self.incident = self.watch.incident_id
        self.posts: dict[int, Post] = {}
        self.labels: dict[int, set[str]] = {}
        self.seen: Counter[int | None] = Counter()
        self.decided: set[int] = set()
        for batch, scored in enumerate((True, True, False)):
            self._batch(batch, scored=scored)
        self._worked()
        self._edited()

    def _batch(self, batch: int, *, scored: bool) -> None:
        chance = self.chance
        posts = [
            a_post(
                external_id=f"{batch}-{number}", source=chance.choice(["x", "wordpress"]),
                text=_said(25 * batch + chance.randrange(25)),
                author=chance.choice(["cleo", "dre", "eve", None]),
                author_followers=chance.choice([None, 0, 10, 500]),
                posted_at=DAY.since + timedelta(minutes=chance.randrange(-300, 1700)),
                official=chance.random() < 0.1,
            )
            for number in range(120)
        ]  # fmt: skip
        if batch == 0:
            posts.append(a_post(external_id="edge", text="on the edge", posted_at=DAY.until))
        with self.store.begin() as tx:
            for watch in [self.watch, *([self.second] if batch else [])]:
                ids = tx.posts.add(watch, posts, NOW).ids
                self.seen[watch.id] += sum(map(self.counts, posts))
            mine = {ids[post.source, post.external_id]: post for post in posts}
            said = {text: {name for name in (*WAITING, "praise") if chance.random() < 0.4}
                    for text in sorted({post.text for post in posts})}  # fmt: skip
            tags = [Tag(post_id=key, label=name, by="classifier:t", score=0.9)
                    for key, post in mine.items() for name in sorted(said[post.text])]  # fmt: skip
            if scored:
                tx.tags.put_scored(tx.posts.unscored(999), tags, by="classifier:t", at=NOW)
            else:
                tx.tags.put(
                    [Tag(post_id=tag.post_id, label=tag.label, by="ana") for tag in tags], NOW
                )
        self.posts |= mine
        self.labels |= {key: said[post.text] for key, post in mine.items()}

    def _worked(self) -> None:
        with self.store.begin() as tx:
            lines = list(tx.queue.these(self.incident, list(self.posts)))[:40]
            seen = [Seen(line.post_id, line.version) for line in lines]
            tx.items.decide(self.incident, seen, Verdict("dismiss"), "ana", NOW)
            self.decided = {one.post_id for one in seen}

    def _edited(self) -> None:
        """Let a few authors change what they said: their items are of the old words until it is read again."""
        some = [post for key, post in self.mine.items() if post.author][:12]
        news = [
            msgspec.structs.replace(post, version=1, text=_said(900 + at))
            for at, post in enumerate(some)
        ]
        with self.store.begin() as tx:
            ids = tx.posts.add(self.watch, news, NOW).ids
        keys = [ids[post.source, post.external_id] for post in news]
        self.posts |= dict(zip(keys, news, strict=True))
        with self.store.read() as tx:
            tags = tx.views.labels(keys)
        self.labels |= {key: set(tags.get(key, {})) for key in keys}

    def counts(self, post: Post) -> bool:
        """Whether a post counts on the day."""
        return bool(
            not post.official and post.posted_at and DAY.since <= post.posted_at < DAY.until
        )

    @property
    def mine(self) -> dict[int, Post]:
        """The posts that do."""
        return {key: post for key, post in self.posts.items() if self.counts(post)}


@pytest.mark.parametrize("seed", range(3))
def test_a_day_in_parts_tells_what_post_by_post_would_be_told(store: Store, seed: int) -> None:
    """Scored and waiting, two watches, the company's own, what was decided: each number by hand."""
    scene = Scene(store, seed)
    mine, labels = scene.mine, scene.labels
    with store.read() as tx:
        key = scene.incident
        items = tx.days.items(key, DAY, FEW)
        waiting = tx.days.waiting(key, DAY, WAITING, 999, items)
        praise = tx.days.praise(key, DAY, ["praise"], ["complaint"], 999, items)
        by_watch = tx.days.by_watch(key, DAY, items)
        voiced = tx.voices.counted(key, [DAY], WAITING, [items])

        wanted = [i for i in mine if labels[i] & set(WAITING) and i not in scene.decided]
        thanks = [i for i in mine if "praise" in labels[i] and "complaint" not in labels[i]]
        assert (waiting.among, praise.among) == (len(wanted), len(thanks))
        groups = Counter(mine[i].text for i in wanted)
        assert {mine[one.post_id].text: one.alike + 1 for one in waiting.posts} == groups
        assert [one.reach for one in waiting.posts] == sorted(
            (max(mine[i].author_followers or 0 for i in wanted if mine[i].text == text)
             for text in groups), reverse=True,
        )  # fmt: skip
        assert by_watch == {watch: posts for watch, posts in scene.seen.items() if posts}
        voices = {f"{p.source} {p.author}" if p.author else f"#{p.text}" for p in mine.values()}
        assert (voiced.posts, voiced.voices) == (len(mine), len(voices))


@pytest.mark.parametrize("hours", [24, 3])
def test_however_it_is_cut_it_is_the_same(store: Store, hours: int) -> None:
    """A day is most of what there is and is read as it lies, three hours are found by their times."""
    scene = Scene(store, 7)
    window = Span(DAY.since, DAY.since + timedelta(hours=hours))
    with store.read() as tx:
        told = [
            (
                tx.days.waiting(scene.incident, window, WAITING, 5, items),
                tx.days.praise(scene.incident, window, ["praise"], ["complaint"], 5, items),
                tx.days.by_watch(scene.incident, window, items),
                tx.days.late(scene.incident, window, items),
                tx.voices.counted(scene.incident, [window], WAITING, [items]),
                tx.complaints.heard(scene.incident, window, "complaint", 9, items),
                sorted(items.ids.tolist()),
            )
            for items in (
                tx.days.items(scene.incident, window, most) for most in (WHOLE, FEW, 1)
            )
        ]  # fmt: skip
    assert told[0] == told[1] == told[2]
    assert told[0][-1] and told[0][0].posts and told[0][-2][0]


def test_days_with_nothing_are_nothing(store: Store) -> None:
    """Nobody has said anything yet, and nobody has on another day."""
    watch: Watch = a_watch(store)
    with store.read() as tx:
        items = tx.days.items(watch.incident_id, DAY)
        assert not len(items.ids)
        assert tx.voices.counted(watch.incident_id, [DAY], WAITING, [items]).posts == 0
        assert tx.days.waiting(watch.incident_id, DAY, WAITING, 5, items).among == 0
        assert tx.days.by_watch(watch.incident_id, DAY, items) == {}


def test_requests_of_a_day_are_counted_as_the_database_counts_them(store: Store) -> None:
    """By phase, before an offer and after it, with a label that tells more; only what is open."""
    scene = Scene(store, 4)
    courses = {1: Course(starts=NOW, sent=NOW, closes=None, billed=None, claimed=False)}
    with store.read() as tx:
        items = tx.days.items(scene.incident, DAY, FEW)
        groups = tx.requests.groups(scene.incident, courses, ("praise",), DAY)
        told = counted(items, courses, ("praise",))
    assert told == [msgspec.structs.replace(one, waits=None) for one in groups]
    assert len({one.phase for one in told}) == 2 and len({one.label for one in told}) == 3
