"""Reading a piece of an archive: posts in batches, bad lines told and left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import msgspec

from classify.archive.moments import moment
from classify.archive.pieces import Piece
from classify.archive.place import Place
from classify.lines import TOO_LONG, numbered
from classify.scoring import BATCH, Reject
from models.errors import SetupError

IDS = ("external_id", "id_str", "id")
TEXTS = ("text", "full_text", "body", "content", "comment", "message")
TIMES = ("posted_at", "created_at", "timestamp", "published_at", "created_utc", "created", "time",
         "date", "at")  # fmt: skip
"""Names of columns, in the order they are tried."""

_BYTES = 8 * 1024 * 1024
"""Characters of a batch, about: a few very long texts fill one too."""


class Row(NamedTuple):
    """A post as an archive has it; `at` is None where its time isn't known."""

    id: str
    text: str
    at: datetime | None


_Any = msgspec.defstruct(
    "_Any", [(name, Any, None) for name in dict.fromkeys((*IDS, *TEXTS, *TIMES))]
)
_decoder = msgspec.json.Decoder(_Any)


class Span:
    """The lines that begin between two bytes of a stream; `lines` of them have been read."""

    def __init__(self, stream: BinaryIO, start: int, stop: int | None) -> None:
        """Go to the first line that begins at `start` or later."""
        self._stream, self._stop = stream, stop
        self._at = start
        self._begins = True
        self.lines = 0
        if start:
            stream.seek(start - 1)
            self._at -= 1
            while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
                self._at += len(rest)
            self._at += len(rest)

    def readline(self, limit: int = -1) -> bytes:
        """Return a line, `limit` bytes of it at most; nothing after the last one."""
        if self._begins and self._stop is not None and self._at >= self._stop:
            return b""
        line = self._stream.readline(limit)
        self._at += len(line)
        self._begins = line.endswith(b"\n")
        self.lines += self._begins
        return line


def lines(source: Place, piece: Piece, now: datetime, reject: Reject) -> Iterator[list[Row]]:
    """Yield the posts of a stretch of lines; `reject` hears lines by their place in the piece."""
    batch: list[Row] = []
    size = 0
    with source.open(piece.file) as stream:
        span: Any = Span(stream, piece.start, piece.stop)
        for number, line in numbered(span):
            try:
                row = _row(line, now)
            except ValueError as error:
                reject(number, str(error))
                continue
            batch.append(row)
            size += len(row.text)
            if len(batch) == BATCH or size > _BYTES:
                yield batch
                batch, size = [], 0
        reject(-span.lines, "")
    if batch:
        yield batch


def rows(source: Place, piece: Piece, now: datetime, reject: Reject) -> Iterator[list[Row]]:
    """Yield the posts of a stretch of row groups; `reject` hears rows by their place in the file."""
    from pyarrow import parquet

    with source.open(piece.file) as stream:
        file = parquet.ParquetFile(stream)
        key, text, time = columns(file.schema_arrow.names)
        wanted = [name for name in (key, text, time) if name]
        groups = range(piece.start, piece.stop or 0)
        number = piece.first
        for told in file.iter_batches(batch_size=BATCH, row_groups=list(groups), columns=wanted):
            table = {name: told.column(name).to_pylist() for name in wanted}
            times = table[time] if time else [None] * told.num_rows
            batch = []
            for one, said, when in zip(table[key], table[text], times, strict=True):
                number += 1
                try:
                    batch.append(Row(_id(one), _text(said), moment(when, now)))
                except ValueError as error:
                    reject(number, str(error))
            if batch:
                yield batch


def columns(names: Sequence[str]) -> tuple[str, str, str | None]:
    """Return the columns of ids, texts and times; SetupError if there is none of the first two."""
    key, text, time = (
        next((name for name in known if name in names), None) for known in (IDS, TEXTS, TIMES)
    )
    if key is None or text is None:
        wanted = ", ".join(IDS if key is None else TEXTS)
        message = f"it has no column of {'ids' if key is None else 'texts'}, such as {wanted}"
        raise SetupError(message, "name the column so")
    return key, text, time


def _row(line: bytes | None, now: datetime) -> Row:
    if line is None:
        raise ValueError(TOO_LONG)
    try:
        found = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    key = _first(found, IDS)
    return Row(_id(key), _text(_first(found, TEXTS)), moment(_first(found, TIMES), now))


def _first(found: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        value = getattr(found, name)
        if value is not None:
            return value
    return None


def _id(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300:
        return str(value)
    message = "the id must be a text or a number"
    raise ValueError(message)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    message = "there is no text"
    raise ValueError(message)
