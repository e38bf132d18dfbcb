"""Distinct complaints as texts, who waits too long, and since when: on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.clock import due, late_until
from models.coverage import Span
from models.incident import Watch
from models.store import Store
from models.store.pulse import Crowd, Overdue
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

HOUR = timedelta(hours=1)
DAY = Span(NOW - 24 * HOUR, NOW + HOUR)
WORK = "Mon-Fri 08:00-20:00"


@pytest.fixture
def watch(store: Store) -> Watch:
    """Return a watch on each of the two databases."""
    return a_watch(store, source="x", terms=["reelpost"])


def say(store: Store, watch: Watch, label: str, **fields: object) -> int:
    """Keep a post with a label; return its id."""
    post = a_post(**fields)
    with store.begin() as tx:
        seen = fields.get("posted_at") or NOW
        number = tx.posts.add(watch, [post], seen).ids[post.source, post.external_id]  # type: ignore[arg-type]
        rows = tx.posts.unscored(10)
        tag = Tag(post_id=number, label=label, by="classifier:t", score=0.9)
        tx.tags.put_scored(rows, [tag], by="classifier:t", at=NOW)
    return number


def test_copies_are_one_complaint_and_voices_are_told_by_the_hour(
    store: Store, watch: Watch
) -> None:
    """Cleo twice and Dre once say one thing; praise is none, and who has no name is a voice by the text."""
    first = say(store, watch, "complaint", text="no discs again", posted_at=NOW - 3 * HOUR)
    say(store, watch, "complaint", text="No discs, again!", posted_at=NOW - 3 * HOUR)
    say(store, watch, "complaint", text="no discs again", author="dre", posted_at=NOW)
    other = say(store, watch, "complaint", text="login fails", author=None, posted_at=NOW)
    say(store, watch, "praise", text="thank you all", author="fay", posted_at=NOW)

    with store.read() as tx:
        heard, among = tx.complaints.heard(1, DAY, "complaint", 10)
        nears = {one.post_id: one.near for one in heard}
        crowds = tx.complaints.crowds(1, DAY, "complaint", {nears[first]: 0, nears[other]: 1})
        shown = tx.complaints.shown(1, [first, other])
        assert tx.complaints.heard(1, DAY, "complaint", 1)[1] == 2
        assert len(tx.complaints.heard(1, DAY, "complaint", 1)[0]) == 1

    assert among == 2
    by_post = {one.post_id: one for one in heard}
    assert by_post[first].hours == ((NOW - 3 * HOUR, 1), (NOW, 1))
    assert by_post[first].text == "no discs again"
    assert crowds == {0: Crowd(3, 2), 1: Crowd(1, 1)}
    assert (shown[first].alike, shown[first].labels) == (2, ("complaint",))
    assert shown[other].author is None


def test_what_waits_too_long(store: Store, watch: Watch) -> None:
    """Open, undecided, a complaint or credit request, seen that early: these and no others."""
    old = say(store, watch, "complaint", posted_at=NOW - 5 * HOUR)
    looked = say(store, watch, "credit_request", posted_at=NOW - 4 * HOUR)
    say(store, watch, "praise", posted_at=NOW - 5 * HOUR)
    say(store, watch, "complaint", posted_at=NOW - HOUR)
    with store.begin() as tx:
        tx.items.look(1, [looked], NOW)

    with store.read() as tx:
        labels = ("complaint", "credit_request")
        found = tx.pulse.overdue(1, labels, NOW - 2 * HOUR, NOW)
        earlier = tx.pulse.overdue(1, labels, NOW - 2 * HOUR, NOW - 4 * HOUR)
        none = tx.pulse.overdue(1, labels, NOW - 9 * HOUR, NOW)
        assert tx.pulse.first_seen(1) == NOW - 5 * HOUR

    assert old and found == Overdue(2, 1, NOW - 5 * HOUR)
    assert earlier == Overdue(1, 1, NOW - 5 * HOUR)
    assert none == Overdue(0, 0, None)


@pytest.mark.parametrize("hours", ["", WORK, "Mon-Sun 22:00-06:00", "Sat 10:00-18:30"])
@pytest.mark.parametrize("minutes", [1, 120, 900])
def test_up_to_a_moment_all_is_late_and_after_it_nothing(hours: str, minutes: int) -> None:
    """It is the last moment that `due` itself calls late, to the microsecond, over days of moments."""
    for now in (NOW, NOW + timedelta(days=4, hours=3), NOW.replace(hour=20)):
        last = late_until(now, minutes, hours, "Europe/Berlin", now - timedelta(days=12))

        def late(at: datetime, now: datetime = now) -> bool:
            return now > due(at, minutes, hours, "Europe/Berlin")

        begun = [now - n * HOUR * 7 / 3 for n in range(40)]
        if last is None:
            assert not any(late(at) for at in begun)
        else:
            assert late(last) and not late(last + timedelta(microseconds=1))
            assert all(late(at) == (at <= last) for at in begun)


def test_nothing_is_late_that_began_after_all_that_is() -> None:
    """With the first post of a minute ago nothing has waited for half an hour."""
    assert late_until(NOW, 30, "", "UTC", NOW - timedelta(minutes=1)) is None
