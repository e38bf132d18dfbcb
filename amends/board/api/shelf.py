"""The shelf, for programs: past incidents on one scale, and those nearest to an offer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.api.shape import In, Out, open_door
from amends.board.door import Here
from models.campaign import How
from models.home import Home

door = open_door("shelf")


class Sought(In):
    """An offer to hold against the shelf; `incident` fills in what isn't named."""

    like: Annotated[str, Query(max_length=200)] = ""
    hours: Annotated[float | None, Field(gt=0, le=8_760)] = None
    how: How | None = None
    incident: Annotated[str | None, Query(max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$")] = None


class Precedent(Out):
    """A past incident; times are minutes, `peak` and `requests` voices of 1,000, null if not known."""

    name: str
    title: str
    company: str
    began: str
    kind: str
    note: str
    down: str
    hours: float | None
    about: bool
    offers: list[str]
    how: str
    days: int | None
    claim: str
    said: str
    source: str
    percents: list[float]
    percent_an_hour: float | None
    times_lost: float | None
    first_word: int | None
    peak: float | None
    requests: float | None
    half: int | None
    tail: int | None
    conflicts: int | None
    missed: int | None


class Near(Out):
    """A precedent near the offer: 0 is alike, 1 twice as much in one respect; and in what respects."""

    name: str
    distance: float
    because: str


class Proposal(Out):
    """What was held against it."""

    offers: list[str]
    hours: float | None
    how: str


class Shelf(Out):
    """All precedents, what is proposed, where that stands, and the nearest ones by name."""

    proposal: Proposal
    said: list[str]
    notes: list[str]
    nearest: list[Near]
    precedents: list[Precedent]


@door.api("GET", "/api/shelf", "viewer", response_model=Shelf)
def show(place: Here, sought: Annotated[Sought, Query()]) -> Any:
    """Return the shelf, and the precedents nearest to an offer."""
    from amends.board.shelf_kept import memory_of
    from amends.shelf.ask import Wish, shelf
    from amends.shelf.words import notes

    wish = Wish(like=sought.like, hours=sought.hours, how=sought.how or "")
    with place.store.read() as tx:
        incident = None if sought.incident is None else tx.incidents.find(sought.incident)
        file, memory = Home(place.home).shelf, memory_of(place.store)
        found = shelf(tx, file, place.now(), wish, incident, memory)
    return Shelf(
        proposal=Proposal.model_validate(found.proposal), said=list(found.said),
        notes=notes(found.precedents), precedents=[_shown(one) for one in found.precedents],
        nearest=[Near(name=one.precedent.name, distance=one.distance, because=one.because)
                 for one in found.nearest],
    )  # fmt: skip


def _shown(one: Any) -> Precedent:
    from msgspec.structs import asdict

    from amends.shelf.value import scale

    stands = scale(one)
    return Precedent(
        **asdict(one) | {"note": one.note, "percents": one.percents,
                         "percent_an_hour": stands.per_hour, "times_lost": stands.times},
    )  # fmt: skip
