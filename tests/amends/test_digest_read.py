"""From the store to the sheet: what a snapshot reads, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from amends.digest import Digest, Snapshot, as_text, build, latest_day, snapshot
from amends.digest.ears import LAG
from amends.digest.value import Missing
from models.campaign import ActRow
from models.coverage import Span
from models.day import day_window
from models.incident import IncidentRow, WatchRow
from models.sample import Sample
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
    assert (digest.voiced.voices, digest.official, digest.undated, digest.waiting) == (2, 1, 1, 3)
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
    assert "at least 3 posts (2 more than the day before), 2 voices, 2 distinct complaints" in text


def test_coverage_counts_from_the_beginning_of_the_incident_to_now(
    store: Store, incident: IncidentRow
) -> None:
    """Before it began there was nothing to miss, and what is to come can't be missing."""
    watch = a_row(store, incident)
    now = WINDOW.since + 12 * HOUR
    with store.begin() as tx:
        tx.coverage.add(watch.id or 0, Span(incident.began, now))
    _, digest = read(store, incident, now=now)
    assert (digest.listening[0].share, digest.listening[0].missing) == (1.0, ())
    assert not digest.posts.at_least
    _, later = read(store, incident, now=now + 10 * HOUR + LAG)
    assert later.listening[0].missing == (Missing(Span(now, now + 10 * HOUR), "unheard"),)
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
    assert digest.listening[0].missing == (Missing(hole, "unheard"),)
    assert [(one.backfilled, one.posts) for one in digest.listening] == [(False, 0), (True, 1)]
    with store.begin() as tx:
        tx.coverage.add(again.id or 0, hole)
    _, filled = read(store, incident)
    assert filled.listening[0].missing == ()


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


def test_a_state_is_of_now_so_only_a_day_that_goes_on_has_one(
    store: Store, incident: IncidentRow
) -> None:
    """Last night's sheet doesn't change because a watch got into trouble this morning."""
    watch = a_row(store, incident)
    noon = WINDOW.since + 12 * HOUR
    with store.begin() as tx:
        tx.coverage.add(watch.id or 0, Span(incident.began, noon))
        tx.watches.went_on(watch.id or 0, None, None, noon)
    _, today = read(store, incident, now=noon)
    assert (today.listening[0].state, today.listening[0].since) == ("quiet", watch.created_at)
    with store.begin() as tx:
        tx.watches.in_trouble(watch.id or 0, "refused", "x wants a token", noon, None)
    _, blind = read(store, incident, now=noon + HOUR)
    one = blind.listening[0]
    assert (one.state, one.since, one.why) == ("blind", noon, "x wants a token")
    _, over = read(store, incident)
    assert (over.listening[0].state, over.listening[0].trouble) == (None, "x wants a token")
    _, before = read(store, incident, day=DAY - timedelta(days=1))
    assert (before.listening[0].state, before.listening[0].trouble) == (None, None)
    assert before.listening[0].paused_since is None


def test_a_pause_by_a_person_is_told_from_the_day_it_began(
    store: Store, incident: IncidentRow
) -> None:
    """The sheet of the day says since when; that of the day before doesn't know yet."""
    noon = WINDOW.since + 12 * HOUR
    a_row(store, incident, paused_at=noon, asked_at=noon)
    _, today = read(store, incident, now=noon + HOUR)
    assert (today.listening[0].state, today.listening[0].since) == ("paused", noon)
    _, over = read(store, incident)
    assert over.listening[0].paused_since == noon
    _, before = read(store, incident, day=DAY - timedelta(days=1))
    assert before.listening[0].paused_since is None


def test_what_is_lost_stays_missing_and_is_named_apart_from_what_is_to_come(
    store: Store, incident: IncidentRow
) -> None:
    """Closing a hole as lost makes no count complete."""
    watch = a_row(store, incident).id or 0
    lost, open_ = (Span(WINDOW.since + n * HOUR, WINDOW.since + (n + 1) * HOUR) for n in (4, 6))
    with store.begin() as tx:
        for since, until in ((incident.began, lost.since), (lost.until, open_.since),
                             (open_.until, WINDOW.until)):  # fmt: skip
            tx.coverage.add(watch, Span(since, until))
        tx.holes.put(watch, "a", lost, "{}", LATER)
        tx.holes.put(watch, "b", open_, "{}", LATER)
        tx.holes.give_up(watch, "a", "the feed showed only its newest 10", LATER)
    _, digest = read(store, incident)
    assert digest.listening[0].missing == (
        Missing(lost, "lost", "the feed showed only its newest 10"), Missing(open_, "unread")
    )  # fmt: skip
    assert digest.gaps == (lost, open_) and digest.posts.at_least
    assert [n for n, hour in enumerate(digest.hours) if hour.at_least] == [4, 6]


def test_a_sample_is_estimated_and_told_until_its_stretch_was_read_in_full(
    store: Store, incident: IncidentRow
) -> None:
    """Two of four minutes were read of 40 posts counted; the tables count what was read."""
    row = a_row(store, incident)
    watch, minute = row.as_watch(), timedelta(minutes=1)
    peak = Span(WINDOW.since + 5 * HOUR, WINDOW.since + 5 * HOUR + 4 * minute)
    slices = tuple(Span(peak.since + n * minute, peak.since + (n + 1) * minute) for n in (0, 2))
    with store.begin() as tx:
        tx.coverage.add(watch.id, Span(incident.began, peak.since))
        tx.coverage.add(watch.id, Span(peak.until, WINDOW.until))
        for slice_, complaints in zip(slices, (6, 4), strict=True):
            posts = [a_post(posted_at=slice_.since) for _ in range(10)]
            ids = list(tx.posts.add(watch, posts, LATER).ids.values())
            tags = [Tag(post_id=i, label="complaint", by="ana") for i in ids[:complaints]]
            tx.tags.put(tags, LATER)
        tx.samples.add(watch.id, Sample(span=peak, width=minute, probability=0.5, counted=40,
                                        slices=slices))  # fmt: skip
    _, digest = read(store, incident)
    (sampled,) = digest.sampled
    (complaints,) = sampled.labels
    assert (sampled.spans, sampled.counted, sampled.read) == ((peak,), 40, 20)
    assert (complaints.name, complaints.seen, complaints.posts) == ("complaint", 10, 20)
    assert 10 <= complaints.low < 20 < complaints.high <= 40
    assert digest.listening[0].missing == (Missing(peak, "sampled"),)
    assert (digest.posts.posts, digest.posts.at_least) == (20, True)
    assert [n for n, hour in enumerate(digest.hours) if hour.at_least] == [5]
    assert "x counted 40 posts in the stretches it was too dear" in " ".join(digest.lede)
    again = a_row(store, incident, once=True)
    with store.begin() as tx:
        tx.coverage.add(again.id or 0, peak)
    _, whole = read(store, incident)
    assert (whole.sampled, whole.listening[0].missing, whole.posts.at_least) == ((), (), False)
