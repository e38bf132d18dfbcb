"""
Labelled posts from anybody's file: JSON Lines or CSV, whatever its columns are called.

The labels may stand in one column (a name, several, or a list) or in a column each (0 and 1). A CSV
without a header is understood where it has one column of text and one of 0 and 1: those are
complaints and others, the way complaint data sets are published.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from classify.examples import Labelled
from classify.lines import LONGEST, TOO_LONG, numbered
from models.errors import SetupError

TEXTS = ("text", "message", "content", "body", "comment", "review", "post")
"""Names a column of texts goes by, in the order they are tried."""

CLASSES = ("labels", "label", "class", "sentiment", "category", "target")
"""Names a column of labels goes by."""

_NONE = {"", "none", "neutral", "other", "0", "no", "false", "nan"}
_YES = {"1", "yes", "true", "y", "x", "1.0"}
_NO = {"0", "no", "false", "n", "", "0.0"}
_BETWEEN = ",;\t|"
_QUOTES = "its quotes don't pair up; one within a text is written twice"

_LISTED = 20

Row = tuple[int, dict[str, Any]]
Rejected = list[tuple[int, str]]


class Table(msgspec.Struct, kw_only=True):
    """What a file holds: examples, the labels in it, and (line, reason) for each line left out."""

    rows: list[Labelled]
    labels: tuple[str, ...]
    rejected: Rejected


def read(
    path: Path,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    known: Sequence[str] = (),
) -> Table:
    """
    Return the labelled posts of a file; SetupError if it can't be read, understood or learnt from.

    `columns` maps text, labels, or a label's name to the column that holds it, `values` what stands
    in a column of labels, or a label's name, to the label that is meant. `known` labels may have
    columns of their own name.
    """
    columns, values = dict(columns or {}), dict(values or {})
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"can't read {path}: {error.strerror or error}"
        raise SetupError(message, "check the path and who may read it") from error
    rejected: Rejected = []
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        rows = list(_json(data, rejected))
        there = list(dict.fromkeys(name for _, row in rows for name in row))
    else:
        there, rows = _csv(data, columns, values, known, rejected)
    found: list[Labelled] = []
    if rows:
        found = _Reader(path, there, columns, values, known).examples(rows, rejected)
    rejected.sort()
    if not found:
        first = "".join(f"; line {line}: {reason}" for line, reason in rejected[:1])
        message = f"{path}: there is no line to learn from{first}"
        remedy = "it takes JSON Lines, or CSV with a column of texts and labels"
        raise SetupError(message, f"mend that line; {remedy}" if rejected else remedy)
    names = {name for one in found for name in one.labels}
    return Table(rows=found, labels=tuple(sorted(names)), rejected=rejected)


class _Reader:
    """Knows which column is what."""

    def __init__(
        self,
        path: Path,
        there: Sequence[str],
        columns: dict[str, str],
        values: dict[str, str],
        known: Sequence[str],
    ) -> None:
        listed = ", ".join(there[:_LISTED])
        missing = [column for column in columns.values() if column not in there]
        if missing:
            message = f"{path}: there is no column “{missing[0]}”"
            raise SetupError(message, f"its columns are {listed}")
        names = {name.strip().casefold(): name for name in there}
        text = columns.pop("text", None) or next((names[n] for n in TEXTS if n in names), None)
        if text is None:
            message = f"{path}: no column looks like the text"
            raise SetupError(message, f"name it: --set text=COLUMN, of {listed}")
        named = columns.pop("labels", None)
        free = {name: column for name, column in names.items() if column not in (text, named)}
        self._text = text
        self._own = {name: free[name] for name in known if name in free} | columns
        self._class = named or (
            None if self._own else next((free[n] for n in CLASSES if n in free), None)
        )
        self._values = {value.casefold(): label for value, label in values.items()}
        if self._class is None and not self._own:
            message = f"{path}: no column looks like the labels"
            raise SetupError(message, f"name it: --set labels=COLUMN, of {listed}")

    def examples(self, rows: Iterable[Row], rejected: Rejected) -> list[Labelled]:
        """Return the examples in the rows; those that are none are told, and copies."""
        found: dict[str, Labelled] = {}
        for line, row in rows:
            try:
                one = self._example(row)
            except ValueError as error:
                rejected.append((line, str(error)))
                continue
            if found.setdefault(one.text, one) is not one:
                rejected.append((line, "the same text stands further up"))
        return list(found.values())

    def _example(self, row: Mapping[str, Any]) -> Labelled:
        text = row.get(self._text)
        if not isinstance(text, str) or not text.strip():
            message = "there is no text"
            raise ValueError(message)
        said = [name for name, column in self._own.items() if _holds(row.get(column), column)]
        if self._class is not None:
            values = _several(row.get(self._class))
            said += [one for one in values if one.casefold() not in _NONE - self._values.keys()]
        return Labelled(text, tuple(dict.fromkeys(name for name in map(self._meant, said) if name)))

    def _meant(self, said: str) -> str | None:
        meant = self._values.get(said.casefold())
        if meant is None:
            return said
        return None if meant.casefold() in _NONE else meant


def _several(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [str(one).strip() for one in value]
    written = str(value).strip()
    if written.startswith("["):
        written = written.strip("[]").replace("'", "").replace('"', "")
    for mark in "|;,":
        if mark in written:
            return [one.strip() for one in written.split(mark)]
    return [written]


def _holds(value: object, column: str) -> bool:
    written = str("" if value is None else value).strip().casefold()
    if written in _YES:
        return True
    if written in _NO:
        return False
    message = f"“{str(value)[:40]}” in {column} is neither 0 nor 1"
    raise ValueError(message)


def _json(data: bytes, rejected: Rejected) -> Iterator[Row]:
    for number, line in numbered(io.BytesIO(data)):
        if line is None:
            rejected.append((number, TOO_LONG))
            continue
        try:
            yield number, msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            rejected.append((number, str(error)))


def _csv(
    data: bytes,
    columns: dict[str, str],
    values: Mapping[str, str],
    known: Sequence[str],
    rejected: Rejected,
) -> tuple[list[str], list[Row]]:
    """Return the columns and the rows; a file without a header gets `columns` of its own."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older data sets were saved by spreadsheets.
        text = data.decode("cp1252", "replace")
    lines = list(io.StringIO(text.replace("\0", ""), newline=""))
    between = _separator(lines, {*TEXTS, *CLASSES, *known, *columns.values(), "0", "1"})
    records = list(_records(lines, between, rejected))
    if not records:
        return [], []
    header = [cell.strip() for cell in records[0][1]]
    while not header[-1]:
        header.pop()
    headless = _headless(header, columns)
    rows = []
    for line, row in records if headless else records[1:]:
        if len(row) < len(header):
            rejected.append((line, "fewer cells than columns"))
        elif any(cell.strip() for cell in row[len(header) :]):
            sign = "a tab" if between == "\t" else f"“{between}”"
            rejected.append((line, f"more cells than columns; a text with {sign} needs quotes"))
        else:
            rows.append((line, row))
    if not headless:
        return header, [(line, dict(zip(header, row, strict=False))) for line, row in rows]
    at = next(place for place, cell in enumerate(header) if cell in ("0", "1"))
    longest = max((p for p in range(len(header)) if p != at), key=lambda p: len(header[p]))
    columns["labels" if {"0", "1"} & values.keys() else "complaint"] = "complaint"
    return ["text", "complaint"], [
        (line, {"text": row[longest], "complaint": row[at]}) for line, row in rows
    ]


