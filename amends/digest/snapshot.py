"""
The snapshot: every fact a digest stands on, read in one transaction.

Nothing here decides how the sheet looks; nothing after it asks the database again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

import msgspec

from amends.digest.ahead import Ahead, ahead
from amends.digest.ears import Ear, ears
from amends.digest.offers import Offers, offers
from amends.pulse.themes import Themes, themes_of
from amends.truth.day import Truth
from amends.truth.day import truth as truth_of
from amends.truth.vocabulary import Vocabulary, vocabulary
from models.audit import AuditRow
from models.clock import late_until
from models.coverage import Span
from models.day import day_before, day_window, local_day
from models.incident import IncidentRow
from models.spot import Corrected, corrected
from models.store import Transaction
from models.store.days import Best
from models.store.pulse import Overdue
from models.store.requests import REQUEST
from models.store.voices import Voiced
from models.store.volumes import Tally

TO_ANSWER = ("complaint", "credit_request")
"""Labels whose posts want an answer."""

THANKS = ("praise",)
"""Labels whose posts thank us, unless they complain as well."""

AGAINST = ("complaint",)
MOST_ANSWERS = 12
MOST_UNDATED = 10
MOST_THANKS = 6
MOST_WORKED = 4


class Styled(Protocol):
    """What a digest wants to know of a label."""

    @property
    def name(self) -> str:
        """Its name as the store keeps it, such as credit_request."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def under(self) -> str:
        """The label it tells more of; "" for one that stands by itself."""

    @property
    def colour(self) -> str:
        """Its colour as #rrggbb."""


class LabelStyle(msgspec.Struct, frozen=True):
    """A label as a digest shows it; their order is the sheet's order."""

    name: str
    title: str
    colour: str
    under: str = ""


