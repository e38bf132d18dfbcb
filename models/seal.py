"""
What proves the audit trail: a key, and the newest row's seal, both in the home beside the database.

Whoever can write the database but not the home can't make a seal, and can't hide that rows were cut
off. Whoever owns the home as well can do both: then only a copy of `audit.head` elsewhere helps.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from models.errors import SetupError
from models.whole import sync

KEY, HEAD = "audit.key", "audit.head"
_WIDTH = 127
"""Characters of the head's one line: never more than a disk writes in one stroke."""


class Head(NamedTuple):
    """The newest row: how often the database was restored, the row's id and its seal."""

    era: int
    last: int
    seal: str


class Seal:
    """
    The keys and the head of one home; without a `folder` an empty key and no head, which prove nothing.

    The first key in `audit.key` is the one rows are sealed with; those below it, from a home this one
    took over from or shares its database with, are only looked at.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def beside(cls, url: str) -> Seal:
        """Return that of the folder a SQLite file lies in; for any other database one that proves nothing."""
        # Whoever only asks for help needs no database.
        from sqlalchemy.engine import make_url

        parsed = make_url(url)
        file = parsed.database
        is_file = parsed.get_backend_name() == "sqlite" and file and file != ":memory:"
        return cls(Path(file).absolute().parent if file and is_file else None)

    @cached_property
    def keys(self) -> dict[str, bytes]:
        """The keys by their names, our own first; made on first use. SetupError if others can read them."""
        if self._folder is None:
            return {"": b""}
        path = self._folder / KEY
        if not path.exists():
            _make_key(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            message = f"{path} can be read by others"
            raise SetupError(message, f"chmod 600 {path}")
        try:
            found = [bytes.fromhex(line) for line in path.read_text(encoding="ascii").split()]
        except ValueError:
            found = []
        if not found or min(map(len, found)) < 16:
            message = f"{path} holds no key"
            raise SetupError(message, "put back the one that was there; else delete the file")
        return {name_of(key): key for key in found}

    @property
    def has_key(self) -> bool:
        """Whether there is a key, or nothing to keep one in; asking makes none."""
        return self._folder is None or (self._folder / KEY).exists()

    @property
    def own(self) -> str:
        """The name of the key new rows are sealed with."""
        return next(iter(self.keys))

    def over(self, before: str, said: bytes, key: str) -> str:
        """Return the seal of a row that says `said` and follows one with the seal `before`."""
        return hmac.digest(self.keys[key], before.encode() + b"\n" + said, "sha256").hex()

    def blind(self, text: str) -> str:
        """Return a keyed hash in place of a text or a name: equal texts have equal ones."""
        said = b"text\n" + text.encode("utf-8", "surrogatepass")
        return "#" + hmac.digest(self.keys[self.own], said, "sha256").hex()[:16]

    def remember(self, head: Head) -> None:
        """
        Write down which row is the newest, after it was kept; an older one than is known changes nothing.

        Not being able to is no failure: a head that is behind proves less, and `amends audit verify` says so.
        """
        if self._folder is None:
            return
        with suppress(OSError), _held(self._folder / HEAD) as handle:
            known = _read(os.pread(handle, _WIDTH + 1, 0))
            if known is None or head[:2] > known[:2]:
                line = f"{head.era} {head.last} {head.seal}".ljust(_WIDTH) + "\n"
                os.pwrite(handle, line.encode(), 0)

    def known(self) -> Head | None:
        """Return the newest row that was written down; None if none was, or it can't be read."""
        if self._folder is None:
            return None
        try:
            return _read((self._folder / HEAD).read_bytes())
        except OSError:
            return None


def name_of(key: bytes) -> str:
    """Return the name of a key, which tells nothing of it."""
    return hashlib.sha256(b"amends audit key\n" + key).hexdigest()[:8]


def _make_key(path: Path) -> None:
    """Make a key that is there whole or not at all; who is second takes the first one's."""
    draft = path.with_name(f".{KEY}-{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        sync(draft)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
        except OSError:
            if not path.exists():
                draft.rename(path)
        sync(path.parent)
    except OSError as error:
        message = f"can't make the audit trail's key at {path}: {error.strerror or error}"
        raise SetupError(message, "check the disk's space and who may write there") from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """Open a file for its one line, for the length of a `with` by nobody else; the system lets go."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _read(line: bytes) -> Head | None:
    parts = line.decode("ascii", "replace").split()
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    return Head(int(parts[0]), int(parts[1]), parts[2])
