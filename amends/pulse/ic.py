"""
The line for whoever leads the incident: one sentence as a liaison says it, with coverage and links.

A pure value: whoever sends it (a terminal, Slack, a webhook) escapes it as its medium wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import msgspec

from amends.alarms.words import about
from amends.digest.ears import Ear, ears
from amends.digest.words import LONGEST_NAME, clock, fold, joined, moment, plain
from amends.pulse.line import Hearing, gaps_of, hearing, state_line
from amends.pulse.numbers import Numbers, numbers, theme
from models.alarm import AlarmRow
from models.coverage import Span
from models.incident import IncidentRow
from models.store import Transaction

MOST_ALARMS = 3
"""Alarms that are named in the sentence."""


class Link(msgspec.Struct, frozen=True):
    """Where to read on."""

    title: str
    url: str


class IcLine(msgspec.Struct, frozen=True, kw_only=True):
    """
    The sentence of one moment.

    `coverage` is how well each source hears, the worst first, and `complete` whether all do; `alarms` are
    those that go on. `links` lead to the board, and are empty where nobody said where that is.
    """

    incident: str
    at: datetime
    text: str
    coverage: tuple[str, ...]
    complete: bool
    alarms: tuple[str, ...]
    links: tuple[Link, ...]


def ic_line(
    row: IncidentRow,
    found: Numbers,
    heard: Sequence[Ear],
    alarms: Sequence[AlarmRow],
    now: datetime,
    board: str = "",
) -> IcLine:
    """Return the line of an incident; `board` is the address of the board, if there is one."""
    hearings = hearing(heard, now, row.tz)
    ringing = tuple(_alarm(one, heard, now, row.tz) for one in alarms)
    return IcLine(
        incident=row.slug, at=now, text=_text(row, found, heard, hearings, ringing, now),
        coverage=tuple(one.said for one in hearings),
        complete=bool(hearings) and not any(one.bad for one in hearings),
        alarms=ringing, links=_links(row, board, bool(alarms)),
    )  # fmt: skip


def ic_line_of(
    tx: Transaction, row: IncidentRow, labels: Sequence[str], now: datetime, board: str = ""
) -> IcLine:
    """Read an incident's numbers and return its line."""
    found = numbers(tx, row, labels, now)
    window = Span(found.window.since, max(found.window.until, now))
    heard = ears(tx, row, window, Span(window.since, window.since), now, counted=False)
    return ic_line(row, found, heard, tx.alarms.going_on(row.id or 0), now, board)


def _text(
    row: IncidentRow, found: Numbers, heard: Sequence[Ear], hearings: Sequence[Hearing],
    ringing: Sequence[str], now: datetime,
) -> str:  # fmt: skip
    title = plain(row.title, LONGEST_NAME)
    if row.closed_at is not None:
        return f"{title}: closed on {moment(row.closed_at, row.tz)}."
    more = [f"{len(ringing) - MOST_ALARMS} more"] if len(ringing) > MOST_ALARMS else []
    named = joined([*ringing[:MOST_ALARMS], *more])
    begin = f"{title} ({clock(now, row.tz)}), in alarm: {named}" if ringing else (
        f"{title} ({clock(now, row.tz)})")  # fmt: skip
    said = state_line(found.lately, hearings, gaps_of(heard), found.at, row.tz, theme(row, found))
    return f"{begin}: {said[:1].lower()}{said[1:]}"


def _alarm(one: AlarmRow, heard: Sequence[Ear], now: datetime, tz: str) -> str:
    since = clock(one.since, tz, named=False)
    since = since if now - one.since < timedelta(hours=20) else moment(one.since, tz)
    if one.kind == "blind":
        names = {f"watch:{ear.id}": plain(ear.source, LONGEST_NAME) for ear in heard}
        return f"{names.get(one.subject, one.subject.replace(':', ' '))} blind since {since}"
    if one.kind == "late":
        return f"{about(one.subject)} since {since}"
    height = f", {fold(one.peak)} × at its height" if one.peak is not None else ""
    return f"{plain(one.subject.replace('_', ' '), LONGEST_NAME)} since {since}{height}"


def _links(row: IncidentRow, board: str, rings: bool) -> tuple[Link, ...]:
    if not board:
        return ()
    here = f"{board.rstrip('/')}/i/{quote(row.slug)}"
    queue = [
        Link("credit requests", f"{here}/queue?{urlencode({'label': 'credit_request'})}"),
        Link("not looked at yet", f"{here}/queue?{urlencode({'unseen': 1})}"),
    ]
    alarms = [Link("alarms", f"{here}#alarms")] if rings else []
    return (Link("the incident", here), *alarms, *queue)
