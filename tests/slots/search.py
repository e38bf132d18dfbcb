"""The search: which secrets stand in a file, also inside what is packed, in plain letters, hex or Base64."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

from tests.slots import KEPT_IN, MARK, NAMES, canary, spellings

PIECE = 1 << 24
"""Bytes looked at in one go."""

OVERLAP = 64
"""Bytes of the piece before that are looked at once more, so that nothing hides on the seam."""

_MARK = re.compile(b"|".join(re.escape(one) for one in sorted(spellings(MARK))))
_OF_SLOT = {name: spellings(canary(name)) for name in NAMES}
_HOLDS_ONE = re.compile(rf"\.?({'|'.join(map(re.escape, KEPT_IN))})(-[0-9a-f]+)?")


class Found(NamedTuple):
    """A secret where none may be: in which file or log, and from which slot."""

    where: str
    slot: str

    def __str__(self) -> str:
        return f"{self.slot} in {self.where}"


def slots_in(data: bytes) -> set[str]:
    """Return the slots whose secrets stand in some bytes."""
    if _MARK.search(data) is None:
        return set()
    found = {slot for slot, said in _OF_SLOT.items() if any(one in data for one in said)}
    return found or {"cut short"}


def searched(paths: Iterable[Path]) -> tuple[list[Found], int, int]:
    """Search files; return what was found, how many files and how many bytes, unpacked, were looked at."""
    found, files, size = [], 0, 0
    for path in paths:
        if _HOLDS_ONE.fullmatch(path.name):
            continue
        files += 1
        slots: set[str] = slots_in(path.name.encode("utf-8", "surrogateescape"))
        for piece in _pieces(path):
            size += len(piece)
            slots |= slots_in(piece)
        found += [Found(str(path), slot) for slot in sorted(slots)]
    return found, files, size


def files_under(folder: Path) -> Iterator[Path]:
    """Yield the files under a folder."""
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, and what is packed in it; a file that went meanwhile holds nothing."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            yield from _read(file)
            file.seek(0)
            if start == zstandard.MAGIC_NUMBER.to_bytes(4, "little"):
                yield from _read(zstandard.ZstdDecompressor().stream_reader(file))
            elif start == b"PK\x03\x04":
                with zipfile.ZipFile(file) as packed:
                    for name in packed.namelist():
                        yield packed.read(name)
            elif start == b"PAR1":
                yield from _columns(path)
    except (FileNotFoundError, PermissionError, zstandard.ZstdError, zipfile.BadZipFile):
        return


def _read(file: io.BufferedIOBase | zstandard.ZstdDecompressionReader) -> Iterator[bytes]:
    before = b""
    while piece := file.read(PIECE):
        yield before + piece
        before = piece[-OVERLAP:]


def _columns(path: Path) -> Iterator[bytes]:
    from pyarrow import ArrowInvalid, parquet

    try:
        table = parquet.read_table(path)
    except ArrowInvalid:
        return
    for column in table.columns:
        for chunk in column.chunks:
            yield from (buffer.to_pybytes() for buffer in chunk.buffers() if buffer is not None)
