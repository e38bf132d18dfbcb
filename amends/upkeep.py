"""
Upkeep: posts that were kept long enough go, and those their source no longer has go too.

A part of it is done in every round, so that it never holds anybody up. What goes here goes as by an
erasure, but classifiers stay in use and free pages are not written anew: that takes an erasure by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from amends.erase import Place, erase
from ingest.again import AsksAgain
from ingest.source import Source
from ingest.walk import Asker, Purse
from models.budget import day_begins
from models.errors import AmendsError
from models.incident import Watch
from models.store.erasure import Whose

AGE = timedelta(hours=24)
"""How old the last proof may be that a post is still at its source."""

MOST = 1_000
"""Posts that go, and posts asked about for each watch, in one round."""


class Checked(msgspec.Struct, kw_only=True):
    """What came of asking again: posts that are there, those that were changed, and those gone."""

    there: int = 0
    gone: int = 0
    requests: int = 0
    trouble: str = ""


def expire(place: Place, now: datetime) -> int:
    """Let posts go that were kept as long as they may be, a part of them; return how many."""
    with place.store.read() as tx:
        ids = tx.holds.due(now, MOST)
    if not ids:
        return 0
    done = erase(place, Whose(), "kept long enough", now, by="amends", ids=ids, deep=False)
    return done.posts


def verify(
    place: Place,
    watch: Watch,
    source: Source,
    asker: Asker,
    clock: Callable[[], datetime],
    *,
    age: timedelta = AGE,
    most: int = MOST,
) -> Checked:
    """
    Ask a watch's source about posts not verified for half of `age`; keep edits, erase what is gone.

    It stops at the watch's budget, and at the first thing that goes wrong.
    """
    checked = Checked()
    if not isinstance(source, AsksAgain):
        return checked
    with place.store.read() as tx:
        due = tx.verified.due(watch.id, clock() - age / 2, most)
    purse = Purse(watch.left)
    for start in range(0, len(due), source.again):
        known = {external_id: number for number, external_id in due[start : start + source.again]}
        try:
            request = source.ask_again(watch, list(known), clock())
            if request is None:
                return checked
            purse.open(clock())
            found = source.read_again(asker.ask(request, clock()))
        except AmendsError as error:
            checked.trouble = error.message
            return checked
        now = clock()
        with place.store.begin() as tx:
            charges = day_begins(now) if source.price.per_post else None
            kept = tx.posts.add(watch, found.posts, now, charges)
            tx.watches.spend(watch.id, purse.told(), kept.charged, now)
            there = [known[post.external_id] for post in found.posts if post.external_id in known]
            tx.verified.mark(there, now)
        purse.pay(kept.charged)
        gone = [known[one] for one in found.gone if one in known]
        if gone:
            erase(place, Whose(), "gone", now, by="amends", ids=gone, deep=False)
        checked.there += len(there)
        checked.gone += len(gone)
        checked.requests += 1
    return checked


class Upkeep:
    """What every round does besides: a part of what is due."""

    def __init__(
        self,
        place: Callable[[], Place],
        sources: Mapping[str, Source],
        clock: Callable[[], datetime],
        age: timedelta = AGE,
    ) -> None:
        self._place, self._sources, self._clock, self._age = place, sources, clock, age

    def round(self, incident_id: int, asker: Asker) -> Iterator[str]:
        """Do a part of what is due for an incident, and yield what came of it, line by line."""
        place = self._place()
        expired = expire(place, self._clock())
        if expired:
            yield f"{expired:,} posts were kept as long as they may be, and are gone"
        with place.store.read() as tx:
            watches = [row.as_watch() for row in tx.watches.of(incident_id)]
            lefts = {watch.id: tx.watches.left(watch.id, self._clock()) for watch in watches}
        gone = expired
        for watch in watches:
            source = self._sources.get(watch.source)
            left = lefts[watch.id]
            # Asking again costs money at some: only who set a limit to it is taken to agree.
            if source is None or (source.price.per_post and left.reads is None):
                continue
            asked = msgspec.structs.replace(watch, left=left)
            checked = verify(place, asked, source, asker, self._clock, age=self._age)
            gone += checked.gone
            if checked.gone:
                yield f"watch {watch.id} {watch.source}: {checked.gone:,} posts are gone there, and here"
            if checked.trouble:
                yield f"  trouble: asked whether posts are still there: {checked.trouble}"
        if gone:
            # What went still stands in the log; where somebody reads that just now, the next round cuts it.
            place.store.cut_log()