class Affair(msgspec.Struct, frozen=True, kw_only=True):
    """The incident as it stood when the snapshot was taken."""

    slug: str
    title: str
    company: str
    tz: str
    status: str
    began: datetime
    closed_at: datetime | None = None


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """Posts that have waited longer than `minutes` of the `hours` in which people work."""

    found: Overdue
    minutes: int
    hours: str


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """Something done: by the company in public (`kind`), or by a person to the incident."""

    at: datetime
    by: str | None
    did: str
    text: str
    url: str | None = None


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """
    An alarm that rang on that day: of which label, or which watch was blind; without `ended_at` it goes on.

    At its height, in the hour up to `peak_at`, there were `peak_voices`, `peak` times the usual.
    """

    subject: str
    since: datetime
    why: str
    peak: float | None = None
    peak_voices: int | None = None
    peak_at: datetime | None = None
    ended_at: datetime | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All facts of one local day of one incident, as they stood at `now` (aware UTC)."""

    now: datetime
    day: date
    before: date
    window: Span
    incident: Affair
    labels: tuple[LabelStyle, ...]
    today: Tally = Tally()
    yesterday: Tally = Tally()
    undated: Tally = Tally()
    voiced: Voiced = Voiced()
    official: int = 0
    waiting: Best = Best()
    waiting_undated: Best = Best()
    overdue: Late | None = None
    themes: Themes = Themes()
    praise: Best = Best()
    ears: tuple[Ear, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    acts: tuple[Did, ...] = ()
    deeds: tuple[Did, ...] = ()
    late: tuple[tuple[str, int], ...] = ()
    edited: int = 0
    corrected: tuple[Corrected, ...] = ()
    worked: tuple[str, ...] = ()
    offers: Offers | None = None
    ahead: Ahead | None = None
    told: tuple[str, ...] = ()
    truth: Truth = Truth()


def snapshot(
    tx: Transaction,
    incident: IncidentRow,
    day: date,
    now: datetime,
    labels: Sequence[Styled],
    themes: Themes | None = None,
    *,
    worked: bool = False,
    truth: Vocabulary | None = None,
) -> Snapshot:
    """
    Read the facts of `day`, local to the incident; SetupError if its zone doesn't exist.

    `themes` are given by who has found them already, for that takes seconds in a busy day. With `worked`
    also what acts of that day and the one before changed, which takes a second each. `truth` are the words
    for contradictions and symptoms, if not the shipped ones.
    """
    key = incident.id or 0
    main = [label for label in labels if not label.under]
    titles = {label.name: label.title for label in labels if label.under == REQUEST}
    window = day_window(day, incident.tz)
    before = day_before(day, incident.tz)
    window_before = day_window(before, incident.tz)
    days, gone = tx.days, tx.gone
    items = days.items(key, window)
    waiting = days.waiting(key, window, TO_ANSWER, MOST_ANSWERS, items)
    return Snapshot(
        now=now,
        day=day,
        before=before,
        window=window,
        incident=Affair(
            slug=incident.slug,
            title=incident.title,
            company=incident.company,
            tz=incident.tz,
            status=incident.status,
            began=incident.began,
            closed_at=incident.closed_at,
        ),
        labels=tuple(LabelStyle(label.name, label.title, label.colour) for label in main),
        today=gone.tally(key, window, days.tally(key, window)),
        yesterday=gone.tally(key, window_before, days.tally(key, window_before)),
        undated=gone.tally(key, None, days.undated(key)),
        voiced=gone.voiced(
            key, window, tx.voices.counted(key, [window], [label.name for label in main], [items])
        ),
        official=days.official(key, window) + gone.official(key, window),
        waiting=waiting,
        waiting_undated=days.waiting(key, None, TO_ANSWER, MOST_UNDATED),
        overdue=_overdue(tx, incident, window.until, now),
        themes=themes_of(tx, incident, window, now, items) if themes is None else themes,
        praise=days.praise(key, window, THANKS, AGAINST, MOST_THANKS, items),
        ears=ears(tx, incident, window, window_before, now, items=items),
        alarms=_alarms(tx, key, window),
        acts=tuple(
            Did(at=act.at, by=act.by, did=act.kind, text=act.text, url=act.url)
            for act in tx.acts.of(key)
            if act.at is not None and window.since <= act.at < window.until
        ),
        deeds=tuple(
            Did(at=row.at, by=row.by, did=_did(row), text=_facts(row.detail))
            for row in tx.audit.of(key, window.since, window.until)
            if row.about.partition(":")[0] in {"incident", "watch"}
        ),
        late=tuple(sorted(days.late(key, window, items).items())),
        edited=days.edited(key, window),
        corrected=tuple(
            found
            for label in main
            if tx.spots.tells(key, window, label.name)
            and (found := corrected(tx.spots.check(key, window, label.name))) is not None
        ),
        worked=_worked(tx, key, Span(window_before.since, window.until), now, labels)
        if worked
        else (),
        offers=offers(tx, incident, window, now, titles, items),
        told=tuple(label.name for label in labels if label.under),
        truth=truth_of(tx, incident, window, now, truth or vocabulary()),
        ahead=ahead(tx, incident, window, now, waiting.among),
    )


def _worked(
    tx: Transaction, incident_id: int, window: Span, now: datetime, labels: Sequence[Styled]
) -> tuple[str, ...]:
    """Return what the newest acts of a stretch changed, as far as that can be said by now."""
    from amends.digest.words import moment
    from amends.effect.ask import effects

    said: dict[str, None] = {}
    acts = [a for a in tx.acts.of(incident_id) if a.at and window.since <= a.at < window.until]
    kinds = [act.kind for act in acts[-MOST_WORKED:]]
    for act in acts[-MOST_WORKED:]:
        if act.at is not None and act.at <= now and any(one.name in TO_ANSWER for one in labels):
            found = effects(tx, act.id or 0, labels, now)
            # Batches are one mailing; of other kinds it must be told which is meant.
            many = kinds.count(act.kind) > 1 and act.kind != "mail_batch"
            for one in found:
                which = f"{moment(act.at, one.tz)}: " if many else ""
                said |= {} if one.why else {f"{which}{one.said}": None}
    return tuple(said)


def latest_day(tx: Transaction, incident: IncidentRow, now: datetime) -> date:
    """Return the local day of an incident's newest dated post, but none after today's."""
    today = local_day(now, incident.tz)
    newest = tx.views.newest(incident.id or 0)
    return today if newest is None else min(today, local_day(newest, incident.tz))


def _overdue(tx: Transaction, incident: IncidentRow, until: datetime, now: datetime) -> Late | None:
    """Return how many posts of before `until` should have been answered by now; None if all are in time."""
    minutes, hours = incident.answer_within, incident.hours
    first = tx.pulse.first_seen(incident.id or 0)
    late = first and late_until(now, minutes, hours, incident.tz, first)
    if not late:
        return None
    found = tx.pulse.overdue(incident.id or 0, TO_ANSWER, late, until)
    return Late(found=found, minutes=minutes, hours=hours) if found.posts else None


def _alarms(tx: Transaction, incident_id: int, window: Span) -> tuple[Alarm, ...]:
    return tuple(
        Alarm(
            subject=row.subject, since=row.since, why=row.why, peak=row.peak,
            peak_voices=row.peak_voices, peak_at=row.peak_at, ended_at=row.ended_at,
        )
        for row in reversed(tx.alarms.of(incident_id))
        if row.since < window.until and (row.ended_at is None or row.ended_at >= window.since)
    )  # fmt: skip


def _did(row: AuditRow) -> str:
    thing, _, key = row.about.partition(":")
    return f"watch {key} {row.did}" if thing == "watch" else f"{thing} {row.did}"


def _facts(detail: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in sorted(detail.items())
    )
