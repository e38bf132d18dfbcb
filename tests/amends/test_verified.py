"""What people delete, lock, lose or edit on X goes here in time, also when X can't be asked for 20 hours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from amends.alarms.late import late_elsewhere, late_in
from amends.alarms.live import sound
from amends.alarms.rules import Rise, Rules
from amends.erase import Place
from amends.rounds import Besides
from amends.upkeep import Upkeep
from classify.labels import Labels
from ingest.registry import all_sources
from models.home import Home
from models.incident import Watch
from models.marks import made_marks
from models.store import Store
from models.store.views import Wanted
from tests.battery import FULL, Record, tell
from tests.factories import NOW, a_post, a_watch
from tests.ingest.fake_compliance import ACTIONS, Event, FakeCompliance, Killed

AGE, DOWN = timedelta(hours=24), timedelta(hours=20)
FIRST = 2028760473138103289
X = {"x": all_sources()["x"]}
RULES = Rules(labels={"complaint": Rise(rise=2.5)})

POSTS, EACH = (1_000, 40) if FULL else (150, 10)
SPAN = 48 if FULL else 8
"""Hours in which things happen; half of them may be over when the silence of 20 hours begins."""

STEP = timedelta(minutes=5 if FULL else 20)
KILLS = 0.05 if FULL else 0.2
SEEDS = range(5 if FULL else 1)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    """Return an empty place, on each of the two databases."""
    home = Home(tmp_path / "home").make()
    marks = made_marks(home.erasure_key)
    store = Store.open(database_url, home.seal, home.marks)
    yield Place(home, store, marks, Labels.load(), lambda _: None)
    store.close()


def said(count: int) -> dict[str, str]:
    """Return what people said on X, by its number."""
    return {str(FIRST + n * 1_000): f"discs never came word{n:04}" for n in range(count)}


def kept(place: Place, posts: dict[str, str], at: datetime, **limits: int) -> Watch:
    """Keep posts as they were at a moment."""
    watch = a_watch(place.store, source="x", terms=["discs"], **limits)
    rows = [
        a_post(source="x", external_id=one, text=text, author=f"u{one[-6:]}", as_of=at)
        for one, text in posts.items()
    ]
    with place.store.begin() as tx:
        tx.posts.add(watch, rows, at)
    return watch


def texts(place: Place) -> dict[str, str]:
    """Return what is kept, by its number."""
    with place.store.read() as tx:
        return {one.external_id: one.text for one in tx.views.posts(1, Wanted())}


def upkeep_at(place: Place, now: datetime) -> Upkeep:
    """Return the upkeep of a moment, as after a restart: all that is remembered is in the database."""
    return Upkeep(lambda: place, X, lambda: now, AGE)


def happenings(posts: dict[str, str], seed: int) -> list[Event]:
    """Return what happens to so many posts of each kind, in those hours."""
    dice = random.Random(seed)
    chosen = dice.sample(sorted(posts), EACH * len(ACTIONS))
    kinds = [kind for kind in ACTIONS for _ in range(EACH)]
    return [
        Event(one, kind, NOW + timedelta(hours=dice.uniform(0, SPAN)))
        for one, kind in zip(chosen, kinds, strict=True)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_gone_on_x_goes_within_the_set_age(
    place: Place, seed: int, record_property: Record
) -> None:
    """Of five kinds of events all in time, and nothing else, with kills inside; then it is proved again."""
    posts = said(POSTS)
    events = happenings(posts, seed)
    begin = NOW + timedelta(hours=random.Random(seed).uniform(1, SPAN / 2))
    x = FakeCompliance(posts, events, (begin, begin + DOWN), seed=seed, kills=KILLS)
    kept(place, posts, NOW, reads_a_day=1_000)
    now, went = NOW, dict[str, datetime]()
    there = set(posts.values())
    while now < NOW + timedelta(hours=SPAN / 2 + 28):
        now += STEP
        upkeep = upkeep_at(place, now)
        asked = len(x.asked)
        with suppress(Killed):
            list(upkeep.round(x))
        if len(x.asked) > asked:
            still = set(texts(place).values())
            went |= dict.fromkeys(there - still, now)
            there &= still

    goes = [one for one in events if ACTIONS[one.kind] != "scrub_geo"]
    took = {one.post: went[posts[one.post]] - one.at for one in goes if posts[one.post] in went}
    in_time = sum(timedelta(0) <= one <= AGE for one in took.values())
    assert in_time == len(goes) == 5 * EACH
    assert set(went) == {posts[one.post] for one in goes}, "and nothing else is gone"
    left = texts(place)
    edited = {one.post for one in events if one.kind == "tweet_edited"}
    assert left.keys() == posts.keys() - {one.post for one in goes} | edited
    assert x.killed > 0
    with place.store.read() as tx:
        assert [one.late for one in tx.verified.proofs(now - AGE)] == [0]
    slowest = max(took.values())
    tell(
        record_property,
        f"X: {len(posts):,} posts, {in_time} of {len(goes)} gone in time (the slowest after "
        f"{slowest / timedelta(hours=1):.1f} h), {len(posts) - len(goes)} others all there, "
        f"{x.killed} kills",
    )


def test_an_alarm_rings_while_posts_wait_too_long(place: Place) -> None:
    """It names the trouble, ends when they are verified, and doesn't ring twice."""
    posts = said(120)
    x = FakeCompliance(posts, (), (NOW, NOW + timedelta(hours=30)))
    kept(place, posts, NOW)
    rang: list[tuple[int, str]] = []
    for hour in range(0, 40, 2):
        now = NOW + timedelta(hours=hour)
        upkeep = upkeep_at(place, now)
        list(upkeep.round(x))
        with place.store.read() as tx:
            incident = tx.incidents.find("discs-late")
        told = sound(place.store, incident, RULES, now, ages=upkeep.ages)
        rang += [(hour, line) for line in told if "verified" in line]

    assert [hour for hour, _ in rang] == [26, 32]
    assert "ALARM x: 120 posts not verified at the source for over 24 hours" in rang[0][1]
    assert "503" in rang[0][1]
    assert rang[1][1] == "over: x unverified"


