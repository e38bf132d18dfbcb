"""Where is my credit: what was offered, who asks for it in which phase, and what people say of it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import Request, Response

from amends.board.door import Door, Here, Who
from amends.board.masked import masked_found
from amends.board.render import render
from amends.board.reply_draft import credit_of
from amends.credit import Ask, asks, credit, said
from amends.digest.words import LONGEST_NAME, plain
from amends.truth.contradictions import contradictions
from models.incident import zone
from models.offer import FINDINGS, TITLES, Found
from models.phase import TITLES as PHASE_TITLES
from models.phase import Phase
from models.reply import filled
from models.store.requests import NOTHING_MORE, REQUEST

door = Door()

MOST = 20
"""Findings of a kind that are shown, those of most posts."""


class Asked(NamedTuple):
    """What open posts of a phase ask, in words, how the reply that fits reads, and where they stand."""

    title: str
    ask: Ask
    reads: str
    query: str


@door.page("/i/{slug}/credit", "viewer")
def show(request: Request, place: Here, who: Who, slug: str) -> Response:
    """Show all of it."""
    now = place.now()
    kinds = place.labels.under(REQUEST)
    titles = {REQUEST: "All that ask for one", NOTHING_MORE: "Nothing more is told"}
    titles |= {label.name: label.title for label in kinds}
    with place.store.read() as tx:
        incident = tx.incidents.find(slug)
        stands = credit(tx, incident, now, kinds.names)
        campaigns = tx.campaigns.of(incident.id or 0)
        known = {"company": incident.company, "incident": incident.title,
                 "credit": credit_of(tx.acts.of(incident.id or 0))}  # fmt: skip
        known = {name: plain(value, LONGEST_NAME) for name, value in known.items() if value}
        asked: dict[Phase, list[Asked]] = {}
        for ask in asks(tx, incident, stands.groups, now):
            reads = filled(ask.reply.text, known) if ask.reply else ""
            query = urlencode({"label": ask.label or REQUEST} | stands.when(ask.phase, incident.tz))
            asked.setdefault(ask.phase, []).append(Asked(titles[ask.label], ask, reads, query))
        found = said(tx, incident)
        told = contradictions(tx, incident, place.truth, now)
    return render(
        request, "credit_show.html", incident=incident, slug=incident.slug, zone=zone(incident.tz),
        now=now, phase=stands.phase, phases=PHASE_TITLES, asked=asked,
        campaigns=list(zip(campaigns, stands.standings, strict=True)), said=_by_kind(found),
        told=masked_found(told, who), most=MOST,
    )  # fmt: skip


def _by_kind(found: list[Found]) -> list[tuple[str, list[Found]]]:
    kinds = ((TITLES[kind], [one for one in found if one.finding == kind]) for kind in FINDINGS)
    return [(title, each[:MOST]) for title, each in kinds if each]
