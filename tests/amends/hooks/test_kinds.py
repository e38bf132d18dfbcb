"""Every kind of monitor reads its recorded calls as `expected.json` beside them says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.hooks import all_kinds
from amends.hooks.kind import Call, Unread
from models.monitor import Alert

FOLDER = Path(__file__).parents[3] / "fixtures" / "hooks"
KINDS = all_kinds()
MUST = {"down", "up", "other"}
"""What every kind has to show: that something is down, that it is up again, and what opens nothing."""

HOSTILE = (
    b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"alerts":[null,7,{}]}',
    b'{"event":{}}', b'{"event":{"event_type":["x"],"data":7}}', b'{"incident":{"id":{"$ne":1}}}',
    b'{"alerts":[{"startsAt":"9999-99-99","status":{}}]}', b'{"id":"a","timestamp":1e400}',
    b'{"monitorID":"1","alertType":"1","alertDateTime":"99999999999999999999"}', b"\x00" * 1000,
)  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_calls_are_read_as_expected(name: str) -> None:
    """Down, up and what is neither, and the odd forms a monitor sends."""
    folder = FOLDER / name
    calls = {path.stem: path.read_bytes() for path in folder.glob("*.*") if path.stem != "expected"}
    missing = MUST - calls.keys()
    assert not missing, f"fixtures/hooks/{name} lacks {', '.join(sorted(missing))}"
    expected = json.loads((folder / "expected.json").read_text())
    found = {call: read(name, body) for call, body in sorted(calls.items())}
    assert found == expected


@pytest.mark.parametrize("name", KINDS)
def test_what_is_sent_again_has_the_same_event(name: str) -> None:
    """And an end has another one than its beginning, for the same key."""
    down, again = (KINDS[name].read(call(name, "down"))[0] for _ in range(2))
    up = KINDS[name].read(call(name, "up"))[0]
    assert down.event == again.event != up.event
    assert (down.key, down.state, up.state) == (up.key, "down", "up")


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("body", HOSTILE)
def test_what_nobody_sends_is_unread_or_a_value(name: str, body: bytes) -> None:
    """Nothing else comes out of it."""
    try:
        alerts = KINDS[name].read(Call(body=body))
    except Unread:
        return
    assert all(isinstance(one, Alert) and isinstance(one.key, str) for one in alerts)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["incident", "event", "alerts", "id", "status", "data", "labels", "startsAt",
                         "component_update", "timestamp", "event_type", "incident_updates"]),
        inner, max_size=4),
    max_leaves=12,
))  # fmt: skip
def test_json_of_any_shape_is_unread_or_a_value(said: Any) -> None:
    """Whatever stands where."""
    body = json.dumps(said).encode()
    for kind in KINDS.values():
        try:
            alerts = kind.read(Call(body=body))
        except Unread:
            continue
        assert all(one.state in ("down", "up", "note") for one in alerts)


def call(name: str, which: str) -> Call:
    """Return a recorded call."""
    return Call(body=(FOLDER / name / f"{which}.json").read_bytes())


def read(name: str, body: bytes) -> list[dict[str, Any]] | str:
    """Return what a kind makes of a body, as JSON has it."""
    try:
        alerts = KINDS[name].read(Call(body=body))
    except Unread as why:
        return f"unread: {why}"
    said: list[dict[str, Any]] = msgspec.to_builtins(alerts)
    return said
