"""
What to read when a day's budget of paid posts won't last: replies to the company, then a sample. Pure.

A watch with a budget has its stretch counted first, which is cheap. If reading all of it would take
more than its share of what is left, the stretch is cut into slices, and by chance some are read in
full; the rest is estimated from them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from models.budget import until_tomorrow
from models.coverage import Span
from models.sample import Sample, drawn

SHARE = 0.1
"""Of what is left of a day, the part one walk may spend however short its stretch is."""

ANSWER = 100
"""Posts in one answer, and in one slice at most, about."""

SLICES = 20
"""Slices a walk reads if it can: the more there are, the surer the estimate."""

FINEST = 20
"""Posts in one slice at least, about: each costs a question, and X takes thirty a minute."""

FEWEST = 2 * ANSWER
"""Posts a walk may always read: an answer of replies and one slice."""


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """
    A count before reading, of what came `since` the last walk, without what is read twice.

    `left` is how many posts may be paid for today, `counted` what is counted so far.
    """

    left: int
    since: datetime
    counted: int = 0


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    What to read of a stretch, part by part.

    First `replies`, a query for what is said to the company, in at most `answers` answers; then the
    `slices`, in whole seconds since 1970, each with every query of the watch. `part` counts them.
    """

    since: datetime
    until: datetime
    counted: int
    probability: float
    width: int
    slices: tuple[tuple[int, int], ...]
    replies: str = ""
    answers: int = 0
    part: int = 0

    @property
    def replying(self) -> bool:
        """Whether it stands at the replies."""
        return bool(self.replies) and self.part == 0

    @property
    def slice(self) -> Span | None:
        """The stretch it stands at; None for the replies, which are asked for all of it."""
        if self.replying:
            return Span(self.since, self.until)
        return None if not self.slices else _span(self.slices[self._place[0]])

    @property
    def _place(self) -> tuple[int, int]:
        done = self.part - (1 if self.replies else 0)
        return done % len(self.slices), done // len(self.slices)

    def query(self, queries: tuple[str, ...]) -> str:
        """Return the query of the part it stands at."""
        return self.replies if self.replying else queries[self._place[1]]

    def next(self, queries: tuple[str, ...]) -> Plan | None:
        """Return the plan at its next part, or None after the last."""
        parts = (1 if self.replies else 0) + len(self.slices) * len(queries)
        if self.part + 1 >= parts:
            return None
        return msgspec.structs.replace(self, part=self.part + 1)

    def sample(self) -> Sample:
        """Return how the stretch was sampled, once all parts are read."""
        return Sample(
            span=Span(self.since, self.until),
            width=timedelta(seconds=self.width),
            probability=self.probability,
            counted=self.counted,
            slices=tuple(_span(pair) for pair in self.slices),
        )


def allowed(left: int, stretch: Span, now: datetime) -> int:
    """Return how many posts a walk over a stretch may read of the `left` for the rest of the day."""
    share = stretch.length / max(until_tomorrow(now), timedelta(minutes=1))
    return min(left, max(round(left * max(share, SHARE)), FEWEST))


def thrifty(
    counted: int, left: int, stretch: Span, own: tuple[str, ...], now: datetime, seed: str
) -> Plan | None:
    """Return what to read of `counted` posts, or None where all of it may be read."""
    may = allowed(left, stretch, now)
    if counted <= may:
        return None
    replies = " OR ".join(f"to:{handle}" for handle in own)
    for_replies = may // 2 if replies else 0
    seconds = int(stretch.length.total_seconds())
    to_draw = max(may - for_replies, ANSWER)
    size = min(max(to_draw // SLICES, FINEST), ANSWER)
    width = max(seconds * size // counted, 1)
    whole = Span(stretch.since, stretch.since + timedelta(seconds=seconds))
    share = to_draw / counted
    slices, probability = drawn(whole, timedelta(seconds=width), share, seed)
    return Plan(
        since=whole.since,
        until=whole.until,
        counted=counted,
        probability=probability,
        width=width,
        slices=tuple((int(s.since.timestamp()), int(s.until.timestamp())) for s in slices),
        replies=f"({replies})" if replies else "",
        answers=max(for_replies // ANSWER, 1) if replies else 0,
    )


def _span(pair: tuple[int, int]) -> Span:
    return Span(datetime.fromtimestamp(pair[0], UTC), datetime.fromtimestamp(pair[1], UTC))
