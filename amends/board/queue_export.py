"""A view of the queue as a file: CSV, XLSX or JSON Lines, by the filters that stand in the address."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from io import TextIOWrapper
from itertools import count
from typing import IO, Any, Literal

import msgspec
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from amends.board import filters
from amends.board.door import Door, Here, Visitor, Who
from amends.board.masked import masked
from amends.cell import cell
from amends.when import iso
from models.store import Transaction
from models.store.queue import Line, Sought

door = Door()

Form = Literal["csv", "xlsx", "jsonl"]
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

COLUMNS = (
    "post_id", "source", "author", "author_followers", "posted_at", "first_seen", "text", "url",
    "lang", "labels", "reach", "alike", "urgency", "open", "holder", "decision",
)  # fmt: skip

LEAF = 1_000
MOST_ROWS, LONGEST_CELL = 1_048_575, 32_767
"""Rows below the heading, and characters of a cell, that a spreadsheet takes."""

_AT_ONCE = 65_536


@door.page("/i/{slug}/queue/export", "viewer", response_class=StreamingResponse)
def show(
    request: Request, place: Here, who: Who, slug: str, form: Form = "csv"
) -> StreamingResponse:
    """
    Send all items of a view, as they stand at one moment.

    The file is made whole before the first of it leaves, so that half of one is never taken for all.
    """
    with ExitStack() as open_files:
        file = open_files.enter_context(tempfile.TemporaryFile())
        with place.store.read() as tx:
            incident = tx.incidents.find(slug)
            sought = filters.read(request.query_params, incident, who, place.labels).sought
            rows = _rows(tx, incident.id or 0, sought, who)
            {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl}[form](file, rows)
        size = file.tell()
        file.seek(0)
        # Whole: from here on the answer closes it, when it has been sent.
        open_files.pop_all()
    name = f"{incident.slug}-queue-{place.now():%Y-%m-%d}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-length": str(size)}
    return Sheet(file, media_type=TYPES[form], headers=headers)


def _rows(
    tx: Transaction, incident_id: int, sought: Sought, who: Visitor
) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        lines = tx.queue.lines(incident_id, sought, after, LEAF)
        yield from (_row(masked(line, who)) for line in lines)
        if len(lines) < LEAF:
            return
        after = lines[-1].cursor


def _row(line: Line) -> dict[str, Any]:
    row = {name: getattr(line, name) for name in COLUMNS}
    for name in ("posted_at", "first_seen", "urgency"):
        row[name] = iso(row[name])
    return row | {"labels": sorted(line.labels)}


def _csv(file: IO[bytes], rows: Iterator[dict[str, Any]]) -> None:
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_flat(value) for value in row.values()] for row in rows)
    text.detach()


def _jsonl(file: IO[bytes], rows: Iterator[dict[str, Any]]) -> None:
    for row in rows:
        file.write(msgspec.json.encode(row) + b"\n")


def _xlsx(file: IO[bytes], rows: Iterator[dict[str, Any]]) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("Queue")
    bold = book.add_format({"bold": True})
    for place, name in enumerate(COLUMNS):
        sheet.write_string(0, place, name, bold)
    sheet.freeze_panes(1, 0)
    for number, row in zip(count(1), rows, strict=False):
        if number > MOST_ROWS:
            break
        for place, value in enumerate(row.values()):
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
                sheet.write_number(number, place, value)
            else:
                # Always as text, so that nothing is a formula or a link, now or when it is saved anew.
                sheet.write_string(number, place, _flat(value)[:LONGEST_CELL])
    book.close()


def _flat(value: Any) -> str:
    return cell(", ".join(value) if isinstance(value, list) else value)


class Sheet(StreamingResponse):
    """A file that is gone once it was sent, or whoever asked for it went away."""

    def __init__(self, file: IO[bytes], **said: Any) -> None:
        super().__init__(iter(lambda: file.read(_AT_ONCE), b""), **said)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._file:
            await super().__call__(scope, receive, send)