def test_it_rings_without_an_open_incident_too(place: Place) -> None:
    """In the closed one that saw the posts, once; it is over once they are verified."""
    x = FakeCompliance(said(20), (), (NOW, NOW + timedelta(hours=30)))
    kept(place, said(20), NOW)
    with place.store.begin() as tx:
        tx.incidents.find("discs-late").closed_at = NOW
    rang: list[tuple[int, str]] = []
    for hour in range(0, 40, 2):
        now = NOW + timedelta(hours=hour)
        told: list[str] = []
        upkeep = upkeep_at(place, now)
        clock = partial(datetime.fromtimestamp, now.timestamp(), UTC)
        Besides(place.store, clock, told.append, RULES, upkeep).keep_up(x)
        rang += [(hour, line) for line in told if "verified" in line and "trouble:" not in line]

    assert [hour for hour, _ in rang] == [26, 32]
    assert "ALARM x: 20 posts not verified at the source for over 24 hours" in rang[0][1]
    assert rang[1][1] == "over: x unverified"
    with place.store.read() as tx:
        (alarm,) = tx.alarms.of(tx.incidents.find("discs-late").id)
    assert (alarm.kind, alarm.subject, alarm.since) == ("late", "unverified:x", NOW + AGE)


def test_an_alarm_that_ended_with_its_incident_rings_again(place: Place) -> None:
    """Who closes an incident ends its alarms; posts that still wait are told of in it anew."""
    kept(place, said(5), NOW)
    closed = NOW + timedelta(hours=26)
    with place.store.begin() as tx:
        row = tx.incidents.find("discs-late")
        late_in(tx, row, {"x": AGE}, closed)
        tx.alarms.end_all(row.id or 0, closed)
        row.closed_at = closed

    told = late_elsewhere(place.store, {"x": AGE}, closed + timedelta(hours=1))

    assert [line.partition(" posts")[0] for line in told] == ["ALARM x: 5"]
    assert late_elsewhere(place.store, {"x": AGE}, closed + timedelta(hours=2)) == []


def test_a_closed_incident_and_a_removed_watch_are_verified_too(place: Place) -> None:
    """So are posts that only a file brought, by any watch of their source; nothing is paid without a limit."""
    posts = said(30)
    events = [Event(one, "deleted", NOW) for one in list(posts)[:10]]
    x = FakeCompliance(posts, events, (NOW, NOW))
    watch = kept(place, dict(list(posts.items())[5:]), NOW)
    with place.store.begin() as tx:
        tx.watches.get(watch.id).removed_at = NOW
        tx.incidents.find("discs-late").closed_at = NOW
    brought = a_watch(place.store, source="file", incident_id=watch.incident_id, once=True)
    with place.store.begin() as tx:
        some = [a_post(source="x", external_id=one, text=posts[one]) for one in list(posts)[:5]]
        tx.posts.add(brought, some, NOW)

    for minutes in (0, 90, 180):
        now = NOW + timedelta(hours=4, minutes=minutes)
        list(upkeep_at(place, now).round(x))

    assert texts(place).keys() == posts.keys() - {one.post for one in events}
    assert all(one.free for one in x.asked), "a job costs nothing"
    with place.store.read() as tx:
        assert tx.watches.spent(watch.id, now)[1] == 0
