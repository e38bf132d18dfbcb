"""Alarms as rounds raise them: what fires, what doesn't, and when it is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from amends import course
from amends.alarms.replay import replay
from amends.alarms.rules import rules
from models.coverage import Span
from models.errors import SetupError
from models.incident import WatchRow
from models.store import Store
from tests.amends.scene import BEGAN, DAY, HOUR, MINUTE, SHIPPED, Scene


def test_a_rise_is_an_alarm_that_says_why(store: Store) -> None:
    """It names the label, how many voices, how many are usual, and from how much that was learnt."""
    scene = Scene(store)
    at = scene.goes(BEGAN, BEGAN + 30 * MINUTE, 120)

    told = scene.sound(at + 2 * MINUTE)

    (alarm,) = scene.alarms
    assert (alarm.kind, alarm.subject) == ("rise", "complaint")
    assert BEGAN - 5 * MINUTE <= alarm.since <= alarm.opened_at <= BEGAN + 30 * MINUTE
    assert alarm.why.startswith("Complaint: ") and "are usual" in alarm.why
    assert "learnt from 7 days of history, so it is rough" in alarm.why
    assert told[0] == f"ALARM {alarm.why}"


def test_the_usual_is_no_alarm(lite: Store) -> None:
    """A day as loud as the week before it."""
    scene = Scene(lite)

    scene.sound(scene.goes(BEGAN, BEGAN + DAY, 20) + 2 * MINUTE)

    assert scene.alarms == []


def test_hour_twelve_is_still_in_alarm_and_a_relapse_is_a_new_one(lite: Store) -> None:
    """Round after round: one alarm for the outage, an end, and another 20 hours later."""
    scene = Scene(lite)
    at = BEGAN
    for _ in range(12):
        at = scene.goes(at, at + HOUR, 60)
        scene.sound(at + 2 * MINUTE)
    (outage,) = scene.alarms
    still = outage.ended_at
    at = scene.goes(at, at + 20 * HOUR, 20)
    scene.sound(at + 2 * MINUTE)
    (over,) = scene.alarms
    at = scene.goes(at, at + 30 * MINUTE, 120)
    scene.sound(at + 2 * MINUTE)

    assert still is None and outage.peak_voices is not None and outage.peak_voices > 40
    assert over.ended_at is not None and over.ended_at > BEGAN + 12 * HOUR
    assert [one.ended_at is None for one in scene.alarms] == [False, True]


@pytest.mark.parametrize("short", [False, True])
def test_one_viral_post_alone_does_not_fire(store: Store, short: bool) -> None:
    """2,400 people pass it on, within two hours; a repost of a few words counts no more than one of many."""
    scene = Scene(store)
    said = (
        "so done"
        if short
        else "my whole family waited for the discs that never came, thanks reelpost"
    )
    posts = [
        scene.post(BEGAN + n * timedelta(seconds=3), text=f"RT @cleo: {said}", kind="repost")
        for n in range(2_400)
    ]
    scene.say(posts)

    scene.sound(scene.goes(BEGAN, BEGAN + 2 * HOUR, 20) + 2 * MINUTE)

    assert scene.alarms == []


@pytest.mark.parametrize("followers", [None, 5_000_000])
def test_a_text_is_new_again_after_a_day_in_which_nobody_said_it(
    store: Store, followers: int | None
) -> None:
    """However far up in the queue it stands that said it before."""
    scene = Scene(store, days=0)
    said = "my whole family waited for the discs that never came, thanks reelpost"
    before = scene.post(BEGAN, text=said, author_followers=followers)
    within, after = (scene.post(BEGAN + n * HOUR, text=said) for n in (23, 48))
    scene.say([before, within, after])

    with store.read() as tx:
        window = Span(BEGAN, BEGAN + 3 * DAY)
        heard = tx.minutes.by_minute([scene.watch.incident_id], "complaint", window)

    minutes = [int(at.timestamp()) // 60 for at in (BEGAN, BEGAN + 48 * HOUR)]
    assert [(one.minute, one.voices) for one in heard] == [(at, 1) for at in minutes]


def test_many_who_say_the_same_few_words_are_many(lite: Store) -> None:
    """“is it down?” by a hundred people is what an outage sounds like."""
    scene = Scene(lite)
    scene.say(
        [scene.post(BEGAN + n * timedelta(seconds=20), text="is it down?") for n in range(100)]
    )

    scene.sound(scene.goes(BEGAN, BEGAN + 40 * MINUTE, 20) + 2 * MINUTE)

    assert len(scene.alarms) == 1


def test_one_loud_author_does_not_fire(lite: Store) -> None:
    """Eve says something new every half minute for two hours."""
    scene = Scene(lite)
    scene.say([scene.post(BEGAN + n * timedelta(seconds=30), author="eve") for n in range(240)])

    scene.sound(scene.goes(BEGAN, BEGAN + 2 * HOUR, 20) + 2 * MINUTE)

    assert scene.alarms == []


def test_what_was_not_heard_is_unknown_and_no_calm(lite: Store) -> None:
    """An alarm doesn't end because nobody listened, and a stretch half heard is enough to begin one."""
    scene = Scene(lite)
    scene.say(scene.crowd(Span(BEGAN, BEGAN + 30 * MINUTE), 200))
    later = BEGAN + 8 * HOUR
    scene.hear(Span(later - MINUTE, later))

    scene.sound(later + 2 * MINUTE)

    (alarm,) = scene.alarms
    assert "at least" in alarm.why
    assert alarm.ended_at is None


