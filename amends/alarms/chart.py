"""
The chart of one label: a CUSUM over stretches that rises when voices speak for a rise.

Pure. For every minute it takes, of all stretches that end there (`WINDOWS`), the evidence that voices
have risen by the rule's factor rather than not, and keeps the strongest. Each stretch is judged by how
far stretches of its length scatter, so a day that is a little louder never adds up to an alarm.

What wasn't read is unknown, not zero: a minute in which not all was read counts with what is usual where
it was read. And whatever was heard, in full or not, is at least what was said: if that much is by itself
enough, it is an alarm.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from amends.alarms.baseline import Baseline, Floats

WINDOWS = (2, 3, 5, 8, 13, 21, 34, 60, 120, 180)
"""Minutes of the stretches that are looked at."""

LONGEST = 360
"""Minutes that a chart remembers."""

FEWEST = 5
"""Voices in a stretch with fewer of which nothing is an alarm, however rare it is."""


class Minutes(msgspec.Struct, frozen=True):
    """
    Minutes in order: voices and what is usual where all was read, and both anywhere.

    Where nothing was read in full `voices` and `usual` are 0.
    """

    voices: Floats
    usual: Floats
    heard: Floats
    everywhere: Floats

    def __len__(self) -> int:
        return len(self.voices)


class Scores(msgspec.Struct, frozen=True):
    """By minute: the strongest evidence of a rise, and over how many minutes it goes."""

    highest: Floats
    window: Floats


def against(usual: Floats, rise: float, shape: float) -> Floats:
    """Return what a voice in a stretch must outweigh to speak for a rise, for what is usual in it."""
    found: Floats = np.log((shape + rise * usual) / (shape + usual))
    return found


def evidence(counts: Floats, weight: Floats, rise: float, shape: float) -> Floats:
    """
    Return how much likelier counts are after a rise than without one, as logarithms.

    Of negative binomials of this `shape`; `weight` is what `against` says of the usual.
    """
    return counts * math.log(rise) - (counts + shape) * weight


def enough(counts: Floats, weight: Floats, rise: float, shape: float) -> Floats:
    """Return the evidence, which is none where voices are too few for an alarm."""
    return np.where(counts < FEWEST, 0.0, evidence(counts, weight, rise, shape))


def strongest(counts: Floats, weight: Floats, rise: float, shape: float) -> float:
    """Return the greatest of `enough`; most counts are too few to be worth the evidence."""
    at = np.flatnonzero(counts >= FEWEST)
    if 2 * len(at) > len(counts):
        return float(enough(counts, weight, rise, shape).max())
    return float(evidence(counts[at], weight[at], rise, shape).max(initial=0.0))


def scores(minutes: Minutes, baseline: Baseline, rise: float) -> Scores:
    """Return the evidence by minute."""
    highest, window = np.zeros(len(minutes)), np.zeros(len(minutes))
    for counts, usual in ((minutes.voices, minutes.usual), (minutes.heard, minutes.everywhere)):
        for size in WINDOWS:
            shape = shape_of(baseline, size)
            weight = against(last(usual, size), rise, shape)
            found = enough(last(counts, size), weight, rise, shape)
            better = found > highest
            highest[better], window[better] = found[better], size
    return Scores(highest, window)


def resting(minutes: Minutes, baseline: Baseline, rise: float, size: int) -> Floats:
    """Return by minute the evidence of a rise in the last `size` of them; below 0 it speaks against."""
    shape = shape_of(baseline, size)
    weight = against(last(minutes.usual, size), rise, shape)
    return evidence(last(minutes.voices, size), weight, rise, shape)


def shape_of(baseline: Baseline, size: int) -> float:
    """Return the shape of the negative binomial that so many minutes together follow."""
    return 1 / max(baseline.scatter(size), 1e-4)


def last(column: Floats, size: int) -> Floats:
    """Return for each minute the sum of the last `size` ones."""
    return lasts(running(column), size)


def running(column: Floats) -> Floats:
    """Return the sum of all minutes before each, and of all."""
    return np.concatenate((np.zeros(1), np.cumsum(column)))


def lasts(sums: Floats, size: int) -> Floats:
    """Return what `last` does, from `running` sums, for whoever asks for many sizes."""
    found = sums[1:].copy()
    if size < len(found):
        found[size:] -= sums[1:-size]
    return found
