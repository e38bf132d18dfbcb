"""The state line, what rises, and the numbers both stand on."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import msgspec
import pytest

from amends.digest.ears import LAG, Ear
from amends.pulse.line import Hearing, Theme, hearing, promised, state_line
from amends.pulse.rising import rising
from models.coverage import Span
from models.incident import Watch
from models.store import Store
from models.store.pulse import Crowd, Lately, Saying
from tests.amends.board.conftest import posts
from tests.factories import NOW, a_post, a_watch

MINUTE = timedelta(minutes=1)
COMPLETE = Hearing("x", "complete", 0)
BLOG = Hearing("blog", "6 min behind", 2)


def lately(posts: int, authors: int, before: int = 0) -> Lately:
    """Return so many just now, and so many in each quarter before."""
    return Lately(Crowd(posts, authors), (Crowd(before, before),) * 4)


def gap(since: int, until: int) -> Span:
    """Return a stretch by how many minutes ago it began and ended."""
    return Span(NOW - since * MINUTE, NOW - until * MINUTE)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            (lately(46, 41, 15), [COMPLETE, BLOG], [], Theme("playback fails on TV", NOW + 2 * MINUTE)),
            (
                "46 new posts by 41 authors in 15 min, 3.1 × the hour before, say “playback fails on TV”; "
                "first 12:02; x complete, blog 6 min behind."
            ),
        ),
        (
            (lately(46, 41, 15), [BLOG], [gap(6, 2)], None),
            (
                "At least 46 new posts by at least 41 authors in 15 min, at least 3.1 × the hour before; "
                "blog 6 min behind."
            ),
        ),
        (
            (lately(46, 41, 15), [COMPLETE], [gap(60, 40)], None),
            "46 new posts by 41 authors in 15 min, about 3.1 × the hour before; x complete.",
        ),
        (
            (lately(20, 9, 20), [COMPLETE, Hearing("blog", "complete", 0)], [gap(300, 200)], None),
            (
                "20 new posts by 9 authors in 15 min, as many as in the hour before; "
                "all 2 sources complete."
            ),
        ),
        (
            (lately(3, 2, 15), [COMPLETE], [], Theme("anything", NOW)),
            "3 new posts by 2 authors in 15 min; x complete.",
        ),
        ((lately(1, 1), [COMPLETE], [], None), "1 new post by 1 author in 15 min; x complete."),
        ((lately(9, 0), [COMPLETE], [], None), "9 new posts in 15 min, none in the hour before; x complete."),
        ((lately(9, 4, 1), [COMPLETE], [], None),
         "9 new posts by 4 authors in 15 min, 4 in the hour before; x complete."),
        ((lately(9, 4, 1), [COMPLETE], [gap(60, 40)], None),
         "9 new posts by 4 authors in 15 min, at least 4 in the hour before; x complete."),
        ((lately(20, 9, 20), [BLOG], [gap(6, 2)], None),
         ("At least 20 new posts by at least 9 authors in 15 min, at least as many as in the hour before;"
          " blog 6 min behind.")),
        ((lately(0, 0), [COMPLETE], [], None), "No new posts in 15 min; x complete."),
        ((lately(0, 0), [BLOG], [gap(6, 2)], None), "No new posts seen in 15 min; blog 6 min behind."),
        ((lately(0, 0), [], [], None), "No new posts seen in 15 min; nobody listens yet."),
    ],
)  # fmt: skip
def test_the_state_line(said: tuple[object, ...], line: str) -> None:
    """As a liaison says it; with few posts less, with holes “at least”, with a hole below “about”."""
    counts, hearings, gaps, theme = said

    assert state_line(counts, hearings, gaps, NOW, "UTC", theme) == line  # type: ignore[arg-type]


def ear(**said: object) -> Ear:
    """Return a watch that has heard all of the last day, or what the scene makes of it."""
    plain = {"id": 1, "source": "x", "aim": "reelpost", "posts": 0, "state": "live", "since": NOW,
             "stretch": Span(NOW - timedelta(days=1), NOW - LAG)}  # fmt: skip
    return Ear(**(plain | said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "x complete"),
        ({"state": "capped", "holes": (gap(6, 2),)}, "x 6 min behind"),
        ({"state": "capped", "holes": (gap(40, 30),)}, "x misses 10 min"),
        ({"holes": (gap(300, 200),)}, "x complete since 08:40"),
        ({"holes": (gap(24 * 60, 2),)}, "x not complete for 24 h or more"),
        ({"state": "blind", "since": NOW - 30 * MINUTE}, "x blind since 11:30"),
        ({"state": "blind", "holes": (gap(6, 2),)}, "x blind since 12:00"),
        ({"state": "paused", "since": NOW - 3 * MINUTE}, "x paused since 11:57"),
    ],
)
def test_how_well_a_source_hears(said: dict[str, object], words: str) -> None:
    """Complete only if nothing is missing and it isn't blind."""
    (one,) = hearing([ear(**said)], NOW, "UTC")

    assert one.said == words


