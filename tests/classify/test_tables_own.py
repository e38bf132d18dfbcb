"""Columns of a person's own file: which there are, and what --set and --value say they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from classify.tables import read
from tests.classify.test_cli import jsonl

OURS = ("complaint", "praise", "credit_request")


def told(
    folder: Path,
    data: bytes,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the texts and labels in a file that holds the data."""
    (folder / "survey").write_bytes(data)
    return [(one.text, one.labels) for one in read(folder / "survey", columns, values, OURS).rows]


def test_columns_of_later_json_lines_count(tmp_path: Path) -> None:
    """A line need not have them all: what the first lacks is no label there, and one below."""
    lines = jsonl({"text": "a", "complaint": 1}, {"praise": 1, "text": "b"})

    assert told(tmp_path, lines) == [("a", ("complaint",)), ("b", ("praise",))]


def test_the_text_may_stand_under_the_name_of_a_label(tmp_path: Path) -> None:
    """What --set says of a column is all that it is."""
    data, columns = "complaint,kind\nno net,angry\n", {"text": "complaint", "labels": "kind"}

    found = told(tmp_path, data.encode(), columns, {"angry": "complaint"})

    assert found == [("no net", ("complaint",))]


@pytest.mark.parametrize(
    ("data", "columns", "values", "labels"),
    [
        ("text,c\na,1\n", {"anger": "c"}, {"Anger": "complaint"}, ("complaint",)),
        ("text,complaint\na,1\n", {}, {"complaint": "praise"}, ("praise",)),
        ("text,complaint,praise\na,1,1\n", {}, {"complaint": "none"}, ("praise",)),
        ("a post,1\nb,0\n", {}, {"complaint": "praise"}, ("praise",)),
        ("a post,1\nb,0\n", {}, {"1": "praise"}, ("praise",)),
        ("a post,0\nb,1\n", {}, {"1": "none", "0": "praise"}, ("praise",)),
    ],
)
def test_a_column_of_0_and_1_is_told_what_it_means(
    tmp_path: Path,
    data: str,
    columns: dict[str, str],
    values: dict[str, str],
    labels: tuple[str, ...],
) -> None:
    """As --value does, with a header and without."""
    assert told(tmp_path, data.encode(), columns, values)[0][1] == labels
