"""What a sample says of the posts nobody read, and how sure it may be."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.coverage import Span
from models.incident import Watch
from models.sample import Estimate, Reading, Sample, drawn, estimate
from models.store import Store
from models.tag import Tag
from tests.factories import a_post, a_watch

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STRETCH = Span(AT, AT + 20 * MINUTE)
SHARE = 0.25
SOME_LABEL = "complaint"


class Drawn(NamedTuple):
    """A made stretch: how many posts it has and have the label, and what its sample says of that."""

    posts: int
    truth: int
    said: Estimate

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return abs(self.said.posts - self.truth) <= self.said.margin


def a_storm(seed: int, posts: int, *, loud: bool) -> list[tuple[float, bool]]:
    """
    Return posts as (place in the stretch, has the label), the share of which drifts in bursts.

    With `loud`, more is said while a burst lasts: half of all posts fall into one.
    """
    chance = random.Random(seed)
    usual = chance.uniform(0.1, 0.5)
    bursts = [
        (chance.random(), chance.uniform(0.02, 0.15), chance.uniform(-0.3, 0.5))
        for _ in range(chance.randint(1, 4))
    ]

    def one() -> tuple[float, bool]:
        place = chance.random()
        if loud and chance.random() < 0.5:
            middle, width, _ = chance.choice(bursts)
            place = chance.gauss(middle, width) % 1
        share = usual + sum(
            rise * math.exp(-(((place - middle) / width) ** 2)) for middle, width, rise in bursts
        )
        return place, chance.random() < share

    return [one() for _ in range(posts)]


def a_draw(seed: int, posts: int = 2_000, share: float = SHARE, *, loud: bool = False) -> Drawn:
    """Sample a made stretch in slices of a twentieth, and estimate it."""
    storm = a_storm(seed, posts, loud=loud)
    slices, probability = drawn(STRETCH, MINUTE, share, str(seed))
    said, having = Counter(), Counter()  # type: Counter[int], Counter[int]
    for place, has in storm:
        said[int(place * 20)] += 1
        having[int(place * 20)] += has
    places = [(slice_.since - AT) // MINUTE for slice_ in slices]
    read = [(said[place], having[place]) for place in places]
    return Drawn(posts, sum(has for _, has in storm), estimate(posts, probability, read))


@pytest.mark.parametrize("loud", [False, True])
def test_the_interval_holds_the_truth_and_the_estimates_lean_nowhere(loud: bool) -> None:
    """In nine of ten stretches at least, though their label comes and goes in bursts."""
    draws = [a_draw(seed, loud=loud) for seed in range(400)]
    assert sum(draw.holds for draw in draws) >= 0.9 * len(draws)
    truth = sum(draw.truth for draw in draws)
    assert abs(sum(draw.said.posts for draw in draws) - truth) <= 0.02 * truth
    # It says something: on average the truth is known to an eighth of all posts, up or down.
    assert sum(draw.said.margin for draw in draws) <= 0.17 * 2_000 * len(draws)


@pytest.mark.parametrize("share", [0.1, 0.15])
def test_few_slices_know_that_they_are_few(share: float) -> None:
    """Two or three make the interval wide, not wrong."""
    draws = [a_draw(seed, share=share) for seed in range(400)]
    assert sum(draw.holds for draw in draws) >= 0.95 * len(draws)


@pytest.mark.parametrize("share", [0.1, 0.15, 0.25])
def test_the_sum_of_many_samples_is_surer_than_each(share: float) -> None:
    """A day of twelve samples: their interval holds the truth, and is narrow."""
    days = [[a_draw(12 * day + n, 1_000, share) for n in range(12)] for day in range(60)]
    held, wide = 0, 0.0
    for day in days:
        said = sum((draw.said for draw in day), Estimate(0.0, 0.0))
        held += abs(said.posts - sum(draw.truth for draw in day)) <= said.margin
        wide += said.margin / sum(draw.posts for draw in day)
    assert held >= 0.9 * len(days)
    assert wide / len(days) <= 0.1


def test_one_slice_alone_is_never_certain() -> None:
    """Whatever it shows, the rest may be otherwise: give or take nearly all."""
    for having in (0, 40, 100):
        said = estimate(1_000, 0.1, [(100, having)])
        assert said.posts == having * 10 and said.margin > 900
    assert estimate(1_000, 0.2, [(100, 100), (0, 0)]).margin > 800


def test_slices_that_are_all_alike_leave_a_doubt() -> None:
    """Three hundred complaints of three hundred posts don't make the other seven hundred complain."""
    for having in (0, 100):
        said = estimate(1_000, 0.3, [(100, having)] * 3)
        assert said.posts == having * 10 and 5 < said.margin < 100


