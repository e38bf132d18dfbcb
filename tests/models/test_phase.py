"""The phase of an offer, at every moment, in every zone, and at every boundary to the microsecond."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from models.campaign import Batch, Terms
from models.day import local_day
from models.phase import PHASES, TITLES, Course, Phase, course_of, phase_at, phase_of, stretches
from tests.battery import Record, tell, times

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
ZONES = sorted(available_timezones())
moments = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2005, 1, 1), date(2035, 1, 1))
some_terms = st.builds(
    Terms,
    text=st.just("Sorry."),
    how=st.sampled_from(["automatic", "link", "form", "call"]),
    offers=st.just({"": ("3 %",)}),
    announced_at=st.none() | moments,
    opens_at=st.none() | moments,
    batches=st.lists(st.builds(Batch, moments), max_size=3).map(tuple),
    days=st.none() | st.integers(1, 40),
    bill_by=st.none() | days,
)


def told(terms: Terms, tz: str, at: datetime) -> Phase:
    """Return the phase as a person with a calendar of that zone would say it."""
    steps = [batch.at for batch in terms.batches] + [terms.opens_at] * (terms.opens_at is not None)
    known = [one for one in (*steps, terms.announced_at) if one is not None]
    if not known or at < min(known):
        return "before"
    sent = max([one for one in steps if one is not None] or known)
    today = local_day(at, tz)
    last = None
    if terms.how != "automatic" and terms.days is not None:
        last = local_day(max(sent, min(known)), tz) + timedelta(days=terms.days)
    due = terms.bill_by is not None and today > terms.bill_by
    if last is not None and today > last:
        return "on_bill" if due else "over"
    if due and last is None:
        return "on_bill"
    if at < sent:
        return "rolling_out"
    if terms.how == "automatic":
        return "coming"
    return "closing" if last is not None and local_day(at + DAY, tz) > last else "inside"


def test_every_boundary_in_every_zone(record_property: Record) -> None:
    """What begins at a boundary holds from that very microsecond on, and what ended, up to it."""
    looked = [0, 0]

    @settings(max_examples=times(4_000))
    @given(some_terms, st.sampled_from(ZONES), moments)
    def held(terms: Terms, tz: str, at: datetime) -> None:
        course = course_of(terms, tz)
        assert phase_of(course, at) == told(terms, tz, at)
        if course is None:
            return
        edges = [one.since for one in stretches({1: course})][1:]
        for edge in edges:
            for moment in (edge - INSTANT, edge, edge + INSTANT):
                assert phase_of(course, moment) == told(terms, tz, moment), (moment, tz)
        looked[0] += 1
        looked[1] += len(edges)

    held()
    tell(record_property, f"phases: {looked[0]:,} offers in any of {len(ZONES)} zones, "
                          f"{looked[1]:,} boundaries to the microsecond: 0 wrong")  # fmt: skip


@given(st.lists(some_terms, max_size=4), st.sampled_from(ZONES), moments)
def test_stretches_say_what_each_moment_says(many: list[Terms], tz: str, at: datetime) -> None:
    """They follow each other without a hole, from the beginning of time to its end."""
    found = {n: course_of(terms, tz) for n, terms in enumerate(many)}
    courses = {n: course for n, course in found.items() if course is not None}
    every = stretches(courses)
    assert all(one.until == next_.since for one, next_ in pairwise(every))
    for moment in (at, *(one.since for one in every), *(one.until - INSTANT for one in every)):
        (one,) = [one for one in every if one.since <= moment < one.until]
        assert (one.phase, one.campaign_id) == phase_at(courses, moment)


def test_the_history_of_a_company() -> None:
    """15 % by itself, then 2 % by a mailed link, then 3 % once within 7 days, then nothing."""

    def at(month: int, day: int, hour: int = 12) -> datetime:
        return datetime(2010, month, day, hour, tzinfo=UTC)

    first = Terms(text="15 %", how="automatic", offers={"": ("15 %",)}, announced_at=at(8, 15),
                  bill_by=date(2010, 9, 15))  # fmt: skip
    second = Terms(text="2 %", how="link", offers={"": ("2 %",)}, announced_at=at(10, 22),
                   batches=(Batch(at(10, 22)), Batch(at(10, 24))))  # fmt: skip
    third = Terms(text="3 %", how="link", offers={"": ("3 %",)}, batches=(Batch(at(11, 23)),),
                  days=7, once=True)  # fmt: skip
    tz = "America/Los_Angeles"
    courses: dict[int, Course] = {}
    for key, terms in enumerate((first, second, third)):
        course = course_of(terms, tz)
        assert course is not None
        courses[key] = course

    def phase(when: datetime) -> tuple[str, int | None]:
        return phase_at(courses, when)

    assert phase(at(8, 14)) == ("before", None)
    assert phase(at(8, 20)) == ("coming", 0)
    assert phase(at(9, 16)) == ("on_bill", 0)
    assert phase(at(10, 23)) == ("rolling_out", 1)
    assert phase(at(10, 24)) == ("inside", 1)
    assert phase(at(11, 24)) == ("inside", 2)
    # 30 November is the seventh day after the mail; it ends at midnight in Los Angeles.
    assert phase(at(11, 30, 8)) == ("closing", 2)
    assert phase(at(12, 1, 8) - INSTANT) == ("closing", 2)
    assert phase(at(12, 1, 8)) == ("over", 2)


def test_a_planned_offer_is_none_yet_and_every_phase_has_a_name() -> None:
    """Nothing was said in public, so nothing can be asked for."""
    assert course_of(Terms(text="x", how="call", offers={"": ("3 %",)}, days=3), "UTC") is None
    assert phase_of(None, datetime(2026, 1, 1, tzinfo=UTC)) == "before"
    assert set(TITLES) == set(PHASES)
