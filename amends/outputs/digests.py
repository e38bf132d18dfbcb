"""
Digests on their way out: the one of each day that ended, its versions, and what has changed since.

A digest is built first and then kept with its event in one transaction, under a day and version nobody else
can take; so two of us make one digest, and a kill in between makes it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from amends.digest import build, snapshot
from amends.digest.diff import Facts, changes, facts_of, print_of
from amends.digest.snapshot import Styled
from amends.digest.value import Digest
from amends.digest.words import long_day
from amends.outputs.event import Event, Line, Link, Sheet, enqueue
from amends.outputs.schedule import days_due, last_day
from amends.outputs.settings import Outputs, Plan
from amends.truth.vocabulary import Vocabulary
from models.day import day_before, day_window, local_day
from models.errors import SetupError
from models.incident import IncidentRow
from models.outbox import DigestRow
from models.store import Store, Transaction

LOOKS_BACK = timedelta(days=7)
"""How long a digest that was sent is looked at for changes."""

FORGETS = timedelta(days=31)
"""How long after its closing an incident may still have a digest to send."""

_SINCE = "digest:schedule"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A digest or correction on its way: the event's id, what it is called, and where it is new."""

    event_id: str
    title: str
    to: tuple[str, ...]
    changes: tuple[str, ...] = ()


class _Built(msgspec.Struct, frozen=True, kw_only=True):
    """A digest beside the newest version of its day, if there is one."""

    digest: Digest
    facts: Facts
    print: str
    newest: DigestRow | None

    @property
    def changes(self) -> tuple[str, ...]:
        """What has changed since that version."""
        return () if self.newest is None else changes(facts_in(self.newest), self.facts)

    @property
    def is_new(self) -> bool:
        """Whether it is a version of its own: the first, the first of the whole day, or with new numbers."""
        if self.newest is None or self.newest.print != self.print:
            return True
        return self.newest.made_at < self.digest.window.until <= self.digest.made_at

    def row(self, incident_id: int) -> DigestRow:
        """Return the row this version is kept in."""
        version = 1 if self.newest is None else self.newest.version + self.is_new
        return DigestRow(
            incident_id=incident_id, day=self.digest.day.isoformat(), version=version,
            print=self.print, facts=msgspec.json.encode(self.facts).decode(),
            made_at=self.digest.made_at,
        )  # fmt: skip


def facts_in(row: DigestRow) -> Facts:
    """Return the numbers a version was made with."""
    return msgspec.json.decode(row.facts, type=Facts)


def built(
    tx: Transaction,
    incident: IncidentRow,
    day: date,
    now: datetime,
    labels: Sequence[Styled],
    truth: Vocabulary | None = None,
) -> _Built:
    """Build the digest of a day as it stands now."""
    digest = build(snapshot(tx, incident, day, now, labels, truth=truth))
    facts = facts_of(digest)
    versions = tx.digests.of(incident.id or 0, day.isoformat())
    newest = versions[-1] if versions else None
    return _Built(digest=digest, facts=facts, print=print_of(facts), newest=newest)


def send(
    store: Store,
    incident: IncidentRow,
    day: date,
    now: datetime,
    labels: Sequence[Styled],
    outputs: Outputs,
    to: Iterable[str],
    *,
    once: bool = False,
    truth: Vocabulary | None = None,
    by: str = "",
) -> Made | None:
    """
    Put the digest of a day into the outbox, a new version if its numbers have changed.

    The same version goes to nobody twice. None if somebody else made that very version meanwhile, or
    with `once` any version of the whole day. `by` is who sends it, where a person does.
    """
    with store.read() as tx:
        one = built(tx, incident, day, now, labels, truth)
    if once and one.newest is not None and one.newest.made_at >= one.digest.window.until:
        return None
    row = one.row(incident.id or 0)
    event = Event(
        id=f"digest.{incident.slug}.{day.isoformat()}.{row.version}",
        kind="digest",
        at=now,
        slug=incident.slug,
        incident_id=incident.id,
        value=Sheet(
            digest=one.digest,
            version=row.version,
            changes=one.changes if row.version > 1 and one.is_new else (),
            links=_links(outputs, incident, day),
        ),
    )
    with store.begin() as tx:
        if one.is_new and not tx.digests.add(row):
            return None
        new = enqueue(tx, event, to)
        if by:
            tx.audit.note("sent", f"digest:{day.isoformat()}", by=by, now=now, incident_id=incident.id,
                          detail={"version": row.version, "outputs": len(new)})  # fmt: skip
    title = f"the digest of {day.isoformat()}, version {row.version}"
    return Made(event_id=event.id, title=title, to=tuple(new), changes=one.changes)


