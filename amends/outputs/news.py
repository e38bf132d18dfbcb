"""
News on their way out: alarms that open and end, incidents that begin, and the line for whoever leads.

What is new is seen by looking back a few hours, not remembered: an event's id is the same whenever it is
made, so looking again tells nobody twice, and a crash in between loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from amends.alarms.words import about, told
from amends.digest.snapshot import Styled
from amends.digest.words import moment, plain
from amends.outputs.event import Event, Line, Link, enqueue
from amends.outputs.settings import Outputs
from amends.pulse.ic import ic_line_of
from models.incident import IncidentRow
from models.store import Store, Transaction
from models.store.alarms import News

LOOKS_BACK = timedelta(hours=6)
"""How old news may be: what happened before there was anybody to tell is no news."""

ALARM, BEGAN, LINE = "alarm", "incident", "line"


class _News(NamedTuple):
    """Something that may have to be told, and what makes it: only for news is that worth the reading."""

    id: str
    make: Callable[[str], Event]


def tell_news(
    store: Store, outputs: Outputs, labels: Sequence[Styled], now: datetime
) -> list[Event]:
    """Put what is new into the outbox for those who are to be told; return it."""
    with store.read() as tx:
        seen = list(_seen(tx, outputs, labels, now))
        known = tx.outbox.known([one.id for one in seen])
        fresh = [one.make(one.id) for one in seen if one.id not in known]
    if fresh:
        with store.begin() as tx:
            fresh = [one for one in fresh if enqueue(tx, one, outputs.to(one.kind))]
    return fresh


def _seen(
    tx: Transaction, outputs: Outputs, labels: Sequence[Styled], now: datetime
) -> Iterator[_News]:
    rows = {row.id or 0: row for row in tx.incidents.every()}
    for news in tx.alarms.since(now - LOOKS_BACK) if outputs.to(ALARM) else ():
        row = rows[news.alarm.incident_id]
        make = partial(_alarm, outputs, row, news)
        yield _News(f"alarm.{row.slug}.{news.alarm.id}.{news.what}", make)
    for row in rows.values():
        if outputs.to(BEGAN) and now - row.opened_at < LOOKS_BACK:
            yield _News(f"incident.{row.slug}.opened", partial(_began, tx, outputs, row))
        if outputs.to(LINE) and row.closed_at is None:
            step = timedelta(minutes=outputs.line_minutes)
            begun = now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % step
            make = partial(_line, tx, outputs, row, labels, now)
            # Of a stretch in which nobody looked there is no line: it would be of now.
            yield _News(f"line.{row.slug}.{begun:%Y%m%d%H%M}", make)


def _alarm(outputs: Outputs, row: IncidentRow, news: News, name: str) -> Event:
    over = " is over" if news.what == "ended" else ", alarm"
    value = Line(title=f"{row.title}: {about(news.alarm.subject)}{over}",
                 text=told(news.alarm, row.tz), links=_links(outputs, row, "#alarms"))  # fmt: skip
    return _event(name, ALARM, row, news.at, value)


def _began(tx: Transaction, outputs: Outputs, row: IncidentRow, name: str) -> Event:
    trail = tx.audit.about(row.id or 0, f"incident:{row.id}")
    by = "".join(f" by {plain(one.by)}" for one in trail if one.did == "opened")
    listens = ", ".join(watch.source for watch in tx.watches.of(row.id or 0))
    hears = f"Amends listens to {listens}." if listens else "Nobody has said yet where to listen."
    began = moment(row.began, row.tz)
    value = Line(title=f"{row.title}: an incident is open",
                 text=f"Opened{by} for {row.company}; it began {began}. {hears}",
                 links=_links(outputs, row))  # fmt: skip
    return _event(name, BEGAN, row, row.opened_at, value)


def _line(
    tx: Transaction, outputs: Outputs, row: IncidentRow, labels: Sequence[Styled], now: datetime,
    name: str,
) -> Event:  # fmt: skip
    said = ic_line_of(
        tx, row, [label.name for label in labels if not label.under], now, outputs.board
    )
    links = tuple(Link(link.title, link.url) for link in said.links)
    value = Line(title=row.title, text=said.text, items=said.coverage, links=links)
    return _event(name, LINE, row, now, value)


def _event(name: str, kind: str, row: IncidentRow, at: datetime, value: Line) -> Event:
    return Event(id=name, kind=kind, at=at, slug=row.slug, incident_id=row.id, value=value)


def _links(outputs: Outputs, row: IncidentRow, place: str = "") -> tuple[Link, ...]:
    if not outputs.board:
        return ()
    return (Link("Open the incident", f"{outputs.board}/i/{row.slug}{place}"),)
