"""Statuspage's webhook: incidents and components of a status page. Not signed."""

from __future__ import annotations

from typing import Any

from amends.hooks.kind import Call, Plain, Unread, dug, moment, text
from models.monitor import Alert, State

OPEN = ("investigating", "identified", "monitoring")
OVER = ("resolved", "postmortem")
OUTAGE = ("partial_outage", "major_outage")
IMPACTS = ("none", "minor", "major", "critical")


class Statuspage(Plain):
    """A status page. `impact` is the least an incident must have, else it is only noted."""

    name = "statuspage"
    title = "Statuspage (Atlassian)"
    hint = "subscribe to the page's updates by webhook, with this address"
    settings = {"impact": "none"}  # noqa: RUF012

    def read(self, call: Call) -> list[Alert]:
        """Read an incident's or a component's update."""
        said = call.json()
        if isinstance(incident := dug(said, "incident"), dict):
            return [self._incident(call, incident), *self._components(call, incident)]
        if isinstance(update := dug(said, "component_update"), dict):
            return [self._component(call, said, update)]
        message = "neither an incident nor a component's update"
        raise Unread(message)

    def _incident(self, call: Call, said: dict[str, Any]) -> Alert:
        status, name = text(said.get("status")), text(said.get("name"))
        update = text(dug(said, "incident_updates", "0", "id"))
        planned = said.get("scheduled_for") is not None or said.get("backfilled") is True
        state: State = "note"
        if not planned and status in OVER:
            state = "up"
        elif not planned and status in OPEN and self._matters(call, text(said.get("impact"))):
            state = "down"
        key = text(said.get("id"))
        return Alert(
            key=f"incident {key}", event=f"{key} {update or call.event} {status}", state=state,
            title=f"{name} ({status})", url=text(said.get("shortlink")),
            at=moment(said.get("created_at" if state == "down" else "updated_at")),
        )  # fmt: skip

    def _components(self, call: Call, said: dict[str, Any]) -> list[Alert]:
        """Return how the page shows the components an incident names: notes, that open and close nothing."""
        components = said.get("components")
        update = text(dug(said, "incident_updates", "0", "id")) or call.event
        return [
            Alert(
                key=f"component {key}", event=f"{text(said.get('id'))} {update} {key}", state="note",
                title=f"{text(one.get('name')) or key}: {text(one.get('status')).replace('_', ' ')}",
                at=moment(said.get("updated_at")),
            )
            for one in (components if isinstance(components, list) else [])
            if isinstance(one, dict) and (key := text(one.get("id")))
        ]  # fmt: skip

    def _matters(self, call: Call, impact: str) -> bool:
        least = call.settings.get("impact", self.settings["impact"])
        known = impact in IMPACTS and least in IMPACTS
        return not known or IMPACTS.index(impact) >= IMPACTS.index(least)

    def _component(self, call: Call, said: Any, update: dict[str, Any]) -> Alert:
        status, key = text(update.get("new_status")), text(update.get("component_id"))
        state: State = "note"
        if status in OUTAGE:
            state = "down"
        elif status == "operational":
            state = "up"
        name = text(dug(said, "component", "name")) or key
        return Alert(
            key=f"component {key}", event=text(update.get("id")) or call.event, state=state,
            title=f"{name}: {status.replace('_', ' ')}", at=moment(update.get("created_at")),
        )  # fmt: skip


kind = Statuspage()
