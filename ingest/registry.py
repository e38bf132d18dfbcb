"""
Which sources there are: every module in `ingest/sources/`, and what other packages bring along.

A package adds one through the entry-point group `amends.sources`; a built-in name wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

import ingest.sources
from ingest.source import Source
from models.errors import SetupError


def all_sources() -> dict[str, Source]:
    """Every source by its name, in alphabetical order."""
    found: dict[str, Source] = {}
    for entry in entry_points(group="amends.sources"):
        brought: Source = entry.load()
        found[brought.name] = brought
    for module in iter_modules(ingest.sources.__path__, "ingest.sources."):
        own: Source = import_module(module.name).source
        found[own.name] = own
    return dict(sorted(found.items()))


def find(sources: Mapping[str, Source], name: str) -> Source:
    """Return the source called `name`, or say which there are."""
    if name in sources:
        return sources[name]
    close = get_close_matches(name, sources, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    message = f"there is no source called “{name}”"
    raise SetupError(message, f"{hint}there are: {', '.join(sources)}")
