"""What is told to the world outside: an event with an id of its own, and its way into the outbox."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from amends.digest.value import Digest
from models.outbox import OutboxRow
from models.store import Transaction

LONGEST_TITLE = 160
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,150}")


class Link(msgspec.Struct, frozen=True):
    """Where something can be read, and what the link is called."""

    name: str
    url: str


class Line(msgspec.Struct, frozen=True, kw_only=True, tag="line"):
    """A short message: a title, a sentence or two, maybe a list, and links."""

    title: str
    text: str = ""
    items: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True, tag="digest"):
    """A digest, the how manieth of its day, what has changed since the last one, and links."""

    digest: Digest
    version: int = 1
    changes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


Value = Line | Sheet


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something to tell. `id` is the same whenever and wherever it is sent.

    It is made of a-z, 0-9, dots, hyphens and underscores: it names files, and messages in mail. `kind`
    is for people and programs: digest, correction, alarm, test. `slug` names the incident, if there is
    one: messages about it stand together.
    """

    id: str
    kind: str
    at: datetime
    value: Value
    slug: str = ""
    incident_id: int | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            message = f"“{self.id[:200]}” can't be an event's id"
            raise ValueError(message)


def title_of(value: Value) -> str:
    """Return the headline of an event."""
    from amends.digest.sheet import title

    if isinstance(value, Line):
        return value.title
    version = f" (version {value.version})" if value.version > 1 else ""
    return title(value.digest) + version


def enqueue(tx: Transaction, event: Event, to: Iterable[str]) -> list[str]:
    """
    Put an event into the outbox for these outputs, in the caller's transaction.

    Returns those it wasn't in for already: the same event never goes out twice for want of memory.
    """
    from amends.digest.words import plain

    value = msgspec.json.encode(event).decode()
    return tx.outbox.put(
        OutboxRow(
            event_id=event.id, destination=name, kind=event.kind, incident_id=event.incident_id,
            title=plain(title_of(event.value), LONGEST_TITLE), value=value, created_at=event.at,
            not_before=event.at,
        )
        for name in dict.fromkeys(to)
    )  # fmt: skip
