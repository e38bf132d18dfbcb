"""What a few posts drawn by chance say of all: how far the counts of a day are right."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from models.coverage import Span
from models.spot import DRAWN, FEWEST, Check, Heap, corrected
from models.store import Store
from models.tag import Tag
from tests.battery import Record, tell, times
from tests.factories import NOW, a_post, a_watch

DAY = Span(NOW - timedelta(hours=12), NOW + timedelta(hours=12))


def day_of(store: Store, tagged: int, rest: int) -> tuple[list[int], list[int]]:
    """Keep a day's posts, some of them tagged complaint; return both heaps."""
    watch = a_watch(store)
    posts = [a_post(posted_at=NOW + timedelta(seconds=n)) for n in range(tagged + rest)]
    with store.begin() as tx:
        kept = tx.posts.add(watch, posts, NOW)
        ids = [kept.ids[post.source, post.external_id] for post in posts]
        put = [Tag(post_id=number, label="complaint", by="classifier:t", score=0.8)
               for number in ids[:tagged]]  # fmt: skip
        tx.tags.put_scored(tx.posts.unscored(10_000), put, by="classifier:t", at=NOW)
    return ids[:tagged], ids[tagged:]


def says(store: Store, post_id: int, *, has: bool, by: str = "ana") -> None:
    """Let somebody say whether a post is a complaint."""
    with store.begin() as tx:
        tx.tags.put([Tag(post_id=post_id, label="complaint", by=by, put=has)], NOW)


def check(store: Store) -> Check:
    """Return what is known of complaints."""
    with store.read() as tx:
        return tx.spots.check(1, DAY, "complaint")


def drawn(store: Store) -> list[int]:
    """Return what still has to be looked at."""
    with store.read() as tx:
        return tx.spots.open(1, DAY, ["complaint"], 1_000)


def test_of_each_heap_some_are_drawn_and_looked_at(store: Store) -> None:
    """The heaps are as the classifier left them, whatever people say afterwards."""
    tagged, rest = day_of(store, 40, 100)
    first = drawn(store)
    assert len(first) == 2 * DRAWN == len(set(first))
    assert check(store) == Check(label="complaint", put=Heap(40), rest=Heap(100))
    for post_id in first:
        says(store, post_id, has=post_id in tagged[:30] or post_id in rest[:3])
    assert drawn(store) == []
    found = check(store)
    assert (found.put.size, found.put.looked, found.rest.size, found.rest.looked) == (
        40,
        20,
        100,
        20,
    )
    assert found.put.having == len(set(first) & set(tagged[:30]))
    assert found.rest.having == len(set(first) & set(rest[:3]))


def test_what_somebody_came_across_doesnt_count_before_what_was_drawn(store: Store) -> None:
    """People correct what is wrong: taken for a sample, that would make all look wrong."""
    tagged, _ = day_of(store, 60, 5)
    order = [post_id for post_id in drawn(store) if post_id in set(tagged)]
    for post_id in order[5:15]:
        says(store, post_id, has=False)
    assert check(store).put == Heap(60)
    for post_id in order[:5]:
        says(store, post_id, has=True)
    assert check(store).put == Heap(60, looked=15, having=5)


def test_of_posts_that_say_the_same_one_is_asked_about(store: Store) -> None:
    """What is said of it is said of all, and each counts as looked at."""
    watch = a_watch(store)
    texts = ["no discs again", "no discs again", "all fine here"]
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(text=text, external_id=str(n), posted_at=NOW)
                             for n, text in enumerate(texts)], NOW)  # fmt: skip
        tx.tags.put_scored(tx.posts.unscored(9), [], by="classifier:t", at=NOW)
    first = drawn(store)
    assert len(first) == 2
    for post_id in first:
        says(store, post_id, has=post_id < 3)
    assert check(store).rest == Heap(3, looked=3, having=2) and drawn(store) == []


def test_the_companys_own_and_other_days_are_left_out(store: Store) -> None:
    """And what the classifier hasn't seen yet."""
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(posted_at=NOW, official=True),
                             a_post(posted_at=NOW - timedelta(days=2)), a_post(posted_at=NOW)], NOW)  # fmt: skip
        tx.tags.put_scored(tx.posts.unscored(9), [], by="classifier:t", at=NOW)
        tx.posts.add(watch, [a_post(posted_at=NOW)], NOW)
    assert check(store).rest == Heap(1) and len(drawn(store)) == 1


def test_too_few_say_nothing() -> None:
    """But a heap that was looked at in full is known, however small."""
    few, all_of_it = Heap(100, FEWEST - 1, 3), Heap(4, 4, 2)
    assert corrected(Check(label="a", put=few, rest=all_of_it)) is None
    assert corrected(Check(label="a", put=Heap(0), rest=Heap(0))) is None
    known = corrected(Check(label="a", put=all_of_it, rest=Heap(0)))
    assert known and (known.posts, known.low, known.high, known.wrong) == (2, 2, 2, 2)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 500),
    st.integers(0, 5_000),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_never_fewer_than_were_found_nor_more_than_there_are(
    put: int, rest: int, right: int, missed: int
) -> None:
    """And what is said lies within its interval; the same checks always say the same."""
    assume(put + rest)
    looked = min(put, DRAWN), min(rest, DRAWN)
    having = min(right, looked[0]), min(missed, looked[1])
    one = Check(label="a", put=Heap(put, looked[0], having[0]),
                rest=Heap(rest, looked[1], having[1]))  # fmt: skip
    found = corrected(one)
    assert found is not None and found == corrected(one)
    assert sum(having) <= found.low <= found.posts <= found.high <= put + rest


def test_the_interval_holds_the_truth(record_property: Record) -> None:
    """In 95 of 100 days drawn by chance, over counts small and large."""
    chance: Generator = default_rng(20_260_304)
    days, inside = times(2_000), 0
    for _ in range(days):
        put, rest = int(chance.integers(5, 600)), int(chance.integers(50, 4_000))
        true_put, true_rest = chance.binomial(put, chance.uniform(0.5, 1)), chance.binomial(rest, chance.uniform(0, 0.2))  # fmt: skip
        looked = min(put, DRAWN), min(rest, DRAWN)
        seen = (int(chance.hypergeometric(true_put, put - true_put, looked[0])),
                int(chance.hypergeometric(true_rest, rest - true_rest, looked[1])))  # fmt: skip
        found = corrected(Check(label="a", put=Heap(put, looked[0], seen[0]),
                                rest=Heap(rest, looked[1], seen[1])))  # fmt: skip
        inside += bool(found and found.low <= true_put + true_rest <= found.high)
    assert 0.92 <= inside / days <= 0.99
    tell(
        record_property,
        f"spot checks: the truth lies in the interval on {inside:,} of {days:,} days",
    )


def test_neighbours_in_time_are_drawn_evenly(lite: Store) -> None:
    """From every tenth of a day about as many: numbers that follow each other fall far apart."""
    _, rest = day_of(lite, 0, 1_000)
    places = sorted(rest.index(post_id) // 100 for post_id in drawn(lite))
    assert all(1 <= places.count(tenth) <= 3 for tenth in range(10))