def test_a_watch_that_goes_blind_in_an_open_incident_is_an_alarm(store: Store) -> None:
    """After a quarter of an hour, once, whatever keeps it blind; over when the watch hears again."""
    scene = Scene(store, days=0)
    with store.begin() as tx:
        tx.watches.in_trouble(scene.watch.id, "changed", "it gave a login page", BEGAN, None)

    early = scene.sound(BEGAN + 10 * MINUTE)
    first = scene.sound(BEGAN + 16 * MINUTE)
    with store.begin() as tx:
        tx.watches.in_trouble(scene.watch.id, "setup", "no key", BEGAN + 17 * MINUTE, None)
    again = scene.sound(BEGAN + 50 * MINUTE)
    (blind,) = scene.alarms
    with store.begin() as tx:
        tx.watches.went_on(scene.watch.id, None, None, BEGAN + HOUR)
    heard = scene.sound(BEGAN + HOUR)

    assert early == [] and again == ["1 in alarm: amends alarms list discs-late"]
    assert first[0].startswith("ALARM x (reelpost) has been blind since 12:00 UTC")
    assert (blind.kind, blind.since, blind.ended_at) == ("blind", BEGAN, None)
    assert heard[0].startswith("over: watch 1 is")
    assert scene.alarms[0].ended_at == BEGAN + HOUR


def test_a_fresh_installation_says_that_it_knows_nothing(lite: Store) -> None:
    """Without any history the stated prior holds, and the alarm says so."""
    scene = Scene(lite, days=0)

    scene.sound(scene.goes(BEGAN, BEGAN + HOUR, 120) + 2 * MINUTE)

    assert "no history yet: 6 voices an hour are taken for usual" in scene.alarms[0].why


def test_what_is_new_hides_no_rise_of_what_is_known(lite: Store) -> None:
    """Five blogs watched since the incident began: what is usual there nobody knows, and isn't guessed."""
    scene = Scene(lite, an_hour=2)
    heard = Span(BEGAN, BEGAN + 2 * HOUR)
    with lite.begin() as tx:
        for number in range(5):
            row = WatchRow(incident_id=scene.incident.id or 0, key="", source="wordpress",
                           address=f"https://blog.example/{number}/", created_at=BEGAN)  # fmt: skip
            tx.coverage.add(tx.watches.add(row)[0].id or 0, heard)

    scene.sound(scene.goes(BEGAN, BEGAN + 2 * HOUR, 12) + 2 * MINUTE)

    (alarm,) = [one for one in scene.alarms if one.kind == "rise"]
    assert "of wordpress nothing is known yet, so that doesn't count" in alarm.why


def test_past_incidents_are_cut_out_of_what_is_usual(lite: Store) -> None:
    """Three loud days last week were an outage of the same company, so they aren't the usual."""
    scene = Scene(lite)
    bad = Span(BEGAN - 5 * DAY, BEGAN - 3 * DAY)
    scene.say(scene.crowd(bad, 100))
    with lite.begin() as tx:
        old = course.opened(tx, title="Old", company="Reelpost", terms=[], tz="UTC",
                            began=bad.since.isoformat(), by="bo", now=bad.since)  # fmt: skip
        course.closed(tx, old, by="bo", now=bad.until)
    scene.goes(BEGAN, BEGAN + HOUR, 80)

    scene.sound(BEGAN + HOUR + 2 * MINUTE)

    (alarm,) = scene.alarms
    assert "learnt from 4 days" in alarm.why
    assert alarm.peak is not None and 3 < alarm.peak < 6


