"""
Marks: keyed hashes that tell a post that was erased, and nothing of it.

The key is a file in the home. SQLModel isn't needed here, and commands that only read must begin at once.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from models.errors import SetupError
from models.whole import put

DIGITS = 32
"""Hexadecimal digits of a mark: no two posts of any life have the same."""


class Marks:
    """The key that makes marks. It is 32 bytes, and `name` tells it from others without telling it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.name = hashlib.sha256(b"amends erasure " + key).hexdigest()[:8]

    def of(self, source: str, external_id: str) -> str:
        """Return the mark of a post."""
        said = f"{source}\x1f{external_id}".encode("utf-8", "replace")
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()[:DIGITS]


def marks_at(path: Path) -> Marks | None:
    """Return the marks of the key in a file, None if there is none; SetupError if others can read it."""
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            message = f"{path} can be read by others"
            raise SetupError(message, f"chmod 600 {path}")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        message = f"{path} can't be read as a key: {error}"
        raise SetupError(message, "put back the one that was there") from error
    if len(key) < 16:
        message = f"{path} holds no whole key"
        raise SetupError(message, "put back the one that was there")
    return Marks(key)


def made_marks(path: Path) -> Marks:
    """Return the marks of the key in a file, which is made if there is none."""
    found = marks_at(path)
    if found is not None:
        return found
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        # Where somebody else was faster, theirs is the key.
        with suppress(FileExistsError):
            put(fresh, path, replace=False)
        fresh.unlink(missing_ok=True)
    except OSError as error:
        message = f"can't write {path}: {error.strerror or error}"
        raise SetupError(message, "check who may write there") from error
    return made_marks(path)
