"""
What was erased, written down outside every backup: marks, and classifiers that learnt from it.

A line reaches the disk before anything goes, so a restore of an older backup, and a database put back by
hand, can be held to it. No line tells what was erased, to anybody who lacks the key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from models.errors import SetupError
from models.whole import sync


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One line: the mark of a post, made with the key of that name, or a classifier's fingerprint.

    `whole`: its author was erased with it, so whatever names them goes as well.
    """

    at: datetime
    why: str
    key: str = ""
    mark: str = ""
    classifier: str = ""
    whole: bool = False


def write(path: Path, lines: Iterable[Line]) -> None:
    """Add lines, and return once they are on the disk; SetupError if they can't be written."""
    new = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    if not new:
        return
    fresh = not path.exists()
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
            # A line cut short by a crash must not take this one with it.
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                new = new if file.read(1) == b"\n" else b"\n" + new
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            sync(path.parent)
    except OSError as error:
        message = f"can't write {path}: {error.strerror or error}"
        raise SetupError(message, "nothing was erased; make room or check who may write") from error


def read(path: Path) -> list[Line]:
    """Return all lines, oldest first; one cut short by a crash is left out."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        message = f"can't read {path}: {error.strerror or error}"
        raise SetupError(message, "check who may read it") from error
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Line))
        except msgspec.MsgspecError:
            continue
    return found
