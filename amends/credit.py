"""How the company's credit stands: its campaigns, the open requests by phase, and what people say of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from models.clock import due
from models.coverage import Span
from models.incident import IncidentRow, zone
from models.offer import Found, Judge, Offered, findings
from models.origin import Origins
from models.phase import BEGINNING, END, Phase, Stretch, phase_at, phase_of, stretches
from models.reply import ReplyRow
from models.store import Transaction
from models.store.gathered import Gathered
from models.store.replies import fitting
from models.store.requests import NOTHING_MORE, REQUEST, Group, counted


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
    """The phase of now, each campaign as it stands, and the open credit requests by phase and by what they ask."""

    phase: Phase
    standings: tuple[Standing, ...]
    groups: tuple[Group, ...]
    stretches: tuple[Stretch, ...]

    def when(self, phase: Phase, tz: str) -> dict[str, str]:
        """Return the queue's filters for a phase, `since` and `until` in local time, where it is one stretch."""
        own = [at for at, one in enumerate(self.stretches) if one.phase == phase]
        if not own or own[-1] - own[0] >= len(own):
            return {}
        since, until = self.stretches[own[0]].since, self.stretches[own[-1]].until
        edges = {"since": since, "until": until}
        return {
            name: at.astimezone(zone(tz)).replace(tzinfo=None).isoformat()
            for name, at in edges.items()
            if at not in (BEGINNING, END)
        }

    @property
    def requests(self) -> tuple[Group, ...]:
        """The requests of each phase, whatever they ask."""
        return tuple(one for one in self.groups if one.label == REQUEST)


def credit(
    tx: Transaction, incident: IncidentRow, now: datetime, told: Sequence[str] = (),
    within: Span | None = None, items: Gathered | None = None,
) -> Credit:  # fmt: skip
    """
    Return how it stands at `now`, with the requests of a stretch if asked; a few statements.

    With `items`, those of a stretch that were gathered already, it is their requests, and since when they
    wait isn't told.

    `told` are the labels that tell more of a credit request.
    """
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
        groups=tuple(
            tx.requests.groups(key, courses, told, within)
            if items is None
            else counted(items, courses, told)
        ),
        stretches=tuple(stretches(courses)),
    )  # fmt: skip


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """
    What open posts of one phase ask: how many, the saved reply that fits, who answers, and by when.

    `label` is as in `Group`. `due` is when the one that waits longest should have its answer by `minutes`
    of working time; None if none waits.
    """

    phase: Phase
    label: str
    posts: int
    voices: int
    reply: ReplyRow | None
    owner: str
    minutes: int
    due: datetime | None
    late: bool


def asks(
    tx: Transaction, incident: IncidentRow, groups: Sequence[Group], now: datetime
) -> list[Ask]:
    """Return what to do about each group of posts, in their order."""
    replies = tx.replies.every()
    found = []
    for one in groups:
        names = [one.label, REQUEST] if one.label not in (REQUEST, NOTHING_MORE) else [REQUEST]
        reply = fitting(replies, names, one.phase)
        minutes = (reply.within if reply else None) or incident.answer_within
        by = due(one.waits, minutes, incident.hours, incident.tz) if one.waits else None
        found.append(
            Ask(
                phase=one.phase, label=one.label, posts=one.posts, voices=one.voices, reply=reply,
                owner=reply.owner if reply else "", minutes=minutes, due=by,
                late=by is not None and by < now,
            )
        )  # fmt: skip
    return found


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
