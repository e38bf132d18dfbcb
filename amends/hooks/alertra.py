"""Alertra: its webhooks (OnDown, OnUp, OnWarning), and the older address that is called on down only."""

from __future__ import annotations

from amends.hooks.kind import Call, Plain, Unread, moment
from amends.hooks.uptimerobot import given
from models.monitor import Alert, State

STATES: dict[str, State] = {"ondown": "down", "onup": "up"}


class Alertra(Plain):
    """Alertra, in its own names; a call that says no `event` is the older one, and means down."""

    name = "alertra"
    title = "Alertra"
    hint = "a webhook with event, alertra_deviceid, alertra_name, alertra_timestamp; or as Callback URL"

    def read(self, call: Call) -> list[Alert]:
        """Read one event of one device."""
        said = given(call)
        key, stamp = said.get("alertra_deviceid", ""), said.get("alertra_timestamp", "")
        if not key:
            message = "it names no alertra_deviceid"
            raise Unread(message)
        event = said.get("event", "OnDown")
        code = said.get("alertra_last_code", "")
        words = said.get("alertra_name", key) + (f" (code {code})" if code else "")
        return [
            Alert(
                key=key, event=f"{key} {stamp or call.event} {event}",
                state=STATES.get(event.lower(), "note"), title=words, at=moment(stamp),
            )
        ]  # fmt: skip


kind = Alertra()
