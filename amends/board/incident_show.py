"""An incident on one page: what is said, what rises, who waits, how well we hear, what we did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Request, Response

from amends.alarms.words import told
from amends.board.chart import Chart, Event, Line, chart
from amends.board.door import Door, Here, Visitor, Who
from amends.board.masked import masked, masked_found, masked_themes
from amends.board.numbers import memory_of
from amends.board.place import Place
from amends.board.render import render
from amends.board.themed import memory_of as themes_memory_of
from amends.digest.ears import ears
from amends.digest.truth import page_says
from amends.digest.words import LONGEST_NAME, moment, plain, together, widest
from amends.pulse.line import gaps_of, hearing, promised, state_line, touched
from amends.pulse.numbers import Numbers, theme
from amends.pulse.rising import Rise
from amends.pulse.themes import Themes
from amends.truth.symptoms import Symptom, Symptoms
from ingest.again import AsksAgain
from models.coverage import Span
from models.day import hours_of, local_day
from models.incident import STATUSES, IncidentRow, zone
from models.store import Transaction
from models.store.pulse import Crowd

door = Door()

LONGEST_EVENT = 90
MOST_EVENTS = 12
MOST_ALARMS, MOST_ALERTS, MOST_FAILING = 20, 20, 12

_TOLD = frozenset(["opened", "closed", "reopened", "status"])


class Figure(msgspec.Struct, frozen=True):
    """Posts and authors of one label today, and whether some may be missing."""

    name: str
    title: str
    crowd: Crowd
    at_least: bool


class Hour(msgspec.Struct, frozen=True):
    """A line of the table beside the chart."""

    span: Span
    posts: int
    labels: tuple[int, ...]
    at_least: bool


@door.page("/i/{slug}", "viewer")
def show(request: Request, place: Here, who: Who, slug: str) -> Response:
    """Show it."""
    now = place.now()
    with place.store.read() as tx:
        row = tx.incidents.find(slug)
        key = row.id or 0
        found = memory_of(request).of(place, tx, row, now)
        window = Span(min(found.window.since, found.day.since), max(found.window.until, now))
        hear = ears(tx, row, window, Span(window.since, window.since), now, counted=False)
        standing = tx.watches.standing(key, now)
        alerts = tx.alerts.standing(key, MOST_ALERTS)
        events = _events(tx, row, found)
        alarms = tx.alarms.of(key)
    themes = themes_memory_of(request).of(place, row, local_day(found.at, row.tz))
    failing = masked_found(themes_memory_of(request).failing(row, local_day(found.at, row.tz)), who)
    gaps = gaps_of(hear)
    hours = _hours(found, gaps, place)
    return render(
        request, "incident_show.html", row=row, zone=zone(row.tz), now=now, found=found,
        line=_line(row, found, hearing(hear, now, row.tz), gaps), statuses=STATUSES,
        figures=_figures(found, gaps, place), hours=hours, events=events,
        chart=_chart(hours, events, gaps, place, row, found.at), labels=place.labels.main, alerts=alerts,
        rises=[_shown(rise, who) for rise in found.rises], standing=standing,
        themes=_named(masked_themes(themes, who)), failing=_failing(failing, row.tz),
        failing_of=failing,
        asked_again={name for name, one in place.sources.items() if isinstance(one, AsksAgain)},
        promise=promised(row.next_update_at, now), alarms=[(one, told(one, row.tz)) for one in alarms[:MOST_ALARMS]],
        more_alarms=len(alarms) - MOST_ALARMS,
        together=together(found.voiced, at_least=touched(found.day, gaps)),
        widest=widest(found.voiced.widest) if found.voiced.widest else "",
        age=0 if row.closed_at else round((now - found.at).total_seconds()),
    )  # fmt: skip


def _line(row: IncidentRow, found: Numbers, hearings: Sequence[Any], gaps: Sequence[Span]) -> str:
    if row.closed_at is not None:
        return f"Closed on {moment(row.closed_at, row.tz)}; its sources are no longer asked."
    return state_line(found.lately, hearings, gaps, found.at, row.tz, theme(row, found))


def _figures(found: Numbers, gaps: Sequence[Span], place: Place) -> list[Figure]:
    floor = touched(found.day, gaps)
    titles = {"": "All posts"} | {label.name: label.title for label in place.labels.main}
    return [Figure(name, title, found.today[name], floor) for name, title in titles.items()]


def _hours(found: Numbers, gaps: Sequence[Span], place: Place) -> list[Hour]:
    bins = {one.hour: one for one in found.bins}
    return [
        Hour(
            span,
            bins[number].posts if number in bins else 0,
            tuple(
                bins[number].labels.get(label.name, 0) if number in bins else 0
                for label in place.labels.main
            ),
            touched(span, gaps),
        )
        for number, span in enumerate(hours_of(found.window))
    ]


def _chart(
    hours: Sequence[Hour],
    events: Sequence[Event],
    gaps: Sequence[Span],
    place: Place,
    row: IncidentRow,
    at: datetime,
) -> Chart:
    # Of the running hour only a part has passed: a line down to it would look like a fall.
    past = [one for one in hours if one.span.until <= at]
    lines = [
        Line(label.name, label.title, label.colour, tuple(one.labels[number] for one in past))
        for number, label in enumerate(place.labels.main)
    ]
    totals = [one.posts for one in hours]
    return chart([one.span for one in hours], totals, lines, events, gaps, zone(row.tz))


def _events(tx: Transaction, row: IncidentRow, found: Numbers) -> list[Event]:
    """Return what the company did and how the incident went on while the chart runs, in order."""
    window, key = found.window, row.id or 0
    acts = [
        Event(act.at, plain(f"{act.kind.replace('_', ' ')}: {act.text}", LONGEST_EVENT))
        for act in tx.acts.of(key)
        if act.at is not None and window.since <= act.at < window.until
    ]
    went = [
        Event(one.at, plain(_went(one.did, one.detail), LONGEST_EVENT))
        for one in tx.audit.about(key, f"incident:{key}")
        if one.did in _TOLD and window.since <= one.at < window.until
    ]
    began = [Event(row.began, "it began")] if window.since <= row.began < window.until else []
    return sorted([*began, *acts, *went], key=lambda event: event.at)[-MOST_EVENTS:]


def _went(did: str, detail: dict[str, Any]) -> str:
    return f"status: {detail.get('to', '')}" if did == "status" else did


def _named(themes: Themes) -> Themes:
    named = (
        msgspec.structs.replace(one, name=plain(one.name, LONGEST_NAME)) for one in themes.themes
    )
    return msgspec.structs.replace(themes, themes=tuple(named))


def _failing(found: Symptoms, tz: str) -> list[tuple[Symptom, str]]:
    """Return what fails with what the status page says of it, as much as fits on a page."""
    return [(one, page_says(one, tz)) for one in found.found if one.component][:MOST_FAILING]


def _shown(rise: Rise, who: Visitor) -> Rise:
    return msgspec.structs.replace(
        rise,
        phrase=plain(rise.phrase, LONGEST_NAME),
        example=masked(rise.example, who),
    )
