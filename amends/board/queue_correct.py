"""Correct all hits of a search at once: first a preview, then the deed, if nothing changed between."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from amends.board import filters
from amends.board.door import Door, Here, Who
from amends.board.render import render
from amends.board.shown import setting, shown
from models.errors import Conflict
from models.incident import IncidentRow
from models.store import Transaction
from models.store.queue import Line, Sought
from models.tag import Tag

door = Door()

MOST = 5_000
"""Different texts corrected at once."""

MOST_POSTS = 50_000
"""Posts they stand in."""

SHOWN = 20
"""Texts a preview shows."""


@door.page("/i/{slug}/queue/correct", "agent")
def preview(
    request: Request, place: Here, who: Who, slug: str, put_label: str = "", put: str = "1"
) -> Response:
    """Show what would be corrected."""
    query = dict(request.query_params)
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        chosen = filters.read(query, incident, who, place.labels)
        hits, ids = _hits(tx, incident, chosen.sought)
        lines = tx.queue.these(incident.id or 0, ids[:MOST])
    label = place.labels.find(put_label) if put_label else None
    there = sum(_is_so(line, put_label, put) for line in lines)
    return render(
        request, "queue_correct.html", **setting(place, incident), asked=chosen.asked,
        words=chosen.words(place.labels), labels=list(place.labels), label=label, put=put,
        texts=len(lines), posts=hits, there=there, most=MOST,
        too_many=len(ids) > MOST or hits > MOST_POSTS, items=shown(place, incident, who, lines[:SHOWN]),
    )  # fmt: skip


@door.act("/i/{slug}/queue/correct", "agent")
def correct(
    place: Here,
    who: Who,
    slug: str,
    put_label: Annotated[str, Form(max_length=60)],
    put: Annotated[str, Form(pattern="^[01]$")],
    texts: Annotated[int, Form(ge=0, le=MOST)],
    query: Annotated[str, Form(max_length=4_000)] = "",
) -> Response:
    """Correct them all, if they are as many as the preview said."""
    place.labels.place(put_label)
    with place.store.begin() as tx:
        incident = tx.incidents.find(slug)
        chosen = filters.read(dict(parse_qsl(query)), incident, who, place.labels)
        _, ids = _hits(tx, incident, chosen.sought)
        if len(ids) != texts:
            message = f"these were {texts:,} different texts, and now they are {len(ids):,}"
            raise Conflict(message, "look at the preview again; nothing was changed")
        said = [Tag(post_id=post_id, label=put_label, by=who.name, put=put == "1")
                for post_id in ids]  # fmt: skip
        tx.tags.put(said, place.now())
        did = "tagged" if put == "1" else "untagged"
        tx.audit.note(f"{did} all hits", f"incident:{incident.id}:posts", by=who.name,
                      now=place.now(), incident_id=incident.id,
                      detail={"label": put_label, "texts": len(ids), "filters": sorted(chosen.asked)})  # fmt: skip
    back = urlencode(chosen.asked | {"done": f"correct:{len(ids)}"})
    return RedirectResponse(f"/i/{incident.slug}/queue?{back}", 303)


def _hits(tx: Transaction, incident: IncidentRow, sought: Sought) -> tuple[int, list[int]]:
    """Return how many posts are sought, and one for each text: copies in other words are others."""
    every = msgspec.structs.replace(sought, folded=False)
    ids = tx.queue.ids(incident.id or 0, every, None, MOST_POSTS + 1)
    return len(ids), tx.tags.firsts(ids)


def _is_so(line: Line, label: str, put: str) -> bool:
    return (label in line.labels) == (put == "1")
