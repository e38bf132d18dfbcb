"""Coverage arithmetic: what is proved complete, and what is missing."""

from __future__ import annotations

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.coverage import Span, holes, merge
from models.store import Store
from tests.factories import NOW, a_watch


def span(since: int, until: int) -> Span:
    """Return a stretch in minutes from now."""
    return Span(NOW + timedelta(minutes=since), NOW + timedelta(minutes=until))


spans = st.lists(st.builds(span, st.integers(0, 40), st.integers(0, 40)), max_size=12)


def minutes(found: list[Span]) -> set[int]:
    """Return the minutes some stretches hold."""
    return {
        minute
        for one in found
        for minute in range(60)
        if one.since <= NOW + timedelta(minutes=minute) < one.until
    }


@given(spans)
def test_merging_keeps_every_minute_and_leaves_no_seam(found: list[Span]) -> None:
    """The same minutes, in stretches that never touch."""
    merged = merge(found)

    assert minutes(merged) == minutes(found)
    assert all(one.until < two.since for one, two in itertools.pairwise(merged))


@given(spans)
def test_holes_are_what_is_left(found: list[Span]) -> None:
    """Covered and missing together are the window, and share nothing."""
    missing = minutes(holes(span(5, 30), found))

    assert missing == set(range(5, 30)) - minutes(found)


def test_the_store_keeps_what_merging_would(lite: Store) -> None:
    """One after the other, in any order, as if merged at once."""
    incident_id, numbers = a_watch(lite).incident_id, itertools.count()

    @given(spans)
    def keep(found: list[Span]) -> None:
        watch = a_watch(lite, incident_id=incident_id, address=f"{next(numbers)}")
        with lite.begin() as tx:
            for one in found:
                tx.coverage.add(watch.id, one)
            assert tx.coverage.of(watch.id) == merge(found)

    keep()
