"""The digest of a day inside the board, with ways to the other days, and a form to print."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from fastapi import Request, Response

from amends import digest
from amends.board.chart import Chart, Event, Line, chart
from amends.board.door import Door, Here, Visitor, Who
from amends.board.masked import masked, masked_themes
from amends.board.render import render
from amends.board.themed import memory_of
from amends.digest.sheet import about, foot, sections, title
from amends.when import day as day_of
from models.day import day_before, local_day
from models.incident import IncidentRow, zone

door = Door()

MOST_DAYS = 14
"""Days that are linked one by one; others are reached by their date."""

_QUOTED = ("answer", "answer_undated", "praise")


@door.page("/i/{slug}/digest", "viewer")
def show(
    request: Request, place: Here, who: Who, slug: str, day: str = "", form: str = ""
) -> Response:
    """Show one local day; the newest with posts if none is named."""
    now = place.now()
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
        latest = digest.latest_day(tx, row, now)
        which = day_of(day, now, row.tz) if day else latest
    themes = memory_of(request).of(place, row, which)
    with place.store.read() as tx:
        facts = digest.snapshot(tx, row, which, now, place.labels, themes, truth=place.truth)
    sheet = _masked(digest.build(facts), who)
    return render(
        request, "digest_print.html" if form == "print" else "digest_show.html", row=row,
        sheet=sheet, sections=list(sections(sheet)), chart=_chart(sheet), which=which,
        days=_days(row, max(latest, which)), zone=zone(row.tz),
        colours={label.title: label.name for label in sheet.labels}, title=title(sheet), about=about(sheet),
        foot_line=foot(sheet),
    )  # fmt: skip


def _masked(sheet: digest.Digest, who: Visitor) -> digest.Digest:
    hidden: dict[str, Any] = {
        name: tuple(masked(quote, who) for quote in getattr(sheet, name)) for name in _QUOTED
    }
    themes = masked_themes(sheet.themes, who)
    return msgspec.structs.replace(sheet, themes=themes, **hidden)


def _days(row: IncidentRow, latest: date) -> list[date]:
    """Return the days there are, from the one the incident began on, the newest first."""
    first = min(local_day(row.began, row.tz), latest)
    days = [latest]
    while days[-1] > first and len(days) < MOST_DAYS:
        before = day_before(days[-1], row.tz)
        days.append(before)
    return [day for day in days if day >= first - timedelta(days=1)]


def _chart(sheet: digest.Digest) -> Chart | None:
    if not sheet.hours:
        return None
    # Of the running hour only a part has passed: a line down to it would look like a fall.
    past = [one for one in sheet.hours if one.span.until <= sheet.made_at]
    lines = [
        Line(label.name, label.title, label.colour, tuple(one.labels[n] for one in past))
        for n, label in enumerate(sheet.labels)
    ]
    spans, totals = [one.span for one in sheet.hours], [one.posts for one in sheet.hours]
    events = [Event(deed.at, deed.did) for deed in sheet.acts]
    return chart(spans, totals, lines, events, sheet.gaps, zone(sheet.incident.tz))