def test_two_watches_on_one_source_are_told_apart() -> None:
    """The worse one first."""
    found = hearing([ear(), ear(aim="outage", state="blind")], NOW, "UTC")

    assert [one.said for one in found] == ["x (outage) blind since 12:00", "x (reelpost) complete"]


def test_the_promise() -> None:
    """How long is left, and how late it is."""
    assert promised(NOW + 25 * MINUTE, NOW) == "in 25 min"
    assert promised(NOW - 65 * MINUTE, NOW) == "late by 1 h 5 min"
    assert promised(NOW, NOW) == "due now" and promised(None, NOW) == ""


def sayings(*texts: str, at: datetime = NOW, voice: str = "") -> list[Saying]:
    """Return posts, each by somebody else unless one voice says them all."""
    return [Saying(n, voice or f"{at} {n}", at + n * MINUTE, text) for n, text in enumerate(texts)]


OLD = sayings(*(f"still no discs in {town}" for town in ["town"] * 30), at=NOW - 180 * MINUTE)


def test_what_rises_is_what_was_not_said_before() -> None:
    """In the words of most, with its authors, its first post and the shortest as an example."""
    new = sayings("Playback fails on TV", "again playback fails on TV here", "playback fails on tv!!",
                  "the playback fails on TV since noon", "still no discs", "playback fails on TV")  # fmt: skip

    first, *others = rising(new, OLD)

    assert (first.phrase, first.posts, first.authors, first.before) == (
        "playback fails on TV", 5, 5, 0)  # fmt: skip
    assert first.first == NOW and first.example.text == "Playback fails on TV"
    assert not [one.phrase for one in others if "discs" in one.phrase]


def test_one_who_repeats_it_moves_nothing() -> None:
    """Eve says it forty times: that is one author."""
    assert rising(sayings(*["eve sells cheap discs"] * 40, voice="eve"), OLD) == []


def test_what_was_said_before_does_not_rise() -> None:
    """However often it is said now."""
    assert rising(sayings(*["still no discs in town"] * 40), OLD) == []


def test_chance_is_no_rise() -> None:
    """Of hundreds of pairs a few are always said more than before."""
    words = [f"word{n}" for n in range(24)]
    dice = random.Random(4)
    said, before = (
        sayings(*(" ".join(dice.choices(words, k=14)) for _ in range(count)), at=NOW)
        for count in (80, 160)
    )

    assert (
        rising(said, [msgspec.structs.replace(one, voice=f"b{one.voice}") for one in before]) == []
    )


def test_first_is_from_before_if_it_was_said_before() -> None:
    """What rises may have begun earlier."""
    early = [*OLD, *sayings("black screen", at=NOW - 90 * MINUTE)]

    (one, *_) = rising(sayings(*["black screen again"] * 9), early)

    assert (one.phrase, one.before, one.first) == ("black screen", 1, NOW - 90 * MINUTE)


def test_with_nothing_to_compare_it_is_what_most_say() -> None:
    """Words alone say too little then, and company and handles nothing at all."""
    new = sayings(*["@reelpost Reelpost app crashes https://x.example/1"] * 4)

    assert [one.phrase for one in rising(new, [], leave_out=["Reelpost"])] == ["app crashes"]


@pytest.fixture
def both(store: Store) -> Watch:
    """Return a watch on each of the two databases."""
    return a_watch(store, source="x", terms=["reelpost"])


def test_numbers(store: Store, both: Watch) -> None:
    """Posts and authors of each quarter, by label, and what waits; the company's own are left out."""
    texts = [("a", ("complaint",)), ("b", ("complaint", "credit_request")), ("c", ())]
    posts(store, both, *texts)
    posts(store, both, ("d", ()), author="dre", official=True)
    with store.begin() as tx:
        old = a_post(author="dre", posted_at=NOW - 20 * MINUTE)
        undated = a_post(author="dre", posted_at=None)
        tx.posts.add(both, [old, undated], NOW)
        hours = tx.pulse.hours(1, Span(NOW - 60 * MINUTE, NOW + 60 * MINUTE))
        counts = tx.pulse.labelled(1, Span(NOW - 60 * MINUTE, NOW), ["complaint", "praise"])
        waits = tx.pulse.waiting(1, ["credit_request", "praise"])
        now = tx.pulse.lately(1, NOW)
        assert (tx.pulse.unseen(1), tx.pulse.unscored(1)) == (3, 2)

    assert now == Lately(Crowd(3, 1), (Crowd(), Crowd(), Crowd(), Crowd(1, 1)))
    (only,) = hours
    assert (only.hour, only.posts, only.labels) == (0, 3, {"complaint": 2, "credit_request": 1})
    assert counts == {"": Crowd(3, 1), "complaint": Crowd(2, 1), "praise": Crowd()}
    assert waits["credit_request"].crowd == Crowd(1, 1)
    assert waits["credit_request"].oldest == NOW - 2 * MINUTE
    assert waits["praise"].oldest is None
