"""
The register of files that left the database: exports, digests and backups, by where they were put.

Whoever is asked to erase somebody's posts needs to know where copies may lie. What was printed, mailed or
downloaded by a browser can't be known here, and isn't in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from models.errors import SetupError
from models.home import Home

What = Literal["export", "digest", "backup", "author"]


class Exported(msgspec.Struct, frozen=True):
    """A file or folder that was written; `incident` None is of all incidents."""

    at: datetime
    what: What
    path: str
    incident: int | None = None


def note(home: Home, what: What, path: Path, now: datetime, incident: int | None = None) -> None:
    """Write down that a file with posts in it was put somewhere; SetupError if that can't be done."""
    line = Exported(now, what, str(path.expanduser().absolute()), incident)
    try:
        handle = os.open(home.exports, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(b"\n" + msgspec.json.encode(line))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        message = f"can't write {home.exports}: {error.strerror or error}"
        raise SetupError(message, "check who may write there") from error


def still_there(home: Home, incidents: Iterable[int] | None = None) -> list[Exported]:
    """Return what was put somewhere and is there yet; of these incidents alone where they are given."""
    try:
        lines = home.exports.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    wanted = None if incidents is None else {None, *incidents}
    found: dict[str, Exported] = {}
    for line in filter(None, lines):
        try:
            one = msgspec.json.decode(line, type=Exported)
        except msgspec.MsgspecError:
            continue
        if os.path.lexists(one.path) and (wanted is None or one.incident in wanted):
            found[one.path] = one
    return list(found.values())
