"""The queue as the store keeps it: order, filters, leaves, folding, and two people at one item."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.errors import Conflict
from models.incident import Watch
from models.store import Store
from models.store.items import Seen, Verdict
from models.store.queue import Sought
from tests.amends.board.conftest import posts
from tests.factories import NOW, a_watch


@pytest.fixture
def both(store: Store) -> Watch:
    """Return a watch on each of the two databases."""
    return a_watch(store, source="x", terms=["reelpost"])


def order(store: Store, **sought: object) -> list[int]:
    """Return the queue's posts in their order."""
    with store.read() as tx:
        return [line.post_id for line in tx.queue.lines(1, Sought(**sought))]  # type: ignore[arg-type]


def test_what_is_urgent_comes_first(store: Store, both: Watch) -> None:
    """A credit request counts three hours of waiting, a complaint two, each digit of reach one."""
    plain, angry, asks = posts(store, both, ("is it back", ()), ("still down", ("complaint",)),
                               ("my credit?", ("credit_request",)))  # fmt: skip

    assert order(store) == [asks, angry, plain]
    (loud,) = posts(store, both, ("hm", ()), author_followers=200_000)
    assert order(store)[0] == loud


def test_filters_narrow_and_say_the_same_folds(store: Store, both: Watch) -> None:
    """One of many that say the same stands for all, and is counted."""
    one, *others, other = posts(store, both, *[("same words here", ("complaint",))] * 3,
                                ("100 % sure_ly other", ("praise",)))  # fmt: skip

    assert order(store) == [one, other]
    assert order(store, folded=False) == [one, *others, other]
    assert order(store, label="praise") == [other]
    assert order(store, label="rais") == []
    assert order(store, search="100 % sure_ly") == [other]
    assert order(store, search="sur ly") == []
    with store.read() as tx:
        assert tx.queue.lines(1)[0].alike == 2
        assert [line.post_id for line in tx.queue.alike(1, one)] == others
        assert tx.queue.count(1, Sought(folded=False)) == (4, True)


def test_leaves_join_without_a_seam(store: Store, both: Watch) -> None:
    """Whatever comes or goes above, the next leaf begins behind the last item seen."""
    ids = posts(store, both, *[(f"post number {n}", ()) for n in range(7)])

    with store.read() as tx:
        first = tx.queue.lines(1, most=3)
        second = tx.queue.lines(1, after=first[-1].cursor, most=10)
    assert [line.post_id for line in (*first, *second)] == ids


def test_two_people_and_one_item(store: Store, both: Watch) -> None:
    """One wins; the other hears who and when, and nothing is overwritten."""
    (number,) = posts(store, both, ("where is my credit", ("credit_request",)))
    seen = Seen(number, 0)

    with store.begin() as tx:
        tx.items.claim(1, [seen], "ana", "ana", NOW)
    with pytest.raises(Conflict, match="ana was faster") as caught, store.begin() as tx:
        tx.items.claim(1, [seen], "bo", "bo", NOW + timedelta(seconds=1))

    assert (caught.value.by, caught.value.at) == ("ana", NOW)
    assert order(store, holder="ana") == [number]


def test_a_decision_closes_and_undo_opens(store: Store, both: Watch) -> None:
    """What was decided before counts again."""
    (number,) = posts(store, both, ("where is my credit", ()))

    with store.begin() as tx:
        tx.items.decide(1, [Seen(number, 0)], Verdict("follow"), "ana", NOW)
        tx.items.decide(
            1, [Seen(number, 1)], Verdict("reply", url="https://x.example/1"), "ana", NOW
        )
    assert order(store) == [] and order(store, state="answered") == [number]

    with store.begin() as tx:
        assert tx.items.undo(1, Seen(number, 2), "ana", NOW) == "reply"
        assert tx.items.get(1, number).decision == "follow"
    assert order(store) == [number]


def test_a_correction_moves_an_item_at_once(store: Store, both: Watch) -> None:
    """And all that say the same."""
    first, *same = posts(store, both, ("older", ()), *[("not paid out yet", ())] * 2)
    assert order(store)[0] == first
    from models.tag import Tag

    with store.begin() as tx:
        tx.tags.put([Tag(post_id=same[0], label="credit_request", by="ana")], NOW)

    assert order(store, folded=False) == [*same, first]


def test_a_post_known_from_another_incident_comes_into_this_queue_too(
    store: Store, both: Watch
) -> None:
    """It waits for the classifier once more, which puts it there."""
    from tests.factories import a_post, an_incident

    post = a_post(text="both are about this")
    with store.begin() as tx:
        tx.posts.add(both, [post], NOW)
        tx.tags.put_scored(tx.posts.unscored(10), [], by="classifier:t", at=NOW)
        other = tx.incidents.add(an_incident(slug="other")).id
    second = a_watch(store, source="x", incident_id=other)
    with store.begin() as tx:
        tx.posts.add(second, [post], NOW)
        tx.tags.put_scored(tx.posts.unscored(10), [], by="classifier:t", at=NOW)
        assert len(tx.queue.lines(other or 0)) == 1