def send_what_is_due(
    store: Store,
    outputs: Outputs,
    labels: Sequence[Styled],
    now: datetime,
    truth: Vocabulary | None = None,
) -> list[Made]:
    """
    Put all digests that are due into the outbox, and with them what has changed of earlier ones.

    An incident whose digest can't be made keeps no other from having one; its error comes last.
    """
    made: list[Made] = []
    failed: list[SetupError] = []
    with store.read() as tx:
        incidents = [
            (row, plan)
            for row in tx.incidents.every()
            if (row.closed_at is None or now - row.closed_at < FORGETS)
            and (plan := outputs.plan_for(row.slug)) is not None
        ]
    for incident, plan in incidents:
        try:
            made += _of(store, incident, plan, outputs, labels, now, truth)
        except SetupError as error:
            failed.append(SetupError(f"{incident.slug}: {error.message}", error.remedy))
    if failed:
        raise failed[0]
    return made


def _of(
    store: Store,
    incident: IncidentRow,
    plan: Plan,
    outputs: Outputs,
    labels: Sequence[Styled],
    now: datetime,
    truth: Vocabulary | None,
) -> list[Made]:
    days = _due(store, plan.time(), incident, now)
    found = [
        send(store, incident, day, now, labels, outputs, plan.to, once=True, truth=truth)
        for day in days
    ]
    made = list(filter(None, found))
    if days:
        made += _corrected(store, incident, now, labels, outputs, plan.to, days[0])
    return made


def _due(store: Store, at: time, incident: IncidentRow, now: datetime) -> list[date]:
    key, tz = incident.id or 0, incident.tz
    with store.read() as tx:
        marks = tx.audit.about(key, _SINCE)
        known = tx.digests.newest(key)
    since = marks[-1].at if marks else now
    if not marks:
        with store.begin() as tx:
            if not tx.audit.about(key, _SINCE):
                tx.audit.note("digests begin", _SINCE, by="amends", now=now, incident_id=key)
    # An incident that is older than the outputs begins with the day before them: no flood of old days.
    first = max(local_day(incident.began, tz), day_before(local_day(since, tz), tz))
    last = last_day(incident.closed_at, now, tz)
    return [
        day
        for day in days_due(first, last, tz, at, now)
        if (row := known.get(day.isoformat())) is None
        or row.made_at < day_window(day, tz).until
    ]  # fmt: skip


def _corrected(
    store: Store,
    incident: IncidentRow,
    now: datetime,
    labels: Sequence[Styled],
    outputs: Outputs,
    to: Iterable[str],
    before: date,
) -> list[Made]:
    """Make new versions of the days before `before` that have changed, and one event that says so."""
    key = incident.id or 0
    with store.read() as tx:
        days = [date.fromisoformat(day) for day in tx.digests.newest(key)]
        again = [
            built(tx, incident, day, now, labels)
            for day in days
            if before - LOOKS_BACK <= day < before
        ]
    changed = [one for one in again if one.is_new]
    if not changed:
        return []
    items = tuple(
        f"{long_day(one.digest.day)}: {' '.join(one.changes) or 'made anew.'}" for one in changed
    )
    event = Event(
        id=f"correction.{incident.slug}.{before.isoformat()}",
        kind="correction",
        at=now,
        slug=incident.slug,
        incident_id=incident.id,
        value=Line(
            title=f"{incident.title}: earlier digests have changed",
            text="Posts came in late, were deleted, or were labelled anew. What changed, day by day:",
            items=items,
            links=_links(outputs, incident, changed[-1].digest.day),
        ),
    )
    with store.begin() as tx:
        for one in changed:
            tx.digests.add(one.row(key))
        new = enqueue(tx, event, to)
    return [Made(event_id=event.id, title="a correction", to=tuple(new), changes=items)]


def _links(outputs: Outputs, incident: IncidentRow, day: date) -> tuple[Link, ...]:
    if not outputs.board:
        return ()
    url = f"{outputs.board}/i/{incident.slug}/digest?day={day.isoformat()}"
    return (Link("Open this day on the board", url),)
