"""Hooks: where monitors call. One file a kind, found by walking the folder, as for sources."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules

from amends.hooks.kind import Kind
from models.errors import SetupError
from models.monitor import MonitorRow


def all_kinds() -> dict[str, Kind]:
    """Return every kind of monitor by name: the `kind` of each file."""
    found = {}
    for module in iter_modules(__path__, f"{__name__}."):
        kind: Kind | None = getattr(import_module(module.name), "kind", None)
        if kind is not None:
            found[kind.name] = kind
    return dict(sorted(found.items()))


def find(name: str) -> Kind:
    """Return the kind of that name; SetupError with a suggestion if there is none."""
    kinds = all_kinds()
    if name in kinds:
        return kinds[name]
    close = get_close_matches(name, kinds, n=1)
    message = f"there is no kind of monitor called “{name[:60]}”"
    raise SetupError(message, f"did you mean {close[0]}?" if close else f"use {', '.join(kinds)}")


def kind_of(monitor: MonitorRow) -> Kind:
    """Return the kind a monitor is of."""
    return find(monitor.kind)


def signing(name: str) -> str:
    """Return under which name the secret lies that a monitor signs with."""
    return f"AMENDS_HOOK_{name.upper().replace('-', '_')}"


def settings_of(kind: Kind, pairs: Sequence[str]) -> dict[str, str]:
    """Return the settings given as NAME=VALUE, if the kind has them; else SetupError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, is_pair, value = pair.partition("=")
        if not is_pair or name not in kind.settings:
            known = ", ".join(f"{known}=…" for known in kind.settings) or "no settings"
            message = f"{kind.name} has no setting “{pair[:60]}”"
            raise SetupError(message, f"it has {known}")
        found[name] = value
    return found