def test_the_same_minutes_taken_in_twice_are_one_alarm(store: Store) -> None:
    """A chart that was put back to before the alarm finds it again, and it is the same one."""
    scene = Scene(store)
    at = scene.goes(BEGAN, BEGAN + 10 * MINUTE, 20)
    scene.sound(at + 2 * MINUTE)
    with store.read() as tx:
        before = list(tx.alarms.charts(scene.incident.id or 0).values())
    at = scene.goes(at, at + 30 * MINUTE, 150)
    scene.sound(at + 2 * MINUTE)
    with store.begin() as tx:
        tx.alarms.keep(before)
    scene.sound(at + 2 * MINUTE)

    assert len(scene.alarms) == 1


def test_closing_an_incident_ends_its_alarms_and_reopening_begins_anew(lite: Store) -> None:
    """What is still high after it was reopened is an alarm of its own."""
    scene = Scene(lite)
    at = scene.goes(BEGAN, BEGAN + 30 * MINUTE, 150)
    scene.sound(at + 2 * MINUTE)
    with lite.begin() as tx:
        course.closed(tx, tx.incidents.find("discs-late"), by="bo", now=at + 3 * MINUTE)
    (ended,) = scene.alarms
    with lite.begin() as tx:
        course.reopened(tx, tx.incidents.find("discs-late"), by="bo", now=at + 4 * MINUTE)
    at = scene.goes(at, at + HOUR, 150)
    scene.sound(at + 2 * MINUTE)

    assert ended.ended_at == BEGAN + 33 * MINUTE
    assert [one.ended_at is None for one in scene.alarms] == [False, True]


def test_news_of_alarms_are_told_in_order_and_under_the_same_key(store: Store) -> None:
    """Whoever sends them on can ask since when they last did, and know what was sent already."""
    scene = Scene(store)
    at = scene.goes(BEGAN, BEGAN + 30 * MINUTE, 150)
    scene.sound(at + 2 * MINUTE)
    over = scene.goes(at, at + 6 * HOUR, 20)
    scene.sound(over + 2 * MINUTE)
    (alarm,) = scene.alarms

    with store.read() as tx:
        every, late = tx.alarms.since(BEGAN), tx.alarms.since(over)

    assert [(one.key, one.what) for one in every] == [
        (f"alarm:{alarm.id}:opened", "opened"), (f"alarm:{alarm.id}:ended", "ended"),
    ]  # fmt: skip
    assert [one.what for one in late] == ["ended"]


def test_a_replay_finds_what_rounds_found(lite: Store) -> None:
    """Of the same hours: one alarm, and none in the quiet week before."""
    scene = Scene(lite, days=14)
    at = BEGAN
    for _ in range(4):
        at = scene.goes(at, at + 15 * MINUTE, 120)
        scene.sound(at + MINUTE)
    (alarm,) = scene.alarms

    with lite.read() as tx:
        incident = tx.incidents.find("discs-late")
        found = replay(tx, incident, SHIPPED, Span(BEGAN - HOUR, at), "complaint")
        quiet = replay(tx, incident, SHIPPED, Span(BEGAN - 7 * DAY, BEGAN), "complaint")

    (rang,) = found.alarms
    assert abs(rang.opened_at - alarm.opened_at) <= 5 * MINUTE
    assert quiet.alarms == () and quiet.heard == pytest.approx(7)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("[complant]\nrise = 3\n", "did you mean complaint?"),
        ("per_week = 3\n[complaint]\nrise = 3\n", "“per_week” is no rule"),
        ("[complaint]\nrise = 0.5\n", "1.2"),
        ("[complaint]\nsigmas = 3\n", "sigmas"),
        ("per_month = 0\n", "0.01"),
        ("labels = 3\n", "“labels” is no rule"),
        ("per_month =", "alarms.toml"),
    ],
)
def test_rules_of_ones_own_are_checked(tmp_path: Path, said: str, wrong: str) -> None:
    """What is wrong is said with the file's name."""
    path = tmp_path / "alarms.toml"
    path.write_text(said)

    with pytest.raises(SetupError) as refused:
        rules(("complaint", "praise"), path)

    assert wrong in f"{refused.value.message} {refused.value.remedy}"
