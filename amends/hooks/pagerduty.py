"""PagerDuty's webhook, version 3: signed, and switched off by PagerDuty if it is answered with 4xx."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from amends.hooks.kind import Call, Plain, Unread, dug, moment, text
from models.monitor import Alert, State

STATES: dict[str, State] = {
    "incident.triggered": "down", "incident.reopened": "down", "incident.resolved": "up",
}  # fmt: skip


class PagerDuty(Plain):
    """A subscription of PagerDuty."""

    name = "pagerduty"
    title = "PagerDuty (webhooks v3)"
    hint = "add a Generic Webhook (v3) with this address, and keep its signing secret"
    signs = "always"

    def read(self, call: Call) -> list[Alert]:
        """Read one event; of a type we don't know it is a note."""
        event = dug(call.json(), "event")
        if not isinstance(event, dict):
            message = "there is no event in it"
            raise Unread(message)
        type_, data = text(event.get("event_type")), event.get("data")
        title = text(dug(data, "title")) or text(dug(data, "summary"))
        service = text(dug(data, "service", "summary"))
        state = STATES.get(type_, "note")
        return [
            Alert(
                key=text(dug(data, "id")) if state != "note" else type_,
                event=text(event.get("id")) or call.event,
                state=state,
                title=": ".join(filter(None, (service, title))) if state != "note" else type_,
                url=text(dug(data, "html_url")),
                at=moment(event.get("occurred_at")),
            )
        ]

    def proved(self, call: Call, secret: str, now: datetime) -> bool:  # noqa: ARG002
        """Return whether any of its signatures fits: there are two while a secret is changed."""
        ours = "v1=" + hmac.new(secret.encode(), call.body, hashlib.sha256).hexdigest()
        given = call.headers.get("x-pagerduty-signature", "").split(",")
        return any(hmac.compare_digest(ours.encode(), one.strip().encode()) for one in given)


kind = PagerDuty()
