"""The way of a chunk through the formats: to an Answer, and the request for the next chunk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ingest.source import Answer, Reject, Response
from ingest.sources.file import values
from ingest.sources.file.chunk import Chunk
from ingest.sources.file.columns import decide, described
from ingest.sources.file.encoding import decoded
from ingest.sources.file.objects import ITEMS, Rows, read_document, read_lines, shown
from ingest.sources.file.reading import Reading
from ingest.sources.file.recipe import Batch, Recipe, keep
from ingest.sources.file.sniff import (
    IN_ONE_PIECE,
    cells_of,
    delimiter_of,
    sniff,
    told_separator,
)
from ingest.sources.file.table import LONGEST_RECORD, Shape, read_table
from ingest.sources.file.threads import read_thread
from ingest.sources.x.archive import is_x, read_object

_CHUNK = 1 << 20
_SAMPLE = 20


def read_first(response: Response, reading: Reading) -> Answer:
    """Read the first chunk with anything in it: decide on the format, then go on."""
    chunk = Chunk(response)
    if not chunk.body.strip():
        lines = chunk.body.count(b"\n")
        if chunk.end:
            chunk.notes.append(f"{chunk.path}: nothing but blank lines in it")
        return chunk.answer(Batch(), _ahead(reading, chunk.next, lines), end=chunk.end)
    written = sniff(chunk.body, reading, chunk.path)
    if written in IN_ONE_PIECE and not (chunk.end and chunk.offset == 0):
        whole = msgspec.structs.replace(reading, format=written, whole=True, offset=0, line=1)
        if not reading.whole:
            return Answer(more=chunk.more(whole))
    if chunk.cut and not _longest(reading) and written not in IN_ONE_PIECE:
        return _longer(chunk, reading)
    return _read(chunk, msgspec.structs.replace(reading, format=written))


def read_next(response: Response, reading: Reading) -> Answer:
    """Read a chunk of a file whose format and columns are known."""
    return _read(Chunk(response), reading)


def _read(chunk: Chunk, reading: Reading) -> Answer:
    if reading.format == "thread":
        batch, foreign = read_thread(chunk.response, reading, chunk.path)
        reading = chunk.in_old_encoding(reading) if foreign else reading
        return chunk.answer(batch, reading, end=True)
    if reading.format == "json":
        return _document(chunk, reading)
    if chunk.cut:
        return _too_long(chunk, reading) if _longest(reading) else _longer(chunk, reading)
    return _table(chunk, reading) if reading.format == "csv" else _lines(chunk, reading)


def _lines(chunk: Chunk, reading: Reading) -> Answer:
    first, rows = reading.line, read_lines(chunk.body, chunk.path, reading.line)
    raws: list[bytes] = []

    def where(number: int) -> str:
        return f"{chunk.path}:{first + rows.places[number]}"

    def raw(number: int) -> str:
        if not raws:
            raws.extend(chunk.body.split(b"\n"))
        return shown(raws[rows.places[number]])

    batch, reading = _batch(chunk, reading, rows, where, raw)
    return chunk.answer(batch, _ahead(reading, chunk.next, rows.lines), end=chunk.end)


def _document(chunk: Chunk, reading: Reading) -> Answer:
    rows = read_document(chunk.response, reading.item)

    def where(number: int) -> str:
        return f"{chunk.path}, item {rows.places[number] + 1}"

    def raw(number: int) -> str:
        return shown(msgspec.json.encode(rows.values[number]))

    batch, reading = _batch(chunk, reading, rows, where, raw)
    ahead = msgspec.structs.replace(reading, offset=0, whole=True, item=reading.item + ITEMS)
    return chunk.answer(batch, ahead, end=not rows.more)


def _batch(
    chunk: Chunk,
    reading: Reading,
    rows: Rows,
    where: Callable[[int], str],
    raw: Callable[[int], str],
) -> tuple[Batch, Reading]:
    as_x = reading.format == "x"
    if reading.format == "json":
        as_x = any(is_x(value) for value in rows.values[:_SAMPLE])
    if as_x:
        batch = _of_x(chunk, reading, rows, where, raw)
        reading = msgspec.structs.replace(reading, decided=True)
    else:
        names = {name: None for row in rows.values if isinstance(row, dict) for name in row}
        if not names:
            columns = {"text": "text"}
            batch = Recipe(msgspec.structs.replace(reading, columns=columns), chunk.at).posts(
                rows.values, where, raw
            )
        else:
            reading = _decided(chunk, reading, list(names), rows.values)
            batch = Recipe(reading, chunk.at).posts(rows.values, where, raw)
    batch.rejects = [*rows.rejects, *batch.rejects]
    return batch, reading


def _of_x(
    chunk: Chunk,
    reading: Reading,
    rows: Rows,
    where: Callable[[int], str],
    raw: Callable[[int], str],
) -> Batch:
    batch = Batch()
    for number, value in enumerate(rows.values):
        if not is_x(value):
            reason = "this isn't a post of X"
            batch.rejects.append(Reject(where=where(number), reason=reason, raw=raw(number)))
            continue
        posts, rejects = read_object(value, where(number), chunk.at)
        batch.rejects += rejects
        for post in posts:
            keep(batch, post, reading)
    return batch


def _table(chunk: Chunk, reading: Reading) -> Answer:
    size, lines = 0, 0
    if not reading.header:
        reading, size, lines = _header(chunk, reading)
    first, header = reading.line + lines, reading.header
    final = chunk.end or _longest(reading)
    shape = Shape(
        delimiter=reading.delimiter, width=len(header), path=chunk.path, line=first, final=final
    )
    table = read_table(chunk.body[size:], shape)
    if not table.size and not final and not size:
        return _longer(chunk, reading)
    if table.foreign:
        reading = chunk.in_old_encoding(reading)
    rows: list[Any] = [dict(zip(header, cells, strict=True)) for cells in table.records]

    def where(number: int) -> str:
        return f"{chunk.path}:{first + table.starts[number]}"

    def raw(number: int) -> str:
        return reading.delimiter.join(table.records[number])[:500]

    reading = _decided(chunk, reading, list(header), rows)
    batch = Recipe(reading, chunk.at).posts(rows, where, raw)
    batch.rejects = table.rejects + batch.rejects
    ahead = _ahead(reading, chunk.offset + size + table.size, lines + table.lines)
    return chunk.answer(batch, ahead, end=chunk.end)


def _header(chunk: Chunk, reading: Reading) -> tuple[Reading, int, int]:
    """Return the header, and how many bytes and lines it ends after."""
    size, told = 0, None
    for number, raw in enumerate(chunk.body.split(b"\n"), 1):
        size += len(raw) + 1
        line = decoded(raw)[0]
        if line.strip() and told is None:
            told = told_separator(line)
            if told is not None:
                continue
        if line.strip():
            delimiter = told or delimiter_of(line)
            header = tuple(cells_of(line, delimiter))
            there = msgspec.structs.replace(reading, header=header, delimiter=delimiter)
            return there, min(size, len(chunk.body)), number
    return msgspec.structs.replace(reading, header=("",)), len(chunk.body), number


def _decided(chunk: Chunk, reading: Reading, names: list[str], rows: list[Any]) -> Reading:
    """Decide on the columns, once, and say so."""
    if reading.decided:
        return reading
    columns = decide(names, reading.chosen, chunk.path)
    reading = msgspec.structs.replace(reading, columns=columns, decided=True)
    chunk.notes.append(f"{chunk.path}: {described(columns)}")
    if "external_id" in columns and "source" not in columns:
        chunk.notes.append(
            f"{chunk.path}: its posts are kept under the name “{reading.name}”; if another file "
            "counts its ids in the same way, give each a name of its own (source=NAME)"
        )
    stamps = Recipe(reading, chunk.at).stamps(rows)
    day_first = values.day_first(stamps)
    if stamps and day_first is None:
        chunk.notes.append(f"{chunk.path}: dates such as 03/04/2026 are read as March 4")
    return msgspec.structs.replace(reading, day_first=bool(day_first))


def _ahead(reading: Reading, offset: int, lines: int) -> Reading:
    return msgspec.structs.replace(
        reading, offset=offset, line=reading.line + lines, most=0, skip=False
    )


def _longest(reading: Reading) -> bool:
    return reading.most >= LONGEST_RECORD


def _longer(chunk: Chunk, reading: Reading) -> Answer:
    most = 4 * (reading.most or _CHUNK)
    again = msgspec.structs.replace(reading, offset=chunk.offset, most=most, skip=False)
    return Answer(more=chunk.more(again))


def _too_long(chunk: Chunk, reading: Reading) -> Answer:
    reason = f"this line is over {LONGEST_RECORD >> 20} MB long"
    where = f"{chunk.path}:{reading.line}"
    batch = Batch(rejects=[Reject(where=where, reason=reason, raw=shown(chunk.body))])
    ahead = msgspec.structs.replace(_ahead(reading, chunk.next, 1), skip=True)
    return chunk.answer(batch, ahead, end=chunk.end)
