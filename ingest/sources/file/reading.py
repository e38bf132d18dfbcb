"""How far a file has been read and how: what a chain of requests carries along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Reading(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """
    Where to go on, and all that was decided before.

    `offset` is in unpacked bytes, `line` counts from 1, `item` is the place in a JSON array.
    `most`, `whole` and `skip` are for the disk. `columns` names the column for each field.
    `filtered` and `odd` count posts outside the stretch asked for, and times that can't be true.
    """

    offset: int = 0
    line: int = 1
    item: int = 0
    most: int = 0
    whole: bool = False
    skip: bool = False
    format: str = "auto"
    columns: dict[str, str] = {}
    chosen: dict[str, str] = {}
    decided: bool = False
    header: tuple[str, ...] = ()
    delimiter: str = ","
    day_first: bool = False
    tz: str = "UTC"
    undated_as: datetime | None = None
    name: str = "file"
    since: datetime | None = None
    until: datetime | None = None
    counting: bool = False
    foreign: bool = False
    filtered: int = 0
    odd: int = 0

    def state(self) -> dict[str, Any]:
        """Return it as a request's state."""
        state: dict[str, Any] = msgspec.to_builtins(self)
        return {"offset": 0, "line": 1} | state

    def wants(self, when: datetime | None) -> bool:
        """Whether a post of that time is in the stretch asked for; one without time is."""
        if when is None:
            return True
        after = self.since is None or when >= self.since
        return after and (self.until is None or when < self.until)


def reading_of(state: dict[str, Any]) -> Reading:
    """Return what a request's state says."""
    return msgspec.convert(state, Reading)
