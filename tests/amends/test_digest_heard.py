"""How a digest says how well each watch listened, what is missing, and what is only estimated."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from amends.digest import as_html, as_json, as_markdown, as_text, build
from amends.digest.ears import Ear, Lost
from amends.digest.value import Estimated
from amends.digest.words import rough
from models.coverage import Span
from models.sample import Reading
from tests.amends.goldens import (
    FORMS,
    GONE,
    HOUR,
    NOON,
    SNAPSHOTS,
    WAIT,
    WINDOW,
    a_reading,
    a_snapshot,
    tally_of,
)

NOW = {"stretch": WINDOW, "posts": 2, "source": "x", "aim": "discs"}
EARLY, LATE = Span(NOON - HOUR, NOON - HOUR / 2), Span(NOON, NOON + HOUR / 4)
CUT = "at least 2 posts, 98.9 % complete; missing 12:00–12:15 CST"
CANARY = "the canary “train” finds nothing, so silence proves nothing"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"state": "live"}, "live since 12:00 CST, 2 posts, complete."),
        ({"state": "quiet"}, "quiet since 12:00 CST, 2 posts, complete."),
        ({"state": "paused"}, "paused since 12:00 CST, 2 posts, complete."),
        ({"state": "throttled", "trouble": WAIT, "why": WAIT},
         f"throttled since 12:00 CST, 2 posts, complete. Trouble: {WAIT}"),
        ({"state": "blind", "why": CANARY}, f"blind since 12:00 CST, 2 posts. Trouble: {CANARY}"),
        ({"state": "capped", "why": "still to be read: a, so", "holes": (LATE,), "unread": (LATE,)},
         f"capped since 12:00 CST, {CUT} (still to be read)."),
        ({"state": "capped", "why": "still to be read: a, so"},
         "capped since 12:00 CST, 2 posts, complete for this day. Older posts are still to be read."),
        ({"state": "capped", "trouble": "it is spent", "why": "it is spent", "holes": (LATE,)},
         f"capped since 12:00 CST, {CUT}. Trouble: it is spent"),
        ({"trouble": WAIT, "trouble_since": NOON}, f"2 posts, complete. Trouble: {WAIT}"),
        ({"paused_since": NOON - 13 * HOUR, "trouble": WAIT, "trouble_since": NOON},
         "2 posts, complete. Paused since 3 March 2026, 23:00 CST."),
    ],
)  # fmt: skip
def test_the_line_of_a_watch_says_its_state_and_each_thing_once(
    said: dict[str, Any], line: str
) -> None:
    """In all four forms, whatever ails it."""
    since = {"since": NOON} if "state" in said else {}
    digest = build(a_snapshot(ears=(Ear(id=1, **NOW, **said, **since),)))
    assert f"- x (discs): {line}" in as_markdown(digest).replace("\u200b", "").splitlines()
    assert f"- x (discs): {line}" in " ".join(as_text(digest).split())
    assert f">x (discs): {line}</li>" in as_html(digest)
    kept = msgspec.json.decode(as_json(digest))["listening"][0]
    assert (kept["state"], kept["why"]) == (said.get("state"), said.get("why"))
    assert (kept["since"] is None) == ("state" not in said)


def test_the_missing_stretches_are_named_by_what_becomes_of_them() -> None:
    """Lost ones apart from those still to come; of a hole that is both, each part by itself."""
    ear = Ear(
        id=1, **NOW, holes=(Span(EARLY.since, NOON), LATE), unread=(EARLY,),
        lost=(Lost(LATE, GONE), Lost(Span(WINDOW.since, WINDOW.since + HOUR), "heard since")),
    )  # fmt: skip
    digest = build(a_snapshot(ears=(ear,)))
    text = " ".join(as_text(digest).split())
    assert (
        "missing 11:00–11:30 CST (still to be read); 11:30–12:00 CST;"
        f" 12:00–12:15 CST (lost: {GONE})."
    ) in text
    assert "a stretch is missing from x (1 h 15 min, 15 min of it for good)." in text
    assert "heard since" not in as_json(digest)
    gone = Ear(id=1, **NOW, holes=(LATE,), lost=(Lost(LATE, GONE),))
    assert "x (15 min, for good)" in " ".join(build(a_snapshot(ears=(gone,))).lede)


def test_more_missing_stretches_than_can_be_read_are_counted() -> None:
    """Eight are named, in order."""
    holes = tuple(Span(NOON + HOUR * n / 4, NOON + HOUR * n / 4 + HOUR / 12) for n in range(11))
    text = " ".join(as_text(build(a_snapshot(ears=(Ear(id=1, **NOW, holes=holes),)))).split())
    assert "13:45–13:50 CST; and 3 stretches more." in text and "14:00–14:05" not in text


def test_only_a_day_that_goes_on_warns_of_a_blind_watch_at_the_top() -> None:
    """Zero posts from a watch that can't hear aren't read as silence."""
    blind = Ear(id=1, **NOW, state="blind", since=NOON, why=CANARY)
    assert "Right now we can't hear x." in build(a_snapshot(now=NOON, ears=(blind,))).lede
    assert "can't hear" not in " ".join(build(SNAPSHOTS["busy"]).lede)


def test_estimates_stand_beside_the_counts_and_change_none() -> None:
    """What was read is counted as ever; a label the sample doesn't show isn't spoken of."""
    busy = SNAPSHOTS["busy"]
    digest = build(busy)
    bare = build(
        msgspec.structs.replace(
            busy, ears=tuple(msgspec.structs.replace(ear, samples=()) for ear in busy.ears)
        )
    )
    for name in ("posts", "labels", "sources", "hours", "gaps", "voiced"):
        assert getattr(digest, name) == getattr(bare, name)
    (sampled,) = digest.sampled
    assert [label.name for label in sampled.labels] == ["complaint", "credit_request"]
    for render in FORMS.values():
        said = " ".join(render(digest).split())
        assert (
            "x counted 12,400 posts in the stretches it was too dear to read in full; of those about"
            " 6,400 (5,700 to 7,000) are complaints and 1,250 (850 to 1,650) are credit requests."
        ) in said
        assert "too dear" not in render(bare)


def test_estimates_of_several_samples_add_up_and_one_without_the_label_counts_too() -> None:
    """Nobody knows that the rest of a stretch has none of what its few slices didn't show."""
    first, second = Span(NOON, NOON + HOUR), Span(NOON + HOUR, NOON + 2 * HOUR)
    without = a_reading(second, having={}, seen={})

    def complaints(*samples: Reading) -> Estimated:
        digest = build(a_snapshot(ears=(Ear(id=1, **NOW, samples=samples),)))
        (sampled,) = digest.sampled
        assert sampled.counted == 12_400 * len(samples)
        return sampled.labels[0]

    one, both = complaints(a_reading(first)), complaints(a_reading(first), without)
    twice = complaints(a_reading(first), a_reading(second))
    assert (one.posts, both.posts, twice.posts) == (6377, 6377, 12_754)
    assert both.high > one.high and both.low < one.low
    assert twice.high - twice.low < 2 * (one.high - one.low)
    assert (one.seen, twice.seen) == (371, 742)


