"""The home's own closed incidents as precedents, measured from what was heard."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.credit import said
from amends.effect.clock import Hand, clock_of, resolved
from amends.shelf.value import Precedent
from models.campaign import CampaignRow
from models.incident import IncidentRow, zone
from models.store import Transaction
from models.store.precedents import Heights

MOST = 12
"""Incidents that are measured, the last ones."""

KEPT = timedelta(hours=1)
"""How long what was measured may be shown again: what is over changes little."""

_HOUR = timedelta(hours=1)


class Memory:
    """What was measured of closed incidents of one store, for a while: the board shows it often."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, datetime | None], tuple[datetime, Precedent]] = {}

    def find(self, row: IncidentRow, now: datetime) -> Precedent | None:
        """Return what is still known of an incident as it was closed."""
        at, found = self._rows.get((row.id or 0, row.closed_at), (None, None))
        return found if at is not None and now - at < KEPT else None

    def keep(self, row: IncidentRow, one: Precedent, now: datetime) -> None:
        """Remember it."""
        self._rows[row.id or 0, row.closed_at] = (now, one)


def measured(
    tx: Transaction, now: datetime, most: int = MOST, memory: Memory | None = None
) -> list[Precedent]:
    """
    Return the last closed incidents as precedents, the newest first.

    A few statements each, so no more than `most` of them, and none that `memory` still knows.
    """
    memory = memory or Memory()
    closed = [row for row in tx.incidents.every() if row.closed_at is not None]
    closed.sort(key=lambda row: (row.began, row.id or 0), reverse=True)
    fresh = [row for row in closed[:most] if memory.find(row, now) is None]
    heights = tx.precedents.heights(fresh)
    for row in fresh:
        memory.keep(row, _one(tx, row, heights.get(row.id or 0, Heights()), now), now)
    return [one for row in closed[:most] if (one := memory.find(row, now)) is not None]


def hours_down(tx: Transaction, row: IncidentRow, now: datetime) -> float:
    """Return the hours from when customers first felt it until it was resolved, or until now."""
    until = resolved(tx, row) or now
    return round(max((until - row.began) / _HOUR, 0.1), 1)


def offered(campaigns: list[CampaignRow]) -> tuple[tuple[str, ...], str, int | None]:
    """Return all that was offered, how it is claimed and for how many days: as the last one said."""
    worths = (one for row in campaigns for each in row.terms.offers.values() for one in each)
    last = campaigns[-1] if campaigns else None
    return tuple(dict.fromkeys(worths)), last.how if last else "", last.days if last else None


def _one(tx: Transaction, row: IncidentRow, heights: Heights, now: datetime) -> Precedent:
    key = row.id or 0
    hands = {hand.what: hand for hand in clock_of(tx, row, now)}
    campaigns = tx.campaigns.of(key)
    offers, how, days = offered(campaigns)
    hours = hours_down(tx, row, now)
    starts = [course.starts for course in tx.campaigns.courses(key, row.tz).values()]
    return Precedent(
        name=row.slug, title=row.title, company=row.company, kind="measured",
        began=row.began.astimezone(zone(row.tz)).date().isoformat(),
        down=f"{hours:g} h", hours=hours, offers=offers, how=how, days=days,
        claim="once" if any(one.once for one in campaigns) else "",
        first_word=_minutes(hands, "first public word"), peak=heights.complaints,
        requests=heights.requests, half=_minutes(hands, "complaints at half of their height"),
        tail=_minutes(hands, "complaints back in their band"),
        conflicts=_conflicts(tx, row) if starts else None,
        missed=tx.precedents.missed(key, min(starts)) if starts else None,
        source="measured here",
    )  # fmt: skip


def _minutes(hands: dict[str, Hand], what: str) -> int | None:
    return hands[what].minutes


def _conflicts(tx: Transaction, row: IncidentRow) -> int:
    """Return voices that named an offer nobody had made; one that named two counts in both."""
    return sum(one.voices for one in said(tx, row) if one.finding == "conflict")
