"""Whether we are well: a few checks for anybody, and figures for those who watch over us."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from amends.board.door import Door, Here, visitor
from amends.board.place import Place
from ingest.again import AsksAgain
from models.alarm import KINDS
from models.errors import StoreError
from models.listening import listening
from models.store.watches import Standing

door = Door()

LEAST_ROOM = 500 * 1024**2
LATE = timedelta(hours=1)
"""How long a message to an output may be on its way."""

PATIENCE = 2_000
"""Milliseconds in which a writer must get its turn."""

FRESH = timedelta(seconds=5)
"""How long an answer holds: strangers who ask often don't get us to look often."""

_LOOKING = threading.Lock()


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, whether it is well, and for those we know why not."""

    at: datetime
    checks: dict[str, bool]
    why: list[str]

    @property
    def well(self) -> bool:
        """Whether all of it is."""
        return all(self.checks.values())


@door.page("/healthz", None, response_class=JSONResponse)
def show(request: Request, place: Here) -> Response:
    """Say 200 while all is well, else 503, and which check is red; why only to those we know."""
    health = _now(request, place)
    body: dict[str, Any] = {"well": health.well, "checks": health.checks}
    try:
        known = visitor(request) is not None
    except StoreError:
        known = False
    if known:
        body |= {"why": health.why, "at": health.at.isoformat()}
    return JSONResponse(body, 200 if health.well else 503)


def _now(request: Request, place: Place) -> Health:
    state, now = request.app.state, place.now()
    with _LOOKING:
        known: Health | None = getattr(state, "health", None)
        if known is None or abs(now - known.at) >= FRESH:
            known = state.health = look(place, shutil.disk_usage(place.home).free)
    return known


def look(place: Place, free: int) -> Health:
    """Look at the watches of open incidents, the outbox, the writer, and the bytes free on the disk."""
    checks = {
        "database": True, "watches": True, "writer": True, "disk": free >= LEAST_ROOM, "outputs": True,
    }  # fmt: skip
    why = [] if checks["disk"] else [f"only {free // 1024**2} MB are free on the disk"]
    now = place.now()
    try:
        blind, stuck = _blind(place, now), _stuck(place, now)
    except StoreError as error:
        checks["database"] = False
        why.append(error.message)
    else:
        checks["watches"] = not blind
        why += blind
        checks["outputs"] = not stuck
        why += stuck
    if not place.store.can_write(PATIENCE):
        checks["writer"] = False
        why.append("nothing could be written for two seconds")
    return Health(at=now, checks=checks, why=why)


def _blind(place: Place, now: datetime) -> list[str]:
    with place.store.read() as tx:
        return [
            f"{incident.slug}: watch {row.id} ({row.source}) is blind: {state.why}"
            for incident in tx.gauges.open_incidents()
            for row in tx.watches.of(incident.id or 0)
            # When it last brought a post makes no difference between blind and not.
            if (state := listening(row, None, now)).state == "blind"
        ]


def _stuck(place: Place, now: datetime) -> list[str]:
    with place.store.read() as tx:
        given_up, since = tx.outbox.given_up(), tx.outbox.waits_since()
    why = [f"{given_up} messages to outputs were given up"] if given_up else []
    if since is not None and now - since > LATE:
        why.append(f"a message has waited for its output since {since:%d %b %H:%M} UTC")
    return why


@door.api("GET", "/metrics", "viewer", include_in_schema=False)
def metrics(request: Request, place: Here) -> Response:
    """Give figures in Prometheus's text form, for a token of scope read."""
    now, health = place.now(), _now(request, place)
    with place.store.read() as tx:
        ringing = tx.alarms.ringing()
        posts, waiting, until = tx.gauges.posts(), tx.gauges.waiting(), tx.gauges.complete_until()
        incidents = [
            (row, tx.watches.standing(row.id or 0, now), tx.gauges.last_round(row))
            for row in tx.gauges.open_incidents()
        ]
    page = Page()
    page.add("check", "1 while a check of /healthz is well", (
        (float(well), {"check": name}) for name, well in health.checks.items()
    ))  # fmt: skip
    named = [(row, {"incident": row.slug}) for row, _, _ in incidents]
    page.add("posts", "Posts of an open incident", (
        (posts.get(row.id or 0, 0), names) for row, names in named
    ))  # fmt: skip
    page.add("items_open", "Posts that need somebody", (
        (waiting.get(row.id or 0, 0), names) for row, names in named
    ))  # fmt: skip
    page.add("alarms", "Alarms that go on", (
        (sum(one.kind == kind for one in ringing.get(row.id or 0, ())), names | {"kind": kind})
        for row, names in named for kind in KINDS
    ))  # fmt: skip
    page.add("seconds_since_round", "Since somebody last collected, at the most", (
        ((now - last).total_seconds(), {"incident": row.slug})
        for row, _, last in incidents if last is not None
    ))  # fmt: skip
    watches = [(row.slug, one) for row, standing, _ in incidents for one in standing]
    page.add("watch_state", "1 for the state a watch is in", (
        (1, _of(slug, one) | {"state": one.state.state}) for slug, one in watches
    ))  # fmt: skip
    page.add("watch_lag_seconds", "Since up to when a watch is proved complete", (
        ((now - until[one.row.id or 0]).total_seconds(), _of(slug, one))
        for slug, one in watches if one.row.id in until
    ))  # fmt: skip
    page.add("unverified_seconds", "Age of the oldest proof that a source's posts are still there", (
        ((now - one.verified).total_seconds(), _of(slug, one))
        for slug, one in watches if one.verified is not None
        and isinstance(place.sources.get(one.row.source), AsksAgain)
    ))  # fmt: skip
    page.add("requests_today", "Questions asked since midnight UTC", (
        (one.requests, _of(slug, one)) for slug, one in watches
    ))  # fmt: skip
    page.add("paid_reads_today", "Posts paid for since midnight UTC", (
        (one.reads, _of(slug, one)) for slug, one in watches
    ))  # fmt: skip
    return PlainTextResponse(page.text(), media_type="text/plain; version=0.0.4")


def _of(slug: str, one: Standing) -> dict[str, str]:
    return {"incident": slug, "watch": str(one.row.id), "source": one.row.source}


class Page:
    """Figures in Prometheus's text form."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, name: str, means: str, figures: Iterable[tuple[float, dict[str, str]]]) -> None:
        """Add a figure with what it means, and its values by their names."""
        self._lines += [f"# HELP amends_{name} {means}.", f"# TYPE amends_{name} gauge"]
        for value, names in figures:
            said = ",".join(f'{key}="{_escaped(text)}"' for key, text in names.items())
            self._lines.append(f"amends_{name}{{{said}}} {value:.15g}")

    def text(self) -> str:
        """Return them all."""
        return "\n".join(self._lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
