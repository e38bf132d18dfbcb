"""What we promised and what comes next, as it stood when the day ended or the digest was made: as facts."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from models.coverage import Span
from models.incident import IncidentRow
from models.promise import Clock, clocks
from models.store import Transaction

_INSTANT = timedelta(microseconds=1)
_ORDER = ("overdue", "due", "kept late", "kept")


class Pledge(msgspec.Struct, frozen=True, kw_only=True):
    """What we promised, when that was said, by when it is due, and how it stood; `kept_at` if it was kept that day."""

    words: str
    said_at: datetime
    due: datetime
    state: str
    kept_at: datetime | None


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """
    What comes next, as it stood `at` that moment.

    `closes` are offers and when their window closes, `billed` offers and the last day on which they should
    show on the bill, `waiting` the posts of the day on which nobody has decided.
    """

    at: datetime
    pledges: tuple[Pledge, ...] = ()
    closes: tuple[tuple[str, datetime], ...] = ()
    billed: tuple[tuple[str, str], ...] = ()
    next_update_at: datetime | None = None
    waiting: int = 0


def ahead(
    tx: Transaction, incident: IncidentRow, window: Span, now: datetime, waiting: int
) -> Ahead:
    """Read it."""
    key, at = incident.id or 0, min(now, window.until - _INSTANT)
    acts = [one for one in tx.acts.of(key) if one.at is not None and one.at <= at]
    said = {one.id: one.at for one in acts if one.at is not None}
    begun = [
        (row, course)
        for row in tx.campaigns.of(key)
        if (course := tx.campaigns.courses(key, incident.tz).get(row.id or 0))
        and course.starts <= at
    ]
    closes = tuple(
        (row.offered, one.closes) for row, one in begun if one.closes and one.closes > at
    )
    billed = tuple(
        (row.offered, row.bill_by)
        for row, one in begun
        if row.bill_by and one.billed and one.billed > at
    )
    pledges: dict[tuple[str, datetime], Pledge] = {}
    for one in clocks(acts, at, incident.tz):
        if _is_news(one, window, told=bool(closes)):
            promise = one.promise
            pledges[promise.words, promise.due] = Pledge(
                words=promise.words, said_at=said[one.act_id], due=promise.due, state=one.state,
                kept_at=one.kept_at,
            )  # fmt: skip
    coming = incident.next_update_at
    return Ahead(
        at=at, closes=closes, billed=billed, waiting=waiting,
        pledges=tuple(sorted(pledges.values(), key=lambda one: (_ORDER.index(one.state), one.due))),
        next_update_at=coming if coming and coming > at else None,
    )  # fmt: skip


def _is_news(one: Clock, window: Span, *, told: bool) -> bool:
    """Whether a promise waits still or was kept on the day; how long an offer can be claimed is `told` elsewhere."""
    if one.promise.aim == "claim" and told:
        return False
    kept = one.kept_at is not None and window.since <= one.kept_at
    return one.state in ("due", "overdue") or kept
