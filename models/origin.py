"""
Where a worth that wasn't offered comes from: the batch of mails that said it, and when we set it right. Pure.

It belongs to the last batch before it was first mentioned whose own words name it; else, where many say
it, to a batch that went out shortly before. The next act that is no mail and names it sets it right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from models.campaign import ActRow
from models.mention import mentions
from models.worth import Worth

SOON = timedelta(hours=3)
"""How soon after a batch something must come up to have come from it, though its words don't say so."""

MANY = 5
"""How many voices must say it then."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """
    The batch of mails a worth comes from, the first being 1, and when that went out.

    `named` says whether the batch's own words name the worth; `righted_at` is None while nobody has set it
    right.
    """

    batch: int
    at: datetime
    named: bool
    righted_at: datetime | None


class Origins:
    """Finds where worths come from among an incident's acts that are out."""

    def __init__(self, acts: Iterable[ActRow]) -> None:
        out = sorted((one.at, one.id or 0, one) for one in acts if one.at is not None)
        self._said = [(at, one.kind, _worths(one.text)) for at, _, one in out]
        mails = [(at, worths) for at, kind, worths in self._said if kind == "mail_batch"]
        self._mails = [(number, at, worths) for number, (at, worths) in enumerate(mails, 1)]

    def origin(self, one: Worth, first_at: datetime, voices: int) -> Origin | None:
        """Return where a worth comes from that so many voices mention, the first at a moment."""
        before = [mail for mail in self._mails if mail[1] <= first_at]
        named = [mail for mail in before if _has(mail[2], one)]
        near = [mail for mail in before if voices >= MANY and first_at - mail[1] <= SOON]
        for number, at, _ in reversed(named or near):
            righted = [
                when
                for when, kind, worths in self._said
                if when > at and kind != "mail_batch" and _has(worths, one)
            ]
            return Origin(
                batch=number, at=at, named=bool(named), righted_at=min(righted, default=None)
            )
        return None


def _worths(text: str) -> list[Worth]:
    return [one.worth for one in mentions(text)]


def _has(worths: Iterable[Worth], one: Worth) -> bool:
    return any(one.equals(worth) for worth in worths)
