"""Alertmanager's webhook, version 4, and what Grafana made of it."""

from __future__ import annotations

from typing import Any

from amends.hooks.kind import MOST, Call, Plain, Unread, dug, moment, text
from models.monitor import Alert, State

STATES: dict[str, State] = {"firing": "down", "resolved": "up"}


class Alertmanager(Plain):
    """Prometheus's Alertmanager."""

    name = "alertmanager"
    title = "Alertmanager (Prometheus)"
    hint = "a receiver with webhook_configs: url, and send_resolved: true"

    def read(self, call: Call) -> list[Alert]:
        """Read every alert of a group; what is repeated has the same event."""
        said = call.json()
        alerts = dug(said, "alerts")
        if not isinstance(alerts, list):
            message = "there are no alerts in it"
            raise Unread(message)
        return [self._alert(said, one) for one in alerts[:MOST] if isinstance(one, dict)]

    def counts(self, name: str) -> bool:  # noqa: ARG002
        """Return whether an alert of that name says that something is down."""
        return True

    def _alert(self, said: Any, one: dict[str, Any]) -> Alert:
        name = text(dug(one, "labels", "alertname"))
        status, starts = text(one.get("status")), text(one.get("startsAt"))
        state = STATES.get(status, "note") if self.counts(name) else "note"
        key = text(one.get("fingerprint")) or text(dug(said, "groupKey")) or name
        summary = text(dug(one, "annotations", "summary")) or name
        address = text(one.get("generatorURL")) or text(dug(said, "externalURL"))
        return Alert(
            key=key, event=f"{key} {starts} {status}", state=state, title=summary, url=address,
            at=moment(one.get("endsAt")) if state == "up" else moment(starts),
        )  # fmt: skip


kind = Alertmanager()
