"""Numbers that take long to read: what is shown meanwhile."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from amends.board.numbers import Memory
from amends.board.place import Place
from models.incident import Watch
from tests.amends.board.conftest import Clock, posts
from tests.factories import NOW


def test_numbers_that_take_long_are_read_behind_the_back_of_who_looks(
    place: Place, watch: Watch, clock: Clock
) -> None:
    """They are shown as they were, with the moment they are of, and never older than a minute."""
    memory = Memory(slow=0.0)

    def seen() -> tuple[int, datetime]:
        with place.store.read() as tx:
            found = memory.of(place, tx, tx.incidents.find("discs-late"), clock())
        return found.unseen, found.at

    posts(place.store, watch, ("no discs", ()))
    assert seen() == (1, NOW)
    posts(place.store, watch, ("no discs either", ()))
    clock.now = NOW + timedelta(seconds=30)
    assert seen() == (1, NOW)
    for _ in range(500):
        if seen() == (2, clock.now):
            break
        time.sleep(0.02)
    assert seen() == (2, clock.now)

    posts(place.store, watch, ("none at all", ()))
    clock.now += timedelta(minutes=2)
    assert seen() == (3, clock.now)
