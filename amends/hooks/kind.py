"""What a kind of monitor is: how its calls are read, and how they prove themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import msgspec

from models.monitor import Alert

MOST = 1_000
"""Alerts that are read from one call."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it came: its body, untouched; its headers, in lower case; what its address asks."""

    body: bytes = b""
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}

    @property
    def event(self) -> str:
        """An id for a call that brings none: the same call has the same one."""
        said = self.body + msgspec.json.encode(dict(self.query), order="sorted")
        return f"sha-{hashlib.sha256(said).hexdigest()[:32]}"

    def json(self) -> Any:
        """Return the body as JSON; Unread if it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError) as error:
            message = f"not JSON: {error}"
            raise Unread(message) from error

    def note(self, title: str) -> Alert:
        """Return a note that something came which opens and closes nothing."""
        return Alert(key="note", event=self.event, state="note", title=title)


class Unread(Exception):
    """A call that can't be read; it is kept as a note that says why."""


Signs = Literal["never", "if asked", "always"]
"""If asked: where we hold the secret it signs with."""


class Kind(Protocol):
    """
    A kind of monitor. `title` and `hint` tell people what it is and where to put the address.

    `signs` says whether a call proves itself by a signature instead of the secret in its address.
    """

    name: str
    title: str
    hint: str
    signs: Signs
    settings: Mapping[str, str]

    def read(self, call: Call) -> Sequence[Alert]:
        """Return what a call says; Unread if that can't be told."""
        ...

    def proved(self, call: Call, secret: str, now: datetime) -> bool:
        """Return whether a call was signed with a secret."""
        ...


class Plain:
    """A kind that proves itself by the secret in its address alone."""

    signs: Signs = "never"
    settings: Mapping[str, str] = {}

    def proved(self, call: Call, secret: str, now: datetime) -> bool:  # noqa: ARG002
        """Return False: there is no signature."""
        return False


def text(value: Any) -> str:
    """Return a value as text: empty for nothing, and for what is no word or number."""
    return str(value) if isinstance(value, str | int | float) and value is not True else ""


def dug(value: Any, *names: str) -> Any:
    """Return what lies under these names, one inside the other; None where there is nothing."""
    for name in names:
        if isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def moment(value: Any) -> datetime | None:
    """Return a time as monitors write it, ISO 8601 or seconds since 1970; None if it is neither."""
    said = text(value).strip()
    try:
        if said.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(said), UTC)
        when = datetime.fromisoformat(said)
        when = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    # Year 1 is how Go writes a time that isn't set.
    return when if when.year > 1970 else None
