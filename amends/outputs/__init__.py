"""
Outputs: how what Amends has to say reaches people elsewhere, by mail, chat, webhook or file.

    event = Event(id="alarm.discs-late.7", kind="alarm", at=now, value=Line(title="…", text="…"))
    with store.begin() as tx:
        enqueue(tx, event, ["team-mail", "comms-slack"])     # kept with what it tells of, or not at all
    send_due(store, outputs, ways, clock)                    # at least once, with the same id

An event that is a `Line` needs nothing more. One with a shape of its own is a struct in
`event.Value` and a branch in `message.message_of`.
"""

from __future__ import annotations

from amends.outputs.event import Event, Line, Link, Sheet, enqueue

__all__ = ["Event", "Line", "Link", "Sheet", "enqueue"]
