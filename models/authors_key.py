"""
The keys of pseudonyms: a file of the home, oldest key first, in no database, export or backup.

Older ones stay in it: what was made with them is led on to the newest, so that links last.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from models.errors import SetupError
from models.whole import put, sync

REMEDY = "put authors.key back into the home, from where secrets.env is kept"


class AuthorsKey:
    """The file of a home; without a `path` there is none. `wanted`: a setting asks for pseudonyms."""

    def __init__(self, path: Path | None = None, *, wanted: bool = False) -> None:
        self._path, self.wanted = path, wanted

    def keys(self) -> list[bytes]:
        """Return the keys; none if there is no file; SetupError if others can read it."""
        path = self._path
        if path is None:
            return []
        try:
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                message = f"{path} can be read by others"
                raise SetupError(message, f"chmod 600 {path}")
            found = [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            message = f"{path} can't be read as keys: {error}"
            raise SetupError(message, REMEDY) from error
        if not found or min(map(len, found)) < 16:
            message = f"{path} holds no whole key"
            raise SetupError(message, REMEDY)
        return found

    def made(self) -> list[bytes]:
        """Return the keys, the first one made if there is none."""
        found = self.keys()
        if found:
            return found
        self._write([], replace=False)
        return self.keys()

    def add(self) -> list[bytes]:
        """Make one more key; return all."""
        self._write(self.keys(), replace=True)
        return self.keys()

    def _write(self, before: list[bytes], *, replace: bool) -> None:
        path = self._path
        if path is None:
            message = "there is no home to keep the key of pseudonyms in"
            raise SetupError(message, "name it with --home or AMENDS_HOME")
        fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
        lines = [key.hex() for key in before] + [secrets.token_hex(32)]
        try:
            with os.fdopen(
                os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
            ) as file:
                file.write("".join(f"{line}\n" for line in lines))
            # Where somebody else was faster, theirs is the key.
            with suppress(FileExistsError):
                put(fresh, path, replace=replace)
            fresh.unlink(missing_ok=True)
            # Nobody is called by a name whose key a power cut could take.
            sync(path.parent)
        except OSError as error:
            message = f"can't write {path}: {error.strerror or error}"
            raise SetupError(message, "check who may write there") from error


def name_of(key: bytes) -> str:
    """Return the name of a key, which tells nothing of it."""
    return hashlib.sha256(b"amends authors key\n" + key).hexdigest()[:8]
