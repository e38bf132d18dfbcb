"""
The backup file: a tar packed with zstd, so `tar --zstd -tf FILE` lists it.

`manifest.json` comes first and says of every part that follows how long it is and its hash. Reading
believes nothing: a name, size or hash that doesn't fit is refused before it does harm.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from amends.tar import END, Broken, Tar, head, packer, padding
from models.errors import SetupError
from models.store.backup import Facts
from models.whole import sync

DATABASE = "amends.db"
FORMAT = 1
"""Raised when an older Amends could no longer put such a file back."""

LONGEST_MANIFEST = 8 << 20
LARGEST_PART = 1 << 30
"""Bytes of the largest part that isn't the database."""

MOST_PARTS = 10_000
_MANIFEST = "manifest.json"
_BLOCK = 1 << 20
_ALLOWED = re.compile(
    r"amends\.db|labels\.toml|vectors\.npz|shelf\.jsonl"
    r"|examples/[^/\\:\x00-\x1f\x7f\ud800-\udfff]{1,240}\.jsonl"
    r"|classifiers/(current|history\.jsonl|[0-9a-f]{12}/(?!\.)[0-9A-Za-z_.-]{1,80})"
)
"""What a part may be called: so none of them leads anywhere else, and none holds secrets."""

Tell = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One file in a backup; `size` in bytes."""

    name: str
    size: Annotated[int, msgspec.Meta(ge=0)]
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, and what made it."""

    format: int
    made_at: datetime
    versions: dict[str, str]
    facts: Facts
    parts: tuple[Part, ...]


class _Format(msgspec.Struct):
    format: int


def part_of(folder: Path, name: str) -> Part:
    """Return what the manifest says of a file; SetupError where its name or size doesn't fit in."""
    path = folder / name
    part = Part(name=name, size=path.stat().st_size, sha256="")
    try:
        _check_part(part)
    except Broken as why:
        message = f"{name!r} can't go into a backup: {why}"
        raise SetupError(message, "rename it, or take it out of the home") from why
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return msgspec.structs.replace(part, sha256=digest)


def pack(place: Path, manifest: Manifest, folder: Path, tell: Tell) -> None:
    """Write the parts that lie in `folder` into a new file at `place`, readable by its owner alone."""
    total, done = sum(part.size for part in manifest.parts), 0
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, packer().stream_writer(file, closefd=False) as packed:
        said = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        packed.write(head(_MANIFEST, len(said), manifest.made_at) + said + padding(len(said)))
        for part in manifest.parts:
            packed.write(head(part.name, part.size, manifest.made_at))
            with (folder / part.name).open("rb") as source:
                while block := source.read(_BLOCK):
                    packed.write(block)
                    done += len(block)
                    tell("packing", done, total)
            packed.write(padding(part.size))
        packed.write(END)


def read_manifest(place: Path) -> Manifest:
    """Return what a file says it holds, unpacking nothing; SetupError if it isn't a backup."""
    try:
        with place.open("rb") as file:
            return _first(Tar(file))
    except (Broken, OSError) as why:
        raise _refused(place, why) from why


def unpack(place: Path, into: Path, tell: Tell) -> Manifest:
    """
    Put all parts of a backup into a folder and return its manifest.

    SetupError, and what was written is of no use, if anything isn't as the manifest says.
    """
    try:
        with place.open("rb") as file:
            tar = Tar(file)
            manifest = _first(tar)
            total, done = sum(part.size for part in manifest.parts), 0
            _check_room(total, into)
            for part in manifest.parts:
                for size in _unpack_part(tar, part, into):
                    done += size
                    tell("unpacking", done, total)
            tar.end()
    except (Broken, OSError) as why:
        raise _refused(place, why) from why
    return manifest


def _refused(place: Path, why: Exception) -> SetupError:
    if isinstance(why, OSError):
        message = f"{place} can't be unpacked: {why.strerror or why}"
        return SetupError(message, "check the file, the disk's space and who may write there")
    message = f"{place} isn't a whole backup: {why}"
    return SetupError(message, "use another one, or the version of Amends that made this one")


def _first(tar: Tar) -> Manifest:
    name, size = tar.head()
    if name != _MANIFEST or size > LONGEST_MANIFEST:
        message = "it doesn't begin with a manifest"
        raise Broken(message)
    said = tar.take(size)
    tar.skip_padding(size)
    try:
        if msgspec.json.decode(said, type=_Format).format > FORMAT:
            message = "it was made by a newer Amends"
            raise Broken(message)
        manifest = msgspec.json.decode(said, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"its manifest can't be read ({error})"
        raise Broken(message) from error
    names = {part.name for part in manifest.parts}
    if len(names) != len(manifest.parts) or len(names) > MOST_PARTS or DATABASE not in names:
        message = "its manifest names a part twice, too many parts, or no database"
        raise Broken(message)
    for part in manifest.parts:
        _check_part(part)
    return manifest


def _check_part(part: Part) -> None:
    if not _ALLOWED.fullmatch(part.name):
        message = f"no backup of ours has a part called {part.name!r}"
        raise Broken(message)
    if part.size > LARGEST_PART and part.name != DATABASE:
        message = f"{part.name} is larger than {LARGEST_PART >> 20:,} MB"
        raise Broken(message)


def _check_room(needed: int, into: Path) -> None:
    free = shutil.disk_usage(into).free
    if needed > free:
        message = f"unpacked it takes {needed >> 20:,} MB, and the disk has room for {free >> 20:,}"
        raise Broken(message)


def _unpack_part(tar: Tar, part: Part, into: Path) -> Iterator[int]:
    """Unpack one part, yielding how many bytes went out each time."""
    if tar.head() != (part.name, part.size):
        message = f"{part.name} isn't where its manifest says, or not of that size"
        raise Broken(message)
    path = into / part.name
    for folder in reversed(path.relative_to(into).parents):
        (into / folder).mkdir(mode=0o700, exist_ok=True)
    digest, left = hashlib.sha256(), part.size
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        while left:
            block = tar.take(min(left, _BLOCK))
            digest.update(block)
            out.write(block)
            left -= len(block)
            yield len(block)
    tar.skip_padding(part.size)
    if digest.hexdigest() != part.sha256:
        message = f"{part.name} was changed"
        raise Broken(message)
    sync(path)
