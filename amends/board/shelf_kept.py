"""What was measured of past incidents, kept a while for the pages that show the shelf."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from amends.shelf.measured import Memory
from models.store import Store

_KEPT: WeakKeyDictionary[Store, Memory] = WeakKeyDictionary()


def memory_of(store: Store) -> Memory:
    """Return what this process remembers of a store's past incidents."""
    return _KEPT.setdefault(store, Memory())
