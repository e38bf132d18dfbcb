"""Which precedents are nearest to what is proposed, and why."""

from __future__ import annotations

from collections.abc import Iterable
from math import log2

import msgspec

from amends.shelf.value import PRO_RATA, Precedent, ratio, rough
from models.worth import PERCENT, worth_of

UNKNOWN = 2.0
"""How far apart two are in what isn't known of one: as far as four times as much."""

FARTHEST = 4.0
NEAREST = 5
"""Precedents that are named as the nearest."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What is thought of: worths, hours down, how it would be claimed; each None or empty if open."""

    offers: tuple[str, ...] = ()
    hours: float | None = None
    how: str = ""

    @property
    def percents(self) -> tuple[float, ...]:
        """Per cents among the worths."""
        worths = [worth_of(one) for one in self.offers if one != PRO_RATA]
        return tuple(float(one.amount) for one in worths if one.unit == PERCENT)


class Near(msgspec.Struct, frozen=True):
    """A precedent, how far it is (0 is alike, 1 twice as much in one respect), and in what respects."""

    precedent: Precedent
    distance: float
    because: str


def nearest(proposal: Proposal, shelf: Iterable[Precedent], most: int = NEAREST) -> list[Near]:
    """
    Return the precedents most like a proposal, the nearest first.

    Offer and hours count by how many times one is the other, doubled or halved alike; automatic or
    claimed counts one, and two ways to claim half. What isn't known counts as far.
    """
    found = [_near(proposal, one) for one in shelf]
    return sorted(found, key=lambda one: (one.distance, one.precedent.name))[:most]


def _near(proposal: Proposal, one: Precedent) -> Near:
    parts = [part for part in (
        _offer(proposal, one) if proposal.offers else None,
        _hours(proposal.hours, one) if proposal.hours else None,
        _how(proposal.how, one) if proposal.how else None,
    ) if part]  # fmt: skip
    return Near(one, round(sum(far for far, _ in parts), 2), "; ".join(why for _, why in parts))


def _offer(proposal: Proposal, one: Precedent) -> tuple[float, str]:
    if PRO_RATA in proposal.offers and PRO_RATA in one.offers:
        return 0.0, "the same offer"
    mine = [worth_of(each) for each in proposal.offers if each != PRO_RATA]
    times = [found for a in one.worths for b in mine if (found := ratio(a, b))]
    # What is pro rata is so many per cent, if it is known how long that was.
    times += [a / b for a in one.percents for b in proposal.percents]
    if not times:
        return UNKNOWN, "another kind of offer" if one.offers else "no offer known"
    return _times(min(times, key=lambda each: abs(log2(each))), "the same offer", "as much offered")


def _hours(hours: float, one: Precedent) -> tuple[float, str]:
    if not one.hours:
        return UNKNOWN, "not known how long down"
    return _times(one.hours / hours, "as long down", "as long down")


def _how(how: str, one: Precedent) -> tuple[float, str]:
    if not one.how:
        return UNKNOWN, "not known how claimed"
    if how == one.how:
        return 0.0, f"{how} too"
    return 1.0 if "automatic" in (how, one.how) else 0.5, f"{one.how}, not {how}"


def _times(times: float, same: str, what: str) -> tuple[float, str]:
    far = min(abs(log2(times)), FARTHEST)
    if 0.95 < times < 1.05:
        return far, same
    return far, f"{rough(times)} times {what}" if times > 1 else f"1/{rough(1 / times)} {what}"
