"""
Records of a CSV file: a cell in quotation marks may hold line breaks, and chunks end anywhere.

A record that the end of a chunk cuts in two waits for the next one. A quotation mark that is
never closed would swallow the rest of the file, so its line is rejected and the next one counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import msgspec

from ingest.source import Reject
from ingest.sources.file.encoding import decoded
from models.post import LONGEST_TEXT

LONGEST_RECORD = 16 << 20

# The module's own limit, 131,072 characters, would refuse a record with one very long text.
csv.field_size_limit(LONGEST_RECORD)


class Table(msgspec.Struct):
    """
    Records of a chunk with the index of the line each begins at, and how far they reach.

    `lines` and `size` (bytes) are what they used up; `foreign` says that not all was UTF-8.
    """

    records: list[list[str]] = []
    starts: list[int] = []
    rejects: list[Reject] = []
    lines: int = 0
    size: int = 0
    foreign: bool = False


class _Feed:
    """Lines for the csv module that know how many it took, and whether it wanted more."""

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines, self.at, self.ran_out = lines, at, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at == len(self.lines):
            self.ran_out = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1] + "\n"


def read_table(
    body: bytes, delimiter: str, width: int | None, place: tuple[str, int], *, final: bool
) -> Table:
    """
    Return the records of a chunk. `width` is how many cells they have to have, None for any.

    `place` is the path and the line the chunk begins at; `final` says that no more will come.
    """
    raws = body.split(b"\n")
    if not raws[-1]:
        raws.pop()
    table = Table()
    lines = _texts(body, raws, table)
    at = 0
    while at < len(lines):
        at, again = _read(lines, at, delimiter, width, table, place, final=final)
        if not again:
            break
    table.lines = at
    table.size = len(body) if at == len(lines) else sum(len(raw) + 1 for raw in raws[:at])
    return table


def _texts(body: bytes, raws: list[bytes], table: Table) -> list[str]:
    try:
        lines = body.decode().split("\n")
    except UnicodeDecodeError:
        both = [decoded(raw) for raw in raws]
        table.foreign = True
        return [text for text, _ in both]
    return lines[: len(raws)]


def _read(
    lines: list[str],
    at: int,
    delimiter: str,
    width: int | None,
    table: Table,
    place: tuple[str, int],
    *,
    final: bool,
) -> tuple[int, bool]:
    """Read records from line `at` on: up to which line, and whether to begin anew from there."""
    feed = _Feed(lines, at)
    reader = csv.reader(feed, delimiter=delimiter)
    path, first = place
    while True:
        start, reason, cells = feed.at, "", None
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reason = f"this line can't be read as CSV ({error})"
        if cells is None and not reason:
            return feed.at, False
        if feed.ran_out and not final:
            return start, False
        if feed.ran_out:
            reason = "a quotation mark is opened here and never closed"
        elif cells is not None and width is not None and cells:
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if len(cells) != width:
                reason = f"{len(cells)} columns where the header has {width}"
        if not reason:
            if cells:
                table.records.append(cells)
                table.starts.append(start)
            continue
        raw = lines[start][:LONGEST_TEXT].strip()[:500]
        table.rejects.append(Reject(where=f"{path}:{first + start}", reason=reason, raw=raw))
        if feed.at != start + 1 or feed.ran_out or cells is None:
            return start + 1, True
