"""One process works, the other stands by; whoever slept through a takeover writes no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.keep import keep
from ingest.source import Answer
from ingest.walk import Outcome
from models.errors import FencedOut
from models.lease import LASTS, Lease
from models.store import Store
from tests.factories import NOW, a_post, a_watch

JOB = "collecting for discs-late"
SOON, LATER = NOW + timedelta(seconds=30), NOW + LASTS + timedelta(seconds=1)


def take(store: Store, holder: str, at: object = NOW) -> tuple[str, Lease]:
    """Return who holds the lease once `holder` has asked for it, and the lease."""
    with store.begin() as tx:
        row = tx.leases.take(JOB, holder, at)  # type: ignore[arg-type]
        return row.holder, Lease(job=JOB, token=row.token)


def test_one_works_and_the_other_stands_by(store: Store) -> None:
    """As long as the first one renews it."""
    assert take(store, "ana")[0] == "ana"
    assert take(store, "bo", SOON)[0] == "ana"
    assert take(store, "ana", SOON)[0] == "ana"
    assert take(store, "bo", NOW + LASTS + timedelta(seconds=10))[0] == "ana"


def test_a_silent_one_is_relieved_and_fenced_out(store: Store) -> None:
    """Bo takes over; what Ana brings when she wakes is not kept, and she is told by whom."""
    watch = a_watch(store)
    _, anas = take(store, "ana")
    who, bos = take(store, "bo", LATER)
    outcome = Outcome(watch, Answer(posts=(a_post(),), bookmark="9"))

    with pytest.raises(FencedOut, match="bo"):
        keep(store, outcome, LATER, lease=anas)
    with store.read() as tx:
        assert tx.watches.get(watch.id).bookmark is None and tx.posts.unscored(5) == []

    assert who == "bo" and bos.token > anas.token
    assert keep(store, outcome, LATER, lease=bos).new == 1


def test_who_renews_late_but_before_anybody_else_goes_on(store: Store) -> None:
    """An expired lease nobody wanted is still the holder's."""
    watch = a_watch(store)
    _, anas = take(store, "ana")

    assert keep(store, Outcome(watch, Answer(posts=(a_post(),))), LATER, lease=anas).new == 1
    assert take(store, "bo", LATER + timedelta(seconds=30))[0] == "ana"


def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    """But only its holder can give it back."""
    _, anas = take(store, "ana")
    with store.begin() as tx:
        tx.leases.give_back(Lease(job=JOB, token=anas.token + 1), SOON)
    assert take(store, "bo", SOON)[0] == "ana"
    with store.begin() as tx:
        tx.leases.give_back(anas, SOON)
    assert take(store, "bo", SOON)[0] == "bo"


def test_who_is_relieved_of_a_part_is_fenced_out_of_it(store: Store) -> None:
    """Workers hold one lease together, and each its place under it: a place goes to whoever has the job now."""
    watch = a_watch(store)
    _, together = take(store, "a worker")
    outcome = Outcome(watch, Answer(posts=(a_post(),), bookmark="9"))
    with store.begin() as tx:
        slept = tx.leases.take_over("a place", "here", NOW, together)
        relief = tx.leases.take_over("a place", "there", NOW, together)

    with pytest.raises(FencedOut, match="there"):
        keep(store, outcome, SOON, lease=slept)
    assert keep(store, outcome, SOON, lease=relief).new == 1
    assert take(store, "ana", NOW + LASTS + timedelta(seconds=10))[0] == "a worker", (
        "it was renewed"
    )


def test_who_loses_the_whole_loses_the_part(store: Store) -> None:
    """An `amends run` that took over fences out every worker, whatever place it has."""
    watch = a_watch(store)
    _, together = take(store, "a worker")
    with store.begin() as tx:
        part = tx.leases.take_over("a place", "here", NOW, together)
    assert take(store, "ana", LATER)[0] == "ana"

    with pytest.raises(FencedOut, match="ana"):
        keep(store, Outcome(watch, Answer(posts=(a_post(),))), LATER, lease=part)
