"""Any monitor that sends JSON: settings say where in it the key, the state and the title stand."""

from __future__ import annotations

from amends.hooks.kind import Call, Plain, Unread, dug, moment, text
from models.monitor import Alert, State


class Mapped(Plain):
    """
    JSON of any shape. A setting is a path with dots between, such as check.status or checks.0.id.

    `down` and `up` are the words the state is told by, with commas between, in whatever case.
    """

    name = "json"
    title = "any JSON, by settings"
    hint = "its webhook, with this address; try it first: amends monitor try json FILE --set …"
    settings = {  # noqa: RUF012
        "key": "id", "state": "status", "title": "name", "url": "url", "at": "timestamp", "event": "",
        "down": "down,critical,firing,open,1", "up": "up,ok,resolved,closed,0",
    }  # fmt: skip

    def read(self, call: Call) -> list[Alert]:
        """Read one alert from where the settings say."""
        said = call.json()
        paths = dict(self.settings) | dict(call.settings)

        def at(name: str) -> str:
            return text(dug(said, *paths[name].split("."))) if paths[name] else ""

        key, told = at("key"), at("state").strip().casefold()
        if not key:
            message = f"nothing stands at “{paths['key']}”, where its key should be"
            raise Unread(message)
        state: State = "note"
        for way in ("down", "up"):
            if told in [word.strip().casefold() for word in paths[way].split(",")]:
                state = "down" if way == "down" else "up"
        stamp = at("at")
        event = at("event") or f"{key} {stamp or call.event} {told}"
        return [
            Alert(key=key, event=event, state=state, title=at("title") or key, url=at("url"),
                  at=moment(stamp))
        ]  # fmt: skip


kind = Mapped()
