"""An incident from its beginning to now on paper: what was said and done, day by day, in numbers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from fastapi import Request, Response

from amends import digest
from amends.board.door import Door, Here
from amends.board.render import render
from amends.digest.listening import told
from amends.pulse.themes import Themes
from models.day import day_before, local_day
from models.incident import IncidentRow, zone

door = Door()

MOST_DAYS = 31
"""Days that are told one by one, the newest."""


class Deed(NamedTuple):
    """Something the company said, or somebody did to the incident."""

    at: datetime
    did: str
    by: str
    text: str
    url: str


@door.page("/i/{slug}/report", "viewer")
def show(request: Request, place: Here, slug: str) -> Response:
    """Show it, to be printed."""
    now = place.now()
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
        key = row.id or 0
        # Themes take longest to find, and aren't shown here.
        sheets = [
            digest.build(
                digest.snapshot(tx, row, day, now, place.labels, truth=place.truth, themes=Themes())
            )
            for day in _days(row, now)
        ]
        acts = [
            Deed(act.at, act.kind.replace("_", " "), act.by or "", act.text, act.url or "")
            for act in tx.acts.of(key)
            if act.at is not None
        ]
        course = [
            Deed(one.at, one.did, one.by, "", "")
            for one in tx.audit.of(key, row.opened_at, now + timedelta(seconds=1))
            if one.about == f"incident:{key}" and one.did != "edited"
        ]
        labels, sources = tx.views.label_counts(key), tx.views.source_counts(key)
        decided = tx.exports.decisions(key)
    return render(
        request, "report_show.html", incident=row, slug=row.slug, zone=zone(row.tz), now=now,
        sheets=sheets, timeline=sorted([*acts, *course]), posts=sum(sources.values()),
        sources=sources, decided=decided,
        labels=[(one.title, labels.get(one.name, 0)) for one in place.labels.main],
        listening=[told(sheets[-1], one) for one in sheets[-1].listening], share=share,
    )  # fmt: skip


def share(sheet: digest.Digest) -> str:
    """Return how much of a day the watch that heard least of it heard; rounding hides no hole."""
    shares = [one.share for one in sheet.listening if one.share is not None]
    return f"{int(min(shares) * 1000) / 10:.1f} %" if shares else "–"


def _days(row: IncidentRow, now: datetime) -> list[date]:
    day = local_day(min(row.closed_at or now, now), row.tz)
    first = min(local_day(row.began, row.tz), day)
    days = [day]
    while days[-1] > first and len(days) < MOST_DAYS:
        days.append(day_before(days[-1], row.tz))
    return days[::-1]
