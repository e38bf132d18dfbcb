"""
Upkeep: posts that were kept long enough go, and those their source no longer has go too.

A part of it is done after every round, for closed incidents as well, so that it never holds anybody up.
What goes here goes as by an erasure, but a classifier that learnt from it stays in use until another is
trained, and what restores have moved aside is left to an erasure by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from amends.erase import Done, Place, erase
from amends.erase.edited import free_edits
from amends.erase.refitting import renew
from amends.verify import AGE, Verifier
from ingest.again import AsksAgain
from ingest.source import Source
from ingest.walk import Asker
from models.store.erasure import Whose

MOST = 1_000
"""Posts that go in one round because they were kept long enough."""


def expire(place: Place, now: datetime) -> Done:
    """Let posts go that were kept as long as they may be, a part of them; return what went."""
    with place.store.read() as tx:
        ids = tx.holds.due(now, MOST)
    if not ids:
        return Done()
    return erase(place, Whose(), "kept long enough", now, by="amends", ids=ids, deep=False)


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
        self._named: set[str] = set()

    @property
    def ages(self) -> dict[str, timedelta]:
        """How old a proof may get that posts are still there, by source that can be asked."""
        return {
            name: self._age for name, one in self._sources.items() if isinstance(one, AsksAgain)
        }

    def round(self, asker: Asker) -> Iterator[str]:
        """Do a part of what is due, and yield what came of it, line by line."""
        place = self._place()
        done = expire(place, self._clock())
        gone, outside = done.posts, set(done.outside)
        if gone:
            yield f"{gone:,} posts were kept as long as they may be, and are gone"
        verifier = Verifier(place, asker, self._clock, age=self._age)
        for source in self._sources.values():
            for row, checked in verifier.verify(source):
                gone += checked.gone
                outside |= checked.outside
                if checked.gone:
                    yield f"watch {row.id} {row.source}: {checked.gone:,} posts are gone there, and here"
                if checked.trouble:
                    yield f"  trouble: asked whether posts are still there: {checked.trouble}"
        if (edits := free_edits(place, self._clock())) is not None:
            gone, outside = gone + edits.posts, outside | {*edits.outside}
            yield f"{edits.posts:,} posts say something else now; what they said before is gone"
        if gone:
            # What went still stands in the log; where somebody reads that just now, the next round cuts it.
            place.store.cut_log()
        for path in sorted(outside - self._named):
            yield f"out of reach, and may hold what is gone: {path}; delete it, or write down why it stays"
        self._named |= outside
        if (fresh := renew(place, self._clock())) is not None:
            yield f"classifier {fresh} was trained without what is gone, and is in use"
