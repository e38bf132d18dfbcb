"""Rows to stdout, as a table for people or as JSON, JSON Lines or CSV for machines."""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec

from amends.cell import cell


class As(StrEnum):
    """How to print rows."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


def plain(text: str) -> str:
    """Text that can't steer a terminal: no control, bidi or other unseen characters."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C")


def show(columns: Sequence[str], rows: Iterable[dict[str, Any]], as_: As) -> int:
    """Print rows in a form; a table shows `columns`, the others every key. Returns how many."""
    if as_ is As.table:
        return _table(columns, rows)
    writers = {As.json: _json, As.jsonl: _jsonl, As.csv: _csv}
    return writers[as_](rows)


def _encoded(row: Any) -> str:
    return msgspec.json.encode(row).decode()


def _json(rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    sys.stdout.write("[")
    for row in rows:
        sys.stdout.write((",\n " if count else "\n ") + _encoded(row))
        count += 1
    sys.stdout.write("\n]\n" if count else "]\n")
    return count


def _jsonl(rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  the last count is the answer
        sys.stdout.write(_encoded(row) + "\n")
    return count


def _csv(rows: Iterable[dict[str, Any]]) -> int:
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    count = 0
    for count, row in enumerate(rows, 1):
        if count == 1:
            writer.writerow(row)
        writer.writerow(cell(value) for value in row.values())
    return count


def _table(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    count = 0
    # A long list goes out in pieces, so that its start is there at once and memory stays flat.
    for piece in _pieces(rows, 500):
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            right = isinstance(piece[0].get(column), int)
            table.add_column(column, justify="right" if right else "left", overflow="fold")
        for row in piece:
            table.add_row(*(Text(_short(row.get(column))) for column in columns))
        Console(width=None if sys.stdout.isatty() else 160).print(table)
        count += len(piece)
    return count


def _pieces(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while piece := list(islice(waiting, size)):
        yield piece


def _short(value: Any, longest: int = 160) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, dict):
        value = ", ".join(value)
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    text = plain(" ".join(str(value).split()))
    return text if len(text) <= longest else text[: longest - 1] + "…"
