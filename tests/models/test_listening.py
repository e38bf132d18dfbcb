"""Quiet is when nobody speaks; blind is when we can't hear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.incident import WatchRow
from models.listening import listening
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def a_row(**said: Any) -> WatchRow:
    """Return a watch that was asked a minute ago and is in no trouble."""
    plain = {"incident_id": 1, "key": "", "source": "fake", "created_at": NOW - 90 * MINUTE,
             "asked_at": NOW - MINUTE}  # fmt: skip
    return WatchRow(**(plain | said))


@pytest.mark.parametrize(
    ("row", "newest", "state", "why"),
    [
        (a_row(), NOW - 5 * MINUTE, "live", "people speak"),
        (a_row(), NOW - 31 * MINUTE, "quiet", "nobody has spoken"),
        (a_row(), None, "quiet", "nobody has spoken"),
        (a_row(chain="{}"), NOW, "capped", "at least"),
        (a_row(not_before=NOW + MINUTE), NOW, "throttled", "left alone"),
        (a_row(trouble="429", trouble_kind="busy", trouble_since=NOW - MINUTE), NOW, "throttled",
         "429"),
        (a_row(trouble="429", trouble_kind="busy", trouble_since=NOW - 16 * MINUTE), NOW, "blind",
         "429"),
        (a_row(trouble="login page", trouble_kind="changed", trouble_since=NOW), NOW, "blind",
         "login page"),
        (a_row(trouble="401", trouble_kind="refused", trouble_since=NOW, paused_at=NOW), NOW,
         "blind", "401"),
        (a_row(paused_at=NOW), NOW, "paused", "a person"),
        (a_row(asked_at=None), None, "blind", "hasn't been asked"),
        (a_row(asked_at=NOW - 61 * MINUTE), NOW, "blind", "nobody has asked"),
        (a_row(asked_at=NOW - 300 * MINUTE, not_before=NOW + MINUTE), NOW, "throttled", "alone"),
    ],
)  # fmt: skip
def test_each_state_has_its_reason(row: WatchRow, newest: Any, state: str, why: str) -> None:
    """Live, quiet, throttled, capped, blind, paused."""
    found = listening(row, newest, NOW)

    assert found.state == state and why in found.why and found.since <= NOW


@given(
    kind=st.sampled_from([None, "busy", "changed", "refused", "setup"]),
    asked=st.none() | st.integers(0, 200),
    chain=st.sampled_from([None, "{}"]),
    waits=st.none() | st.integers(-200, 200),
)
def test_nothing_is_called_quiet_that_was_not_heard_in_full(
    kind: str | None, asked: int | None, chain: str | None, waits: int | None
) -> None:
    """Quiet and live are promises: asked within the hour, no trouble, no chain cut short."""
    row = a_row(
        trouble_kind=kind, trouble_since=NOW if kind else None, chain=chain,
        asked_at=None if asked is None else NOW - asked * MINUTE,
        not_before=None if waits is None else NOW + waits * MINUTE,
    )  # fmt: skip

    state = listening(row, None, NOW).state

    if state in ("quiet", "live"):
        assert kind is None and chain is None and asked is not None and (waits or 0) <= 0
