"""From an ear to how well it heard the day, and to what is estimated of it: pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from amends.digest.ears import Ear
from amends.digest.value import Estimated, Fate, Listening, Missing, Sampled
from amends.digest.words import LONGEST_NAME, plain
from models.coverage import Span, holes, merge
from models.sample import Estimate


def heard(ear: Ear) -> Listening:
    """Return how well a watch heard the day."""
    share = None
    if ear.stretch is not None:
        missing = sum(hole.length.total_seconds() for hole in ear.holes)
        share = round(1 - missing / ear.stretch.length.total_seconds(), 6)
    return Listening(
        source=plain(ear.source, LONGEST_NAME),
        aim=plain(ear.aim),
        posts=ear.posts,
        backfilled=ear.once,
        share=share,
        missing=_missing(ear),
        state=ear.state,
        since=ear.since,
        why=plain(ear.why) if ear.why else None,
        trouble=plain(ear.trouble) if ear.trouble else None,
        trouble_since=ear.trouble_since,
        paused_since=ear.paused_since,
    )


def _missing(ear: Ear) -> tuple[Missing, ...]:
    """Return the holes of a day cut by what is known of them."""
    cut: dict[tuple[Fate, str], list[Span]] = {}
    rest = list(ear.holes)
    for known, fate, why in _known(ear):
        cut.setdefault((fate, why), []).extend(
            Span(max(hole.since, known.since), min(hole.until, known.until)) for hole in rest
        )
        rest = [part for hole in rest for part in holes(hole, [known])]
    cut["unheard", ""] = rest
    return tuple(
        sorted(
            Missing(span, fate, why) for (fate, why), spans in cut.items() for span in merge(spans)
        )
    )


def _known(ear: Ear) -> Iterator[tuple[Span, Fate, str]]:
    for one in ear.lost:
        yield one.span, "lost", plain(one.why)
    for sample in ear.samples:
        yield sample.span, "sampled", ""
    for span in ear.unread:
        yield span, "unread", ""


def sampled(ear: Ear, titles: Mapping[str, str]) -> Sampled:
    """Return what the samples of a watch say of the day, by the labels named in `titles`."""
    counted = sum(sample.counted for sample in ear.samples)
    shown = {name for sample in ear.samples for name, found in sample.having.items() if any(found)}
    return Sampled(
        source=plain(ear.source, LONGEST_NAME),
        aim=plain(ear.aim),
        spans=tuple(merge(sample.span for sample in ear.samples)),
        counted=counted,
        read=sum(sample.read for sample in ear.samples),
        labels=tuple(
            _estimated(ear, name, title, counted) for name, title in titles.items() if name in shown
        ),
    )


def _estimated(ear: Ear, name: str, title: str, counted: int) -> Estimated:
    seen = sum(sample.seen.get(name, 0) for sample in ear.samples)
    # A sample without the label counts too: nobody knows that the rest of its stretch has none.
    whole = sum((sample.estimate(name) for sample in ear.samples), Estimate(0.0, 0.0))

    def possible(posts: int) -> int:
        return max(min(posts, counted), seen)

    return Estimated(
        name=name,
        title=title,
        seen=seen,
        posts=possible(round(whole.posts)),
        low=possible(math.floor(whole.posts - whole.margin)),
        high=possible(math.ceil(whole.posts + whole.margin)),
    )
