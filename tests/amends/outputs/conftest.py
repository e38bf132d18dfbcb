"""Outputs with somebody at the other end, and events to send them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amends.digest import build
from amends.outputs import Event, Line, Link, Sheet
from amends.outputs.sending import Ways
from ingest.courier import Courier
from models.home import Secrets
from tests.amends.goldens import SNAPSHOTS
from tests.amends.outputs.receivers import Hook, Mailbox, hook_server, mail_server

MORNING = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def on(self, **more: float) -> datetime:
        """Turn it on."""
        self.now += timedelta(**more)
        return self.now


def a_line(**said: Any) -> Event:
    """Return a short message, or what the scene makes of it."""
    plain: dict[str, Any] = {
        "id": "alarm.discs-late.7", "kind": "alarm", "at": MORNING, "slug": "discs-late",
        "value": Line(
            title="Discs late: complaints rise", text="57 complaints in five minutes, 9 before.",
            items=("“no discs again”, 31 times", "“where is my credit”, 12 times"),
            links=(Link("Open the incident", "https://amends.reelpost.example/i/discs-late"),),
        ),
    }  # fmt: skip
    return Event(**(plain | said))


def a_sheet(name: str = "busy", **said: Any) -> Event:
    """Return a digest on its way, or what the scene makes of it."""
    plain: dict[str, Any] = {
        "id": "digest.discs-late.2026-03-04.1", "kind": "digest", "at": MORNING,
        "slug": "discs-late", "value": Sheet(digest=build(SNAPSHOTS[name])),
    }  # fmt: skip
    return Event(**(plain | said))


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at the morning after."""
    return Clock()


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """Return a mail server that takes everything."""
    with mail_server() as running:
        yield running


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Return a local server that takes everything."""
    with hook_server() as running:
        yield running


@pytest.fixture
def ways_to() -> Iterator[Callable[..., Ways]]:
    """Return what makes ways with these secrets and these private servers allowed."""
    opened: list[Courier] = []

    def make(*private: str, deadline: float = 10.0, **secrets: str) -> Ways:
        courier = Courier("amends-tests", private=frozenset(private), deadline=deadline)
        opened.append(courier)
        return Ways(courier, Secrets(secrets))

    yield make
    for courier in opened:
        courier.close()
