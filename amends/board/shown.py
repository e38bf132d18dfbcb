"""An item as pages show it: marked words, labels to press, its clock, and what makes it urgent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from amends.board.door import Visitor
from amends.board.marks import Piece, cut, marked
from amends.board.masked import masked
from amends.board.place import Place
from amends.digest.words import number, several
from models.clock import due
from models.incident import IncidentRow, zone
from models.item import OTHER, POINTS
from models.store.queue import Line
from models.tag import CLASSIFIER

SHORT = 600
"""Characters of a text that a list shows."""

FORMULA = (
    "The queue is ordered by when a post was made, moved back by an hour for each point: "
    + ", ".join(f"{n} for {name.replace('_', ' ')}" for name, n in POINTS.items() if n)
    + f", {OTHER} for another label (the heaviest counts), "
    "and one for each digit of its reach (followers + 10 × reposts + views ÷ 100)."
)

_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
_DID = {"reply": "answered", "escalate": "escalated", "follow": "followed", "dismiss": "dismissed"}


class Chip(NamedTuple):
    """A label on an item: whether it holds, how sure and by whom, and the key that turns it round, if any."""

    name: str
    title: str
    on: bool
    key: str
    under: str
    score: str
    by: str


class Told(NamedTuple):
    """A label on an item that others tell more of, and those of them that don't hold."""

    title: str
    chips: tuple[Chip, ...]


class Clock(NamedTuple):
    """What is due, when, and whether it is late."""

    what: str
    at: datetime
    late: bool


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One item as a page shows it."""

    line: Line
    author: str
    url: str
    lang: str
    pieces: tuple[Piece, ...]
    cut: bool
    chips: tuple[Chip, ...]
    decided: str
    why: str
    clock: Clock | None

    @property
    def told(self) -> tuple[Told, ...]:
        """Where more can be told: of the labels that hold, or whose own ones do."""
        held = {name for chip in self.chips if chip.on for name in (chip.name, chip.under)}
        more = [
            (
                one.title,
                tuple(chip for chip in self.chips if chip.under == one.name and not chip.on),
            )
            for one in self.chips
            if one.name in held
        ]
        return tuple(Told(title, chips) for title, chips in more if chips)


def shown(
    place: Place, incident: IncidentRow, who: Visitor, lines: Sequence[Line], most: int = SHORT
) -> list[Shown]:
    """Return items as somebody may see them, in one batch."""
    hidden = [masked(line, who) for line in lines]
    pieces = marked(place, hidden, most)
    now = place.now()
    return [
        Shown(
            line=seen,
            author=initials(line.author) if who.masked else line.author or "",
            url=seen.url or "",
            lang=line.lang if line.lang and _LANGUAGE.fullmatch(line.lang) else "",
            pieces=parts,
            cut=cut(seen.text, most) < len(seen.text),
            chips=_chips(place, line),
            decided=_DID.get(line.decision or "", ""),
            why=_why(line),
            clock=_clock(incident, line, now),
        )
        for line, seen, parts in zip(lines, hidden, pieces, strict=True)
    ]


def setting(place: Place, incident: IncidentRow) -> dict[str, Any]:
    """Return what a template needs to show items of an incident."""
    return {
        "incident": incident, "slug": incident.slug, "zone": zone(incident.tz), "now": place.now(),
        "titles": {label.name: label.title for label in place.labels},
    }  # fmt: skip


def initials(author: str | None) -> str:
    """Return a name that can't be told: c…o."""
    return f"{author[0]}…{author[-1]}" if author and len(author) > 2 else "…"


def _chips(place: Place, line: Line) -> tuple[Chip, ...]:
    """Return the labels that stand by themselves with their keys, behind them those that tell more."""
    main = place.labels.main
    keys = {name: str(key) for key, name in enumerate(main.names, 1)}
    told = [label for label in place.labels if label.under]
    chips = []
    for label in (*main, *told):
        held = line.labels.get(label.name)
        by = "" if held is None else held.by
        score = f"{held.score:.0%}" if held and by.startswith(CLASSIFIER) else ""
        said = "the classifier" if by.startswith(CLASSIFIER) else by
        chips.append(Chip(label.name, label.title, held is not None, keys.get(label.name, ""),
                          label.under, score, said))  # fmt: skip
    return tuple(chips)


def _why(line: Line) -> str:
    """Say what makes an item urgent."""
    weights = {label: POINTS.get(label, OTHER) for label in line.labels}
    heaviest = max(weights, key=lambda label: weights[label], default="")
    digits = line.points - weights.get(heaviest, 0)
    parts = [f"{weights[heaviest]} for {heaviest.replace('_', ' ')}"] if heaviest else []
    if digits > 0:
        parts.append(f"{digits} for a reach of {number(line.reach)}")
    return several(line.points, "point", "points") + (f": {', '.join(parts)}" if parts else "")


def _clock(incident: IncidentRow, line: Line, now: datetime) -> Clock | None:
    if not line.open or line.decision is not None:
        return None
    what, minutes = ("look", incident.look_within) if line.seen_at is None else (
        "answer", incident.answer_within)  # fmt: skip
    by = due(line.first_seen, minutes, incident.hours, incident.tz)
    return Clock(what, by, now > by)
