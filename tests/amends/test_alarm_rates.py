"""
How often alarms are false and how soon they come: 60 days without an incident, 20 times, and rises in them.

Beside it, in the same days, the rule most tools have.
"""

from __future__ import annotations

import numpy as np
import pytest

from amends.alarms.baseline import PER_DAY
from amends.alarms.chart import against, enough, strongest
from tests.amends.alarming import Known, World, known, three_sigma, world
from tests.battery import FULL, Record, tell, times

LEARNT, DAYS, PARTS = 56, 60, 15
"""Days learnt from, days that are simulated, and days after which the usual is learnt anew."""

LABELS = {"complaint": 180.0, "credit_request": 60.0}
"""Voices an hour in the mean."""

RISES, AFTER = 12, 360
SHARE = 1 / len(LABELS)


def parts(past: World) -> list[tuple[int, int, Known]]:
    """Return the stretches of the simulated days, each with what was known at its beginning."""
    found = []
    for day in range(LEARNT, LEARNT + DAYS, PARTS):
        begin, end = day * PER_DAY, (day + PARTS) * PER_DAY
        window = slice(begin - LEARNT * PER_DAY, begin)
        found.append((begin, end, known(past.voices[window], past.cells[window], SHARE)))
    return found


def soon(begins: list[int]) -> int:
    """Return how many minutes a rise at minute `AFTER` took to be found; one too early or never is long."""
    right = [at + 1 - AFTER for at in begins if at >= AFTER]
    return right[0] if right else AFTER


@pytest.mark.parametrize("label", LABELS)
def test_false_alarms_are_as_rare_as_stated(label: str, record_property: Record) -> None:
    """At most one in 30 days over both labels, and three times the usual is found within minutes."""
    seeds = times(20)
    false = sigma_false = 0
    delays: list[int] = []
    sigma_found = rises = 0
    for seed in range(seeds):
        chance = np.random.default_rng([seed, len(label)])
        past = world(chance, LEARNT + DAYS, LABELS[label])
        sigma_false += len(three_sigma(past.voices, LEARNT * PER_DAY))
        for begin, end, learnt in parts(past):
            false += len(learnt.begins(past.voices[begin:end], past.cells[begin:end]))
            for at in chance.integers(begin + AFTER, end - AFTER, RISES * PARTS // DAYS):
                window = slice(at - AFTER, at + AFTER)
                voices = past.voices[window].copy()
                voices[AFTER:] += chance.poisson(2 * past.truth[at : at + AFTER])
                delays.append(soon(learnt.begins(voices, past.cells[window])))
                whole = np.concatenate((past.voices[:at], voices[AFTER:]))
                fired = [
                    one for one in three_sigma(whole[: at + 10], at - 2 * PER_DAY) if one >= at
                ]
                sigma_found += bool(fired)
                rises += 1
    months = seeds * DAYS / 30
    middle = float(np.median(delays))
    within = sum(one <= 10 for one in delays)
    tell(record_property, (
        f"{label}, {LABELS[label]:.0f} voices an hour, {seeds} × {DAYS} days: {false / months:.2f} false "
        f"alarms in 30 days (mean + 3 sigma over 14 days: {sigma_false / months:.1f}); 3 × the usual found "
        f"after {middle:.0f} minutes (median of {rises}), within 10 minutes {within} of {rises} "
        f"(mean + 3 sigma: {sigma_found})"
    ))  # fmt: skip

    # Short runs see a few months only, so they bear a chance more.
    assert false / months <= SHARE + (0.0 if FULL else 0.5)
    assert middle <= (10 if label == "complaint" else 30)


def test_a_long_outage_stays_in_alarm_and_a_relapse_is_a_new_one(record_property: Record) -> None:
    """Twelve hours at three times the usual are one alarm to the end; 20 hours after it the next one comes."""
    seeds = times(20)
    lasted = ended = relapses = sigma_relapses = 0
    for seed in range(seeds):
        chance = np.random.default_rng([seed, 77])
        past = world(chance, LEARNT + 6, LABELS["complaint"])
        first = LEARNT * PER_DAY
        learnt = known(past.voices[:first], past.cells[:first], SHARE)
        out = first + PER_DAY + int(chance.integers(PER_DAY))
        back, again = out + 12 * 60, out + 32 * 60
        voices = past.voices.copy()
        for begin, end in ((out, back), (again, again + 120)):
            voices[begin:end] += chance.poisson(2 * past.truth[begin:end])
        events = learnt.events(voices[first:], past.cells[first:])
        went = [(one.kind, one.at + first) for one in events if one.kind != "height"]
        begins = [at for kind, at in went if kind == "began"]
        overs = [at for kind, at in went if kind == "over"]
        mine = [at for at in begins if out <= at < back]
        lasted += len(mine) == 1 and not any(mine[0] < at < back for at in overs)
        ended += any(back <= at < back + 6 * 60 for at in overs)
        relapses += any(again <= at < again + 120 for at in begins)
        fired = three_sigma(voices, out - 2 * PER_DAY)
        sigma_relapses += any(again <= at < again + 120 for at in fired)
    tell(record_property, (
        f"outages of 12 hours at 3 × the usual: {lasted} of {seeds} are one alarm to the end, {ended} are over "
        f"within six hours of it; relapses after 20 hours: {relapses} of {seeds} fire "
        f"(mean + 3 sigma: {sigma_relapses})"
    ))  # fmt: skip

    assert lasted == ended == relapses == seeds


@pytest.mark.parametrize("usual", [0.5, 4.0, 40.0])
def test_the_strongest_is_the_greatest_of_all(usual: float) -> None:
    """What the simulation looks at is what the chart would show, wherever most counts lie."""
    counts = np.random.default_rng(5).poisson(usual, 500).astype(float)
    counts[77] += 12
    weight = against(np.full(500, usual), 2.0, 20.0)

    found = strongest(counts, weight, 2.0, 20.0)

    assert found == enough(counts, weight, 2.0, 20.0).max()
    assert found > 0 and strongest(np.zeros(500), weight, 2.0, 20.0) == 0
