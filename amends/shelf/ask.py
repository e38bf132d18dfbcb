"""The whole shelf of a home, and what is proposed for an incident."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from amends.shelf.added import own
from amends.shelf.measured import Memory, hours_down, measured, offered
from amends.shelf.near import Near, Proposal, nearest
from amends.shelf.record import record
from amends.shelf.value import Precedent, offers_of
from amends.shelf.words import standing
from models.campaign import HOWS
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction

LONGEST = 8_760.0
"""Hours of the longest incident: a year."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has in mind, as they write it: “3 %”, hours down, how it is claimed."""

    like: str = ""
    hours: float | None = None
    how: str = ""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """All precedents; what is proposed, where that stands in sentences, the nearest precedents."""

    precedents: tuple[Precedent, ...]
    proposal: Proposal = Proposal()
    said: tuple[str, ...] = ()
    nearest: tuple[Near, ...] = ()


def shelf(
    tx: Transaction, file: Path, now: datetime, wish: Wish, incident: IncidentRow | None = None,
    memory: Memory | None = None,
) -> Shelf:  # fmt: skip
    """
    Return the shelf, and the precedents nearest to a wish, or to what an incident's campaigns offer.

    `file` is where the home keeps what it brought in; `memory` holds what was measured a while ago. SetupError for a wish that can't be meant.
    """
    proposal = proposed(tx, now, wish, incident)
    precedents = (*measured(tx, now, memory=memory), *own(file), *record())
    if incident is not None:
        # Nothing is its own precedent.
        precedents = tuple(
            one for one in precedents if one.kind != "measured" or one.name != incident.slug
        )
    asked = proposal != Proposal()
    return Shelf(
        precedents=precedents, proposal=proposal, said=tuple(standing(proposal, precedents)),
        nearest=tuple(nearest(proposal, precedents)) if asked else (),
    )  # fmt: skip


def proposed(tx: Transaction, now: datetime, wish: Wish, incident: IncidentRow | None) -> Proposal:
    """Return what is proposed: what was wished for, and what of an incident fills the rest."""
    if wish.hours is not None and not 0 < wish.hours <= LONGEST:
        message = "nothing is down for so many hours"
        raise SetupError(message, f"give hours above 0, up to {LONGEST:,.0f}")
    if wish.how and wish.how not in HOWS:
        message = f"“{wish.how[:40]}” is no way to get a credit"
        raise SetupError(message, f"use one of {', '.join(HOWS)}")
    offers, hours = offers_of(wish.like[:200]), wish.hours
    how: str = wish.how
    if incident is not None:
        known, way, _ = offered(tx.campaigns.of(incident.id or 0))
        offers, how = offers or known, how or way
        hours = hours or hours_down(tx, incident, now)
    return Proposal(offers=offers, hours=hours, how=how)
