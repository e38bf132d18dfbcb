"""One watch: how it stands, and what a lead may do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board.door import Door, Here, Who
from amends.board.place import Place
from amends.board.render import render
from amends.board.watch_add import number
from amends.wanted import limited
from ingest.again import AsksAgain
from ingest.registry import find
from models.errors import Conflict, SetupError
from models.incident import IncidentRow, WatchRow, zone
from models.store import Transaction
from models.store.watches import Standing

door = Door()

WATCH = "/i/{slug}/watches/{watch_id:int}"


@door.page(WATCH, "viewer")
def show(request: Request, place: Here, slug: str, watch_id: int) -> Response:
    """Show its state, its holes and what it spends."""
    return _page(request, place, slug, watch_id)


@door.act(f"{WATCH}/pause", "lead")
def pause(place: Here, who: Who, slug: str, watch_id: int) -> Response:
    """Stop asking for a while."""
    now = place.now()
    return _set(place, who.name, slug, watch_id, "paused", now, paused_at=now)


@door.act(f"{WATCH}/resume", "lead")
def resume(place: Here, who: Who, slug: str, watch_id: int) -> Response:
    """Ask a paused or refused one again, from where it stopped."""
    return _set(
        place, who.name, slug, watch_id, "resumed", place.now(), paused_at=None, not_before=None,
        trouble=None, trouble_kind=None, trouble_since=None,
    )  # fmt: skip


@door.act(f"{WATCH}/remove", "lead")
def remove(place: Here, who: Who, slug: str, watch_id: int) -> Response:
    """Take it away; the posts it brought stay."""
    now = place.now()
    _set(place, who.name, slug, watch_id, "removed", now, removed_at=now)
    return RedirectResponse(f"/i/{slug}#sources", 303)


@door.act(f"{WATCH}/change", "lead")
def change(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    watch_id: int,
    seen: Annotated[str, Form(max_length=500)],
    canary: Annotated[str, Form(max_length=200)] = "",
    requests_a_day: Annotated[str, Form(max_length=20)] = "",
    reads_a_day: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Give it a canary or a day's budget; what is empty is taken away. Conflict if it was changed."""
    try:
        budgets = (number(requests_a_day, "requests") or 0, number(reads_a_day, "paid reads") or 0)
        with place.store.begin() as tx:
            incident, row = _found(tx, slug, watch_id)
            _unchanged(tx, row, seen)
            asked = canary.strip()
            changes = limited(
                row, find(place.sources, row.source),
                canary=None if asked == (row.canary or "") else asked,
                requests_a_day=None if budgets[0] == (row.requests_a_day or 0) else budgets[0],
                reads_a_day=None if budgets[1] == (row.reads_a_day or 0) else budgets[1],
            )  # fmt: skip
            if changes:
                if row.trouble_kind == "spent":
                    row.trouble = row.trouble_kind = row.trouble_since = row.not_before = None
                tx.watches.save(row)
                tx.audit.note("changed", f"watch:{watch_id}", by=who.name, now=place.now(),
                              incident_id=incident.id, detail=changes)  # fmt: skip
    except SetupError as error:
        if error.message.startswith("there is no "):
            raise
        return _page(request, place, slug, watch_id, f"{error.message}: {error.remedy}")
    return RedirectResponse(f"/i/{slug}/watches/{watch_id}", 303)


def _page(request: Request, place: Place, slug: str, watch_id: int, wrong: str = "") -> Response:
    with place.store.read() as tx:
        incident, row = _found(tx, slug, watch_id)
        one = _standing(tx, incident, row, place.now())
    return render(
        request, "watch_change.html", status=400 if wrong else 200, row=incident, one=one,
        wrong=wrong, seen=_mark(row), zone=zone(incident.tz), now=place.now(), source=place.sources.get(row.source),
        asks_again=isinstance(place.sources.get(row.source), AsksAgain),
    )  # fmt: skip


def _found(tx: Transaction, slug: str, watch_id: int) -> tuple[IncidentRow, WatchRow]:
    """Return an incident and its watch; SetupError where it isn't one of this incident's."""
    incident, row = tx.incidents.find(slug), tx.watches.get(watch_id)
    if row.incident_id != incident.id or row.once:
        message = f"there is no watch {watch_id} in this incident"
        raise SetupError(message, "its page lists those it has")
    return incident, row


def _mark(row: WatchRow) -> str:
    """Return what the form carries, so that nobody overwrites what they haven't seen."""
    return f"{row.requests_a_day} {row.reads_a_day} {row.canary}"


def _unchanged(tx: Transaction, row: WatchRow, seen: str) -> None:
    if seen == _mark(row):
        return
    last = next(iter(tx.audit.about(row.incident_id, f"watch:{row.id}")), None)
    who, at = (last.by, last.at) if last else ("somebody", None)
    message = f"{who} changed this watch while you did"
    raise Conflict(message, "look at it again", by=who, at=at)


def _standing(tx: Transaction, incident: IncidentRow, row: WatchRow, now: datetime) -> Standing:
    return next(one for one in tx.watches.standing(incident.id or 0, now) if one.row.id == row.id)


def _set(
    place: Place, by: str, slug: str, watch_id: int, did: str, now: datetime, **values: Any
) -> Response:
    with place.store.begin() as tx:
        incident, row = _found(tx, slug, watch_id)
        for name, value in values.items():
            setattr(row, name, value)
        tx.watches.save(row)
        tx.audit.note(did, f"watch:{watch_id}", by=by, now=now, incident_id=incident.id)
    return RedirectResponse(f"/i/{slug}/watches/{watch_id}", 303)
