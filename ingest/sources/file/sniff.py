"""In which format a file is written, told by its beginning."""

from __future__ import annotations

import csv
import re
from typing import Any

import msgspec

from ingest.sources.file.columns import guess, parts_of
from ingest.sources.file.encoding import decoded
from ingest.sources.file.reading import Reading
from ingest.sources.x.archive import is_x

FORMATS = ("auto", "jsonl", "csv", "x", "json", "thread")
IN_ONE_PIECE = frozenset(["json", "thread"])
"""Formats that can only be read when the whole file is there."""

_LINES = 50
_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_ARRAY = re.compile(rb"\[\s*[\[{\]]")
_ARCHIVE = re.compile(rb"\s*(window\.|var\s)[\w.$]{1,200}\s*=\s*[\[{]")


def sniff(body: bytes, reading: Reading, path: str) -> str:
    """Return the format of a file that begins with `body`; a person's choice is kept."""
    if reading.format not in ("auto", "x"):
        return reading.format
    start = body[:65_536].lstrip()
    if _ARRAY.match(start) or _ARCHIVE.match(start):
        return "json"
    if reading.format == "x":
        return "x"
    lines = [line for line in body.split(b"\n", _LINES)[:_LINES] if line.strip()]
    objects = [value for line in lines if isinstance(value := _json(line), dict)]
    if objects:
        return "x" if any(is_x(value) for value in objects) else "jsonl"
    return _without_objects(start, lines, reading, path)


def _without_objects(start: bytes, lines: list[bytes], reading: Reading, path: str) -> str:
    if start.startswith(b"{"):
        # One object over many lines; on a single line it is a broken line among others.
        return "json" if start[1:].lstrip(b" \t\r").startswith(b"\n") else "jsonl"
    if start.startswith(b"<"):
        return "thread"
    return "csv" if _is_table(lines, reading, path) else "thread"


def _json(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _is_table(lines: list[bytes], reading: Reading, path: str) -> bool:
    texts = [decoded(line)[0] for line in lines]
    if not texts:
        return False
    if re.search(r"\.(csv|tsv)(\.(gz|zst))?$", path, re.IGNORECASE) or _SEPARATOR.match(texts[0]):
        return True
    cells = cells_of(texts[0], delimiter_of(texts[0]))
    if any(len(cell) > 60 for cell in cells):
        return False
    chosen = reading.chosen.get("text")
    if chosen is not None:
        return all(part in cells for part in parts_of(chosen, cells))
    return len(texts) > 1 and "text" in guess(cells)


def delimiter_of(line: str) -> str:
    """Return what separates the columns of a header: one that makes a text column, or the most."""
    return max(_DELIMITERS, key=lambda sign: _fit(cells_of(line, sign)))


def _fit(cells: list[str]) -> tuple[bool, int]:
    return "text" in guess(cells), len(cells)


def cells_of(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def told_separator(line: str) -> str | None:
    """Return the separator that a first line such as `sep=;` tells, as spreadsheets write it."""
    found = _SEPARATOR.fullmatch(line.strip("\r\n "))
    return found[1] if found else None
