"""
Upkeep: posts that were kept long enough go, and those their source no longer has go too.

A part of it is done after every round, for closed incidents as well, so that it never holds anybody up.
What goes here goes as by an erasure, but classifiers stay in use and free pages are not written anew: that
takes an erasure by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from amends.erase import Place, erase
from amends.verify import AGE, Verifier
from ingest.again import AsksAgain
from ingest.source import Source
from ingest.walk import Asker
from models.store.erasure import Whose

MOST = 1_000
"""Posts that go in one round because they were kept long enough."""


def expire(place: Place, now: datetime) -> int:
    """Let posts go that were kept as long as they may be, a part of them; return how many."""
    with place.store.read() as tx:
        ids = tx.holds.due(now, MOST)
    if not ids:
        return 0
    done = erase(place, Whose(), "kept long enough", now, by="amends", ids=ids, deep=False)
    return done.posts


class Upkeep:
    """What is done besides rounds: a part of what is due. `age` is how old a proof may get."""

    def __init__(
        self,
        place: Callable[[], Place],
        sources: Mapping[str, Source],
        clock: Callable[[], datetime],
        age: timedelta = AGE,
    ) -> None:
        self._place, self._sources, self._clock, self._age = place, sources, clock, age

    @property
    def ages(self) -> dict[str, timedelta]:
        """How old a proof may get that posts are still there, by source that can be asked."""
        return {
            name: self._age for name, one in self._sources.items() if isinstance(one, AsksAgain)
        }

    def round(self, asker: Asker) -> Iterator[str]:
        """Do a part of what is due, and yield what came of it, line by line."""
        place = self._place()
        gone = expire(place, self._clock())
        if gone:
            yield f"{gone:,} posts were kept as long as they may be, and are gone"
        verifier = Verifier(place, asker, self._clock, age=self._age)
        for source in self._sources.values():
            for row, checked in verifier.verify(source):
                gone += checked.gone
                if checked.gone:
                    yield f"watch {row.id} {row.source}: {checked.gone:,} posts are gone there, and here"
                if checked.trouble:
                    yield f"  trouble: asked whether posts are still there: {checked.trouble}"
        if gone:
            # What went still stands in the log; where somebody reads that just now, the next round cuts it.
            place.store.cut_log()
