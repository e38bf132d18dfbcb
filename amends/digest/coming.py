"""What we promised and what comes next, in the words of a digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from amends.digest.ahead import Ahead
from amends.digest.words import LONGEST_QUOTE, clock, moment, plain, several
from models.day import local_day

MOST = 12
"""Promises that are told."""


def lines(found: Ahead | None, tz: str) -> tuple[str, ...]:
    """Return it in words, a line each; nothing where nothing is promised and nothing waits."""
    return (
        () if found is None else tuple(plain(one, 2 * LONGEST_QUOTE) for one in _lines(found, tz))
    )


def _lines(found: Ahead, tz: str) -> Iterator[str]:
    def when(at: datetime) -> str:
        return clock(at, tz) if local_day(at, tz) == local_day(found.at, tz) else moment(at, tz)

    if found.next_update_at is not None:
        yield f"The next update is promised for {when(found.next_update_at)}."
    for one in found.pledges[:MOST]:
        said = f"“{plain(one.words)}” (said {when(one.said_at)})"
        if one.state == "overdue":
            yield f"Overdue since {when(one.due)}: {said}."
        elif one.kept_at is None:
            yield f"Promised by {when(one.due)}: {said}."
        else:
            late = f" late, it was due {when(one.due)}" if one.state == "kept late" else ""
            yield f"Our next word came {when(one.kept_at)}{late}; promised was {said}."
    for offered, at in found.closes:
        yield f"The window for {plain(offered)} closes {when(at)}."
    for offered, day in found.billed:
        yield f"By {day} {plain(offered)} should be on the bill."
    if found.waiting:
        wait = several(found.waiting, "post waits", "posts wait")
        yield f"{wait} for an answer."
