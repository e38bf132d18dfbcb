"""
How well a watch listens: live, quiet, throttled, capped, blind or paused, since when, and why.

Quiet is when nobody speaks; blind is when we can't hear. Only a watch that was asked lately, answered
in full and is in no trouble may be called quiet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from models.hole import HoleRow
from models.incident import WatchRow

State = Literal["live", "quiet", "throttled", "capped", "blind", "paused"]

QUIET = timedelta(minutes=30)
"""How long nobody may speak before a watch is called quiet."""

DEAF = timedelta(minutes=15)
"""How long a source may keep us waiting before its watch is called blind."""

FORGOTTEN = timedelta(hours=1)
"""How long nobody may ask before a watch is called blind."""


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """A watch's state, since when it holds, and a sentence for people."""

    state: State
    since: datetime
    why: str


def listening(
    watch: WatchRow, newest: datetime | None, now: datetime, holes: Sequence[HoleRow] = ()
) -> Listening:
    """
    Return how well `watch` listens.

    `newest` is when it last brought a post; `holes` are those still open, oldest first.
    """
    kind, trouble = watch.trouble_kind, watch.trouble or "it is in trouble"
    asked = watch.asked_at or watch.created_at
    since = watch.trouble_since or asked
    waits = watch.not_before is not None and watch.not_before > now
    forgotten = now - max(asked, watch.not_before or asked) > FORGOTTEN
    alone = "the source asked to be left alone for a while"
    behind = bool(holes) or watch.chain is not None
    cut_since = min((hole.opened_at for hole in holes), default=asked)
    rules: tuple[tuple[bool, State, datetime, str], ...] = (
        (watch.paused_at is not None and kind != "refused", "paused", watch.paused_at or asked,
         "a person paused it"),
        (kind not in (None, "busy", "spent"), "blind", since, trouble),
        (watch.asked_at is None, "blind", watch.created_at, "it hasn't been asked yet"),
        (kind == "busy" and now - since > DEAF, "blind", since, trouble),
        (forgotten, "blind", asked, "nobody has asked it since"),
        (kind == "busy", "throttled", since, trouble),
        (kind == "spent", "capped", since, trouble),
        (waits, "throttled", asked, alone),
        (behind, "capped", cut_since, _behind(holes)),
        (watch.mute_since is not None, "blind", watch.mute_since or asked, _mute(watch)),
        (newest is not None and now - newest <= QUIET, "live", newest or asked,
         "complete, and people speak"),
    )  # fmt: skip
    for applies, state, at, why in rules:
        if applies:
            return Listening(state=state, since=at, why=why)
    why = "complete, and nobody has spoken since"
    return Listening(state="quiet", since=newest or watch.created_at, why=why)


def _behind(holes: Sequence[HoleRow]) -> str:
    """Say what is still to be read."""
    if not holes:
        return "older posts are still to come, so counts are “at least”"
    first = holes[0]
    more = f" and {len(holes) - 1} more" if len(holes) > 1 else ""
    stretch = f"{first.since:%d %b %H:%M} to {first.until:%H:%M} UTC{more}"
    return f"still to be read: {stretch} ({first.why}), so counts are “at least”"


def _mute(watch: WatchRow) -> str:
    return f"the canary “{watch.canary}” finds nothing, so silence proves nothing"
