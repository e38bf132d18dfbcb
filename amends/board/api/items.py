"""Items of the queue, for programs: which to work on next, who has them, and claiming them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator, Field

from amends.board.api.leaf import leaf, opened, sealed
from amends.board.api.shape import (
    LARGEST,
    After,
    In,
    Instant,
    Leaf,
    Many,
    Name,
    Out,
    PostId,
    Slug,
    faults,
    incident_of,
    known,
    open_door,
    signed,
)
from amends.board.door import Here, Visitor, Who
from amends.board.masked import masked
from models.clock import State as ClockState
from models.clock import due, state
from models.columns import from_micros, to_micros
from models.errors import SetupError
from models.incident import IncidentRow
from models.store import Transaction
from models.store.items import Seen
from models.store.queue import Cursor, Line, State
from models.store.queue import Sought as Filters

door = open_door("items")


Near = Annotated[
    str,
    BeforeValidator(str),
    Field(description="Equal for items that say the same, and for posts with the same words."),
]
"""As text: it is larger than every program reads numbers exactly."""


class Held(Out):
    """A tag that holds: how sure, and by whom (`classifier:…` or a person)."""

    score: float
    by: str


class Clock(Out):
    """By when something is due, in the hours people work, and how that stands."""

    due: Instant
    state: ClockState


class Item(Out):
    """
    A post as the team works on it. `version` grows with every change by a person.

    `alike` counts the other posts that say the same; handles are empty for those who may only look.
    """

    post_id: int
    version: int
    urgency: Instant
    points: int
    open: bool
    holder: str | None
    held_at: Instant | None
    decision: str | None
    seen_at: Instant | None
    source: str
    external_id: str
    text: str
    url: str | None
    author: str | None
    author_followers: int | None
    posted_at: Instant | None
    first_seen: Instant
    lang: str | None
    kind: str
    parent_id: str | None
    thread_id: str | None
    reach: int
    unsupported: bool
    labels: dict[str, Held]
    near: Near
    alike: int
    first_look: Clock
    first_answer: Clock


class Sought(In):
    """Which items to list, as in the queue; `holder` is a name, or empty for nobody's."""

    state: State = "open"
    label: Name | None = None
    source: Name | None = None
    holder: Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f]*$")] | None = None
    unseen: bool = False
    lang: Name | None = None
    search: Name | None = None
    since: Instant | None = None
    until: Instant | None = None
    folded: bool = True
    after: After = None
    limit: Many = 50


class Named(In):
    """An item and the version of it you saw."""

    post_id: Annotated[int, Field(ge=1, le=LARGEST)]
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]


Items = Annotated[list[Named], Field(min_length=1, max_length=200)]


class Claim(In):
    """Items to take in hand: into `holder`'s, who must be one of the team, or yours if left out. Leads may take them from others."""

    items: Items
    holder: Name | None = None
    release: Annotated[bool, Field(description="Put them back instead.")] = False


class Look(In):
    """Posts somebody has looked at."""

    post_ids: Annotated[
        list[Annotated[int, Field(ge=1, le=LARGEST)]], Field(min_length=1, max_length=200)
    ]


class Done(Out):
    """How many it was done to."""

    items: int


@door.api("GET", "/api/incidents/{slug}/items", "viewer", response_model=Leaf[Item])
def every(place: Here, who: Who, slug: Slug, sought: Annotated[Sought, Query()]) -> Any:
    """List items, the most urgent first."""
    after = None
    if sought.after:
        micros, post_id = opened(sought.after, 2)
        after = Cursor(_moment(micros), post_id)
    if sought.label is not None:
        known(sought.label, place.labels.names)
    filters = Filters(**sought.model_dump(exclude={"after", "limit"}), names=not who.masked)
    with place.store.read() as tx:
        row, key = incident_of(tx, slug)
        lines = tx.queue.lines(key, filters, after, sought.limit + 1)
    now = place.now()
    return leaf(
        lines, sought.limit, lambda line: shown(line, row, who, now),
        lambda line: sealed(to_micros(line.urgency), line.post_id),
    )  # fmt: skip


@door.api("GET", "/api/incidents/{slug}/items/{post_id}", "viewer", response_model=Item)
def one(place: Here, who: Who, slug: Slug, post_id: PostId) -> Any:
    """Return one item."""
    with place.store.read() as tx:
        row, key = incident_of(tx, slug)
        line = tx.queue.line(key, post_id)
    if line is None:
        message = f"there is no post {post_id} to work on in this incident"
        raise SetupError(message, "the items' list shows those it has")
    return shown(line, row, who, place.now())


@door.api("POST", "/api/incidents/{slug}/items/claim", "agent", response_model=Done,
          responses=faults(409))  # fmt: skip
def claim(place: Here, who: Who, slug: Slug, wish: Claim) -> Any:
    """Take items in hand, give them to somebody, or put them back; all of them or none."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        holder = None if wish.release else who.name
        if wish.holder is not None and not wish.release:
            holder = _able(tx, wish.holder)
        leads = who.may("lead") and (wish.release or wish.holder is not None)
        tx.items.claim(key, _seen(wish.items), who.name, holder, now, anybodys=leads)
        for item in wish.items:
            tx.audit.note("released" if holder is None else "claimed", f"post:{item.post_id}",
                          by=signed(who), now=now, incident_id=key,
                          detail={"holder": holder})  # fmt: skip
    return Done(items=len(wish.items))


@door.api("POST", "/api/incidents/{slug}/items/seen", "agent", response_model=Done)
def look(place: Here, who: Who, slug: Slug, wish: Look) -> Any:
    """Note that somebody has looked at posts; the first look counts."""
    now = place.now()
    with place.store.begin() as tx:
        _, key = incident_of(tx, slug)
        tx.items.look(key, wish.post_ids, now)
        tx.audit.note("looked", f"queue:{key}", by=signed(who), now=now, incident_id=key,
                      detail={"posts": len(wish.post_ids)})  # fmt: skip
    return Done(items=len(wish.post_ids))


def shown(line: Line, incident: IncidentRow, who: Visitor, now: datetime) -> Item:
    """Return an item as somebody may see it, with its clocks."""
    line, begins = masked(line, who), line.first_seen
    clocks = {
        name: Clock(
            due=due(begins, minutes, incident.hours, incident.tz),
            state=state(begins, minutes, incident.hours, incident.tz, now),
        )
        for name, minutes in (
            ("first_look", incident.look_within), ("first_answer", incident.answer_within),
        )
    }  # fmt: skip
    plain = {name: getattr(line, name) for name in Item.model_fields if name not in clocks}
    return Item.model_validate(plain | clocks)


def _able(tx: Transaction, name: str) -> str:
    found = [person.name for person in tx.people.able("agent") if person.name == name]
    if not found:
        message = f"there is no {name} who works on posts"
        raise SetupError(message, "give them to somebody who does")
    return found[0]


def _seen(items: list[Named]) -> list[Seen]:
    return [Seen(item.post_id, item.version) for item in items]


def _moment(micros: int) -> datetime:
    try:
        return from_micros(micros)
    except OverflowError:
        message = "`after` is none of ours"
        raise SetupError(message, "give back the `next` of the part before") from None
