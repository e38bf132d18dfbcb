"""Mastodon: walks down an instance's hashtags, what they bring and what they prove."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.mastodon import source
from models.coverage import Span, merge
from models.errors import SourceChanged
from tests.ingest.mastodon_said import (
    HOME,
    HOUR,
    LAG,
    MINUTE,
    TEN,
    Instance,
    a_watch,
    known,
    onward,
    read,
    status,
    walk,
)
from tests.recorded import NOW


def test_all_is_brought_when_more_came_than_one_answer_holds() -> None:
    """Five hundred posts between two looks: each once, and all of the stretch is proved."""
    said = [status(TEN + HOUR + timedelta(seconds=6 * n), n) for n in range(500)]

    heard = walk(Instance(*said), known())

    assert sorted(heard.ids) == [one["id"] for one in said]
    assert merge(heard.spans) == [Span(TEN, NOW - LAG)]


def test_freshest_come_first() -> None:
    """The first answer holds the newest posts."""
    said = [status(NOW - n * MINUTE) for n in range(60)]

    assert walk(Instance(*said), known(), answers=1).ids[0] == said[0]["id"]


def test_a_walk_cut_short_proves_only_what_it_read() -> None:
    """What lies above the newest of the last answer is proved; the rest is a hole until it goes on."""
    said = [status(NOW - n * MINUTE, n) for n in range(110)]

    heard = walk(Instance(*said), known(), answers=2)

    assert merge(heard.spans) == [Span(NOW - 40 * MINUTE + timedelta(seconds=1), NOW - LAG)]
    assert heard.more is not None


def test_a_post_that_arrives_late_is_found() -> None:
    """Another instance delivers after forty minutes, with the old date and an old id."""
    instance = Instance(*(status(NOW - n * MINUTE) for n in range(90)))
    watch = onward(known(), walk(instance, known()))
    late = status(NOW - 40 * MINUTE, 7)
    instance.tags["reelpost"].append(late)

    soon = walk(instance, watch, NOW + 5 * MINUTE)
    heard = walk(instance, onward(watch, soon), NOW + 16 * MINUTE)

    assert late["id"] in heard.ids


def test_minutes_are_read_again_and_every_quarter_of_an_hour_an_hour() -> None:
    """Down to the first post that is so much older than what was proved; no more is asked."""
    instance = Instance(*(status(NOW - n * MINUTE) for n in range(120)))
    watch = onward(known(), walk(instance, known()))

    near = walk(instance, watch, NOW + 12 * MINUTE)
    deep = walk(instance, onward(watch, near), NOW + 13 * MINUTE)

    assert len(near.posts) == 7
    assert len(deep.posts) == 62


def test_a_quiet_hashtag_is_one_question() -> None:
    """An empty answer proves that nobody spoke since the last look."""
    instance = Instance()

    heard = walk(instance, known())

    assert len(instance.asked) == 1
    assert heard.spans == [Span(TEN, NOW - LAG)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_is_lost_however_it_arrives_and_is_cut(data: st.DataObject) -> None:
    """Posts up to 55 minutes late, walks cut anywhere: in the end all have come, and no span lies."""
    minutes = st.integers(0, 240)
    posts = data.draw(st.lists(st.tuples(minutes, st.integers(0, 55)), max_size=160))
    looks = sorted(data.draw(st.lists(minutes, min_size=1, max_size=12)))
    said = [
        (status(TEN + m * MINUTE, n), TEN + m * MINUTE, late) for n, (m, late) in enumerate(posts)
    ]
    watch, brought, spans = a_watch(), set(), list[Span]()
    for look in [*looks, 300, 320, 340]:
        at = TEN + look * MINUTE
        instance = Instance(*(one for one, when, late in said if when + late * MINUTE <= at))
        cut = data.draw(st.integers(1, 3)) if look < 300 else 10_000
        heard = walk(instance, watch, at, answers=cut)
        brought |= set(heard.ids)
        spans += heard.spans
        watch = onward(watch, heard)
        proved = {
            one["id"] for one, when, late in said
            if not late and any(span.since <= when < span.until for span in spans)
        }  # fmt: skip
        assert proved <= brought

    assert len(brought) == len(posts)


def test_a_first_look_ends_behind_the_beginning() -> None:
    """It stops at an answer that is wholly older; one old post may only have come late."""
    young = [status(TEN + n * MINUTE, n) for n in range(50)]
    old = [status(TEN - HOUR - n * MINUTE) for n in range(400)]
    stray = status(TEN + 49 * MINUTE, 99, created_at="2026-01-01T00:00:00Z")
    instance = Instance(*young, *old, stray)

    heard = walk(instance, a_watch())

    assert sorted(heard.ids) == [one["id"] for one in young]
    assert len(instance.asked) == 4


def test_without_a_beginning_it_looks_back_a_week() -> None:
    """A watch that says nothing doesn't read a hashtag's whole history."""
    instance = Instance(*(status(NOW - timedelta(hours=n)) for n in range(600)))

    heard = walk(instance, a_watch(since=None))

    assert heard.spans[-1].since == NOW - timedelta(days=7)
    assert len(heard.posts) < 250


def test_an_instance_deaf_to_the_lower_bound_is_stopped_by_time() -> None:
    """It would give its whole history each time."""
    instance = Instance(*(status(NOW - n * MINUTE) for n in range(2_000)))
    instance.deaf_to = {"since_id"}

    walk(instance, known())

    assert len(instance.asked) == 5


def test_an_instance_that_gives_the_same_answer_again_is_changed() -> None:
    """Else the walk would never end."""
    instance = Instance(*(status(NOW - n * MINUTE) for n in range(90)))
    instance.deaf_to = {"max_id"}

    with pytest.raises(SourceChanged):
        walk(instance, known())


def test_an_empty_answer_with_a_link_goes_on() -> None:
    """Some servers leave out posts after they have counted them."""
    link = f'<{HOME}/api/v1/timelines/tag/reelpost?max_id=42>; rel="next"'

    answer = read(source.ask(known(), NOW), [], link=link)

    assert answer.hole is not None
    assert answer.more is not None
    assert ("max_id", "42") in answer.more.params


def test_a_link_decides_no_address() -> None:
    """A header that names another host moves the id alone."""
    link = '<http://169.254.169.254/api?max_id=42>; rel="next"'

    answer = read(source.ask(known(), NOW), [status(NOW)], link=link)

    assert answer.more is not None
    assert answer.more.url == f"{HOME}/api/v1/timelines/tag/reelpost"


def test_several_hashtags_are_proved_together() -> None:
    """Only when the last has ended is it known that nobody spoke under any."""
    instance = Instance(status(NOW - 5 * MINUTE), discs=[status(NOW - 9 * MINUTE)])
    watch = known(terms=("#Reelpost", "discs", "reelpost"))

    halfway = walk(instance, watch, answers=2)
    whole = walk(instance, onward(watch, halfway))

    assert halfway.spans == []
    assert whole.spans == [Span(TEN, NOW - LAG)]
    assert len(halfway.posts + whole.posts) == 2


@pytest.mark.parametrize("headers", [{"age": "1800"}, {"date": "Wed, 04 Mar 2026 11:30:00 GMT"}])
def test_a_cached_answer_proves_nothing_newer_than_itself(headers: dict[str, str]) -> None:
    """A cache that stands in for a dead instance says “nothing new” for a day."""
    heard = walk(Instance(status(TEN + HOUR)), known(), **headers)

    assert merge(heard.spans) == [Span(TEN, NOW - 30 * MINUTE - LAG)]
    assert heard.posts[0].as_of == NOW - 30 * MINUTE
