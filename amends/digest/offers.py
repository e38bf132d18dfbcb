"""What was offered, who asks for it, and what people said of it on the day: as facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from amends.credit import Credit, credit, said
from models.campaign import Batch
from models.coverage import Span
from models.incident import IncidentRow
from models.origin import Origin
from models.store import Transaction
from models.store.gathered import Gathered

FLAGGED = ("conflict", "wrong_plan", "rumour")
"""Findings a digest tells; who says what was offered is no news."""

INSTANT = timedelta(microseconds=1)

MOST = 8
"""Campaigns, and findings, that are told."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """
    A credit that was offered, and its phase when the day ended, or the digest was made before that.

    `closes` is None if claims never do; `batches` are the mails of the day.
    """

    offered: str
    how: str
    once: bool
    phase: str
    starts: datetime
    closes: datetime | None
    bill_by: str | None
    text: str
    batches: tuple[Batch, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Credit requests of the day, still open when the digest was made, by the phase they were written in."""

    phase: str
    posts: int
    voices: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What these requests ask, and those of the day who accept: a label's title, in all phases together."""

    title: str
    posts: int
    voices: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """
    What posts of the day say was offered, though it wasn't, and when the first said so.

    `origin` is the batch of mails it comes from, if that is known.
    """

    finding: str
    worth: str
    posts: int
    voices: int
    first_at: datetime
    origin: Origin | None = None


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """What was offered up to the day's end, the requests by phase, and what was said on the day."""

    made: tuple[Made, ...] = ()
    asked: tuple[Asked, ...] = ()
    told: tuple[Told, ...] = ()
    wanted: tuple[Wanted, ...] = ()


def offers(
    tx: Transaction,
    incident: IncidentRow,
    window: Span,
    now: datetime,
    titles: Mapping[str, str],
    items: Gathered | None = None,
) -> Offers | None:
    """
    Read it; None where nothing was offered and nobody said so.

    `titles` are those of the labels that tell more of a credit request; `items` are those of the window, for
    who has gathered them already.
    """
    told = tuple(
        Told(
            finding=one.finding, worth=one.worth, posts=one.posts, voices=one.voices,
            first_at=one.first_at, origin=one.origin,
        )
        for one in said(tx, incident, window)
        if one.finding in FLAGGED
    )  # fmt: skip
    campaigns = tx.campaigns.of(incident.id or 0)
    if not campaigns and not told:
        return None
    stands = credit(tx, incident, min(now, window.until - INSTANT), tuple(titles), window, items)
    made = tuple(
        Made(
            offered=row.offered, how=row.how, once=row.once, phase=one.phase, starts=one.starts,
            closes=one.closes, bill_by=row.bill_by, text=row.text,
            batches=tuple(each for each in row.terms.batches if window.since <= each.at < window.until),
        )
        for row, one in zip(campaigns, stands.standings, strict=True)
        if one.starts is not None and one.starts < window.until
    )  # fmt: skip
    if not made and not told:
        return None
    asked = (Asked(phase=one.phase, posts=one.posts, voices=one.voices) for one in stands.requests)
    return Offers(
        made=made[-MOST:], asked=tuple(asked), told=told[:MOST], wanted=_wanted(stands, titles)
    )


def _wanted(stands: Credit, titles: Mapping[str, str]) -> tuple[Wanted, ...]:
    each = [
        Wanted(
            title=title,
            posts=sum(one.posts for one in groups),
            voices=sum(one.voices for one in groups),
        )
        for name, title in titles.items()
        if (groups := [one for one in stands.groups if one.label == name])
    ]
    return tuple(sorted(each, key=lambda one: -one.voices))
