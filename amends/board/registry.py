"""Every page file of the board has a `door`; this walks the folder and finds them, as for sources."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from amends import board as package
from amends.board.door import Door


def pages() -> list[Door]:
    """Return the doors of all files, in the order of their names."""
    found = []
    for module in sorted(
        walk_packages(package.__path__, f"{package.__name__}."), key=lambda m: m.name
    ):
        door = getattr(import_module(module.name), "door", None)
        if isinstance(door, Door):
            found.append(door)
    return found
