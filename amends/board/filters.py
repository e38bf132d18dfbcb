"""The queue's filters as they stand in its address: read, said in words, written again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import get_args

import msgspec

from amends.board.door import Visitor
from classify.labels import Labels
from models.columns import from_micros, to_micros
from models.errors import SetupError
from models.incident import IncidentRow, zone
from models.store.queue import Cursor, Sought
from models.store.sought import State

NAMES = ("state", "label", "source", "holder", "unseen", "lang", "q", "since", "until", "newer",
         "folded")  # fmt: skip
STATES: tuple[State, ...] = get_args(State)
LONGEST = 200

_AFTER = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})")


class Filters(msgspec.Struct, frozen=True):
    """What is asked for: `asked` as in the address, `sought` as the store takes it."""

    asked: dict[str, str]
    sought: Sought

    def words(self, labels: Labels) -> dict[str, str]:
        """Return what is filtered by, each in words."""
        titles = {label.name: label.title for label in labels}
        holder = {"me": "in my hands", "nobody": "in nobody’s hands"}
        said: dict[str, Callable[[str], str]] = {
            "state": lambda value: "open and closed" if value == "all" else value,
            "label": lambda value: titles.get(value, value),
            "source": lambda value: f"from {value}",
            "holder": lambda value: holder.get(value, f"in {value}’s hands"),
            "unseen": lambda _: "nobody has looked yet",
            "lang": lambda value: f"language {value}",
            "q": lambda value: f"“{value}”",
            "since": lambda value: f"since {value.replace('T', ' ')}",
            "until": lambda value: f"before {value.replace('T', ' ')}",
            "newer": lambda _: "new since you looked",
            "folded": lambda _: "each copy by itself",
        }
        return {name: said[name](value) for name, value in self.asked.items()}


def read(query: Mapping[str, str], incident: IncidentRow, who: Visitor, labels: Labels) -> Filters:
    """Return the filters in an address; SetupError for one that can't be read."""
    asked = {name: query[name].strip()[:LONGEST] for name in NAMES if query.get(name, "").strip()}
    asked = {name: value.replace("\x00", "") for name, value in asked.items()}
    state = asked.get("state", "open")
    if state not in STATES:
        message = f"there is no state “{state}”"
        raise SetupError(message, f"the states are {', '.join(STATES)}")
    if "label" in asked:
        labels.place(asked["label"])
    if state == "open":
        asked.pop("state", None)
    for name, value in {"unseen": "1", "folded": "0"}.items():
        if asked.get(name, value) != value:
            del asked[name]
    holder = asked.get("holder")
    holder = {"me": who.name, "nobody": ""}.get(holder or "", holder)
    sought = Sought(
        state=state,
        label=asked.get("label"),
        source=asked.get("source"),
        holder=holder,
        unseen="unseen" in asked,
        lang=asked.get("lang"),
        search=asked.get("q"),
        names=not who.masked,
        since=_when(asked.get("since"), incident),
        until=_when(asked.get("until"), incident),
        newer=_number(asked.get("newer")),
        folded="folded" not in asked,
    )
    return Filters(asked, sought)


def cursor(after: str) -> Cursor | None:
    """Return where a leaf begins; None for the first."""
    found = _AFTER.fullmatch(after)
    try:
        return found and Cursor(from_micros(int(found[1])), int(found[2]))
    except OverflowError:
        return None


def after(at: Cursor) -> str:
    """Return a cursor as it stands in an address."""
    return f"{to_micros(at.urgency)}.{at.post_id}"


def _number(said: str | None) -> int | None:
    if said is None or re.fullmatch(r"[0-9]{1,18}", said):
        return None if said is None else int(said)
    message = f"“{said}” is no post's number"
    raise SetupError(message, "give digits alone")


def _when(said: str | None, incident: IncidentRow) -> datetime | None:
    if said is None:
        return None
    try:
        when = datetime.fromisoformat(said)
        local = when if when.tzinfo is not None else when.replace(tzinfo=zone(incident.tz))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"“{said}” is no time"
        raise SetupError(message, "write it as 2026-03-04T14:00") from None
