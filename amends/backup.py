"""Everything a home holds, but its secrets, in one file: written whole, read back, then named."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from amends.archive import (
    DATABASE,
    FORMAT,
    Manifest,
    Tell,
    pack,
    part_of,
    read_manifest,
    unpack,
)
from amends.version import version
from models import whole
from models.errors import AmendsError, SetupError, StoreError
from models.home import Home
from models.store import Store, backup

BEGUN = "amends-backup"
"""What the folder beside a backup is called while that isn't whole."""

_FINGERPRINT = re.compile(r"[0-9a-f]{12}")


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was written and read back; `size` in bytes, `sha256` of the whole file."""

    manifest: Manifest
    size: int
    sha256: str


def back_up(
    home: Home, store: Store, file: Path, *, replace: bool, now: datetime, tell: Tell
) -> Made:
    """
    Write a backup of the home and the store as they are now, while others go on writing.

    SetupError if `file` may not be written, StoreError if the copy isn't sound; then nothing is
    there that wasn't before.
    """
    file = file.expanduser().absolute()
    _check_place(home, file, replace=replace)
    try:
        with whole.begun(file.parent, BEGUN) as folder:
            held, packed = folder / "held", folder / "packed"
            held.mkdir()
            facts, kept_in = backup.copy(store, held / DATABASE, partial(tell, "copying"))
            _gather(home, held)
            names = sorted(path.relative_to(held).as_posix() for path in _files(held))
            made_by = {"amends": version(), "python": platform.python_version()}
            manifest = Manifest(
                format=FORMAT, made_at=now, versions=made_by | {"database": kept_in}, facts=facts,
                parts=tuple(part_of(held, name) for name in names),
            )  # fmt: skip
            pack(packed, manifest, held, tell)
            # The copy makes room for what is unpacked again.
            shutil.rmtree(held)
            _prove(packed, folder / "read", tell)
            with packed.open("rb") as written:
                digest = hashlib.file_digest(written, "sha256").hexdigest()
            made = Made(manifest=manifest, size=packed.stat().st_size, sha256=digest)
            whole.put(packed, file, replace=replace)
            return made
    except FileExistsError as error:
        message = f"{file} has come there meanwhile"
        raise SetupError(message, "name another file") from error
    except OSError as error:
        message = f"can't write the backup at {file}: {error}"
        raise SetupError(message, "check the disk's space and who may write there") from error


def _prove(packed: Path, into: Path, tell: Tell) -> None:
    try:
        read_back(packed, into, tell)
    except AmendsError as error:
        message = f"what was written can't be read back, so it was thrown away: {error.message}"
        raise StoreError(message, "check the disk and `amends doctor`, then try again") from error


def read_back(file: Path, into: Path, tell: Tell) -> Manifest:
    """Unpack a backup into a new folder and look through it; SetupError or StoreError if it is bad."""
    into.mkdir(mode=0o700)
    manifest = unpack(file, into, tell)
    tell("looking through", 0, 0)
    found = backup.look(into / DATABASE, manifest.facts.rows)
    if found != manifest.facts:
        message = f"{file} isn't a whole backup: its database isn't the one its manifest describes"
        raise StoreError(message, "use another one")
    return manifest


def _check_place(home: Home, file: Path, *, replace: bool) -> None:
    if not file.parent.is_dir():
        message = f"there is no folder {file.parent}"
        raise SetupError(message, "make it first, or name another place")
    inside = home.path.resolve()
    if any(place.is_relative_to(inside) for place in (file.resolve(), file.parent.resolve())):
        message = f"{file} lies in the home, where an erasure would overlook it"
        raise SetupError(message, f"name a place outside {home.path}")
    if not os.path.lexists(file):
        return
    if not replace:
        message = f"{file} is there already"
        raise SetupError(message, "name another file, or add --replace")
    if not _is_backup(file):
        message = f"{file} isn't a backup, so it isn't replaced"
        raise SetupError(message, "name another file")


def _is_backup(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    try:
        read_manifest(file)
    except SetupError:
        return False
    return True


def _gather(home: Home, held: Path) -> None:
    """Copy what belongs into a backup beside the database: never secrets."""
    wanted = [
        path
        for path in (home.labels, home.vectors, home.shelf)
        if path is not None and path.is_file()
    ]
    wanted += sorted(home.examples.glob("*.jsonl"))
    wanted += _classifier(home.classifiers)
    secrets = (home.path / "secrets.env").resolve()
    for path in wanted:
        if path.is_file() and path.resolve() != secrets:
            copied = held / path.relative_to(home.path)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def _classifier(folder: Path) -> Iterator[Path]:
    """Yield the files of the classifier in use, and the history of all of them."""
    current = folder / "current"
    if not current.is_file():
        return
    name = current.read_text(encoding="ascii", errors="replace").strip()
    if _FINGERPRINT.fullmatch(name) and (folder / name).is_dir():
        yield current
        yield from sorted((folder / name).glob("[!.]*"))
    yield folder / "history.jsonl"


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
