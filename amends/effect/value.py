"""
The effect of an act as a value: what changed, how surely, and what would have been without it.

Times are aware UTC, hours begin at the minute of the act. Changes are shares: -0.38 is 38 % fewer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Verdict = Literal["fewer", "more", "no detectable effect", "can't be said"]


class Beside(msgspec.Struct, frozen=True):
    """Something else that happened within the hours looked at; `act` is its id if it is an act."""

    at: datetime
    what: str
    act: int | None = None


class Batch(msgspec.Struct, frozen=True):
    """One step: the act, when, and which share of all it reached."""

    act: int
    at: datetime
    share: float


class Placebo(msgspec.Struct, frozen=True):
    """The same test at dates at which nothing happened: how many, and how many of them found something."""

    dates: int = 0
    found: int = 0


class Rate(msgspec.Struct, frozen=True):
    """Over known hours: how many, voices with the label and all others, and both an hour."""

    hours: int
    voices: int
    others: int
    an_hour: float
    others_an_hour: float


class Hour(msgspec.Struct, frozen=True):
    """
    An hour: voices with the label and all others, None where too little was read.

    `counts` is whether it is part of the test, and `dose` how much of the act is out. `expected` is what
    was to be expected without the act, with its band; before it that is what was fitted.
    """

    at: datetime
    voices: int | None
    others: int | None
    counts: bool
    dose: float = 0.0
    expected: float | None = None
    low: float | None = None
    high: float | None = None


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an act did to voices with a label, measured against all other voices.

    `said` is the verdict in a sentence and `why` the reason where nothing can be said. `change` lies between
    `low` and `high` in 95 of 100 cases, already `wider` by what the placebo dates showed. `lag` are the hours
    after which it set in, None where they can't be told. `came` and `expected` are voices in the hours that
    count after the act, with it and without it. Of several `batches` the change is that of all together.
    """

    act: int
    kind: str
    incident: str
    tz: str
    label: str
    at: datetime
    verdict: Verdict
    said: str
    why: str = ""
    before: Rate | None = None
    after: Rate | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    lag: int | None = None
    came: int | None = None
    expected: int | None = None
    expected_low: int | None = None
    expected_high: int | None = None
    placebo: Placebo = Placebo()
    wider: float = 1.0
    batches: tuple[Batch, ...] = ()
    beside: tuple[Beside, ...] = ()
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    hours: tuple[Hour, ...] = ()
