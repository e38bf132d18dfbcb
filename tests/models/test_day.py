"""The local day: every instant belongs to exactly one, in every zone and on every odd night."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from models.coverage import Span
from models.day import day_before, day_window, hours_of, local_day
from models.errors import SetupError

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
ODD = [
    "Africa/Cairo", "America/Havana", "America/Santiago", "America/St_Johns", "America/Asuncion",
    "Antarctica/Casey", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu",
    "Asia/Pyongyang", "Atlantic/Azores", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Apia",
    "Pacific/Kiritimati", "America/Chicago", "UTC",
]  # fmt: skip
HOUR = timedelta(hours=1)
instants = some.datetimes(
    datetime(2005, 1, 1),  # noqa: DTZ001  (hypothesis wants naive bounds)
    datetime(2030, 12, 31),  # noqa: DTZ001
    timezones=some.just(UTC),
)


def lengths(tz: str, first: date, last: date) -> dict[date, timedelta]:
    """Return the days of a zone that don't last 24 hours."""
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return {d: day_window(d, tz).length for d in days if day_window(d, tz).length != 24 * HOUR}


@pytest.mark.parametrize(
    ("tz", "day", "begins", "hours"),
    [
        ("America/Chicago", date(2026, 3, 4), "2026-03-04T06:00", 24),
        ("America/Chicago", date(2026, 3, 8), "2026-03-08T06:00", 23),
        ("America/Chicago", date(2026, 11, 1), "2026-11-01T05:00", 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00", 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30", 23.5),
        ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00", 23),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00", 25),
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00", 23),
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00", 23),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T04:00", 23),
        ("America/St_Johns", date(2010, 11, 7), "2010-11-07T02:30", 25),
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-29T10:00", 24),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00", 0),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00", 24),
    ],
)
def test_a_day_begins_at_the_zones_real_midnight_and_lasts_as_long_as_its_clocks_say(
    tz: str, day: date, begins: str, hours: float
) -> None:
    """Half an hour, a missing midnight, one that came twice, and a date that never was."""
    window = day_window(day, tz)
    assert window.since == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert window.length == hours * HOUR


@settings(max_examples=400, deadline=None)
@given(instants, some.sampled_from(ZONES))
@example(datetime(2011, 12, 30, 9, 59, 59, 999_999, UTC), "Pacific/Apia")
@example(datetime(2011, 12, 30, 10, tzinfo=UTC), "Pacific/Apia")
@example(datetime(2010, 11, 7, 2, 45, tzinfo=UTC), "America/St_Johns")
@example(datetime(2026, 11, 1, 4, 30, tzinfo=UTC), "America/Havana")
@example(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/Havana")
@example(datetime(2026, 4, 4, 15, tzinfo=UTC), "Australia/Lord_Howe")
def test_an_instant_belongs_to_exactly_one_local_day(when: datetime, tz: str) -> None:
    """The day it is given to holds it, and the days around that one don't."""
    day = local_day(when, tz)
    around = [day + timedelta(days=n) for n in range(-2, 3)]
    windows = [day_window(d, tz) for d in around]
    assert [d for d, w in zip(around, windows, strict=True) if w.since <= when < w.until] == [day]
    assert all(a.until == b.since for a, b in itertools.pairwise(windows))


@pytest.mark.parametrize("tz", ODD)
def test_days_follow_each_other_without_hole_or_overlap_across_every_change_of_clocks(
    tz: str,
) -> None:
    """Eleven years, day by day: the end of one is the beginning of the next, and it is local."""
    day, last = date(2020, 1, 1), date(2031, 1, 1)
    while day < last:
        window = day_window(day, tz)
        assert window.until == day_window(day + timedelta(days=1), tz).since
        assert window.since.astimezone(ZoneInfo(tz)).date() == day
        ends = window.until - timedelta(microseconds=1)
        assert ends.astimezone(ZoneInfo(tz)).date() == day
        day += timedelta(days=1)


def test_only_the_days_of_a_change_are_longer_or_shorter() -> None:
    """Two a year where clocks change, and none elsewhere."""
    year = date(2026, 1, 1), date(2027, 1, 1)
    assert lengths("UTC", *year) == {}
    assert lengths("Europe/Berlin", *year) == {
        date(2026, 3, 29): 23 * HOUR,
        date(2026, 10, 25): 25 * HOUR,
    }


def test_the_day_before_is_one_the_zone_really_had() -> None:
    """In Apia the eve of New Year's Eve 2011 was the 29th."""
    assert day_before(date(2011, 12, 31), "Pacific/Apia") == date(2011, 12, 29)
    assert day_before(date(2026, 3, 1), "UTC") == date(2026, 2, 28)


def test_the_hours_of_a_day_fill_it_and_the_last_may_be_short() -> None:
    """Lord Howe's long day has 24 whole hours and a half."""
    window = day_window(date(2026, 4, 5), "Australia/Lord_Howe")
    hours = hours_of(window)
    assert len(hours) == 25
    assert hours[0].since == window.since and hours[-1].until == window.until
    assert all(a.until == b.since for a, b in itertools.pairwise(hours))
    assert hours[-1].length == HOUR / 2
    assert hours_of(Span(window.since, window.since)) == []


def test_an_unknown_zone_or_an_impossible_year_is_said_in_a_sentence() -> None:
    """No traceback out of a date nobody can mean."""
    with pytest.raises(SetupError, match="no time zone called"):
        day_window(date(2026, 3, 4), "Mars/Olympus")
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(SetupError, match="isn't a day"):
            day_window(day, "UTC")
