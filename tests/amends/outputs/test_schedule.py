"""The digest's day: every post in exactly one digest, every local date at most one, in any zone."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as some

from amends.outputs.schedule import days_due, due_at, last_day
from models.day import day_window, local_day
from tests.battery import Record, tell, times

ZONES = (
    "UTC", "America/Chicago", "America/St_Johns", "America/Havana", "America/Santiago",
    "Europe/Berlin", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Pacific/Apia", "Antarctica/Troll",
)  # fmt: skip
"""Half hours, quarter hours, changes at midnight, two hours at once, other halves of the year."""

FROM, TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def changes(tz: str) -> list[datetime]:
    """Return every hour of 2020 to 2030 in which the clocks of a zone change."""
    zone, found, at = ZoneInfo(tz), [], FROM
    while at < TO:
        if at.astimezone(zone).utcoffset() != (at + HOUR).astimezone(zone).utcoffset():
            found.append(at)
        at += HOUR
    return found


CHANGES = [(tz, at) for tz in ZONES for at in changes(tz)]
minutes = some.integers(-3 * 24 * 60, 5 * 24 * 60)
moments = some.one_of(
    some.sampled_from(CHANGES),
    some.tuples(
        some.sampled_from(ZONES),
        some.datetimes(
            FROM.replace(tzinfo=None), TO.replace(tzinfo=None), timezones=some.just(UTC)
        ),
    ),
)


@settings(max_examples=times(5_000), deadline=None)
@given(
    moments,
    some.times(time(0, 0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
    some.lists(minutes, min_size=1, max_size=12),
    some.lists(some.integers(0, 9 * 24 * 60), min_size=1, max_size=20),
    some.one_of(some.none(), some.integers(0, 6 * 24 * 60)),
)
@example(
    ("Pacific/Apia", datetime(2011, 12, 30, 9, tzinfo=UTC)),
    time(8),
    [0, 90, 1500],
    [0, 12_000],
    None,
)
@example(
    ("America/Havana", datetime(2026, 11, 1, 4, 30, tzinfo=UTC)),
    time(0),
    [0, 30, 60],
    [0, 9_000],
    None,
)
def test_each_post_is_in_one_digest_and_each_date_has_one_at_most(
    moment: tuple[str, datetime],
    at: time,
    posts: list[int],
    looks: list[int],
    closes: int | None,
) -> None:
    """However clocks jump, whenever somebody looks, and however long the machine was off in between."""
    tz, around = moment
    began = around - timedelta(days=3)
    said = [around + timedelta(minutes=m) for m in posts]
    closed = None if closes is None else began + timedelta(minutes=closes)
    first = local_day(began, tz)
    sent: Counter[date] = Counter()
    for minute in sorted(looks):
        now = began + timedelta(minutes=minute)
        for day in days_due(first, last_day(closed, now, tz), tz, at, now):
            if day not in sent:
                assert day_window(day, tz).until <= now, "a day's digest before its end"
                sent[day] += 1
    # Long after it all somebody looks once more: the machine was off.
    now = around + timedelta(days=20)
    last = last_day(closed, now, tz)
    for day in days_due(first, last, tz, at, now):
        sent[day] += day not in sent

    assert max(sent.values(), default=1) == 1
    windows = [day_window(day, tz) for day in sorted(sent)]
    assert all(window.length for window in windows)
    assert all(a.until == b.since for a, b in itertools.pairwise(windows)), "no hole, no overlap"
    assert not windows or windows[0].since <= began < windows[0].until
    end = min(around + timedelta(days=5), closed or TO)
    for when in said:
        holding = sum(window.since <= when < window.until for window in windows)
        assert holding == (1 if began <= when <= end else holding)
        assert holding <= 1


def test_every_change_of_clocks_of_eleven_years_and_every_hour_to_send_at(
    record_property: Record,
) -> None:
    """Two days around each change in each zone: digests come in order, each after its day's end."""
    seen = 0
    for tz, when in CHANGES:
        day = local_day(when, tz)
        for hour in range(0, 24, 1 if times(10) == 10 else 7):
            due = [due_at(day + timedelta(days=n), tz, time(hour, 30)) for n in (-1, 0, 1)]
            ends = [day_window(day + timedelta(days=n), tz).until for n in (-1, 0, 1)]
            assert all(a >= b for a, b in zip(due, ends, strict=True))
            assert all(a < b for a, b in itertools.pairwise(due))
            local = due[1].astimezone(ZoneInfo(tz))
            assert local.date() == day + timedelta(days=1)
            seen += 1
    assert len(CHANGES) > 150
    tell(
        record_property,
        f"{times(5_000):,} incidents over {len(ZONES)} zones, {len(CHANGES)} changes of clocks of"
        f" 2020 to 2030 at {seen:,} times of sending: each post in one digest, no date with two",
    )


def test_a_time_that_clocks_skip_or_show_twice_is_one_moment() -> None:
    """02:30 in Berlin on the night it doesn't exist, and on the night it comes twice."""
    assert due_at(date(2026, 3, 28), "Europe/Berlin", time(2, 30)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    assert due_at(date(2026, 10, 24), "Europe/Berlin", time(2, 30)) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
    assert due_at(date(2011, 12, 29), "Pacific/Apia", time(8)) == datetime(
        2011, 12, 30, 18, tzinfo=UTC
    )
