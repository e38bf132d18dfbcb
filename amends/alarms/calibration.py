"""
How high a chart may rise before it is an alarm, so that false ones are as rare as was stated.

Found by simulation: months as the baseline says they are, with the scatter it found and with what it
doesn't know for sure drawn anew for each of them, and nothing wrong in any. Seeded, so the same
baseline gives the same threshold.
"""

from __future__ import annotations

import math

import numpy as np

from amends.alarms.baseline import PER_DAY, PER_HOUR, SCALES, WEEK, Baseline, Floats
from amends.alarms.chart import WINDOWS, against, last, lasts, running, shape_of, strongest

MONTH = 30 * PER_DAY
MONTHS = 80
SAFETY = 0.3
"""The share of the stated rate that is used: the rest is for what no baseline knows."""

LEAST, CAUTIOUS = 3.0, 15.0
"""A threshold is never lower or higher; the higher one is that of whoever knows nothing."""

LEAST_HISTORY = PER_DAY
"""Minutes of history below which no rate can be promised."""


def threshold(baseline: Baseline, rise: float, per_month: float, seed: int = 1) -> float:
    """Return how high the chart of a `rise` may go, for so many false alarms a month."""
    if baseline.bins < LEAST_HISTORY:
        return CAUTIOUS
    highest = _highest(baseline, rise, np.random.default_rng(seed))
    # Highest values of many follow Gumbel's law, which also tells of rarer ones than were simulated.
    width = float(highest.std()) * math.sqrt(6) / math.pi
    middle = float(highest.mean()) - np.euler_gamma * width
    return float(np.clip(middle - width * math.log(per_month * SAFETY), LEAST, CAUTIOUS))


def _highest(baseline: Baseline, rise: float, chance: np.random.Generator) -> Floats:
    """Return how high the chart went in each of many months in which nothing was wrong."""
    highest = np.zeros(MONTHS)
    cells = (np.arange(MONTH) // PER_HOUR) % WEEK
    usual, sure = np.array(baseline.rates)[cells], np.array(baseline.sure)
    shapes = {size: shape_of(baseline, size) for size in WINDOWS}
    weights = {size: against(last(usual, size), rise, shape) for size, shape in shapes.items()}
    for month in range(MONTHS):
        truth = usual * chance.gamma(sure, 1 / sure)[cells]
        for size, scatter in zip(SCALES, baseline.strays, strict=True):
            if scatter > 0:
                drawn = chance.gamma(1 / scatter, scatter, -(-MONTH // size))
                truth = truth * np.repeat(drawn, size)[:MONTH]
        sums = running(chance.poisson(truth).astype(float))
        highest[month] = max(
            strongest(lasts(sums, size), weights[size], rise, shape)
            for size, shape in shapes.items()
        )
    return highest
