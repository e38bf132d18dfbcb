"""How a digest says numbers, times and what strangers wrote: in plain words, safe on every medium."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta

from amends.digest.value import Count, Estimated
from models.coverage import Span
from models.incident import zone
from models.store.voices import Spread, Voiced

LONGEST_QUOTE = 280
"""Characters of a post that a digest shows."""

LONGEST_NAME = 80
"""Characters of a name that a digest shows."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_JOINERS = "\u200c\u200d"
_HIDDEN = {"Cc", "Cf", "Cs"}


def plain(text: str, longest: int = LONGEST_QUOTE) -> str:
    """Return what a stranger wrote on one line: no control or bidi characters, cut at a word."""
    # A few times what is shown is enough to read; the rest of a long text isn't looked at.
    shown = " ".join(text[: longest * 8].split())
    bare = (c for c in shown if c in _JOINERS or unicodedata.category(c) not in _HIDDEN)
    line = " ".join("".join(bare).split())
    if len(line) <= longest and len(text) <= longest * 8:
        return line
    cut = line[: longest - 1]
    if len(line) >= longest and not line[longest - 1].isspace():
        head, space, _ = cut.rpartition(" ")
        # One endless word is cut where it must be.
        cut = head if space and len(head) > longest // 2 else cut
    return cut.rstrip() + "…"


def number(value: int) -> str:
    """Return a number with its thousands marked: 12,345."""
    return f"{value:,}"


def several(value: int, one: str, many: str) -> str:
    """Return a number with its noun: 1 post, 2 posts."""
    return f"{number(value)} {one if value == 1 else many}"


def counted(count: Count) -> str:
    """Return a count, with “at least” where something may be missing."""
    return f"at least {number(count.posts)}" if count.at_least else number(count.posts)


def change(count: Count) -> str:
    """Return the change against the day before: +31, −4 or 0."""
    if not count.change:
        return "0"
    return f"{'+' if count.change > 0 else '−'}{number(abs(count.change))}"


def more_or_less(count: Count) -> str:
    """Return the change against the day before in words."""
    if not count.change:
        return "as many as the day before"
    return (
        f"{number(abs(count.change))} {'more' if count.change > 0 else 'fewer'} than the day before"
    )


def rough(one: Estimated, counted: int) -> tuple[str, str, str]:
    """
    Return an estimate of so many counted and its two ends, no finer than known: 6,200, 5,750, 6,600.

    The ends are rounded outwards, but not beyond what is possible.
    """
    finest = max((one.high - one.low) // 8, 1)
    power = 10 ** (len(str(finest)) - 1)
    step = 5 * power if finest >= 5 * power else power
    low = max(one.low // step * step, one.seen)
    high = max(min(-(-one.high // step) * step, counted), one.seen)
    return number(min(max(round(one.posts / step) * step, low), high)), number(low), number(high)


def long_day(day: date) -> str:
    """Return a date in full: Wednesday 4 March 2026."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def clock(when: datetime, tz: str, *, named: bool = True) -> str:
    """Return the local time, such as 14:05 CST."""
    local = when.astimezone(zone(tz))
    return f"{local:%H:%M} {_abbreviation(local)}" if named else f"{local:%H:%M}"


def moment(when: datetime, tz: str) -> str:
    """Return the local date and time, such as 4 March 2026, 14:05 CST."""
    local = when.astimezone(zone(tz))
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {clock(when, tz)}"


def stretch(span: Span, tz: str) -> str:
    """Return a stretch by its local ends, such as 09:10–09:45 CST; a brief one with seconds."""
    since, until = (when.astimezone(zone(tz)) for when in (span.since, span.until))
    form = "%H:%M:%S" if span.length < timedelta(minutes=1) else "%H:%M"
    begins, ends = _abbreviation(since), _abbreviation(until)
    first = f"{since:{form}}" if begins == ends else f"{since:{form}} {begins}"
    last = f"{until:{form}}"
    # The end of the last hour of a day is its midnight, not the next one's beginning.
    if until.date() > since.date() and last.startswith("00:00"):
        last = "24" + last[2:]
    return f"{first}–{last} {ends}"


def length(span: timedelta) -> str:
    """Return how long that is: in seconds, in hours and minutes, from two days on in days."""
    if span >= timedelta(days=2):
        return f"{span.days} days"
    minutes, rest = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes:
        return several(rest, "second", "seconds")
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min")) if n)


def together(voiced: Voiced, change: str = "", *, at_least: bool = False) -> str:
    """Return the three numbers that are always told together: 1,240 posts, 310 voices, 96 complaints."""
    parts = (
        several(voiced.posts, "post", "posts") + (f" ({change})" if change else ""),
        several(voiced.voices, "voice", "voices"),
        several(voiced.complaints, "distinct complaint", "distinct complaints"),
    )
    return f"{'at least ' if at_least else ''}{', '.join(parts)}"


def widest(spread: Spread) -> str:
    """Return how far the text went that was passed on most."""
    share = f"{spread.share:.0%}".replace("%", " %")
    by = several(spread.voices, "voice", "voices")
    return f"{several(spread.posts, 'post', 'posts')} by {by} say one thing ({share} of all)"


def fold(times: float) -> str:
    """Return how many times the usual something is, no finer than that is known."""
    return "more than 100" if times > 100 else f"{times:,.1f}"


def joined(parts: list[str]) -> str:
    """Return parts as a person lists them: a, b and c."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""


def _abbreviation(local: datetime) -> str:
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name
