"""How the company's credit stands: its campaigns, the open requests by phase, and what people say of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from models.coverage import Span
from models.incident import IncidentRow
from models.offer import Found, Judge, Offered, findings
from models.origin import Origins
from models.phase import Phase, phase_at, phase_of
from models.store import Transaction
from models.store.campaigns import Group


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """
    A campaign as it stands at a moment: `closes` and `billed` are when its window and its wait are over.

    `starts` is None while it is only planned.
    """

    id: int
    phase: Phase
    starts: datetime | None
    closes: datetime | None
    billed: datetime | None


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """The phase of now, each campaign as it stands, and the open credit requests by phase."""

    phase: Phase
    standings: tuple[Standing, ...]
    groups: tuple[Group, ...]


def credit(
    tx: Transaction, incident: IncidentRow, now: datetime, within: Span | None = None
) -> Credit:
    """Return how it stands at `now`, with the requests of a stretch if asked; a few statements."""
    key = incident.id or 0
    courses = tx.campaigns.courses(key, incident.tz)
    standings = []
    for row in tx.campaigns.of(key):
        course = courses.get(row.id or 0)
        standings.append(
            Standing(
                id=row.id or 0, phase=phase_of(course, now),
                starts=course.starts if course else None,
                closes=course.closes if course else None,
                billed=course.billed if course else None,
            )
        )  # fmt: skip
    return Credit(
        phase=phase_at(courses, now)[0], standings=tuple(standings),
        groups=tuple(tx.campaigns.requests(key, courses, within)),
    )  # fmt: skip


def said(tx: Transaction, incident: IncidentRow, within: Span | None = None) -> list[Found]:
    """Return what people say was offered, held against what was, the worst first; of a stretch if asked."""
    key = incident.id or 0
    courses = tx.campaigns.courses(key, incident.tz)
    offered = [
        Offered(row.terms, courses[row.id or 0])
        for row in tx.campaigns.of(key)
        if row.id in courses
    ]
    origins = Origins(tx.acts.of(key))
    return findings(tx.mentions.of(key, within), Judge(offered), origins)