def _separator(lines: Sequence[str], names: Iterable[str]) -> str:
    """Return what stands between the cells of the first line: it gives the names we know, or most."""
    known = {name.strip().casefold() for name in names}

    def worth(between: str) -> tuple[bool, int, int]:
        torn: Rejected = []
        _, cells = next(_records(lines, between, torn), (0, []))
        # A line that can't be read this way makes a later one the first, which tells nothing.
        return not torn, sum(cell.strip().casefold() in known for cell in cells), len(cells)

    return max(_BETWEEN, key=worth)


def _records(
    lines: Sequence[str], between: str, rejected: Rejected
) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each record's first line, and its cells; after a bad line goes on."""
    csv.field_size_limit(LONGEST)
    at = 0
    while at < len(lines):
        begin = at
        rest = map(lines.__getitem__, range(begin, len(lines)))
        reader = csv.reader(rest, delimiter=between, strict=True)
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield at + 1, row
                at = begin + reader.line_num
        except csv.Error:
            rejected.append((at + 1, TOO_LONG if len(lines[at]) > LONGEST else _QUOTES))
            at += 1


def _headless(first: Iterable[str], columns: Mapping[str, str]) -> bool:
    """Whether the first line is a post already: a 0 or 1 stands where a name would."""
    cells = list(first)
    return not columns and len(cells) > 1 and any(cell in ("0", "1") for cell in cells)
