"""
The baseline: how many voices are usual, by hour of the week, and how far the usual scatters.

Pure. A history is a count of voices for every bin that is proved read and in which nothing was wrong;
what wasn't read isn't in it. Single bad hours are left out, a thin history leans on its neighbours (the
same hour of other days, then all hours), and no history at all on `PRIOR`, which is stated wherever it
is used.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

BIN = timedelta(minutes=1)
PER_HOUR = 60
PER_DAY = 24 * PER_HOUR
"""Bins in an hour and in a day."""

WEEK = 168

SCALES = (1, 5, 20, PER_HOUR, 4 * PER_HOUR, PER_DAY)
"""Bins over which the usual strays together."""

PRIOR = 0.1
PRIOR_BINS = PER_DAY
"""Voices in a bin that are taken for usual while nothing is known, and how many bins that weighs."""

_TO_THE_DAY, _TO_THE_WEEK = 2 * PER_HOUR, 3 * PER_HOUR
"""How many bins the neighbours of an hour weigh against it."""

_FAR, _ROUNDS, _ENOUGH = 4.5, 3, 5
_MOST_SCATTER = 4.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class History(msgspec.Struct, frozen=True):
    """Bins in which all is known, in order: voices, minutes counted from anywhere, hours of the week."""

    counts: Floats
    minutes: Ints
    cells: Ints

    @property
    def days(self) -> float:
        """How long it is in all."""
        return len(self.counts) / PER_DAY


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is usual.

    `rates` are voices in a bin for each of the 168 hours of the week, `sure` the voices each of them
    stands on. `strays` are the variances of four factors by which the truth strays from the rates: one
    drawn anew for every minute, every ten, every hour and every day (`SCALES`). `bins` are those learnt
    from.
    """

    rates: tuple[float, ...]
    sure: tuple[float, ...]
    strays: tuple[float, ...]
    bins: int

    @property
    def days(self) -> float:
        """How many days of history it stands on."""
        return self.bins / PER_DAY

    def scatter(self, size: int) -> float:
        """Return the variance of the factor by which so many bins together stray from the usual."""
        return sum(v * w for v, w in zip(self.strays, _weights(size), strict=True))


NOTHING = Baseline(
    rates=(PRIOR,) * WEEK, sure=(1.0,) * WEEK, strays=(0.1, 0.1, 0.1, 0.1, 0.1, 0.1), bins=0
)
"""What is taken for usual without any history."""


def _weights(size: int) -> tuple[float, ...]:
    """Return how much of each factor is left in so many bins together."""
    return tuple(min(scale / size, 1.0) for scale in SCALES)


def fit(history: History) -> Baseline:
    """Return the baseline of a history."""
    if not len(history.counts):
        return NOTHING
    order, places = np.unique(history.minutes // PER_HOUR, return_inverse=True)
    totals = _totals(places, history.counts, len(order))
    sizes = _totals(places, np.ones(len(places)), len(order))
    cells = np.zeros(len(order), np.int64)
    cells[places] = history.cells
    good = _first_look(totals / sizes, cells)
    for _ in range(_ROUNDS):
        rates, sure = _rates(totals[good], sizes[good], cells[good])
        usual = rates[cells] * sizes
        scatter = _scatter(totals[good], usual[good])
        good = totals <= usual + _FAR * np.sqrt(usual + max(scatter, 0.02) * usual**2) + 2
    kept = good[places]
    return _with_scatter(history, kept, rates, sure)


def _first_look(means: Floats, cells: Ints) -> npt.NDArray[np.bool_]:
    """Return which hours are not far above others near them in the day, whatever the rest is like."""
    good = np.ones(len(means), bool)
    by_day = cells % 24
    for hour in range(24):
        near = np.isin(by_day, ((hour - 1) % 24, hour, (hour + 1) % 24))
        if near.sum() >= _ENOUGH:
            middle = float(np.median(means[near])) * PER_HOUR
            most = (3 * middle + 5 * np.sqrt(middle) + 4) / PER_HOUR
            good &= (by_day != hour) | (means <= most)
    return good


def _rates(totals: Floats, sizes: Floats, cells: Ints) -> tuple[Floats, Floats]:
    voices = _around(_totals(cells, totals, WEEK))
    bins = _around(_totals(cells, sizes, WEEK))
    level = (totals.sum() + PRIOR * PRIOR_BINS) / (sizes.sum() + PRIOR_BINS)
    day_voices, day_bins = (part.reshape(7, 24).sum(0) for part in (voices, bins))
    by_day = (day_voices + _TO_THE_DAY * level) / (day_bins + _TO_THE_DAY)
    lean = np.tile(by_day, 7)
    rates = (voices + _TO_THE_WEEK * lean) / (bins + _TO_THE_WEEK)
    # What an hour leans on is known no better than from all the voices of that hour of the day.
    leans = np.tile(np.minimum(day_voices, _TO_THE_WEEK * by_day), 7)
    return np.maximum(rates, 1e-4), voices + leans + 1


def _around(week: Floats) -> Floats:
    """Return each hour of the week with half of the two beside it; the week is a ring."""
    found: Floats = week + (np.roll(week, 1) + np.roll(week, -1)) / 2
    return found


def _scatter(totals: Floats, usual: Floats) -> float:
    """Return the variance of the factor by which totals stray from the usual, beyond pure chance."""
    beyond = ((totals - usual) ** 2 - usual).sum() / max(float((usual**2).sum()), 1e-9)
    return float(np.clip(beyond, 0, _MOST_SCATTER))


def _with_scatter(
    history: History, kept: npt.NDArray[np.bool_], rates: Floats, sure: Floats
) -> Baseline:
    counts, at = history.counts[kept], history.minutes[kept]
    usual = rates[history.cells[kept]]
    found = [_scatter(*_summed(counts, usual, at // scale)) for scale in SCALES]
    # What of each factor is left when bins are summed tells them apart.
    strays = np.linalg.solve(np.array([_weights(scale) for scale in SCALES]), np.array(found))
    return Baseline(
        rates=tuple(rates.tolist()), sure=tuple(sure.tolist()),
        strays=tuple(np.maximum(strays, 0.0).tolist()), bins=int(kept.sum()),
    )  # fmt: skip


def _summed(counts: Floats, usual: Floats, groups: Ints) -> tuple[Floats, Floats]:
    order, places = np.unique(groups, return_inverse=True)
    return _totals(places, counts, len(order)), _totals(places, usual, len(order))


def _totals(places: npt.NDArray[Any], values: Floats, size: int) -> Floats:
    return np.bincount(places, values, size).astype(np.float64)