def test_an_empty_sample_says_nothing() -> None:
    """Zero, give or take all there are."""
    assert estimate(500, 0.2, []) == estimate(500, 0.2, [(0, 0), (0, 0)]) == Estimate(0.0, 500.0)
    assert estimate(500, 0.2, []).margin >= 500


def test_what_was_read_in_full_is_certain() -> None:
    """All slices drawn: no error."""
    assert estimate(200, 1.0, [(100, 30), (100, 50)]).margin == 0


@given(some.lists(some.builds(Estimate, some.floats(0, 1e6), some.floats(0, 1e5),
                              some.sampled_from([1.0, 2.0, 4.0, math.inf])), max_size=6))  # fmt: skip
def test_estimates_add_up_in_any_order(parts: list[Estimate]) -> None:
    """Posts add, errors add as squares, and how sure the error is follows."""
    nothing = Estimate(0.0, 0.0)
    one, other = sum(parts, nothing), sum(reversed(parts), nothing)
    assert one.posts == pytest.approx(sum(part.posts for part in parts))
    assert one.error == pytest.approx(math.sqrt(sum(part.error**2 for part in parts)))
    assert one.freedom == pytest.approx(other.freedom)
    assert one.freedom >= min((part.freedom for part in parts), default=math.inf) * 0.999


@given(some.integers(1, 7_200), some.integers(1, 600), some.floats(0.001, 3), some.text(max_size=5))
def test_the_slices_drawn_lie_within_the_stretch_and_are_as_many_as_said(
    seconds: int, width: int, share: float, seed: str
) -> None:
    """In order, none twice, each of the width but the stretch's last; asked again, the same."""
    span = Span(AT, AT + seconds * SECOND)
    slices, probability = drawn(span, width * SECOND, share, seed)
    count = -(-seconds // width)
    assert len(slices) == min(max(round(count * share), 1), count)
    assert probability == len(slices) / count
    assert list(slices) == sorted(set(slices))
    for slice_ in slices:
        assert (slice_.since - AT) % (width * SECOND) == timedelta(0)
        assert slice_.until == min(slice_.since + width * SECOND, span.until)
    assert drawn(span, width * SECOND, share, seed) == (slices, probability)


def test_every_slice_is_as_likely_as_any_other() -> None:
    """Also where the slices wanted don't go evenly into those there are."""
    times = Counter(
        slice_.since
        for seed in range(4_000)
        for slice_ in drawn(STRETCH, MINUTE, 0.15, str(seed))[0]
    )
    assert len(times) == 20
    # 600 each; four standard deviations are 90.
    assert max(abs(count - 600) for count in times.values()) < 90


class Read:
    """A stretch of four minutes of which the first and the third were drawn and read."""

    def __init__(self, store: Store, watch: Watch) -> None:
        self.store, self.watch = store, watch
        self.span = Span(AT, AT + 4 * MINUTE)
        slices = tuple(Span(AT + n * MINUTE, AT + (n + 1) * MINUTE) for n in (0, 2))
        with store.begin() as tx:
            tx.samples.add(watch.id, Sample(span=self.span, width=MINUTE, probability=0.5,
                                            counted=100, slices=slices))  # fmt: skip

    def add(self, at: datetime, *labels: str, official: bool = False, put: bool = True) -> None:
        """Keep a post of that moment."""
        post = a_post(posted_at=at, official=official)
        with self.store.begin() as tx:
            (key,) = tx.posts.add(self.watch, [post], AT).ids.values()
            if labels:
                tx.tags.put([Tag(post_id=key, label=n, by="ana", put=put) for n in labels], AT)

    def reading(self) -> Reading:
        """Read it back."""
        with self.store.read() as tx:
            (row,) = tx.samples.of([self.watch.id], self.span)
            return tx.samples.reading(row)


@pytest.fixture
def read(store: Store) -> Read:
    """Return the stretch of a watch."""
    return Read(store, a_watch(store, source="x"))


EDGE = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "posts", "total"),
    [
        (AT - EDGE, (0, 0), 0),
        (AT, (1, 0), 1),
        (AT + MINUTE - EDGE, (1, 0), 1),
        (AT + MINUTE, (0, 0), 1),
        (AT + 2 * MINUTE - EDGE, (0, 0), 1),
        (AT + 2 * MINUTE, (0, 1), 1),
        (AT + 3 * MINUTE, (0, 0), 1),
        (AT + 4 * MINUTE - EDGE, (0, 0), 1),
        (AT + 4 * MINUTE, (0, 0), 0),
    ],
)
def test_a_post_counts_in_its_slice_from_its_first_microsecond_to_its_last(
    read: Read, at: datetime, posts: tuple[int, int], total: int
) -> None:
    """Between two slices it was read, but not drawn; outside the stretch it is nothing to us."""
    read.add(at, SOME_LABEL)
    reading = read.reading()
    assert (reading.posts, reading.read) == (posts, total)
    assert reading.having.get(SOME_LABEL, (0, 0)) == posts
    assert reading.seen == ({SOME_LABEL: 1} if total else {})


