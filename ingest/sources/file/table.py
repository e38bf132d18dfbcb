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

LONGEST_RECORD = 16 << 20

# The module's own limit, 131,072 characters, would refuse a record with one very long text.
csv.field_size_limit(LONGEST_RECORD)


class Table(msgspec.Struct):
    """
    Records of a chunk with the index of the line each begins at, and how far they reach.

    `lines` and `size` (in bytes) are used up; `foreign` says that not all was UTF-8.
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


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is known of a chunk before it is read.

    `width` is how many cells a record has, `line` the file's line the chunk begins at; `final`
    says that no more will come.
    """

    delimiter: str
    width: int
    path: str
    line: int
    final: bool


def read_table(body: bytes, shape: Shape) -> Table:
    """Return the records of a chunk that are there from end to end."""
    raws = body.split(b"\n")
    if not raws[-1]:
        raws.pop()
    table = Table()
    lines = _texts(body, raws, table)
    at, again = 0, True
    while again:
        at, again = _read(lines, at, shape, table)
    table.lines = at
    table.size = len(body) if at == len(lines) else sum(len(raw) + 1 for raw in raws[:at])
    return table


def _texts(body: bytes, raws: list[bytes], table: Table) -> list[str]:
    try:
        return body.decode().split("\n")[: len(raws)]
    except UnicodeDecodeError:
        table.foreign = True
        return [decoded(raw)[0] for raw in raws]


def _read(lines: list[str], at: int, shape: Shape, table: Table) -> tuple[int, bool]:
    """Read records from line `at` on: up to which line, and whether to begin anew from there."""
    feed = _Feed(lines, at)
    reader = csv.reader(feed, delimiter=shape.delimiter, strict=True)
    while True:
        start = feed.at
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if feed.ran_out and not shape.final:
                return start, False
            _alone(lines[start], start, str(error), shape, table)
            return start + 1, True
        if cells is None:
            return feed.at, False
        fault = _misfit(cells, shape.width)
        if not fault:
            if cells:
                table.records.append(cells)
                table.starts.append(start)
            continue
        _reject(lines[start], start, fault, shape, table)
        if feed.at != start + 1:
            # What a stray quotation mark has drawn in may be good lines.
            return start + 1, True


def _alone(line: str, start: int, error: str, shape: Shape, table: Table) -> None:
    """Take a line by itself, and generously, where a quotation mark stands in a wrong place."""
    feed = _Feed([line], 0)
    try:
        cells = next(csv.reader(feed, delimiter=shape.delimiter), [])
    except csv.Error:
        cells = []
    if feed.ran_out:
        fault = "a quotation mark is opened here and never closed, or not where a cell ends"
    else:
        fault = f"this line can't be read as CSV ({error})" if not cells else ""
    fault = fault or _misfit(cells, shape.width)
    if fault:
        _reject(line, start, fault, shape, table)
        return
    table.records.append(cells)
    table.starts.append(start)


def _reject(line: str, start: int, fault: str, shape: Shape, table: Table) -> None:
    where = f"{shape.path}:{shape.line + start}"
    table.rejects.append(Reject(where=where, reason=fault, raw=line[:2_000].strip()[:500]))


def _misfit(cells: list[str], width: int) -> str:
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    fits = not cells or len(cells) == width
    return "" if fits else f"{len(cells)} columns where the header has {width}"
