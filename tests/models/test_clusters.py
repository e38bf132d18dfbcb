"""Copies fold, people split and merge them, and what people say stays: on both databases."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from models.errors import SetupError
from models.incident import Watch
from models.post import Post
from models.store import Store, Transaction
from models.store.pour import pour
from models.tag import Tag
from tests.battery import Record, tell, times
from tests.factories import NOW, a_post, a_watch

FIRST = "ordered on tuesday, the disc never came, third week running, refund me please"
CHANGED = "So true: ordered on tuesday, the disc never came, third week running, refund me please"
CUT = "ordered on tuesday, the disc never came, third week running, refu…"
OTHER = "the app logs me out every few minutes and forgets who I am on my own television"
OTHER_CHANGED = (
    "my mum says the app logs me out every few minutes and forgets who I am on my own television"
)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def watch(store: Store) -> Watch:
    """Return a watch of an open incident."""
    return a_watch(store)


def keep(tx: Transaction, watch: Watch, *texts: str | Post, by: str = "classifier:t") -> list[int]:
    """Keep posts, let them be tagged, and return their numbers."""
    posts = [a_post(text=one) if isinstance(one, str) else one for one in texts]
    ids = tx.posts.add(watch, posts, NOW).ids
    rows = tx.posts.unscored(9_999)
    tags = [Tag(post_id=row.post_id, label="complaint", by=by, score=0.9) for row in rows]
    tx.tags.put_scored(rows, tags, by=by, at=NOW)
    return [ids[post.source, post.external_id] for post in posts]


def again(tx: Transaction) -> None:
    """Let another classifier read all posts, which finds their clusters anew."""
    tx.posts.rescore("classifier:u")
    rows = tx.posts.unscored(9_999)
    tx.tags.put_scored(rows, [], by="classifier:u", at=LATER)


def groups(tx: Transaction, posts: Sequence[int], incident_id: int = 1) -> set[frozenset[int]]:
    """Return which of these posts are together."""
    near = {line.post_id: line.near for line in tx.queue.these(incident_id, posts)}
    return {frozenset(p for p in posts if near[p] == mark) for mark in near.values()}


def numbers(found: set[frozenset[int]], posts: Sequence[int]) -> list[list[int]]:
    """Return them by the posts' places."""
    return sorted(sorted(posts.index(post) for post in group) for group in found)


def test_copies_with_small_changes_fold_across_sources(store: Store, watch: Watch) -> None:
    """A repost, a copy with a remark and one cut off, on two sources, are one line of the queue."""
    with store.begin() as tx:
        posts = keep(
            tx, watch, FIRST, CHANGED, a_post(source="wordpress", text=CUT),
            a_post(text=f"RT @cleo: {FIRST} https://t.example/1"), OTHER,
        )  # fmt: skip
        assert numbers(groups(tx, posts), posts) == [[0, 1, 2, 3], [4]]
        lines = tx.queue.lines(1)
        assert sorted(line.alike for line in lines) == [0, 3]
        assert len(tx.queue.alike(1, posts[0])) == 3


def test_what_comes_later_joins_what_was_there(store: Store, watch: Watch) -> None:
    """In a transaction of its own, and twice over changes nothing."""
    posts = []
    for text in (FIRST, OTHER, CHANGED, OTHER_CHANGED):
        with store.begin() as tx:
            posts += keep(tx, watch, text)
    with store.begin() as tx:
        assert numbers(groups(tx, posts), posts) == [[0, 2], [1, 3]]
        again(tx)
        assert numbers(groups(tx, posts), posts) == [[0, 2], [1, 3]]


def test_an_incident_knows_nothing_of_anothers_clusters(store: Store, watch: Watch) -> None:
    """What Ana splits in one stands as found in the other."""
    second = a_watch(store)
    with store.begin() as tx:
        first = [a_post(external_id="1", text=FIRST), a_post(external_id="2", text=CHANGED)]
        posts = keep(tx, watch, *first)
        keep(tx, second, *first)
        tx.clusters.split(watch.incident_id, posts[1], "ana", LATER)
        assert numbers(groups(tx, posts), posts) == [[0], [1]]
        assert numbers(groups(tx, posts, second.incident_id), posts) == [[0, 1]]


def test_a_correction_goes_to_the_same_words_alone(store: Store, watch: Watch) -> None:
    """A copy with a remark may ask for more than the first one did."""
    with store.begin() as tx:
        posts = keep(tx, watch, FIRST, FIRST.upper(), CHANGED)
        tx.tags.put([Tag(post_id=posts[0], label="credit_request", by="ana")], LATER)
        has = [post for post, held in tx.views.labels(posts).items() if "credit_request" in held]
        assert sorted(has) == posts[:2]


def test_a_text_set_apart_stays_apart_and_its_later_copies_follow_what_they_are_like(
    store: Store, watch: Watch
) -> None:
    """Also when all is read anew; a copy of the first one still goes to the first one."""
    with store.begin() as tx:
        posts = keep(tx, watch, FIRST, CHANGED, CUT)
        tx.clusters.split(1, posts[1], "ana", LATER)
        posts += keep(tx, watch, FIRST + " #refund now please")
        assert numbers(groups(tx, posts), posts) == [[0, 2, 3], [1]]
        again(tx)
        assert numbers(groups(tx, posts), posts) == [[0, 2, 3], [1]]


def test_the_first_text_can_be_set_apart_too(store: Store, watch: Watch) -> None:
    """It gave the others their name; they stay together without it, and undo brings it back."""
    with store.begin() as tx:
        posts = keep(tx, watch, FIRST, CHANGED, CUT)
        number = tx.clusters.split(1, posts[0], "ana", LATER)
        assert numbers(groups(tx, posts), posts) == [[0], [1, 2]]
        tx.clusters.undo(1, number, LATER)
        assert numbers(groups(tx, posts), posts) == [[0, 1, 2]]
        assert tx.clusters.regroupings(1)[0].undone_at == LATER


