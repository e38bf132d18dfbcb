"""How often an effect's interval holds the truth, how often nothing is taken for something, and when it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from amends.effect.judge import judge
from amends.effect.record import Record
from tests.amends.campaigning import ROUGH, USUAL, campaign
from tests.battery import FULL, tell, times
from tests.battery import Record as Told

WORLDS = {"usual": USUAL, "rough": ROUGH}


@pytest.mark.parametrize(
    ("world", "an_hour", "step"),
    [
        *(("usual", an_hour, step) for an_hour in (16, 160) for step in (0.0, -0.2, -0.4)),
        *(("rough", an_hour, step) for an_hour in (16, 160) for step in (0.0, -0.4)),
    ],
)
def test_the_interval_holds_the_truth(
    world: str, an_hour: int, step: float, record_property: Told
) -> None:
    """Of simulated campaigns with a day, a drift and bursts; and dates at which nothing happened stay silent."""
    told = covered = found = dates = rang = 0
    for seed in range(times(400, 40)):
        effect = judge(
            campaign(np.random.default_rng([seed, an_hour]), an_hour, step, WORLDS[world])
        )
        dates, rang = dates + effect.placebo.dates, rang + effect.placebo.found
        if effect.low is not None and effect.high is not None:
            told += 1
            covered += effect.low <= step <= effect.high
            found += effect.verdict in ("fewer", "more")
    tell(record_property, (
        f"{world} world, {an_hour} voices an hour, step {step:.0%}: {told} of {times(400, 40)} told, the interval "
        f"holds the truth in {covered} ({covered / told:.1%}), a change found in {found} ({found / told:.1%}); "
        f"{rang} of {dates} placebo dates significant ({rang / dates:.1%})"
    ))  # fmt: skip

    assert told >= 0.95 * times(400, 40)
    assert covered / told >= (0.92 if FULL else 0.85)
    assert not FULL or step != -0.4 or covered / told <= 0.98
    assert rang / dates <= 0.07
    assert step or found / told <= (0.07 if FULL else 0.15)


def test_a_mailing_in_batches_is_measured_as_a_whole(record_property: Told) -> None:
    """Three batches, a third of all in each: the interval holds what the whole mailing takes away."""
    covered = found = 0
    for seed in range(times(400, 40)):
        chance = np.random.default_rng([seed, 3])
        effect = judge(campaign(chance, 160, -0.4, steps=(0, 12, 24)))
        assert effect.low is not None and effect.high is not None
        covered += effect.low <= -0.4 <= effect.high
        found += effect.verdict == "fewer"
    tell(record_property, (
        f"a mailing in three batches, 160 voices an hour, step -40%: the interval holds the truth in {covered} "
        f"of {times(400, 40)} ({covered / times(400, 40):.1%}), found in {found}"
    ))  # fmt: skip

    assert covered / times(400, 40) >= (0.92 if FULL else 0.85)


def refusable(chance: np.random.Generator, why: str) -> Record:
    """Return a campaign of which nothing can be said."""
    known = np.ones(72 + 51, bool)
    part = {"deaf before": np.arange(72), "deaf after": np.arange(75, 123)}.get(why, np.arange(0))
    known[chance.choice(part, len(part) * 2 // 5, replace=False)] = False
    sizes = {"short before": {"before": 11}, "short after": {"after": 8}}
    said = sizes.get(why, {"known": known})
    return campaign(chance, 0.4 if why == "voices" else 160, -0.4, **said)


@pytest.mark.parametrize(
    "why", ["voices", "deaf before", "deaf after", "short before", "short after"]
)
def test_it_refuses_where_nothing_can_be_said(why: str, record_property: Told) -> None:
    """Too few voices, hours nobody read, or too short before or after: in words, never with a number."""
    refused = 0
    for seed in range(times(400, 40)):
        effect = judge(refusable(np.random.default_rng([seed, 9]), why))
        refused += effect.verdict == "can't be said" and bool(effect.why) and effect.change is None
    tell(record_property, f"refusals, {why}: {refused} of {times(400, 40)}")

    assert refused == times(400, 40)
