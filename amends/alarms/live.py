"""
After a round: take in the minutes that are complete by now, and keep what began, rose or ended.

What a label has come to is kept with its alarms, in one transaction: after a crash the same minutes
are taken in once more, and an alarm that is known already is the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from amends.alarms.baseline import NOTHING, Baseline
from amends.alarms.calibration import threshold
from amends.alarms.follow import Chart, Event, Rule, follow
from amends.alarms.ground import (
    MINUTE,
    WEEKS,
    covered,
    cuts,
    ground,
    joined,
    learn,
    minute_of,
    time_of,
)
from amends.alarms.late import NO_AGES, late_in
from amends.alarms.rules import Rules
from amends.alarms.words import basis, blind_said, named, rise_said
from amends.digest.words import clock
from models.alarm import AlarmRow, ChartRow
from models.coverage import Span, holes
from models.incident import IncidentRow
from models.lease import Lease
from models.store import Store, Transaction
from models.store.minutes import Ear

BACK = timedelta(days=7)
"""How far back a label is followed that nobody has followed yet."""

BEFORE = timedelta(hours=1)
"""How long before an incident began its labels are followed."""

WAIT = timedelta(minutes=10)
"""How far behind a watch may be for the others to wait for it."""

AGAIN = timedelta(days=1)
"""How often the usual is learnt anew."""


class Learnt(msgspec.Struct, frozen=True):
    """What is usual for each ear, how high the chart may go, and what all that stands on."""

    parts: tuple[Baseline, ...]
    threshold: float
    basis: str


class Step(msgspec.Struct, frozen=True):
    """A label's chart as it stands now, and what came of it."""

    row: ChartRow
    events: tuple[Event, ...]
    basis: str


def sound(
    store: Store, incident: IncidentRow, rules: Rules, now: datetime, lease: Lease | None = None,
    *, ages: Mapping[str, timedelta] = NO_AGES,
) -> list[str]:  # fmt: skip
    """
    Bring an incident's alarms up to now; return what there is to say, line by line.

    `ages` are how old the proof may get, by source, that its posts are still there. FencedOut if somebody
    has taken over the `lease`.
    """
    key = incident.id or 0
    with store.read() as tx:
        steps = _steps(tx, incident, rules, now)
    with store.begin() as tx:
        if lease is not None:
            tx.leases.renew(lease, now)
        said = _blind(tx, incident, rules, now) + late_in(tx, incident, ages, now)
        for step in steps:
            said += _kept(tx, incident, step, now)
        tx.alarms.keep([step.row for step in steps])
        still = len(tx.alarms.going_on(key))
    return said + ([f"{still} in alarm: amends alarms list {incident.slug}"] if still else [])


def learnt(
    tx: Transaction, incident: IncidentRow, ears: Sequence[Ear], label: str, rules: Rules,
    now: datetime,
) -> Learnt:  # fmt: skip
    """Learn what is usual for a label from the eight weeks before now."""
    heard = covered(tx, ears)
    begins = [span.since for spans in heard for span in spans]
    cut = cuts(tx, incident, now)
    # What lies behind the last usual minute, such as all of this incident, needn't be read.
    usual = holes(Span(max(min(begins, default=now), now - WEEKS), now), cut)
    parts: tuple[Baseline, ...] = (NOTHING,) * len(ears)
    if usual:
        window = Span(*(time_of(minute_of(at)) for at in (usual[0].since, usual[-1].until)))
        parts = learn(ground(tx, incident, ears, label, window, heard, elsewhere=True), cut)
    rise = rules.labels[label].rise
    return Learnt(parts, threshold(joined(parts), rise, rules.share), basis(ears, parts))


def rule_of(rules: Rules, label: str, height: float) -> Rule:
    """Return the rule a label is followed by."""
    return Rule(rules.labels[label].rise, height, rules.calm_minutes)


