"""The history of the classifiers of an installation: every refit, what the gate said, every rollback."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from classify.evaluate import Figures
from models.errors import SetupError

_FILE = "history.jsonl"

Became = Literal["first", "live", "refused", "rolled back", "erased"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """
    What happened to one classifier; `why` says why the gate refused it.

    It is erased when a post it had learnt from was.
    """

    at: datetime
    fingerprint: str
    became: Became
    examples: int
    corrections: int
    why: tuple[str, ...] = ()
    figures: Figures | None = None


def write(folder: Path, entry: Entry) -> None:
    """Add an entry; SetupError if that can't be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / _FILE).open("a+b") as file:
            # A line cut short by a crash must not take this one with it.
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(msgspec.json.encode(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        message = f"can't write {folder / _FILE}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error


def read(folder: Path) -> list[Entry]:
    """Return all entries, oldest first; a line cut short by a crash is left out."""
    try:
        lines = (folder / _FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"can't read {folder / _FILE}: {error.strerror or error}"
        raise SetupError(message, "check who may read it") from error
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Entry))
        except msgspec.MsgspecError:
            continue
    return found
