"""
The ears of an incident: how well each of its watches listened to one day, as the store knows it.

Part of the snapshot: read in the same transaction, and nothing after it asks the database again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from models.coverage import Span, holes
from models.incident import IncidentRow, WatchRow
from models.listening import State
from models.sample import Reading
from models.store import Transaction
from models.store.gathered import Gathered
from models.store.watches import Standing

LAG = timedelta(minutes=2)
"""How far behind now a source may be without counting as deaf: the next round is on its way."""


class Lost(msgspec.Struct, frozen=True):
    """A stretch that can't be had any more, and why."""

    span: Span
    why: str


class Ear(msgspec.Struct, frozen=True, kw_only=True):
    """
    A watch, what it saw of the day, and where it was deaf.

    `stretch` is the part of the day that has passed since the incident began; `holes` are the
    stretches of it not proved complete, `holes_before` those of the day before. Of what is missing
    some is `lost`, some `unread`: known to be still to come. `samples` are what was read of stretches
    of which nobody has read more since. `state`, `since` and `why` say how it listens now, while the
    day goes on; for a day that is over there are only a trouble or a pause that began by its end.
    A backfill asked for once (`once`) claims nothing about what it covers.
    """

    id: int
    source: str
    aim: str
    posts: int
    once: bool = False
    stretch: Span | None = None
    holes: tuple[Span, ...] = ()
    holes_before: tuple[Span, ...] = ()
    lost: tuple[Lost, ...] = ()
    unread: tuple[Span, ...] = ()
    samples: tuple[Reading, ...] = ()
    state: State | None = None
    since: datetime | None = None
    why: str | None = None
    trouble: str | None = None
    trouble_since: datetime | None = None
    paused_since: datetime | None = None


def ears(
    tx: Transaction,
    incident: IncidentRow,
    window: Span,
    before: Span,
    now: datetime,
    *,
    counted: bool = True,
    items: Gathered | None = None,
) -> tuple[Ear, ...]:
    """
    Read how well the watches of an incident listened within a day's window.

    Unless `counted` their posts stay 0, which is much faster. `items` are those of the window, for who has
    gathered them already.
    """
    key = incident.id or 0
    seen = tx.days.by_watch(key, window, items) if counted else {}
    watches = tx.watches.of(key, once=None)
    covered = {watch.id: tx.coverage.of(watch.id or 0) for watch in watches}
    standing = {one.row.id: one for one in tx.watches.standing(key, now)}
    passed, passed_before = (_passed(span, incident.began, now) for span in (window, before))
    found: list[Ear] = []
    for watch in watches:
        posts = seen.get(watch.id or 0, 0)
        ear = Ear(
            id=watch.id or 0,
            source=watch.source,
            aim=watch.as_watch().aim,
            posts=posts,
            once=watch.once,
        )
        if watch.once:
            found += [ear] if posts else []
            continue
        # A backfill that asked the same question has filled the holes of the standing watch.
        spans = [s for other in watches if _alike(watch, other) for s in covered[other.id]]
        stands = standing[watch.id]
        told = msgspec.structs.replace(
            ear,
            stretch=passed,
            holes=_holes(passed, spans),
            holes_before=_holes(passed_before, spans),
            lost=tuple(Lost(row.span, row.why) for row in stands.lost if _meet(row.span, passed)),
            unread=tuple(row.span for row in stands.holes if _meet(row.span, passed)),
            samples=tuple(
                tx.samples.reading(row)
                for row in tx.samples.of([ear.id], window)
                if holes(Span(row.since, row.until), spans)
            ),
        )
        found.append(_healthy(told, stands, window, now))
    return tuple(found)


def _healthy(ear: Ear, stands: Standing, window: Span, now: datetime) -> Ear:
    """Return an ear with what is to be said of its health on that day."""
    state, watch = stands.state, stands.row
    paused_since = state.since if state.state == "paused" else None
    if window.since <= now < window.until:
        return msgspec.structs.replace(
            ear,
            state=state.state,
            since=state.since,
            why=state.why,
            trouble=watch.trouble,
            trouble_since=watch.trouble_since,
            paused_since=paused_since,
        )
    by_then = watch.trouble_since is not None and watch.trouble_since < window.until
    return msgspec.structs.replace(
        ear,
        trouble=watch.trouble if by_then else None,
        trouble_since=watch.trouble_since if by_then else None,
        paused_since=paused_since if paused_since and paused_since < window.until else None,
    )


def _passed(window: Span, began: datetime, now: datetime) -> Span | None:
    span = Span(max(window.since, began), min(window.until, now - LAG))
    return span if span.length else None


def _holes(stretch: Span | None, covered: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(holes(stretch, covered)) if stretch else ()


def _meet(span: Span, stretch: Span | None) -> bool:
    return stretch is not None and span.since < stretch.until and stretch.since < span.until


def _alike(watch: WatchRow, other: WatchRow) -> bool:
    return (
        watch.source == other.source
        and watch.address == other.address
        and sorted(watch.terms) == sorted(other.terms)
        and watch.settings == other.settings
    )
