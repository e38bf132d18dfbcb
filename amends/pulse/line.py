"""
The state line: what goes on in an incident in one sentence, as a liaison would say it.

“46 new posts by 41 authors in 15 min, 3.1 × the hour before, say “playback fails on tv”; first 14:02;
x complete, blog 6 min behind.” With few posts it says less. Pure: from numbers to words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from amends.digest.ears import Ear
from amends.digest.words import LONGEST_NAME, clock, length, moment, number, plain, several
from models.coverage import Span, merge
from models.store.pulse import BEFORE, QUARTER, Lately

FEW = 5
"""Posts in a quarter of an hour with fewer of which nothing is compared and nothing made of words."""

LONGEST_PHRASE = 60
MOST_NAMED = 4
"""Sources that the line names one by one."""


class Hearing(msgspec.Struct, frozen=True):
    """How well a source hears just now, and how bad that is: 0 is complete."""

    name: str
    words: str
    bad: int

    @property
    def said(self) -> str:
        """Both in a few words."""
        return f"{self.name} {self.words}"


class Theme(msgspec.Struct, frozen=True):
    """What is said, and when first; None if that isn't known."""

    phrase: str
    first: datetime | None


def state_line(
    lately: Lately,
    hearings: Sequence[Hearing],
    gaps: Sequence[Span],
    now: datetime,
    tz: str,
    theme: Theme | None = None,
) -> str:
    """
    Return the sentence about the last quarter of an hour.

    `gaps` are stretches in which some watch was deaf: posts may be missing from what they touch.
    """
    ears = _heard(hearings)
    crowd = lately.now
    floor = "at least " if touched(Span(now - QUARTER, now), gaps) else ""
    if not crowd.posts:
        quiet = (
            "no new posts in 15 min" if hearings and not floor else "no new posts seen in 15 min"
        )
        return _sentence([quiet, ears])
    by = f" by {floor}{several(crowd.authors, 'author', 'authors')}" if crowd.authors else ""
    said = (
        f"{floor}{number(crowd.posts)} new {'post' if crowd.posts == 1 else 'posts'}{by} in 15 min"
    )
    if crowd.posts < FEW:
        return _sentence([said, ears])
    parts = [said, _compared(lately, gaps, now)]
    if theme is not None:
        parts.append(f"say “{plain(theme.phrase, LONGEST_PHRASE)}”")
    first = f"first {_at(theme.first, now, tz)}" if theme and theme.first else ""
    return _sentence([", ".join(filter(None, parts)), first, ears])


def hearing(ears: Sequence[Ear], now: datetime, tz: str) -> tuple[Hearing, ...]:
    """Return how well each source hears just now, the worst first; of two on one both are named."""
    standing = [ear for ear in ears if not ear.once]
    names = [ear.source for ear in standing]
    found = []
    for ear in standing:
        name = plain(ear.source, LONGEST_NAME)
        if names.count(ear.source) > 1:
            name = f"{name} ({plain(ear.aim, LONGEST_NAME)})"
        words, bad = _words(ear, now, tz)
        found.append(Hearing(name, words, bad))
    return tuple(sorted(found, key=lambda one: (-one.bad, one.name)))


def gaps_of(ears: Sequence[Ear]) -> tuple[Span, ...]:
    """Return the stretches of a day in which at least one watch was deaf, as the digest has them."""
    return tuple(merge(hole for ear in ears for hole in ear.holes))


def touched(span: Span, gaps: Sequence[Span]) -> bool:
    """Return whether posts may be missing from a stretch."""
    return any(gap.since < span.until and span.since < gap.until for gap in gaps)


def promised(at: datetime | None, now: datetime) -> str:
    """Return how long it is to the promised update, in words; nothing if none is promised."""
    if at is None:
        return ""
    span = timedelta(minutes=round(abs((at - now).total_seconds()) / 60))
    if not span:
        return "due now"
    return f"in {length(span)}" if at > now else f"late by {length(span)}"


def _words(ear: Ear, now: datetime, tz: str) -> tuple[str, int]:
    if ear.state == "blind":
        return (f"blind since {_at(ear.since, now, tz)}" if ear.since else "blind"), 4
    if ear.state == "paused":
        return (f"paused since {_at(ear.since, now, tz)}" if ear.since else "paused"), 3
    last = ear.holes[-1] if ear.holes else None
    if last is None or ear.stretch is None:
        return "complete", 0
    if last.until >= ear.stretch.until:
        behind = length(_minutes(now - last.since))
        # Of what was never complete nobody knows how far behind it is.
        never = last.since <= ear.stretch.since
        return (f"not complete for {behind} or more" if never else f"{behind} behind"), 2
    if last.until > now - (BEFORE + 1) * QUARTER:
        return f"misses {length(_minutes(last.length))}", 1
    return f"complete since {_at(last.until, now, tz)}", 0


def _minutes(span: timedelta) -> timedelta:
    """Return a stretch in whole minutes, one at least."""
    return timedelta(minutes=max(round(span.total_seconds() / 60), 1))


def _at(when: datetime, now: datetime, tz: str) -> str:
    return clock(when, tz, named=False) if now - when < timedelta(hours=20) else moment(when, tz)


def _heard(hearings: Sequence[Hearing]) -> str:
    if not hearings:
        return "nobody listens yet"
    if len(hearings) > 1 and all(one.words == "complete" for one in hearings):
        return f"all {len(hearings)} sources complete"
    bad = [one for one in hearings if one.bad]
    good = [one for one in hearings if not one.bad]
    named = (good + bad) if len(hearings) <= MOST_NAMED else bad[:MOST_NAMED]
    rest = len(hearings) - len(named)
    more = [f"{number(rest)} more"] if rest else []
    return ", ".join([*(one.said for one in named), *more])


def _compared(lately: Lately, gaps: Sequence[Span], now: datetime) -> str:
    before = sum(crowd.posts for crowd in lately.before)
    if not before:
        return "none in the hour before"
    times = lately.now.posts * BEFORE / before
    hour_deaf = touched(Span(now - (BEFORE + 1) * QUARTER, now - QUARTER), gaps)
    # Of a fraction with a hole below, nobody knows on which side of it the truth lies.
    how = "about " if hour_deaf else "at least " if touched(Span(now - QUARTER, now), gaps) else ""
    if before < FEW:
        floor = "at least " if hour_deaf else ""
        return f"{floor}{number(before)} in the hour before"
    if 0.9 <= times <= 1.1:
        return f"{how}as many as in the hour before"
    return f"{how}{times:,.1f} × the hour before"


def _sentence(parts: list[str]) -> str:
    line = "; ".join(filter(None, parts))
    return f"{line[:1].upper()}{line[1:]}."
