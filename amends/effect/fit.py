"""
The regression behind an effect: voices with a label among all voices, hour by hour, with a step.

Pure. Of all voices of an hour, whatever their number, a share says something with the label; the log of
its odds is a level, a slope, a wave over the day, the step, and two kinds of straying: one drawn anew for
every hour and one that drifts (`STRAYS`). How far it strays isn't known, so the answer is the mean over
all of them, each weighed by how well it explains the hours (restricted likelihood). Penalised
quasi-likelihood as in Breslow and Clayton (1993).
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from amends.alarms.baseline import Floats

SLOPE = 0.5
"""How far the log of the odds may be expected to go in a day by itself: by two thirds."""

WAVES = (0.25, 0.1)
"""How high the waves of a day and of half a day may be expected to be."""

_FRESH = (0.0, 0.15, 0.3, 0.6)
_DRIFT = (0.0, 0.1, 0.2, 0.4, 0.8)
_HOLDS = (4.0, 16.0)

STRAYS = tuple(
    (fresh, drift, holds)
    for fresh in _FRESH
    for drift in _DRIFT
    for holds in (_HOLDS if drift else _HOLDS[:1])
)
"""How far the log of the odds strays by the hour, how far it drifts, and for how many hours that holds."""

_BEFOREHAND = np.log([1.0 if not drift else 1 / len(_HOLDS) for _, drift, _ in STRAYS])
"""However long it holds, each size of a drift is as likely as none."""

_ROUNDS = 5
_DEEP = 12.0


class Hours(msgspec.Struct, frozen=True):
    """
    Hours in which enough was read, in order; 0 is the one that begins with the act.

    `said` are voices with the label, `others` all other voices, `clock` the local hour of the day.
    """

    at: Floats
    said: Floats
    others: Floats
    clock: Floats

    def where(self, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Hours:
        """Return some of the hours."""
        return Hours(self.at[mask], self.said[mask], self.others[mask], self.clock[mask])


class Fitted(msgspec.Struct, frozen=True):
    """The step as a log of a ratio, its 95 % interval and spread, and by hour the log odds as fitted."""

    step: float
    low: float
    high: float
    spread: float
    odds: Floats

    @property
    def found(self) -> bool:
        """Whether the interval leaves out no change."""
        return not self.low <= 0.0 <= self.high


def fit(hours: Hours, dose: Floats, wider: float = 1.0) -> Fitted:
    """Return the step's size where `dose` is 1; `wider` stretches its interval."""
    fixed = np.column_stack((np.ones(len(dose)), dose))
    inner = _inner(hours)
    total = hours.said + hours.others
    odds = _first(hours, dose)
    strays = inner
    for turn in range(_ROUNDS):
        share = 1 / (1 + np.exp(-odds))
        weight = np.maximum(total * share * (1 - share), 1e-6)
        target = odds + (hours.said - total * share) / weight
        every = _every(strays, 1 / weight, fixed, target)
        odds = np.clip(every.odds, odds - 2, odds + 2).clip(-_DEEP, _DEEP)
        # Between the first turn and the last the likeliest way of straying is near enough.
        best = int(every.weights.argmax())
        strays = inner if turn == _ROUNDS - 2 else strays[best : best + 1]
    spread = every.spreads * wider
    middle = float(every.weights @ every.steps)
    scatter = math.sqrt(float(every.weights @ (spread**2 + (every.steps - middle) ** 2)))
    low, high = (_quantile(every.weights, every.steps, spread, at) for at in (0.025, 0.975))
    return Fitted(middle, low, high, scatter, odds)


class _Every(msgspec.Struct, frozen=True):
    """For each way of straying its weight, the step and how unsure it is; by the likeliest the log odds."""

    weights: Floats
    steps: Floats
    spreads: Floats
    odds: Floats


def _every(inner: Floats, noise: Floats, fixed: Floats, target: Floats) -> _Every:
    whole = inner + np.diag(noise)
    sides = np.broadcast_to(np.column_stack((fixed, target)), (len(inner), len(target), 3))
    solved = np.linalg.solve(whole, sides)
    inside = fixed.T @ solved[:, :, :2]
    across = fixed.T @ solved[:, :, 2:]
    size = np.linalg.solve(inside, across)
    rest = solved[:, :, 2] @ target - (across[:, :, 0] * size[:, :, 0]).sum(1)
    alike = _BEFOREHAND if len(inner) == len(STRAYS) else 0.0
    height = alike - 0.5 * (np.linalg.slogdet(whole)[1] + np.linalg.slogdet(inside)[1] + rest)
    weights = np.exp(height - height.max())
    best = int(height.argmax())
    left = solved[best, :, 2] - solved[best, :, :2] @ size[best, :, 0]
    return _Every(
        weights / weights.sum(), size[:, 1, 0], np.sqrt(np.linalg.inv(inside)[:, 1, 1]),
        fixed @ size[best, :, 0] + inner[best] @ left,
    )  # fmt: skip


def _inner(hours: Hours) -> Floats:
    """Return for each way of straying how the hours' log odds hang together, but for level and step."""
    day = hours.at / 24
    same = SLOPE**2 * np.outer(day, day)
    for number, height in enumerate(WAVES, 1):
        angle = 2 * np.pi * number * hours.clock / 24
        same = same + height**2 * np.cos(angle[:, None] - angle[None, :])
    apart = np.abs(hours.at[:, None] - hours.at[None, :])
    one = np.eye(len(day))
    return np.stack([
        same + (fresh**2 + 1e-9) * one + drift**2 * np.exp(-apart / holds)
        for fresh, drift, holds in STRAYS
    ])  # fmt: skip


def _first(hours: Hours, dose: Floats) -> Floats:
    """Return rough log odds before and after to begin with."""
    found = np.zeros(len(dose))
    for part in (dose < 0.5, dose >= 0.5):
        found[part] = np.log((hours.said[part].sum() + 0.5) / (hours.others[part].sum() + 0.5))
    return found


def _quantile(weights: Floats, middles: Floats, spreads: Floats, at: float) -> float:
    low, high = float((middles - 9 * spreads).min()), float((middles + 9 * spreads).max())
    parts = list(
        zip(weights.tolist(), middles.tolist(), (spreads * math.sqrt(2)).tolist(), strict=True)
    )
    for _ in range(50):
        here = (low + high) / 2
        below = sum(w * (1 + math.erf((here - m) / s)) / 2 for w, m, s in parts if w > 1e-6)
        low, high = (here, high) if below < at else (low, here)
    return (low + high) / 2
