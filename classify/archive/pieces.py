"""An archive cut into pieces of bounded size: stretches of lines, or row groups of Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from classify.archive.place import Place

LINES = (".jsonl", ".ndjson")
PACKED = (".gz", ".bz2", ".xz", ".zst")
_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified",
          "updated", "created")  # fmt: skip
"""What storages say of a file that changes when its content does, the surest first."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """
    A piece of a file.

    `start` and `stop` are bytes of a file of lines (the line that begins there is in the piece), or
    row groups of a Parquet file; `stop` is None for a whole packed file. `first` rows of the file
    lie before the piece, where that is known. `id` changes when the file does.
    """

    id: str
    file: str
    start: int
    stop: int | None
    first: int = 0
    parquet: bool = False


class Plan(msgspec.Struct):
    """The pieces in order; how many files are none of ours; (file, reason) for those unreadable."""

    pieces: list[Piece] = []
    others: int = 0
    unreadable: list[tuple[str, str]] = []


def plan(source: Place, most: int) -> Plan:
    """Cut every file into pieces of at most `most` bytes, or of one row group larger than that."""
    found = Plan()
    for name, told in source.sizes().items():
        if any(part.startswith(("_", ".")) for part in name.split("/")):
            continue
        mark = f"{told.get('size')} {next((told[key] for key in _MARKS if told.get(key)), '')}"
        bare = name.lower()
        packed = bare.endswith(PACKED)
        if packed:
            bare = bare.rsplit(".", 1)[0]
        if bare.endswith(LINES):
            size = int(told.get("size") or 0)
            cuts = [(0, None)] if packed or not size else list(_cuts(size, most))
            found.pieces += [_piece(name, mark, start, stop) for start, stop in cuts]
        elif bare.endswith(".parquet") and not packed:
            try:
                found.pieces += _row_groups(source, name, mark, most)
            # Whatever a damaged file makes the reader stumble over, the others can be read.
            except Exception as error:  # noqa: BLE001
                found.unreadable.append((name, " ".join(str(error).split())[:200]))
        else:
            found.others += 1
    return found


def _cuts(size: int, most: int) -> Iterator[tuple[int, int | None]]:
    for start in range(0, size, most):
        yield start, min(start + most, size)


def _row_groups(source: Place, name: str, mark: str, most: int) -> list[Piece]:
    from pyarrow import parquet

    from classify.archive.posts import columns

    with source.open(name) as file:
        known = parquet.ParquetFile(file)
        columns(known.schema_arrow.names)
        told: Any = known.metadata
        groups = [(told.row_group(at).num_rows, told.row_group(at).total_byte_size)
                  for at in range(told.num_row_groups)]  # fmt: skip
    pieces = []
    start = first = rows = size = 0
    for at, (there, large) in enumerate(groups):
        if at > start and size + large > most:
            pieces.append(_piece(name, mark, start, at, first=first, parquet=True))
            start, first, rows, size = at, first + rows, 0, 0
        rows, size = rows + there, size + large
    if groups:
        pieces.append(_piece(name, mark, start, len(groups), first=first, parquet=True))
    return pieces


def _piece(
    name: str, mark: str, start: int, stop: int | None, *, first: int = 0, parquet: bool = False
) -> Piece:
    told = msgspec.json.encode((name, mark, start, stop))
    key = hashlib.sha256(told).hexdigest()[:16]
    return Piece(id=key, file=name, start=start, stop=stop, first=first, parquet=parquet)
