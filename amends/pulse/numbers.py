"""The numbers of what goes on in an incident, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from amends.pulse.line import Theme
from amends.pulse.rising import Rise, rising
from models.coverage import Span
from models.day import day_window, local_day
from models.incident import IncidentRow, zone
from models.store import Transaction
from models.store.pulse import QUARTER, Bin, Crowd, Lately, Waiting
from models.store.voices import Voiced

HOURS = 24
"""Hours of the chart, the one that runs included."""

EARLIER = timedelta(hours=5)
"""How long before the last hour a phrase must be rare to have risen."""

MOST_SAID, MOST_BEFORE = 1_500, 3_000
"""Texts in which phrases are looked for: of the last hour, and of before."""

COMPLAINT, CREDIT = "complaint", "credit_request"

MANY = 0.1
"""Share of the authors who must say something before it is said of all."""

_HOUR = timedelta(hours=1)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """
    What goes on at `at`: the moment they were read, or for a closed incident when it was closed.

    `whole`: of all complaints since the beginning of `earlier` none was left out of `rises`.
    """

    at: datetime
    day: Span
    window: Span
    lately: Lately
    today: dict[str, Crowd]
    bins: tuple[Bin, ...]
    credit: Waiting
    complaints: Waiting
    unseen: int
    unscored: int
    rises: tuple[Rise, ...]
    voiced: Voiced
    earlier: Span
    whole: bool


def numbers(
    tx: Transaction, incident: IncidentRow, labels: Sequence[str], now: datetime
) -> Numbers:
    """Read the numbers of an incident."""
    key, at = incident.id or 0, incident.closed_at or now
    place = zone(incident.tz)
    local = at.astimezone(place)
    hour = at - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    window = Span(hour - (HOURS - 1) * _HOUR, hour + _HOUR)
    today = Span(day_window(local_day(at, incident.tz), incident.tz).since, at)
    last, earlier = Span(at - _HOUR, at), Span(at - _HOUR - EARLIER, at - _HOUR)
    said = tx.pulse.said(key, last, COMPLAINT, MOST_SAID)
    before = tx.pulse.said(key, earlier, COMPLAINT, MOST_BEFORE)
    names = [incident.company, *incident.terms]
    waiting = tx.pulse.waiting(key, (CREDIT, COMPLAINT))
    return Numbers(
        at=at,
        day=today,
        window=window,
        lately=tx.pulse.lately(key, at),
        today=tx.pulse.labelled(key, today, labels),
        bins=tuple(tx.pulse.hours(key, window)),
        credit=waiting[CREDIT],
        complaints=waiting[COMPLAINT],
        unseen=tx.pulse.unseen(key),
        unscored=tx.pulse.unscored(key),
        rises=tuple(rising(said, before, leave_out=names)),
        voiced=tx.voices.counted(key, [today]),
        earlier=earlier,
        whole=len(said) < MOST_SAID and len(before) < MOST_BEFORE,
    )


def theme(row: IncidentRow, found: Numbers) -> Theme | None:
    """Return what many say now and didn't before, in two words or more if it can be."""
    many = [rise for rise in found.rises if rise.share >= MANY]
    if not many:
        return None
    rise = next((rise for rise in many if " " in rise.phrase), many[0])
    # Nobody has looked at what was said before that.
    known = rise.first >= found.earlier.since + QUARTER or row.began >= found.earlier.since
    return Theme(rise.phrase, rise.first if found.whole and known else None)
