"""From the store to the sheet: what a snapshot reads, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from amends.digest import Digest, Snapshot, as_text, build, latest_day, snapshot
from amends.digest.snapshot import LAG
from models.campaign import ActRow
from models.coverage import Span
from models.day import day_window
from models.incident import IncidentRow, WatchRow
from models.store import Store
from models.tag import Tag
from tests.amends.goldens import FORMS, STYLES
from tests.factories import a_post, an_incident

TZ = "America/Chicago"
DAY = date(2026, 3, 4)
WINDOW = day_window(DAY, TZ)
HOUR = timedelta(hours=1)
LATER = WINDOW.until + HOUR


@pytest.fixture
def incident(store: Store) -> IncidentRow:
    """Return an incident that began at two in the night of the day."""
    with store.begin() as tx:
        return tx.incidents.add(an_incident(tz=TZ, began=WINDOW.since + 2 * HOUR))


def a_row(store: Store, incident: IncidentRow, **said: object) -> WatchRow:
    """Keep a watch of the incident."""
    plain = {"incident_id": incident.id, "key": "", "source": "x", "created_at": WINDOW.since}
    with store.begin() as tx:
        return tx.watches.add(WatchRow(**(plain | said)))[0]  # type: ignore[arg-type]


def read(
    store: Store, incident: IncidentRow, day: date = DAY, now: datetime = LATER
) -> tuple[Snapshot, Digest]:
    """Read the day and build its digest."""
    with store.read() as tx:
        facts = snapshot(tx, incident, day, now, STYLES)
    return facts, build(facts)


def test_a_day_is_read_whole_posts_acts_deeds_and_troubles(
    store: Store, incident: IncidentRow
) -> None:
    """Cleo complains twice, Dre asks for a credit, the company speaks, x refuses."""
    watch = a_row(store, incident)
    with store.begin() as tx:
        ids = tx.posts.add(
            watch.as_watch(),
            [
                a_post(external_id="one", posted_at=WINDOW.since + HOUR),
                a_post(external_id="two", posted_at=WINDOW.until - HOUR),
                a_post(external_id="dre", posted_at=WINDOW.since + HOUR, author="dre"),
                a_post(posted_at=WINDOW.since - HOUR, author="eve"),
                a_post(posted_at=None, author=None),
                a_post(posted_at=WINDOW.since + HOUR, official=True),
            ],
            LATER,
        ).ids
        tags = [("complaint", "one"), ("complaint", "two"), ("credit_request", "dre")]
        tx.tags.put([Tag(post_id=ids["x", i], label=name, by="ana") for name, i in tags], LATER)
        tx.acts.add(
            ActRow(incident_id=incident.id or 0, kind="apology", text="We are sorry.",
                   at=WINDOW.since + 5 * HOUR, recorded_at=LATER)
        )  # fmt: skip
        tx.acts.add(
            ActRow(
                incident_id=incident.id or 0, kind="statement", text="A draft.", recorded_at=LATER
            )
        )
        for about, at in (
            ("incident:1", WINDOW.since), ("post:1", WINDOW.since), ("incident:1", WINDOW.until)
        ):  # fmt: skip
            tx.audit.note("status", about, by="bo", now=at, incident_id=incident.id,
                          detail={"from": "investigating", "to": "identified"})  # fmt: skip
        tx.watches.in_trouble(
            watch.id or 0, "refused", "x wants a token", WINDOW.since + HOUR, None
        )
    _, digest = read(store, incident)
    assert (digest.posts.posts, digest.posts.before, digest.posts.change) == (3, 1, 2)
    assert (digest.voices, digest.official, digest.undated, digest.waiting) == (2, 1, 1, 3)
    assert {label.name: label.count.posts for label in digest.labels} == {
        "complaint": 2, "praise": 0, "credit_request": 1
    }  # fmt: skip
    assert [(hour.posts, *hour.labels) for hour in digest.hours if hour.posts] == [
        (2, 1, 0, 1), (1, 1, 0, 0)
    ]  # fmt: skip
    assert [act.text for act in digest.acts] == ["We are sorry."]
    assert [(deed.did, deed.text) for deed in digest.deeds] == [
        ("incident status", "from investigating, to identified")
    ]
    assert [one.trouble for one in digest.troubles] == ["x wants a token"]
    text = " ".join(as_text(digest).split())
    assert "x (everything) got into trouble: x wants a token" in text
    assert "at least 3 posts by 2 voices, 2 more than the day before" in text


def test_coverage_counts_from_the_beginning_of_the_incident_to_now(
    store: Store, incident: IncidentRow
) -> None:
    """Before it began there was nothing to miss, and what is to come can't be missing."""
    watch = a_row(store, incident)
    now = WINDOW.since + 12 * HOUR
    with store.begin() as tx:
        tx.coverage.add(watch.id or 0, Span(incident.began, now))
    _, digest = read(store, incident, now=now)
    assert (digest.listening[0].share, digest.listening[0].holes) == (1.0, ())
    assert not digest.posts.at_least
    _, later = read(store, incident, now=now + 10 * HOUR + LAG)
    assert later.listening[0].holes == (Span(now, now + 10 * HOUR),)
    assert later.listening[0].share == 0.5
    assert later.posts.at_least
    _, before = read(store, incident, day=DAY - timedelta(days=1))
    assert before.listening[0].share is None and not before.posts.at_least


