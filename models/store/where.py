"""Conditions in SQL that all hold, with the values of their question marks."""

from __future__ import annotations

from typing import Any, NamedTuple

BY_KEY = "sqlite_autoindex_item_1"
"""What SQLite calls the index of the key of items."""

BY_POINTS = "item_queue"
"""The index of the whole queue; of each number of points it tells by how urgent posts are when they were made."""

BY_POST = "item_post"
"""The index that tells where a post stands in the queue, in no order itself."""


class Where(NamedTuple):
    """Conditions that all hold, and the values of their question marks."""

    conditions: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def __add__(self, other: Any) -> Where:
        return Where(self.conditions + other.conditions, self.values + other.values)

    @property
    def sql(self) -> str:
        """The conditions behind others."""
        return "".join(f" AND {condition}" for condition in self.conditions)


def where(condition: str, *values: Any) -> Where:
    """Return one condition."""
    return Where((condition,), values)
