"""
Where what came back is kept: an outcome's posts, coverage, holes and bookmark, in one transaction.

The bookmark moves when a chain has ended, or together with the hole the chain has still to fill; so
whatever is cut short is asked again, and nothing is skipped. Waiting long is written down, not slept.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from ingest.walk import SHORT, Outcome
from models.budget import day_begins
from models.errors import AmendsError, BudgetSpent, SetupError, SourceBusy
from models.errors import SourceRefused as Refused
from models.lease import Lease
from models.ready import Ready, ready
from models.store import Store, Transaction
from models.store.posts import Kept

SOONEST, LATEST = timedelta(seconds=30), timedelta(minutes=15)
"""How long to leave a source alone that is busy and doesn't say how long, at first and at last."""

NOTHING = Kept({}, 0, 0)


def keep(
    store: Store,
    outcome: Outcome,
    now: datetime,
    also: Callable[[Transaction, Kept], None] | None = None,
    lease: Lease | None = None,
    posts: Sequence[Ready] | None = None,
) -> Kept:
    """
    Store one outcome, whole or not at all; `also` adds what must be kept together with it.

    With a `lease` it is kept only if nobody has taken that over; else FencedOut. `posts` are its
    posts, where they were made ready before.
    """
    watch = outcome.watch
    if posts is None:
        # Before anybody has to wait for us.
        posts = ready(outcome.answer.posts if outcome.answer is not None else ())
    with store.begin(refetchable=True) as tx:
        if lease is not None:
            tx.leases.renew(lease, now)
        kept = NOTHING
        if outcome.answer is not None:
            charges = day_begins(now) if outcome.charges else None
            kept = tx.posts.keep(watch, posts, now, charges)
            tx.tags.put_foreseen(kept.foreseen, now)
        if outcome.requests:
            tx.watches.spend(watch.id, outcome.requests, kept.charged, now)
        if outcome.sang is not None:
            tx.watches.sang(watch.id, outcome.sang, now)
        elif outcome.gone:
            why = "the source no longer reaches back that far"
            tx.holes.give_up(watch.id, outcome.key, why, now)
        elif outcome.error is not None:
            _note_error(tx, outcome, now)
        elif outcome.answer is not None:
            _note_place(tx, outcome, now)
            if also is not None:
                also(tx, kept)
    return kept


def _note_place(tx: Transaction, outcome: Outcome, now: datetime) -> None:
    """Note what an answer proved, what it left open, and where to go on."""
    watch, answer, key = outcome.watch, outcome.answer, outcome.key
    assert answer is not None  # noqa: S101  the caller looked
    if answer.span is not None:
        tx.coverage.add(watch.id, answer.span)
    if answer.lost is not None:
        tx.holes.lose(watch.id, answer.lost, "it was gone before it could be read", now)
    if answer.sample is not None:
        tx.samples.add(watch.id, answer.sample)
    chain = None if answer.more is None else msgspec.json.encode(answer.more).decode()
    leaves = answer.hole is not None and not watch.once
    if outcome.filling or tx.holes.is_open(watch.id, key) or (chain and leaves):
        if chain is None:
            tx.holes.close(watch.id, key)
        else:
            tx.holes.put(watch.id, key, answer.hole, chain, now)
            if outcome.cut:
                tx.holes.say(watch.id, key, outcome.cut)
        tx.watches.went_on(watch.id, None, None if outcome.filling else answer.bookmark, now)
    else:
        tx.watches.went_on(watch.id, chain, answer.bookmark, now)
    if answer.more is not None and answer.wait > SHORT:
        tx.watches.wait(watch.id, now + timedelta(seconds=answer.wait))


def _note_error(tx: Transaction, outcome: Outcome, now: datetime) -> None:
    """Note what went wrong; a hole whose question isn't taken leaves its watch in good health."""
    watch, error, said = outcome.watch, outcome.error, _said(outcome.error)
    if outcome.key:
        tx.holes.say(watch.id, outcome.key, said)
    if isinstance(error, BudgetSpent) and not tx.watches.is_spent(watch.id, now):
        # A post that was charged today already is free; the walk couldn't know which those are.
        return
    if not isinstance(error, SourceBusy):
        if outcome.filling:
            tx.holes.refuse(watch.id, outcome.key, said, now)
            return
        if outcome.at_resume:
            tx.watches.start_over(watch.id)
    kind = _kind(error)
    since = tx.watches.get(watch.id).trouble_since or now
    until = None
    if isinstance(error, SourceBusy):
        until = now + patience(error, now - since)
    tx.watches.in_trouble(watch.id, kind, said, now, until)


def patience(error: SourceBusy, in_trouble: timedelta) -> timedelta:
    """Return how long to wait: as asked and a little more, else the longer the longer it lasts."""
    # By chance, so that all who were turned away at once don't come back at once.
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after + random.uniform(0.0, SHORT))  # noqa: S311
    longest = min(max(in_trouble, SOONEST), LATEST)
    return max(longest * random.random(), timedelta(seconds=1))  # noqa: S311


def _kind(error: AmendsError | None) -> str:
    if isinstance(error, BudgetSpent):
        return "spent"
    if isinstance(error, SourceBusy):
        return "busy"
    if isinstance(error, Refused):
        return "refused"
    return "setup" if isinstance(error, SetupError) else "changed"


def _said(error: AmendsError | None) -> str:
    if error is None:
        return ""
    return f"{error.message}: {error.remedy}" if error.remedy else error.message
