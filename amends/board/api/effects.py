"""The effect of an act, for programs: every number the verdict stands on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from amends.board.api.shape import Id, In, Instant, Out, Slug, incident_of, open_door
from amends.board.door import Here

door = open_door("acts")


class Sought(In):
    """On voices with which label; on those that want an answer if left out."""

    label: Annotated[str | None, Query(max_length=80)] = None


class Beside(Out):
    """Something else that happened within these hours."""

    at: Instant
    what: str
    act: int | None


class Batch(Out):
    """One step of it, and the share of all that it reached."""

    act: int
    at: Instant
    share: float


class Placebo(Out):
    """Dates at which nothing happened that were tested, and those at which something was found."""

    dates: int
    found: int


class Rate(Out):
    """Voices with the label and all others in the hours that were read."""

    hours: int
    voices: int
    others: int
    an_hour: float
    others_an_hour: float


class Hour(Out):
    """An hour; null where too little was read, and expected only where it counts."""

    at: Instant
    voices: int | None
    others: int | None
    counts: bool
    dose: float
    expected: float | None
    low: float | None
    high: float | None


class Effect(Out):
    """What an act changed: `change` -0.38 is 38 % fewer, between `low` and `high` in 95 of 100 cases."""

    act: int
    kind: str
    incident: str
    tz: str
    label: str
    at: Instant
    verdict: str
    said: str
    why: str
    before: Rate | None
    after: Rate | None
    change: float | None
    low: float | None
    high: float | None
    lag: int | None
    came: int | None
    expected: int | None
    expected_low: int | None
    expected_high: int | None
    placebo: Placebo
    wider: float
    batches: list[Batch]
    beside: list[Beside]
    sources: list[str]
    left_out: list[str]
    hours: list[Hour]


@door.api("GET", "/api/incidents/{slug}/acts/{act_id}/effect", "viewer",
          response_model=list[Effect])  # fmt: skip
def effect(place: Here, slug: Slug, act_id: Id, sought: Annotated[Sought, Query()]) -> Any:
    """Measure what an act that is out changed, label by label."""
    from amends.effect.ask import effects

    wanted = [sought.label] if sought.label else None
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        return effects(tx, act_id, place.labels, place.now(), wanted, key)


class Hand(Out):
    """When something first happened, and how many minutes after `since`; null if it hasn't."""

    what: str
    at: Instant | None
    minutes: int | None
    since: str
    sure: bool


@door.api("GET", "/api/incidents/{slug}/clock", "viewer", response_model=list[Hand])
def clock(place: Here, slug: Slug) -> Any:
    """Say who spoke first: the public, the alarm or the company, and how long each took."""
    from amends.effect.clock import clock_of

    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
        return clock_of(tx, row, place.now())


class Turns(Out):
    """Voices that complained: never answered, or what they did later; `early` can't be said yet."""

    never: int
    thanked: int
    again: int
    otherwise: int
    silent: int
    early: int


class Compared(Out):
    """Shares that were silent for the same hours: answered voices, and others not answered yet."""

    answered: int
    others: int
    silent: float
    silent_others: float
    difference: float
    low: float
    high: float
    later: int


class Recovery(Out):
    """What became of those who complained; no cause, for whom we answer isn't drawn by lot."""

    turns: Turns
    complained: int
    answered: int
    hours: int
    compared: Compared | None
    why: str
    sure: bool


@door.api("GET", "/api/incidents/{slug}/recovery", "viewer", response_model=Recovery)
def recovery(place: Here, slug: Slug) -> Any:
    """Say of those who complained who thanked, fell silent or complained again after our answer."""
    from amends.effect.recovery import recovery_of

    with place.store.read() as tx:
        row, _ = incident_of(tx, slug)
        return recovery_of(tx, row, place.now())
