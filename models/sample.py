"""
A sample: a stretch too dear to read in full, of which a known share was read, drawn by chance.

The stretch is cut into slices of equal length; some are drawn, spread over all of it, and read in
full. What holds for the slices read, taken against how many posts the source counts in all, estimates
the rest; how far the slices differ among each other says how sure that is.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from models.columns import Instant
from models.coverage import Span

_SURE = 1.96
_STUDENT = (
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23,
    2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09,
)  # fmt: skip
"""How many standard errors hold the truth in 95 of 100 cases, for 1, 2, 3 … degrees of freedom."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a stretch was sampled.

    `slices` are those read, each `width` long; `probability` the share of all that they are;
    `counted` how many posts the source says the whole stretch holds.
    """

    span: Span
    width: timedelta
    probability: float
    counted: int
    slices: tuple[Span, ...]


class Estimate(msgspec.Struct, frozen=True):
    """An estimated number of posts, its standard error, and how many degrees of freedom that has."""

    posts: float
    error: float
    freedom: float = math.inf

    def __add__(self, other: Estimate) -> Estimate:
        """Return the sum of two independent ones; the freedom is Welch's and Satterthwaite's."""
        of_error = self.error**4 / self.freedom + other.error**4 / other.freedom
        error = math.hypot(self.error, other.error)
        return Estimate(
            self.posts + other.posts, error, error**4 / of_error if of_error else math.inf
        )

    @property
    def margin(self) -> float:
        """How far the truth lies from it at most, in 95 of 100 cases."""
        known = self.freedom <= len(_STUDENT)
        return self.error * (_STUDENT[max(int(self.freedom), 1) - 1] if known else _SURE)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was read of a sampled stretch.

    `posts` are those in each slice, and `having` those of them that have a label; `read` and `seen`
    count the posts of the whole stretch, also those that were read though no slice drawn holds them.
    """

    span: Span
    counted: int
    probability: float
    posts: tuple[int, ...]
    having: dict[str, tuple[int, ...]]
    read: int
    seen: dict[str, int]

    def estimate(self, label: str) -> Estimate:
        """Return how many posts of the stretch have a label, also one that no slice shows."""
        having = self.having.get(label, (0,) * len(self.posts))
        return estimate(self.counted, self.probability, zip(self.posts, having, strict=True))


def drawn(span: Span, width: timedelta, share: float, seed: str) -> tuple[tuple[Span, ...], float]:
    """
    Return the slices of a stretch chosen by `seed`, about a `share` of them, and their exact share.

    At least one. The slices are laid in a ring, cut by chance into as many runs as are wanted, and
    of each run one is drawn: every slice is as likely as any other, and a burst can't be missed by
    bad luck alone. A question asked again after a crash chooses the same ones.
    """
    count = max(-(-span.length // width), 1)
    wanted = min(max(round(count * share), 1), count)
    first = _lot(seed, "first") % count
    ring = [*range(first, count), *range(first)]
    runs = (ring[run * count // wanted : (run + 1) * count // wanted] for run in range(wanted))
    chosen = sorted(min(run, key=lambda place: _lot(seed, place)) for run in runs)
    starts = (span.since + width * place for place in chosen)
    return tuple(Span(at, min(at + width, span.until)) for at in starts), wanted / count


def _lot(seed: str, what: str | int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {what}".encode()).digest())


def estimate(counted: int, probability: float, slices: Iterable[tuple[int, int]]) -> Estimate:
    """
    Return how many of `counted` posts have something, from (posts, posts that have it) of each slice.

    The ratio estimator for slices drawn without replacement, with its usual linear error, but never
    less than that of as many posts drawn one by one: few slices may be alike by luck. One slice alone
    can't tell how far slices differ, so it has the largest error a share can have. Without a post in
    the sample it is 0, give or take all there are.
    """
    read = [(posts, having) for posts, having in slices if posts]
    total = sum(posts for posts, _ in read)
    if not total:
        return Estimate(0.0, float(counted))
    share, unread = sum(having for _, having in read) / total, 1 - probability
    if len(read) == 1:
        return Estimate(share * counted, counted * math.sqrt(unread) / 2)
    scatter = sum((having - share * posts) ** 2 for posts, having in read)
    between = scatter * len(read) / (len(read) - 1) / total**2
    # Two more posts of either kind: what all posts read have in common, those unread may lack.
    doubted = (share * total + 2) / (total + 4)
    within = doubted * (1 - doubted) / total
    error = counted * math.sqrt(unread * max(between, within))
    return Estimate(share * counted, error, len(read) - 1)


class SampleRow(SQLModel, table=True):
    """A stored sample of one watch. `slices` are pairs of whole seconds since 1970."""

    __tablename__ = "sample"
    __table_args__ = (Index("sample_watch", "watch_id", "since"),)

    id: int | None = Field(default=None, primary_key=True)
    watch_id: int = Field(foreign_key="watch.id")
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    width: int
    probability: float
    counted: int
    slices: list[Any] = Field(default_factory=list, sa_type=JSON)