def test_an_estimate_is_never_below_what_was_seen_nor_above_what_was_counted() -> None:
    """However few slices there are, and however odd the source counts."""
    few = {"posts": (3,), "having": {"complaint": (3,)}, "read": 9, "seen": {"complaint": 7}}
    for counted, ends in ((12, (7, 12)), (5, (7, 7)), (7, (7, 7))):
        ear = Ear(id=1, **NOW, samples=(a_reading(EARLY, counted=counted, **few),))
        label = build(a_snapshot(ears=(ear,))).sampled[0].labels[0]
        assert ((label.low, label.high), label.low <= label.posts <= label.high) == (ends, True)


@given(some.integers(0, 9_999), some.integers(0, 9_999), some.integers(0, 9_999), some.data())
def test_a_rounded_estimate_holds_the_exact_one_and_stays_possible(
    one: int, two: int, three: int, data: some.DataObject
) -> None:
    """Rounding makes nothing surer than it is."""
    low, posts, high = sorted((one, two, three))
    seen, more = data.draw(some.integers(0, low)), data.draw(some.integers(0, 500))
    exact = Estimated(name="a", title="A", seen=seen, posts=posts, low=low, high=high)
    middle, least, most = (int(word.replace(",", "")) for word in rough(exact, high + more))
    assert seen <= least <= low and high <= most <= high + more
    assert least <= middle <= most and abs(middle - posts) <= max((high - low) // 8, 1)


def test_two_watches_of_one_source_are_told_apart_where_both_were_sampled() -> None:
    """They may have counted the same posts, so their numbers aren't added."""
    ears = tuple(
        Ear(id=n, source="x", aim=aim, posts=0, stretch=WINDOW, samples=(a_reading(EARLY),))
        for n, aim in enumerate(("discs", "@reelpost"))
    )
    lede = " ".join(build(a_snapshot(ears=ears)).lede)
    assert "x (discs) counted 12,400 posts" in lede and "x (@reelpost) counted 12,400" in lede


def test_the_busiest_hour_says_at_least_where_a_part_of_it_is_missing() -> None:
    """Like any other count."""
    tally = tally_of((0,) * 12 + (90,), 2)
    whole, cut = (
        " ".join(build(a_snapshot(today=tally, ears=(Ear(id=1, **NOW, holes=holes),))).lede)
        for holes in ((), (LATE,))
    )
    assert "12:00–13:00 CST with 90 posts." in whole
    assert "12:00–13:00 CST with at least 90 posts." in cut