def _steps(tx: Transaction, incident: IncidentRow, rules: Rules, now: datetime) -> list[Step]:
    key = incident.id or 0
    ears = tx.minutes.ears(key)
    mine = [ear.within(key) for ear in ears]
    heard = covered(tx, mine)
    until = _until(tx, key, heard, now)
    charts = tx.alarms.charts(key)
    rings = {row.subject for row in tx.alarms.going_on(key) if row.kind == "rise"}
    steps = []
    for label in rules.labels if ears else ():
        row = charts.get(label)
        begin = time_of(minute_of(max(incident.began - BEFORE, now - BACK)))
        chart = Chart(at=minute_of(begin))
        if row is not None and row.until >= begin:
            chart = msgspec.json.decode(row.state, type=Chart)
        if chart.began is not None and label not in rings:
            # A person closed the incident meanwhile: what comes now begins anew.
            chart = Chart(at=chart.at)
        window = Span(time_of(chart.at), until)
        if window.until <= window.since:
            continue
        known = _known(tx, incident, ears, label, rules, row, now)
        found = ground(tx, incident, mine, label, window, heard, elsewhere=False)
        base = joined(known.parts)
        rule = rule_of(rules, label, known.threshold)
        events = follow(chart, found.minutes(known.parts), base, rule)
        same = row is not None and row.learnt == _json(known)
        kept = ChartRow(
            incident_id=key, label=label, until=until, key=_key(ears, rules, label),
            learnt_at=row.learnt_at if row is not None and same else now,
            learnt=_json(known), state=_json(chart),
        )  # fmt: skip
        steps.append(Step(kept, tuple(events), known.basis))
    return steps


def _known(
    tx: Transaction, incident: IncidentRow, ears: Sequence[Ear], label: str, rules: Rules,
    row: ChartRow | None, now: datetime,
) -> Learnt:  # fmt: skip
    """Return what is usual, learnt anew once a day or when rule or watches have changed."""
    fresh = row is not None and now - row.learnt_at < AGAIN
    if row is not None and fresh and row.key == _key(ears, rules, label):
        return msgspec.json.decode(row.learnt, type=Learnt)
    return learnt(tx, incident, ears, label, rules, now)


def _until(
    tx: Transaction, incident_id: int, heard: Sequence[Sequence[Span]], now: datetime
) -> datetime:
    """Return up to when all is known that will be known: a watch far behind isn't waited for."""
    ends = [spans[-1].until for spans in heard if spans]
    until = min([now - MINUTE, *(end for end in ends if end >= now - WAIT)])
    unread = tx.minutes.unread_since(incident_id, now - BACK)
    return time_of(minute_of(until if unread is None else min(until, unread)))


def _kept(tx: Transaction, incident: IncidentRow, step: Step, now: datetime) -> list[str]:
    """Keep what came of a label, and tell it."""
    key, label, said = incident.id or 0, step.row.label, []
    open_ = {row.subject: row for row in tx.alarms.going_on(key) if row.kind == "rise"}
    row = open_.get(label)
    for event in step.events:
        at = time_of(event.at + 1)
        if event.kind == "began":
            why = rise_said(label, event, step.basis)
            row = tx.alarms.open(AlarmRow(
                incident_id=key, kind="rise", subject=label, since=time_of(event.since),
                opened_at=at, why=why, recorded_at=now,
            ))  # fmt: skip
            said.append(f"ALARM {why}")
        elif row is not None and event.kind == "height":
            tx.alarms.height(row, event.voices, event.times, at)
        elif row is not None:
            tx.alarms.end(row, at, now)
            said.append(f"over: {named(label)}, as usual again at {clock(at, incident.tz)}")
    return said


def _blind(tx: Transaction, incident: IncidentRow, rules: Rules, now: datetime) -> list[str]:
    """Open and end alarms of watches that can't hear."""
    key, said, long = incident.id or 0, [], timedelta(minutes=rules.blind_minutes)
    open_ = {row.subject: row for row in tx.alarms.going_on(key) if row.kind == "blind"}
    standing = {f"watch:{one.row.id}": one for one in tx.watches.standing(key, now)}
    for subject, one in standing.items():
        state = one.state
        if state.state != "blind" or now - state.since < long or subject in open_:
            continue
        aim = one.row.as_watch().aim
        why = blind_said(one.row.source, aim, state.since, state.why, incident.tz)
        tx.alarms.open(AlarmRow(
            incident_id=key, kind="blind", subject=subject, since=state.since,
            opened_at=state.since + long, why=why, recorded_at=now,
        ))  # fmt: skip
        said.append(f"ALARM {why}")
    for subject, row in open_.items():
        heard = standing.get(subject)
        if heard is None or heard.state.state != "blind":
            tx.alarms.end(row, now, now)
            how = heard.state.state if heard is not None else "removed"
            said.append(f"over: {subject.replace(':', ' ')} is {how}")
    return said


def _key(ears: Sequence[Ear], rules: Rules, label: str) -> str:
    """Return what makes what is usual the same: the rule, and who listens to what."""
    said = (rules.share, rules.labels[label].rise,
            [(e.row.source, e.row.address, e.row.terms, e.row.settings) for e in ears])  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:24]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
