"""UptimeRobot's webhook: whatever its template says, in the body, a form or the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from amends.hooks.kind import Call, Plain, Unread, moment, text
from models.monitor import Alert, State

STATES: dict[str, State] = {"1": "down", "2": "up"}
_FIELD = re.compile(r'"(\w+)"\s*:\s*"([^"\n]*)"')
_UNSET = re.compile(r"\*\w+\*")


class UptimeRobot(Plain):
    """UptimeRobot, with its own names for its variables."""

    name = "uptimerobot"
    title = "UptimeRobot"
    hint = "an alert contact of type Webhook; its JSON or its query names monitorID, alertType, …"

    def read(self, call: Call) -> list[Alert]:
        """Read one alert: of type 1 it is down, of type 2 up."""
        said = {name: value for name, value in given(call).items() if not _UNSET.fullmatch(value)}
        type_, key = said.get("alertType", ""), said.get("monitorID", "")
        if not type_ or not key:
            message = "it names no monitorID or no alertType"
            raise Unread(message)
        stamp = said.get("alertDateTime", "")
        words = (said.get("monitorFriendlyName", key), said.get("alertDetails", ""))
        return [
            Alert(
                key=key, event=f"{key} {stamp or call.event} {type_}",
                state=STATES.get(type_, "note"), title=": ".join(filter(None, words)),
                url=said.get("monitorURL"), at=moment(stamp),
            )
        ]  # fmt: skip


def given(call: Call) -> Mapping[str, str]:
    """Return what a call says by name: its address, then its body as JSON, as a form, or as it can be."""
    said = dict(call.query)
    try:
        body = call.json()
    except Unread:
        # A quotation mark in the details breaks the JSON that a template makes.
        plain = call.body.decode("utf-8", "replace")
        body = dict(_FIELD.findall(plain)) or dict(parse_qsl(plain))
    if isinstance(body, dict):
        said |= {name: text(value) for name, value in body.items()}
    return said


kind = UptimeRobot()
