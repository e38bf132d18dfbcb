"""A CSV is read by one rule: `"` quotes, the first line says what separates, a bad line is told."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from classify.lines import LONGEST, TOO_LONG
from classify.tables import Table, read
from models.errors import SetupError

OURS = ("complaint", "praise", "credit_request")
SIGNS = some.text("\"',;\t|\r\n 0ab😡", min_size=1, max_size=12)
TEXTS = some.lists(SIGNS.filter(str.strip), min_size=1, max_size=6, unique=True)
often = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def table(folder: Path, data: str | bytes, columns: Mapping[str, str] | None = None) -> Table:
    """Return what is read of a file that holds the data."""
    path = folder / "survey.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path, columns, known=OURS)


def written(between: str, rows: list[tuple[str, str]], quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Return rows as a program would write them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=between, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


def texts(found: Table) -> list[str]:
    """Return the texts that were taken."""
    return [one.text for one in found.rows]


def bad(found: Table) -> list[int]:
    """Return the lines left out."""
    return [line for line, _ in found.rejected]


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@given(TEXTS)
@example(["\r0;;0\r"])
@often
def test_any_text_survives(tmp_path: Path, quoting: int, between: str, said: list[str]) -> None:
    """Whatever separates the cells, and whether all are quoted or only those that must be."""
    rows = [("text", "label"), *((text, "praise") for text in said)]

    found = table(tmp_path, written(between, rows, quoting))

    assert [(one.text, one.labels) for one in found.rows] == [(text, ("praise",)) for text in said]
    assert not found.rejected


@given(some.binary(max_size=60) | some.text("\"',;\t|\r\n 01atex\0{}", max_size=60).map(str.encode))
@often
def test_any_file_is_a_table_or_a_reason(tmp_path: Path, data: bytes) -> None:
    """Whatever bytes it holds: never another error, and no line both taken and left out."""
    try:
        found = table(tmp_path, data)
    except SetupError:
        return
    assert found.rows and bad(found) == sorted(set(bad(found)))


@pytest.mark.parametrize(
    "text",
    [
        'the waiter\nsaid "no" then left',
        "'all', 'of', 'it'",
        "it's 'down', she said",
        'said "no", then left\tus',
    ],
)
@pytest.mark.parametrize("between", ["\t", ","])
def test_quotes_and_line_ends_within_a_text(tmp_path: Path, text: str, between: str) -> None:
    """One sort of quote only, and doubled where it is meant."""
    rows = [("content", "sentiment"), (text, "negative"), ("fine", "positive")]

    assert texts(table(tmp_path, written(between, rows))) == [text, "fine"]


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        ("text;label\nno, net, again, and again;praise\n", {}),
        ("id|text, if any|label\n1|no; net, again|praise\n", {"text": "text, if any"}),
        ("when, where\tReply; in full\tkind\nnow\tno, net|\tpraise\n",
         {"text": "Reply; in full", "labels": "kind"}),
        ("no, net; again\t1\nall, fine; now\t0\n", {}),
    ],
)  # fmt: skip
def test_the_first_line_says_what_separates(
    tmp_path: Path, data: str, columns: dict[str, str]
) -> None:
    """Whatever else stands in the texts, or in other columns' names."""
    found = table(tmp_path, data, columns)

    assert found.rows[0].text.startswith("no") and found.rows[0].labels and not found.rejected


def test_a_line_with_too_many_cells_is_told(tmp_path: Path) -> None:
    """Rather than cut at the comma nobody quoted; empty cells at the end are no cells."""
    data = "label,text\npraise,thx\ncomplaint,No, not again\npraise,so good,,\n"

    found = table(tmp_path, data)

    assert texts(found) == ["thx", "so good"] and bad(found) == [3]
    assert "more cells than columns" in found.rejected[0][1]


def test_a_column_without_a_name_takes_no_half_of_a_text(tmp_path: Path) -> None:
    """A comma too many behind the header is none."""
    found = table(tmp_path, "label,text,\npraise,thx\npraise,fine,\ncomplaint,No, not again\n")

    assert texts(found) == ["thx", "fine"] and bad(found) == [4]


def test_a_short_line_loses_only_itself(tmp_path: Path) -> None:
    """A first one too: it hides no column from the others, and isn't taken for a post of no label."""
    found = table(tmp_path, "text,label\njust text\nthx,praise\n")

    assert texts(found) == ["thx"]
    assert found.rejected == [(2, "fewer cells than columns")]


def test_a_ragged_line_without_a_header_is_told(tmp_path: Path) -> None:
    """As in any other file."""
    found = table(tmp_path, "no net here,1\nall good, fine,0\nthx,0\noh\n")

    assert texts(found) == ["no net here", "thx"] and bad(found) == [2, 4]


@pytest.mark.parametrize("line", ['"down again,complaint', '"Great" they said,complaint'])
def test_a_quote_that_isnt_one_loses_only_its_line(tmp_path: Path, line: str) -> None:
    """Not all the lines up to the next quote, in one long text."""
    found = table(tmp_path, f'text,label\na,praise\n{line}\nb,praise\n"c, d",praise\ne,praise\n')

    assert texts(found) == ["a", "b", "c, d", "e"] and bad(found) == [3]
    assert "quotes don't pair up" in found.rejected[0][1]


def test_what_is_left_out_comes_in_the_order_of_lines(tmp_path: Path) -> None:
    """Whatever the reason; a text of several lines is known by its first."""
    data = 'text,praise\n"a\nb",2\nc\nd,1\n,1\n"e\n\nf",perhaps\nd,0\n"g,1\n'

    found = table(tmp_path, data)

    assert texts(found) == ["d"] and bad(found) == [2, 4, 6, 7, 10, 11]


def test_a_line_too_long_is_told(tmp_path: Path) -> None:
    """And the next one read."""
    found = table(tmp_path, f"text,label\na,praise\n{'x' * (LONGEST + 1)},praise\nb,praise\n")

    assert texts(found) == ["a", "b"] and found.rejected == [(3, TOO_LONG)]


@pytest.mark.parametrize(
    "lines", ["'," * 32_000 + "\n", '"x\n' * 100_000, '"x\n""\n' * 50_000, '"' + "x\n" * 100_000]
)
def test_a_hostile_file_takes_no_time(tmp_path: Path, lines: str) -> None:
    """Quotes that never end are looked for once, not once for each line."""
    began = time.process_time()

    found = table(tmp_path, f"text,label\n{lines}good,praise\n")

    assert texts(found)[-1:] == ["good"] and bad(found)
    assert time.process_time() - began < 5
