"""
A campaign as it might have been: voices by the hour with a day, a drift and bursts in them, and one step.

The truth is known here: how much the step takes from the voices with the label, and when. Nothing of it is
drawn as the test assumes: bursts are gamma, and the drift is a random walk that is pulled back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from amends.effect.record import AFTER, BEFORE, WASH, Record
from amends.effect.value import Batch
from models.campaign import ActRow
from tests.factories import NOW, an_incident

HOUR = timedelta(hours=1)


class Weather(NamedTuple):
    """How restless a world is: variance roots of bursts and drift, and the height of its day."""

    bursts: float
    drift: float
    day: float


CALM, USUAL, ROUGH = Weather(0.05, 0.05, 0.1), Weather(0.12, 0.10, 0.15), Weather(0.25, 0.2, 0.3)


def campaign(
    chance: np.random.Generator, an_hour: float, step: float, weather: Weather = USUAL, **said: Any
) -> Record:
    """
    Return so many voices an hour, of which a quarter has the label until `step` (-0.4) takes part of it.

    It sets in at once or up to three hours after the act. `before` and `after` are hours, `steps` the hours
    of several batches.
    """
    before, after = said.pop("before", BEFORE), said.pop("after", AFTER + WASH)
    steps = said.pop("steps", (0,))
    at = np.arange(-before, after + steps[-1])
    clock = (at + chance.integers(24)) % 24
    volume = an_hour * (1 + 0.6 * np.sin(2 * np.pi * (clock - 9) / 24)) * np.exp(-at / 96)
    stray = np.zeros(len(at))
    for place in range(1, len(at)):
        push = chance.normal() * weather.drift * np.sqrt(1 - np.exp(-1 / 4))
        stray[place] = np.exp(-1 / 8) * stray[place - 1] + push
    wave = weather.day * np.sin(2 * np.pi * (clock - chance.integers(24)) / 24)
    lag = chance.integers(WASH + 1)
    reached = np.mean([at >= start + lag for start in steps], axis=0)
    rate = (
        volume / 4 * np.exp(stray + wave + chance.normal() * 0.2 * at / 24) * (1 + step * reached)
    )
    parts = (
        chance.poisson(one * chance.gamma(weather.bursts**-2, weather.bursts**2, len(at))).astype(
            float
        )
        for one in (rate, volume * 3 / 4)
    )
    labelled, others = parts
    act = ActRow(
        id=1, incident_id=1, kind="mail_batch", text="we are sorry", at=NOW, recorded_at=NOW
    )
    batches = tuple(
        Batch(number, NOW + start * HOUR, 1 / len(steps)) for number, start in enumerate(steps, 1)
    )
    plain: dict[str, Any] = {
        "act": act, "incident": an_incident(id=1, began=NOW - before * HOUR), "label": "credit_request",
        "zero": before, "said": labelled, "others": others, "known": np.ones(len(at), bool),
        "clock": clock.astype(float), "batches": batches, "sources": ("x",),
    }  # fmt: skip
    return Record(**(plain | said))
