"""
Spot checks: a few posts of a day, drawn by chance and looked at by a person, say how far counts are right.

For a label a day's posts are two heaps: those the classifier put it on, and the rest. Of each some
are looked at, in an order that chance has fixed, so that the first of them are a fair sample whatever
else people correct. What they show is carried over to the rest of their heap.
"""

from __future__ import annotations

from math import ceil, floor

import msgspec

DRAWN = 20
"""Posts of a heap that are drawn for people to look at."""

FEWEST = 10
"""Posts of a heap that must have been looked at before anything is said of it."""

_DRAWS, _SEED = 20_000, 20_260_304


class Heap(msgspec.Struct, frozen=True):
    """`size` posts of which the first `looked` were looked at, and `having` of those have the label."""

    size: int
    looked: int = 0
    having: int = 0


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one label on a day: `put` are posts the classifier put it on, `rest` all others."""

    label: str
    put: Heap
    rest: Heap


class Corrected(msgspec.Struct, frozen=True, kw_only=True):
    """
    How many posts really have a label: about `posts`, in 95 of 100 cases between `low` and `high`.

    As far as `looked` posts tell, of which so many were `wrong`.
    """

    label: str
    posts: int
    low: int
    high: int
    looked: int
    wrong: int


def corrected(check: Check) -> Corrected | None:
    """
    Return what a day's checks say of a label; None while too few posts were looked at, or none at all.

    The share of each heap is a beta distribution by Jeffreys' rule, drawn from with a fixed seed: the
    same checks always say the same. What was looked at is known, only the rest is estimated.
    """
    heaps = (check.put, check.rest)
    too_few = any(heap.looked < min(FEWEST, heap.size) for heap in heaps)
    if too_few or not any(heap.looked for heap in heaps):
        return None
    from numpy import quantile, zeros
    from numpy.random import PCG64, Generator

    chance = Generator(PCG64(_SEED))
    total = zeros(_DRAWS)
    for heap in heaps:
        unseen = heap.size - heap.looked
        if unseen:
            share = chance.beta(heap.having + 0.5, heap.looked - heap.having + 0.5, _DRAWS)
            total += chance.binomial(unseen, share)
        total += heap.having
    middle = sum(_expected(heap) for heap in heaps)
    low, high = quantile(total, (0.025, 0.975))
    posts = round(middle)
    return Corrected(
        label=check.label, posts=posts, low=min(floor(low), posts), high=max(ceil(high), posts),
        looked=check.put.looked + check.rest.looked,
        wrong=check.put.looked - check.put.having + check.rest.having,
    )  # fmt: skip


def _expected(heap: Heap) -> float:
    return heap.size * heap.having / heap.looked if heap.looked else 0.0
