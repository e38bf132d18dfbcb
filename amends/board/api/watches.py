"""Watches, for programs: where an incident listens, how well, what is missing, and what it cost."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from amends.board.api.shape import (
    Id,
    In,
    Instant,
    Name,
    Out,
    Slug,
    incident_of,
    open_door,
    signed,
)
from amends.board.door import Here, Who
from amends.wanted import limited, settings_of, watch_row
from ingest.registry import find
from models.errors import SetupError
from models.hole import HoleRow
from models.listening import State
from models.store import Transaction
from models.store.watches import Standing

door = open_door("watches")

Budget = Annotated[int, Field(ge=0, le=2**31 - 1, description="In a day of UTC; 0 takes it away.")]

Value = Annotated[str, Field(max_length=500)]


class Hole(Out):
    """A stretch that is missing, and why."""

    since: Instant
    until: Instant
    why: str


class Spent(Out):
    """What a watch has asked and paid for today (UTC), and what it may; null is without a limit."""

    requests: int
    requests_a_day: int | None
    reads: int
    reads_a_day: int | None


class Watch(Out):
    """A watch: what it listens to, since when it is how it is, and what it has missed."""

    id: int
    source: str
    address: str | None
    terms: list[str]
    settings: dict[str, str]
    state: State
    since: Instant
    why: str
    asked_at: Instant | None
    not_before: Instant | None
    trouble: str | None
    paused_at: Instant | None
    behind: Annotated[bool, Field(description="Whether older posts are still to come.")]
    canary: str | None
    holes: list[Hole]
    lost: list[Hole]
    lost_seconds: int
    verified: Annotated[
        Instant | None,
        Field(description="As of when all posts of its source are known to be there still."),
    ]
    verify_trouble: Annotated[str | None, Field(description="Why posts can't be asked about.")]
    spent: Spent


class Watches(Out):
    """An incident's watches."""

    items: list[Watch]


class NewWatch(In):
    """Where to listen. Without `terms` for those of the incident."""

    source: Name
    address: Annotated[str, Field(max_length=2_000)] | None = None
    terms: list[Name] = Field(default_factory=list, max_length=50)
    settings: dict[Name, Value] = Field(default_factory=dict, max_length=20)
    canary: Name | None = None
    requests_a_day: Budget | None = None
    reads_a_day: Budget | None = None


class WatchChanges(In):
    """What to change of a watch; what is left out stays. An empty canary takes it away."""

    paused: bool | None = None
    canary: Annotated[str, Field(max_length=200)] | None = None
    requests_a_day: Budget | None = None
    reads_a_day: Budget | None = None


class Sought(In):
    """Which watches to list."""

    state: State | None = None
    source: Name | None = None


@door.api("GET", "/api/incidents/{slug}/watches", "viewer", response_model=Watches)
def every(place: Here, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List watches, with how well they listen."""
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        found = tx.watches.standing(key, place.now())
    return Watches(
        items=[
            _shown(one)
            for one in found
            if sought.state in (None, one.state.state) and sought.source in (None, one.row.source)
        ]
    )


@door.api("GET", "/api/incidents/{slug}/watches/{watch_id}", "viewer", response_model=Watch)
def one(place: Here, slug: Slug, watch_id: Id) -> Any:
    """Return one watch."""
    with place.store.read() as tx:
        _, key = incident_of(tx, slug)
        return _shown(_standing(tx, key, watch_id, place.now()))


@door.api("POST", "/api/incidents/{slug}/watches", "lead", response_model=Watch, status_code=201)
def add(place: Here, who: Who, slug: Slug, new: NewWatch) -> Any:
    """Listen to a source; one that is there already is returned as it is."""
    now = place.now()
    source = find(place.sources, new.source)
    if source.name == "file":
        message = "a program can't name files on this machine"
        raise SetupError(message, "upload it on the board, or use amends backfill")
    pairs = [f"{name}={value}" for name, value in new.settings.items()]
    with place.store.read() as tx:
        row, key = incident_of(tx, slug)
    wanted = watch_row(
        source, incident_id=key, now=now, address=new.address, terms=new.terms or row.terms,
        settings=settings_of(source, pairs),
    )  # fmt: skip
    limits = limited(wanted, source, canary=new.canary, requests_a_day=new.requests_a_day,
                     reads_a_day=new.reads_a_day)  # fmt: skip
    with place.store.begin() as tx:
        saved, is_new = tx.watches.add(wanted)
        tx.audit.note("added", f"watch:{saved.id}", by=signed(who), now=now, incident_id=key,
                      detail={"source": source.name, "new": is_new} | limits)  # fmt: skip
        return _shown(_standing(tx, key, saved.id or 0, now))


@door.api("PATCH", "/api/incidents/{slug}/watches/{watch_id}", "lead", response_model=Watch)
def change(place: Here, who: Who, slug: Slug, watch_id: Id, changes: WatchChanges) -> Any:
    """Pause a watch or let it go on, give it a canary or a day's budget."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        row = _standing(tx, key, watch_id, now).row
        detail: dict[str, Any] = {}
        if (changes.canary, changes.requests_a_day, changes.reads_a_day) != (None, None, None):
            detail |= limited(
                row, find(place.sources, row.source), canary=changes.canary,
                requests_a_day=changes.requests_a_day, reads_a_day=changes.reads_a_day,
            )  # fmt: skip
        fresh = changes.paused is False or (detail and row.trouble_kind == "spent")
        if fresh:
            row.trouble = row.trouble_kind = row.trouble_since = row.not_before = None
        if changes.paused is not None:
            row.paused_at = (row.paused_at or now) if changes.paused else None
        tx.watches.save(row)
        did = {None: "changed", True: "paused", False: "resumed"}[changes.paused]
        tx.audit.note(did, f"watch:{watch_id}", by=signed(who), now=now, incident_id=key,
                      detail=detail)  # fmt: skip
        return _shown(_standing(tx, key, watch_id, now))


@door.api("DELETE", "/api/incidents/{slug}/watches/{watch_id}", "lead", status_code=204)
def remove(place: Here, who: Who, slug: Slug, watch_id: Id) -> None:
    """Take a watch away; the posts it brought stay."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        row = _standing(tx, key, watch_id, now).row
        row.removed_at = now
        tx.watches.save(row)
        tx.audit.note("removed", f"watch:{watch_id}", by=signed(who), now=now, incident_id=key)  # fmt: skip


def _standing(tx: Transaction, incident_id: int, watch_id: int, now: Instant) -> Standing:
    for found in tx.watches.standing(incident_id, now):
        if found.row.id == watch_id:
            return found
    message = f"there is no watch {watch_id} in this incident"
    raise SetupError(message, "the watches' list shows those it has")


def _shown(one: Standing) -> Watch:
    row, state = one.row, one.state
    return Watch(
        id=row.id or 0, source=row.source, address=row.address, terms=row.terms,
        settings=row.settings, state=state.state, since=state.since, why=state.why,
        asked_at=row.asked_at, not_before=row.not_before, trouble=row.trouble,
        paused_at=row.paused_at, behind=row.chain is not None, canary=row.canary,
        holes=[_hole(hole) for hole in one.holes], lost=[_hole(hole) for hole in one.lost],
        lost_seconds=one.lost_seconds, verified=one.verified, verify_trouble=row.again_trouble,
        spent=Spent(
            requests=one.requests, requests_a_day=row.requests_a_day, reads=one.reads,
            reads_a_day=row.reads_a_day,
        ),
    )  # fmt: skip


def _hole(hole: HoleRow) -> Hole:
    return Hole(since=hole.since, until=hole.until, why=hole.why)
