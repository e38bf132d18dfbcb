"""
An incident as files: every table as CSV and, where pyarrow is installed, as Parquet.

All of it is of one moment, goes out in flat memory, and lies in its folder whole or not at all.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from amends.cell import cell
from amends.dictionary import TABLES, Column, Table, readme, value
from models.errors import SetupError
from models.store import Store
from models.whole import begun, sync

PIECE = 2_000
"""Rows in memory at once."""

NAME = "amends-export"

Rows = list[list[Any]]
Tell = Callable[[str, int], None]


class Written(msgspec.Struct, frozen=True):
    """One file of an export: its rows (None where it has none), its size and its SHA-256."""

    name: str
    rows: int | None
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds, and of which moment it is."""

    incident: str
    title: str
    made_at: datetime
    amends: str
    files: tuple[Written, ...]


def export(store: Store, incident: str, folder: Path, now: datetime, tell: Tell) -> Manifest:
    """
    Write an incident into a folder that isn't there yet, or is empty.

    SetupError if the folder has something in it or can't be written; nothing is left then.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is there already"
        raise SetupError(message, "name a folder that isn't, or is empty")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with begun(folder.parent, NAME) as work:
            inside = work / "whole"
            inside.mkdir(mode=0o700)
            manifest = _written(store, incident, inside, now, tell)
            for path in inside.iterdir():
                sync(path)
            sync(inside)
            inside.rename(folder)
            sync(folder.parent)
    except OSError as error:
        message = f"can't write {folder}: {error.strerror or error}"
        raise SetupError(message, "name another folder, or make room") from error
    return manifest


def has_parquet() -> bool:
    """Return whether Parquet can be written here."""
    return find_spec("pyarrow") is not None


def _written(store: Store, incident: str, folder: Path, now: datetime, tell: Tell) -> Manifest:
    from amends.version import version

    counts: dict[str, int] = {}
    with store.read() as tx:
        row = tx.incidents.find(incident)
        for table in TABLES:
            counts[table.name] = _table(table, table.rows(tx, row.id or 0), folder, tell)
    text = readme(row.title, _iso(now), counts, parquet=has_parquet())
    (folder / "README.md").write_text(text, encoding="utf-8")
    files = tuple(_measured(path, counts) for path in sorted(folder.iterdir()))
    manifest = Manifest(
        incident=row.slug, title=row.title, made_at=now, amends=version(), files=files
    )
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (folder / "manifest.json").write_bytes(encoded + b"\n")
    return manifest


def _table(table: Table, rows: Iterator[Any], folder: Path, tell: Tell) -> int:
    count, names = 0, [column.name for column in table.columns]
    with ExitStack() as stack:
        writers = [_csv(stack, folder / f"{table.name}.csv", names)]
        if has_parquet():
            writers.append(_parquet(stack, folder / f"{table.name}.parquet", table.columns))
        while piece := [[value(row, name) for name in names] for row in islice(rows, PIECE)]:
            for write in writers:
                write(piece)
            count += len(piece)
            tell(table.name, count)
    return count


def _csv(stack: ExitStack, path: Path, names: Sequence[str]) -> Callable[[Rows], None]:
    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(names)

    def write(piece: Rows) -> None:
        writer.writerows([_said(one) for one in row] for row in piece)

    return write


def _said(one: Any) -> str:
    return _iso(one) if isinstance(one, datetime) else cell(one)


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parquet(stack: ExitStack, path: Path, columns: Iterable[Column]) -> Callable[[Rows], None]:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {
        "text": pa.string(), "whole number": pa.int64(), "number": pa.float64(),
        "yes or no": pa.bool_(), "time": pa.timestamp("us", tz="UTC"),
        "list of texts": pa.list_(pa.string()),
    }  # fmt: skip
    schema = pa.schema([
        pa.field(column.name, kinds[column.kind], metadata={"meaning": column.meaning})
        for column in columns
    ])  # fmt: skip
    writer = stack.enter_context(parquet.ParquetWriter(path, schema, compression="zstd"))

    def write(piece: Rows) -> None:
        arrays = [
            pa.array(values, kind.type)
            for values, kind in zip(zip(*piece, strict=True), schema, strict=True)
        ]
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

    return write


def _measured(path: Path, counts: dict[str, int]) -> Written:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rows = counts.get(path.stem) if path.suffix in (".csv", ".parquet") else None
    return Written(path.name, rows, path.stat().st_size, digest)
