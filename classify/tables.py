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
from classify.lines import LONGEST, numbered
from models.errors import SetupError

TEXTS = ("text", "message", "content", "body", "comment", "review", "post")
"""Names a column of texts goes by, in the order they are tried."""

CLASSES = ("labels", "label", "class", "sentiment", "category", "target")
"""Names a column of labels goes by."""

_NONE = {"", "none", "neutral", "other", "0", "no", "false", "nan"}
_YES = {"1", "yes", "true", "y", "x", "1.0"}
_NO = {"0", "no", "false", "n", "", "0.0"}
_SNIFFED = 64 * 1024


class Table(msgspec.Struct, kw_only=True):
    """What a file holds: examples, the labels in it, and (line, reason) for each line left out."""

    rows: list[Labelled]
    labels: tuple[str, ...]
    rejected: list[tuple[int, str]]


def read(
    path: Path,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    known: Sequence[str] = (),
) -> Table:
    """
    Return the labelled posts of a file; SetupError if it can't be read or understood.

    `columns` maps text, labels, or a label's name to the column that holds it, `values` what stands
    in a column of labels to a label's name. `known` labels may have columns of their own name.
    """
    columns, values = dict(columns or {}), dict(values or {})
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"can't read {path}: {error.strerror or error}"
        raise SetupError(message, "check the path and who may read it") from error
    rejected: list[tuple[int, str]] = []
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        rows = list(_json(data, rejected))
    else:
        rows = list(_csv(path, data, columns))
    if not rows:
        message = f"{path}: there is no line to learn from"
        raise SetupError(message, "it takes JSON Lines, or CSV with a column of texts and labels")
    reader = _Reader(path, rows[0][1], columns, values, known)
    found: dict[str, Labelled] = {}
    for line, row in rows:
        try:
            one = reader.example(row)
        except ValueError as error:
            rejected.append((line, str(error)))
            continue
        if one.text in found:
            rejected.append((line, "the same text stands further up"))
        else:
            found[one.text] = one
    names = {name for one in found.values() for name in one.labels}
    return Table(rows=list(found.values()), labels=tuple(sorted(names)), rejected=rejected)


class _Reader:
    """Knows which column is what."""

    def __init__(
        self,
        path: Path,
        first: Mapping[str, Any],
        columns: dict[str, str],
        values: dict[str, str],
        known: Sequence[str],
    ) -> None:
        missing = [column for column in columns.values() if column not in first]
        if missing:
            message = f"{path}: there is no column “{missing[0]}”"
            raise SetupError(message, f"its columns are {', '.join(map(str, first))}")
        names = {str(name).strip().casefold(): name for name in first}
        self._text = columns.pop("text", None) or next(
            (names[name] for name in TEXTS if name in names), None
        )
        if self._text is None:
            message = f"{path}: no column looks like the text"
            raise SetupError(
                message, f"name it: --set text=COLUMN, of {', '.join(map(str, first))}"
            )
        named = columns.pop("labels", None)
        self._own = {name: names[name] for name in known if name in names} | columns
        self._class = named or (
            None if self._own else next((names[n] for n in CLASSES if n in names), None)
        )
        self._values = {value.casefold(): label for value, label in values.items()}
        if self._class is None and not self._own:
            message = f"{path}: no column looks like the labels"
            remedy = f"name it: --set labels=COLUMN, of {', '.join(map(str, first))}"
            raise SetupError(message, remedy)

    def example(self, row: Mapping[str, Any]) -> Labelled:
        """Return the example in a row; ValueError says why there is none."""
        text = row.get(str(self._text))
        if not isinstance(text, str) or not text.strip():
            message = "there is no text"
            raise ValueError(message)
        labels = [name for name, column in self._own.items() if _holds(row.get(column), column)]
        if self._class is not None:
            labels += [name for name in map(self._label, _several(row.get(self._class))) if name]
        return Labelled(text, tuple(dict.fromkeys(labels)))

    def _label(self, value: str) -> str | None:
        if value.casefold() in self._values:
            meant = self._values[value.casefold()]
            return None if meant.casefold() in _NONE else meant
        return None if value.casefold() in _NONE else value


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


def _json(data: bytes, rejected: list[tuple[int, str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in numbered(io.BytesIO(data)):
        try:
            yield number, msgspec.json.decode(line or b"", type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            rejected.append((number, str(error)))


def _csv(path: Path, data: bytes, columns: dict[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older data sets were saved by spreadsheets.
        text = data.decode("cp1252", "replace")
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:_SNIFFED], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    dialect.doublequote = True
    csv.field_size_limit(LONGEST)
    lines = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), dialect, strict=False)
    try:
        rows = [(lines.line_num, row) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        message = f"{path}, line {lines.line_num}: {error}"
        raise SetupError(message, "mend that line, or save the file as CSV anew") from error
    if not rows:
        return
    header = [cell.strip() for cell in rows[0][1]]
    if _headless(header, columns):
        at = next(place for place, cell in enumerate(header) if cell in ("0", "1"))
        longest = max((p for p in range(len(header)) if p != at), key=lambda p: len(header[p]))
        for line, row in rows:
            if len(row) == len(header):
                yield line, {"text": row[longest], "complaint": row[at]}
        columns.setdefault("complaint", "complaint")
        return
    for line, row in rows[1:]:
        yield line, dict(zip(header, row, strict=False))


def _headless(first: Iterable[str], columns: Mapping[str, str]) -> bool:
    """Whether the first line is a post already: a 0 or 1 stands where a name would."""
    cells = list(first)
    return not columns and len(cells) > 1 and any(cell in ("0", "1") for cell in cells)
