"""
A world without an incident: voices by the minute, with a day and a week in them, and more scatter than chance.

`usual` is drawn by hour of the week; the truth strays from it slowly, by hours and by days, and voices
come in bursts of five minutes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from amends.alarms.baseline import PER_DAY, PER_HOUR, WEEK, Baseline, Floats, History, Ints, fit
from amends.alarms.calibration import threshold
from amends.alarms.chart import Minutes
from amends.alarms.follow import Chart, Event, Rule, follow

BURSTS, HOURS, DAYS = 0.05, 0.10, 0.07
"""Variance of bursts, and how far hours and days stray, as parts of the usual."""


class World(NamedTuple):
    """Voices by the minute, how many there should have been, and the hours of the week."""

    voices: Floats
    truth: Floats
    cells: Ints


def week(an_hour: float) -> Floats:
    """Return voices a minute by hour of the week: few at night, more at weekends."""
    hours = np.arange(WEEK)
    shape = 0.3 + 0.35 * (1 + np.sin((hours % 24 - 9) / 24 * 2 * np.pi))
    shape = shape * np.where(hours >= 120, 1.3, 0.9)
    return np.asarray(shape / shape.mean() * an_hour / PER_HOUR)


def world(chance: np.random.Generator, days: int, an_hour: float) -> World:
    """Return so many days in which nothing happens."""
    size = days * PER_DAY
    cells = np.arange(size) // PER_HOUR % WEEK
    keeps = np.exp(-1 / 6)
    pushes = chance.normal(size=size // PER_HOUR) * HOURS * np.sqrt(1 - keeps**2)
    stray = np.zeros(len(pushes))
    for hour in range(1, len(stray)):
        stray[hour] = keeps * stray[hour - 1] + pushes[hour]
    truth = week(an_hour)[cells] * np.repeat(np.exp(stray - HOURS**2 / 2), PER_HOUR)
    truth = truth * np.repeat(chance.gamma(DAYS**-2, DAYS**2, days), PER_DAY)
    bursts = np.repeat(chance.gamma(1 / BURSTS, BURSTS, size // 5), 5)
    return World(chance.poisson(truth * bursts).astype(float), truth, cells)


class Known(NamedTuple):
    """What was learnt from the past, and the rule it gives."""

    baseline: Baseline
    rule: Rule

    def minutes(self, voices: Floats, cells: Ints) -> Minutes:
        """Return minutes all of which were read."""
        usual = np.array(self.baseline.rates)[cells]
        return Minutes(voices, usual, voices, usual)

    def events(self, voices: Floats, cells: Ints) -> list[Event]:
        """Return what a chart that begins with these minutes says."""
        return follow(Chart(at=0), self.minutes(voices, cells), self.baseline, self.rule)

    def begins(self, voices: Floats, cells: Ints) -> list[int]:
        """Return the minutes in which alarms begin."""
        return [one.at for one in self.events(voices, cells) if one.kind == "began"]


def known(voices: Floats, cells: Ints, share: float, rise: float = 2.5) -> Known:
    """Return what is learnt from minutes that are all known, for so many false alarms a month."""
    baseline = fit(History(voices, np.arange(len(voices)), cells))
    return Known(baseline, Rule(rise, threshold(baseline, rise, share), 60))


def three_sigma(voices: Floats, first: int, bin_: int = 5, days: int = 14) -> list[int]:
    """
    Return the minutes from `first` on in which mean plus three sigma of the last days would fire.

    The rule most tools have, in bins of five minutes: the window holds earlier peaks, knows no hour of
    the day, and after a peak is silent for two days.
    """
    counts = voices[: len(voices) // bin_ * bin_].reshape(-1, bin_).sum(1)
    size, quiet = days * PER_DAY // bin_, 2 * PER_DAY // bin_
    sums, squares = (np.concatenate(([0.0], np.cumsum(counts**power))) for power in (1, 2))
    fired, last = [], -quiet
    for place in range(max(first // bin_, size), len(counts)):
        mean = (sums[place] - sums[place - size]) / size
        spread = np.sqrt(max((squares[place] - squares[place - size]) / size - mean**2, 0.0))
        if counts[place] > mean + 3 * spread and place - last >= quiet:
            last = place
            fired.append((place + 1) * bin_ - 1)
    return fired
