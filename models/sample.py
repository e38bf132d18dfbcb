"""
A sample: a stretch too dear to read in full, of which a known share was read, drawn by chance.

The stretch is cut into slices of equal length; some are drawn and read in full. What holds
for the slices read, taken against how many posts the source counts in all, estimates the rest; how far
the slices differ among each other says how sure that is.
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
    """An estimated number of posts and its standard error."""

    posts: float
    error: float

    def __add__(self, other: Estimate) -> Estimate:
        """Return the sum of two independent ones."""
        return Estimate(self.posts + other.posts, math.hypot(self.error, other.error))


def drawn(span: Span, width: timedelta, share: float, seed: str) -> tuple[tuple[Span, ...], float]:
    """
    Return the slices of a stretch chosen by `seed`, about a `share` of them, and their exact share.

    At least one. Which are chosen depends on nothing but their beginnings and the seed, so a question
    asked again after a crash chooses the same ones.
    """
    count = max(-(-span.length // width), 1)
    starts = [span.since + width * number for number in range(count)]
    by_chance = sorted(
        starts, key=lambda at: hashlib.sha256(f"{seed} {at.isoformat()}".encode()).digest()
    )
    chosen = sorted(by_chance[: max(round(count * share), 1)])
    return tuple(Span(at, min(at + width, span.until)) for at in chosen), len(chosen) / count


def estimate(counted: int, probability: float, slices: Iterable[tuple[int, int]]) -> Estimate:
    """
    Return how many of `counted` posts have something, from (posts, posts that have it) of each slice.

    The ratio estimator for slices drawn without replacement, with its usual linear error, but never
    less than that of as many posts drawn one by one: few slices may be alike by luck. Without a post
    in the sample it is 0, give or take all there are.
    """
    read = list(slices)
    total = sum(posts for posts, _ in read)
    if not total:
        return Estimate(0.0, float(counted))
    share = sum(having for _, having in read) / total
    scatter = sum((having - share * posts) ** 2 for posts, having in read)
    between = scatter * len(read) / max(len(read) - 1, 1) / total**2
    within = share * (1 - share) / total
    return Estimate(share * counted, counted * math.sqrt((1 - probability) * max(between, within)))


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
