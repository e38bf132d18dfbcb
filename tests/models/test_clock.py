"""SLA clocks: working time, whatever the zone does to its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clock import due, hours_of, state, worked
from models.errors import SetupError

OFFICE = "Mon-Fri 08:00-20:00"
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Africa/Cairo", "Asia/Beirut",
    "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns", "Asia/Gaza",
    "Atlantic/Azores", "America/Asuncion", "Europe/Dublin", "Antarctica/Troll",
)  # fmt: skip

moments = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes, seconds=7)
)


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    """Return a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("began", "minutes", "is_due"),
    [
        ("2026-03-04T09:00", 120, "2026-03-04T11:00"),  # within the day
        ("2026-03-04T19:00", 120, "2026-03-05T09:00"),  # over the night
        ("2026-03-06T19:30", 60, "2026-03-09T08:30"),  # over the weekend
        ("2026-03-07T12:00", 30, "2026-03-09T08:30"),  # on a Saturday
        ("2026-03-04T05:00", 30, "2026-03-04T08:30"),  # before work
        ("2026-03-04T19:00", 60, "2026-03-04T20:00"),  # to the very end
        ("2026-03-27T19:00", 120, "2026-03-30T09:00"),  # the clocks go forward between
    ],
)
def test_minutes_run_only_while_people_work(began: str, minutes: int, is_due: str) -> None:
    """And by the clock on their wall."""
    assert due(at(began), minutes, OFFICE, "Europe/Berlin") == at(is_due)


def test_a_day_of_changing_clocks_is_an_hour_shorter_or_longer() -> None:
    """A whole day's hours are 23 in spring and 25 in autumn."""
    whole = "Sun 00:00-24:00"
    spring, autumn = at("2026-03-29T00:00"), at("2026-10-25T00:00")

    day = timedelta(days=6)
    assert worked(spring, spring + day, whole, "Europe/Berlin") == timedelta(hours=23)
    assert worked(autumn, autumn + day, whole, "Europe/Berlin") == timedelta(hours=25)
    assert due(at("2026-03-29T01:30"), 60, "Sun 01:00-04:00", "Europe/Berlin") == at(
        "2026-03-29T03:30"
    )


def test_hours_that_begin_in_the_hour_left_out_begin_when_the_clocks_change() -> None:
    """Nobody loses half an hour."""
    early = at("2026-03-29T00:00")

    assert due(early, 30, "Sun 02:30-04:00", "Europe/Berlin") == at("2026-03-29T03:30")


def test_hours_that_end_in_the_hour_told_twice_end_at_its_second_time() -> None:
    """Nobody goes home when the clock shows it first."""
    begin = at("2026-10-25T00:00")

    assert worked(begin, begin + timedelta(days=6), "Sun 00:00-02:30", "Europe/Berlin") == (
        timedelta(hours=3, minutes=30)
    )


def test_hours_run_past_midnight() -> None:
    """A night's shift belongs to the day it begins on."""
    assert due(at("2026-03-08T00:30"), 360, "Sat 22:00-06:00", "Europe/Berlin") == at(
        "2026-03-14T22:30"
    )
    assert due(at("2026-03-04T12:00"), 90, "", "Europe/Berlin") == at("2026-03-04T13:30")


@pytest.mark.parametrize(
    "text",
    ["8-20", "Mon-Fri", "Mon 08:00", "Mon 08:00-08:00", "Mon 24:00-25:00", "Mon 08:61-09:00",
     "Mon-Fun 08:00-20:00", "Mon 08:00-20:00; Tue 08:00-20:00"],
)  # fmt: skip
def test_hours_that_say_nothing_are_refused(text: str) -> None:
    """With a sentence."""
    with pytest.raises(SetupError, match="says no hours"):
        hours_of(text)


def test_a_clock_says_how_it_stands() -> None:
    """In time, soon in its last quarter, late after it."""
    began = at("2026-03-04T19:00")

    def now(text: str) -> str:
        return state(began, 120, OFFICE, "Europe/Berlin", at(text))

    assert now("2026-03-04T19:10") == "in time"
    # The night doesn't count: half an hour of work is left at half past eight.
    assert now("2026-03-05T02:00") == "in time"
    assert now("2026-03-05T08:31") == "soon"
    assert now("2026-03-05T09:00") == "soon"
    assert now("2026-03-05T09:01") == "late"


@st.composite
def _hours(draw: st.DrawFn) -> tuple[str, list[tuple[set[int], int, int]]]:
    """Return hours as text, and as days and minutes; they begin and end when no zone changes its clocks."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    parts, plain = [], []
    for _ in range(draw(st.integers(1, 3))):
        first, many = draw(st.integers(0, 6)), draw(st.integers(1, 6))
        since = draw(st.integers(5 * 60, 20 * 60))
        until = draw(st.integers(since + 1, 22 * 60))
        last = (first + many - 1) % 7
        parts.append(
            f"{names[first]}-{names[last]} {since // 60:02}:{since % 60:02}-"
            f"{until // 60:02}:{until % 60:02}"
        )
        plain.append(({(first + n) % 7 for n in range(many)}, since, until))
    return ", ".join(parts), plain


@given(_hours(), moments, st.integers(1, 3_000), st.sampled_from(ZONES))
def test_what_is_due_is_that_much_work_away(
    hours: tuple[str, list[tuple[set[int], int, int]]], began: datetime, minutes: int, zone: str
) -> None:
    """The two ways of counting agree, and a clock ends only while people work."""
    text, plain = hours
    by = due(began, minutes, text, zone)

    assert worked(began, by, text, zone) == timedelta(minutes=minutes)
    local = (by - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    assert any(local.weekday() in days and since <= minute < until for days, since, until in plain)


@given(_hours(), moments, st.integers(1, 3 * 24 * 60), st.sampled_from(ZONES))
def test_working_time_is_what_the_clock_on_the_wall_says(
    hours: tuple[str, list[tuple[set[int], int, int]]], began: datetime, length: int, zone: str
) -> None:
    """Counted minute by minute."""
    text, plain = hours
    began = began.replace(second=0, microsecond=0)
    place, counted = ZoneInfo(zone), 0
    for n in range(length):
        local = (began + timedelta(minutes=n)).astimezone(place)
        minute = local.hour * 60 + local.minute
        counted += any(
            local.weekday() in days and since <= minute < until for days, since, until in plain
        )

    until = began + timedelta(minutes=length)
    assert worked(began, until, text, zone) == timedelta(minutes=counted)


@given(moments, st.integers(1, 10_000), st.sampled_from(ZONES))
def test_whole_days_of_work_are_always(began: datetime, minutes: int, zone: str) -> None:
    """Around the clock is as if no hours were given, through every change of the clocks."""
    assert due(began, minutes, "Mon-Sun 00:00-24:00", zone) == due(began, minutes, "", zone)