def test_two_become_one_and_what_comes_later_joins_them(store: Store, watch: Watch) -> None:
    """Copies of either; undone, each copy is where it was found."""
    with store.begin() as tx:
        posts = keep(tx, watch, FIRST, CHANGED, OTHER)
        number = tx.clusters.merge(1, posts[2], posts[1], "ana", LATER)
        posts += keep(tx, watch, OTHER_CHANGED)
        assert numbers(groups(tx, posts), posts) == [[0, 1, 2, 3]]
        tx.clusters.undo(1, number, LATER)
        assert numbers(groups(tx, posts), posts) == [[0, 1], [2, 3]]


def test_texts_too_short_to_have_copies_can_be_merged(store: Store, watch: Watch) -> None:
    """“Same here” and “me too” by hand."""
    with store.begin() as tx:
        posts = keep(tx, watch, "same here", "Same here!", "me too")
        assert numbers(groups(tx, posts), posts) == [[0, 1], [2]]
        number = tx.clusters.merge(1, posts[2], posts[0], "bo", LATER)
        assert numbers(groups(tx, posts), posts) == [[0, 1, 2]]
        tx.clusters.undo(1, number, LATER)
        assert numbers(groups(tx, posts), posts) == [[0, 1], [2]]


def test_what_cannot_be_done_says_why(store: Store, watch: Watch) -> None:
    """The same words are never apart, nothing is merged with itself, and nothing undone twice."""
    with store.begin() as tx:
        posts = keep(tx, watch, FIRST, FIRST, OTHER)
        with pytest.raises(SetupError, match="in other words"):
            tx.clusters.split(1, posts[0], "ana", LATER)
        with pytest.raises(SetupError, match="already"):
            tx.clusters.merge(1, posts[0], posts[1], "ana", LATER)
        with pytest.raises(SetupError, match="no post 99"):
            tx.clusters.split(1, 99, "ana", LATER)
        number = tx.clusters.merge(1, posts[0], posts[2], "ana", LATER)
        tx.clusters.undo(1, number, LATER)
        for wrong in (number, 99):
            with pytest.raises(SetupError, match=f"no split or merge {wrong}"):
                tx.clusters.undo(1, wrong, LATER)


def test_an_edited_copy_is_found_anew(store: Store, watch: Watch) -> None:
    """Once it says something else it is with those that say that."""
    with store.begin() as tx:
        posts = keep(tx, watch, FIRST, a_post(external_id="e", text=CHANGED), OTHER)
        keep(tx, watch, a_post(external_id="e", text=OTHER_CHANGED, as_of=LATER))
        assert numbers(groups(tx, posts), posts) == [[0], [1, 2]]


def test_a_copy_of_the_database_knows_the_clusters(store: Store, tmp_path: Path) -> None:
    """Poured into either database, what was found and what people said go on."""
    lite = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    watch = a_watch(lite)
    with lite.begin() as tx:
        posts = keep(tx, watch, FIRST, CHANGED, OTHER)
        number = tx.clusters.split(1, posts[1], "ana", LATER)
    with lite.read() as old, store.begin() as tx:
        pour(old.session.connection(), tx.session.connection(), lambda *_: None)
        posts += keep(tx, watch, CUT, OTHER_CHANGED)
        assert numbers(groups(tx, posts), posts) == [[0, 3], [1], [2, 4]]
        tx.clusters.undo(1, number, LATER)
        assert numbers(groups(tx, posts), posts) == [[0, 1, 3], [2, 4]]
    lite.close()


def test_whatever_people_do_undone_it_is_as_found(lite: Store, record_property: Record) -> None:
    """Random splits and merges amid new posts: read anew all stands; undone in any order all is as found."""
    texts = [FIRST, CHANGED, CUT, OTHER, OTHER_CHANGED, "same here", "me too",
             FIRST + " and my kids wait", "wow " + OTHER]  # fmt: skip
    done = 0
    for seed in range(times(100)):
        chance = random.Random(seed)
        watch = a_watch(lite)
        key = watch.incident_id
        with lite.begin() as tx:
            posts = keep(tx, watch, *chance.sample(texts, 5))
            numbers_: list[int] = []
            for _ in range(12):
                if chance.random() < 0.3:
                    posts += keep(tx, watch, chance.choice(texts))
                one, other = chance.sample(posts, 2)
                try:
                    if chance.random() < 0.5:
                        numbers_.append(tx.clusters.split(key, one, "ana", LATER))
                    else:
                        numbers_.append(tx.clusters.merge(key, one, other, "bo", LATER))
                except SetupError:
                    continue
                stands = groups(tx, posts, key)
                alone = next(group for group in stands if one in group)
                if tx.clusters.regroupings(key)[-1].did == "split":
                    same = {p.post_id for p in tx.queue.these(key, posts)
                            if tx.posts.text(p.post_id) == tx.posts.text(one)}  # fmt: skip
                    assert alone == same
                else:
                    assert other in alone
                again(tx)
                assert groups(tx, posts, key) == stands, f"seed {seed}"
                done += 1
            chance.shuffle(numbers_)
            for number in numbers_:
                tx.clusters.undo(key, number, LATER)
            undone = groups(tx, posts, key)
            for table in ("regrouped", "regrouping", "copied", "original_key", "original"):
                tx.session.execute(sql(f"DELETE FROM {table}"))
            tx.posts.rescore("classifier:v")
            again(tx)
            assert groups(tx, posts, key) == undone, f"seed {seed}"
    tell(
        record_property, f"{done} splits and merges: all stand when read anew, all undone as found"
    )
