"""Decide about posts: answered, escalated, followed or dismissed. Amends sends nothing itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response

from amends.board.deed import Items, Outcome, done, noted
from amends.board.door import Door, Here, Who
from models.errors import SetupError
from models.incident import IncidentRow
from models.post import clean
from models.store import Transaction
from models.store.items import Verdict
from models.tag import Decision

door = Door()

LONGEST_NOTE = 5_000


@door.act("/i/{slug}/items/decide", "agent")
def decide(
    request: Request,
    place: Here,
    who: Who,
    slug: str,
    asked: Items,
    decision: Annotated[Decision, Form()],
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
    url: Annotated[str, Form(max_length=2_000)] = "",
    reply: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Decide; for a reply `url` is where it was sent, and `reply` the saved one it began as."""
    detail: dict[str, object] = {"decision": decision}
    if reply.isascii() and reply.isdigit():
        detail["reply"] = int(reply)
    verdict = Verdict(decision, clean(note) or None, _link(url))

    def do(tx: Transaction, incident: IncidentRow) -> Outcome:
        tx.items.decide(incident.id or 0, asked.seen, verdict, who.name, place.now())
        noted(tx, place, who, incident, "decided", asked.post_ids, **detail)
        return Outcome(decision, undo=True)

    return done(request, place, who, slug, asked, do)


def _link(url: str) -> str | None:
    url = url.strip()
    if not url:
        return None
    if not url.startswith(("https://", "http://")) or not url.isprintable() or " " in url:
        message = "that is no link"
        raise SetupError(message, "give the answer's address, beginning with https://")
    return url
