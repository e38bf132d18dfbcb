"""What an alarm says of itself: in words, with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from amends.alarms.baseline import PER_HOUR, PRIOR, Baseline
from amends.alarms.calibration import LEAST_HISTORY
from amends.alarms.follow import Event
from amends.digest.words import LONGEST_NAME, clock, fold, moment, number, plain, several
from models.alarm import AlarmRow
from models.store.minutes import Ear

THIN = 14
"""Days of history below which the usual is called rough."""


def rise_said(label: str, event: Event, basis: str) -> str:
    """Return why voices with a label are an alarm."""
    minutes = event.at + 1 - event.since
    floor = "at least " if event.at_least else ""
    said = several(event.voices, "voice", "voices")
    return (
        f"{named(label)}: {floor}{said} in {minutes} minutes where {usual(event.usual)} are usual "
        f"({floor}{fold(event.times)} ×); {basis}"
    )


def blind_said(source: str, aim: str, since: datetime, why: str, tz: str) -> str:
    """Return why a deaf watch is an alarm."""
    where = f"{plain(source, LONGEST_NAME)} ({plain(aim, LONGEST_NAME)})"
    return f"{where} has been blind since {clock(since, tz)}: {plain(why)}"


def late_said(
    source: str, posts: int, oldest: datetime, age: timedelta, trouble: str, tz: str
) -> str:
    """Return why it is an alarm that nobody has made sure whether posts are still there."""
    said = (
        f"{plain(source, LONGEST_NAME)}: {several(posts, 'post', 'posts')} not verified at the source "
        f"for over {age // timedelta(hours=1)} hours, the oldest since {moment(oldest, tz)}"
    )
    return f"{said}: {plain(trouble)}" if trouble else said


def basis(ears: Sequence[Ear], parts: Sequence[Baseline]) -> str:
    """Return what the usual was learnt from."""
    unknown = [ear.row.source for ear, part in zip(ears, parts, strict=True) if not part.bins]
    days = max((part.bins for part in parts), default=0) / (24 * PER_HOUR)
    taken = f"{PRIOR * PER_HOUR:.0f} voices an hour are taken for usual"
    if len(unknown) == len(parts):
        return f"no history yet: {taken}, and how rare false alarms are can't be promised"
    said = f"the usual is learnt from {_days(days)}"
    if max(part.bins for part in parts) < LEAST_HISTORY:
        said += ", too little to promise how rare false alarms are"
    elif days < THIN:
        said += ", so it is rough"
    if unknown:
        names = plain(", ".join(sorted(set(unknown))), LONGEST_NAME)
        said += f"; of {names} nothing is known yet, so that doesn't count"
    return said


def about(subject: str) -> str:
    """Return what an alarm is about in a word or two: a label, which watch is blind, or what is late."""
    kind, colon, which = subject.partition(":")
    if kind == "unverified" and colon:
        return f"{plain(which, LONGEST_NAME)} unverified"
    return f"{kind} {which} blind" if colon else plain(subject.replace("_", " "), LONGEST_NAME)


def named(label: str) -> str:
    """Return a label's name as a sentence begins."""
    return plain(label.replace("_", " "), LONGEST_NAME).capitalize()


def usual(voices: float) -> str:
    """Return so many voices, no finer than they are known."""
    if voices < 0.1:
        return "hardly any"
    return number(round(voices)) if voices >= 10 else f"{voices:.1f}"


def told(row: AlarmRow, tz: str) -> str:
    """Return an alarm in a line: why, its height, and whether it goes on."""
    parts = [row.why]
    if row.peak_voices is not None and row.peak_at is not None and row.peak is not None:
        parts.append(
            f"at its height {several(row.peak_voices, 'voice', 'voices')} in the hour to "
            f"{clock(row.peak_at, tz)} ({fold(row.peak)} ×)"
        )
    parts.append(f"over since {moment(row.ended_at, tz)}" if row.ended_at else "it goes on")
    return "; ".join(parts)


def _days(days: float) -> str:
    if days < 1:
        return several(max(round(days * 24), 1), "hour of history", "hours of history")
    return several(round(days), "day of history", "days of history")