def test_a_backfill_of_the_same_question_fills_the_hole_and_a_file_does_not(
    store: Store, incident: IncidentRow
) -> None:
    """Only who asked the same source for the same thing has heard what the watch missed."""
    watch = a_row(store, incident, terms=["reelpost", "discs"])
    again = a_row(store, incident, terms=["discs", "reelpost"], once=True)
    other = a_row(store, incident, terms=["late"], once=True)
    hole = Span(WINDOW.since + 4 * HOUR, WINDOW.since + 6 * HOUR)
    with store.begin() as tx:
        tx.coverage.add(watch.id or 0, Span(incident.began, hole.since))
        tx.coverage.add(watch.id or 0, Span(hole.until, WINDOW.until))
        tx.coverage.add(other.id or 0, hole)
        tx.posts.add(other.as_watch(), [a_post(posted_at=hole.since)], LATER)
    _, digest = read(store, incident)
    assert digest.listening[0].holes == (hole,)
    assert [(one.backfilled, one.posts) for one in digest.listening] == [(False, 0), (True, 1)]
    with store.begin() as tx:
        tx.coverage.add(again.id or 0, hole)
    _, filled = read(store, incident)
    assert filled.listening[0].holes == ()


def test_the_same_store_and_moment_give_the_same_bytes(store: Store, incident: IncidentRow) -> None:
    """Read twice, rendered twice, and not a byte differs."""
    watch = a_row(store, incident)
    with store.begin() as tx:
        tx.posts.add(watch.as_watch(), [a_post(posted_at=WINDOW.since) for _ in range(20)], LATER)
    first, second = read(store, incident), read(store, incident)
    assert first == second
    for render in FORMS.values():
        assert render(first[1]) == render(second[1])


def test_the_latest_day_is_that_of_the_newest_post_and_never_tomorrow(
    store: Store, incident: IncidentRow
) -> None:
    """No posts or only undated ones: today; a clock that runs ahead changes nothing."""
    watch = a_row(store, incident).as_watch()

    def latest(now: datetime) -> date:
        with store.read() as tx:
            return latest_day(tx, incident, now)

    now = datetime(2026, 3, 9, 3, tzinfo=UTC)
    assert latest(now) == date(2026, 3, 8)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(posted_at=None)], LATER)
    assert latest(now) == date(2026, 3, 8)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(posted_at=WINDOW.until - timedelta(microseconds=1))], LATER)
    assert latest(now) == DAY
    assert latest(WINDOW.since - HOUR) == DAY - timedelta(days=1)


def test_an_incident_with_only_undated_posts_gives_a_sheet_that_says_so(
    store: Store, incident: IncidentRow
) -> None:
    """They are counted, quoted, and put in no hour."""
    watch = a_row(store, incident).as_watch()
    with store.begin() as tx:
        ids = tx.posts.add(watch, [a_post(posted_at=None), a_post(posted_at=None)], LATER).ids
        tags = [Tag(post_id=i, label="credit_request", by="ana") for i in ids.values()]
        tx.tags.put(tags, LATER)
    _, digest = read(store, incident)
    assert digest.posts.posts == 0 and digest.undated == 2
    assert {label.name: label.undated for label in digest.labels}["credit_request"] == 2
    text = as_text(digest)
    assert "no posts were seen" in text and "2 posts carry no time, so they count in no day" in text
    assert "2 undated posts wait for an answer too" in text
