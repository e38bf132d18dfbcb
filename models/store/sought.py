"""Which items of a queue are sought, as a value and as conditions in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from models.columns import to_micros
from models.store.where import Where, where

State = Literal["open", "answered", "escalated", "followed", "dismissed", "all"]

DECIDED = {"answered": "reply", "escalated": "escalate", "followed": "follow",
           "dismissed": "dismiss"}  # fmt: skip

_OPEN = {"open": (True,), "answered": (False,), "dismissed": (False,), "escalated": (True,),
         "followed": (True,)}  # fmt: skip

MOST_POINTS = 24
"""More than any post has: nobody's reach has more digits."""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which items of an incident to list.

    `holder` is a person's name, or "" for nobody's; what `search` asks for (`models/words.py`) must be in
    the text or, with `names`, in the author's name; `since` and `until` bound when it was posted; `newer` is a post
    after which it was first kept; `folded`: of those sought that say the same only the most urgent.
    """

    state: State = "open"
    label: str | None = None
    source: str | None = None
    holder: str | None = None
    unseen: bool = False
    lang: str | None = None
    search: str | None = None
    names: bool = True
    since: datetime | None = None
    until: datetime | None = None
    newer: int | None = None
    folded: bool = True

    @property
    def opens(self) -> tuple[bool, ...]:
        """Whether those sought are open: yes, no, or both."""
        return _OPEN.get(self.state, (True, False))


def narrowed(sought: Sought, combinations: Sequence[str]) -> dict[str, Where]:
    """
    Return what holds of items sought, by what it is about; their labels together are one of these `combinations`.

    Their words are left to `models/store/hits.py`.
    """
    since = None if sought.since is None else to_micros(sought.since)
    until = None if sought.until is None else to_micros(sought.until)
    by = {
        "decision": ("item.decision = ?", DECIDED.get(sought.state)),
        "source": ("item.source = ?", sought.source),
        "holder": ("item.holder = ?", sought.holder or None),
        "lang": ("item.lang = ?", sought.lang),
        "since": ("item.posted_at >= ?", since),
        "until": ("item.posted_at < ?", until),
        "newer": ("item.post_id > ?", sought.newer),
    }
    found = {name: where(condition, value) for name, (condition, value) in by.items()
             if value is not None}  # fmt: skip
    if sought.label is not None:
        marks = ", ".join("?" * len(combinations)) or "NULL"
        found["labels"] = where(f"item.labels IN ({marks})", *combinations)
    if sought.holder == "":
        found["holder"] = where("item.holder IS NULL")
    if sought.unseen:
        found["unseen"] = where("item.seen_at IS NULL")
    return found