def test_a_post_counts_for_each_of_its_labels_and_once_among_the_posts(read: Read) -> None:
    """Two labels on one post, one taken off another, the company's own, one of another watch."""
    read.add(AT, "complaint", "credit_request")
    read.add(AT, "complaint", put=False)
    read.add(AT, "complaint", official=True)
    read.add(AT + 2 * MINUTE, "complaint")
    read.add(AT + MINUTE, "praise")
    other = Read(read.store, a_watch(read.store, incident_id=1, source="x", terms=["late"]))
    other.add(AT, "complaint")
    reading = read.reading()
    assert (reading.posts, reading.read, reading.counted) == ((3, 1), 5, 100)
    assert reading.having == {"complaint": (1, 1), "credit_request": (1, 0), "praise": (0, 0)}
    assert reading.seen == {"complaint": 2, "credit_request": 1, "praise": 1}
    assert reading.estimate("complaint") == estimate(100, 0.5, [(3, 1), (1, 1)])
    with read.store.read() as tx:
        said = tx.samples.estimates(*tx.samples.of([read.watch.id], read.span))
    assert said == {label: reading.estimate(label) for label in reading.having}
    assert reading.estimate("thanks") == estimate(100, 0.5, [(3, 0), (1, 0)])


def test_samples_are_found_by_where_their_stretch_begins(lite: Store) -> None:
    """Each by the day it began on, oldest first, and no other watch's."""
    mine, other = a_watch(lite), a_watch(lite, incident_id=1, terms=["late"])

    def keep(watch: Watch, at: datetime) -> None:
        sample = Sample(span=Span(at, at + MINUTE), width=SECOND, probability=0.1, counted=9,
                        slices=(Span(at, at + SECOND),))  # fmt: skip
        with lite.begin() as tx:
            tx.samples.add(watch.id, sample)

    for at in (AT + MINUTE, AT, AT - EDGE, AT + 2 * MINUTE):
        keep(mine, at)
    keep(other, AT)
    with lite.read() as tx:
        rows = tx.samples.of([mine.id], Span(AT, AT + 2 * MINUTE))
    assert [row.since for row in rows] == [AT, AT + MINUTE]
