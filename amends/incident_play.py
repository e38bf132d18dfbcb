"""A recorded incident played round by round, at the moments at which it would have been listened to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

import msgspec

from amends import course
from amends.incident_script import Script
from ingest.source import Answer, Response, Source
from models.campaign import ActRow
from models.coverage import Span
from models.day import day_window, local_day
from models.incident import IncidentRow, WatchRow, zone
from models.store import Transaction

HOURS = (8, 15, 23)
MINUTE = 55
"""When it is listened to, in local time: the last time shortly before the day ends."""

BUSY = timedelta(days=7)
"""How long that is so; later it is listened to in the evening only, which alarms don't mind."""


def moments(script: Script) -> Iterator[datetime]:
    """Yield when there is a round, from the first one after it began to the one at which it ends."""
    place = zone(script.tz)
    first, last = local_day(script.began, script.tz), local_day(script.plays_at, script.tz)
    day = first
    while day <= last:
        for hour in HOURS if day - first < BUSY else HOURS[-1:]:
            at = datetime.combine(day, time(hour, MINUTE), place).astimezone(UTC)
            if script.began <= at < script.plays_at:
                yield at
        day += timedelta(days=1)
    yield script.plays_at


def is_evening(at: datetime, tz: str) -> bool:
    """Whether a round is the last of its local day."""
    return at.astimezone(zone(tz)).time().replace(second=0) >= time(HOURS[-1], MINUTE)


class _Unhurried:
    """A source without the pauses it makes for the sake of strangers' servers; this one is ours."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(self, response: Response) -> Answer:
        """Read an answer; the next may be asked for at once."""
        return msgspec.structs.replace(self._source.read(response), wait=0.0)


def unhurried(sources: Mapping[str, Source]) -> dict[str, Source]:
    """Return sources that make no pauses; when they are told to wait they do."""
    return {name: cast("Source", _Unhurried(source)) for name, source in sources.items()}


def opened(tx: Transaction, script: Script, *, by: str) -> tuple[IncidentRow, bool]:
    """Open the incident and say whether it is new; another time it is the same one, open again."""
    began = script.began
    row = next((one for one in tx.incidents.every() if one.slug == script.slug), None)
    new = row is None
    if row is None:
        row = tx.incidents.add(IncidentRow(
            slug=script.slug, title=script.title, company=script.company, tz=script.tz,
            terms=list(script.terms), began=began, opened_at=began,
        ))  # fmt: skip
    course.reopened(tx, row, by="the demo", now=script.plays_at)
    for old in tx.watches.of(row.id or 0):
        old.removed_at = script.plays_at
    tx.audit.note("played", f"incident:{row.id}", by=by, now=began, incident_id=row.id)
    return row, new


def noted(tx: Transaction, row: IncidentRow, script: Script, span: Span) -> None:
    """Write down the acts and the credits of a stretch, as the team would have done then."""
    key = row.id or 0
    for act in script.acts:
        if span.since <= act.at < span.until:
            tx.acts.add(ActRow(
                incident_id=key, kind=act.kind, text=act.text, url=act.url, by=act.by, at=act.at,
                recorded_at=act.at,
            ))  # fmt: skip
            if act.status is not None:
                course.moved(tx, row, act.status, by=act.by or "the demo", now=act.at)
    for one in script.campaigns:
        begins = one.announced_at or script.began
        if span.since <= begins < span.until:
            tx.campaigns.add(key, one, one.by, begins)


def listened(tx: Transaction, row: IncidentRow, script: Script, url: str, span: Span) -> None:
    """Add the watches of a stretch; `url` is where the script's server is."""
    for watch in script.watches:
        at = watch.at or script.began
        if not span.since <= at < span.until:
            continue
        settings = {name: text.replace("{server}", url) for name, text in watch.settings.items()}
        address = watch.address and watch.address.replace("{server}", url)
        tx.watches.add(WatchRow(
            incident_id=row.id or 0, key="", source=watch.source, address=address,
            terms=[] if address else list(script.terms), settings=settings, created_at=at,
        ))  # fmt: skip


def days_of(script: Script) -> Iterator[date]:
    """Yield the local days of the script that have ended."""
    day = local_day(script.began, script.tz)
    while day_window(day, script.tz).until <= script.plays_at:
        yield day
        day += timedelta(days=1)
