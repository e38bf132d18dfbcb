"""Tables as people export them: any columns, line breaks in cells, stray quotation marks."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.errors import SetupError
from tests.ingest.from_disk import a_file, follow, read, watch_on

NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("dates", "first", "note"),
    [
        (("03/02/2026", "25/02/2026"), datetime(2026, 2, 3, tzinfo=UTC), False),
        (("02/03/2026", "02/25/2026"), datetime(2026, 2, 3, tzinfo=UTC), False),
        (("02/03/2026", "02/04/2026"), datetime(2026, 2, 3, tzinfo=UTC), True),
    ],
)
def test_the_file_shows_whether_its_dates_begin_with_the_day(
    tmp_path: Path, dates: tuple[str, ...], first: datetime, note: bool
) -> None:
    """Where it leaves that open, a note says how they are read."""
    rows = "".join(f"{date},down\n" for date in dates)
    told = read(a_file(tmp_path, "a.csv", f"Date,Message\n{rows}"))

    assert told.posts[0].posted_at == first
    assert any("03/04/2026" in said for said in told.notes) is note


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_with_line_breaks_survives_any_chunk_border(tmp_path: Path, delimiter: str) -> None:
    """Cells may hold breaks, delimiters and quotation marks; chunks end wherever they end."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=delimiter)
    table.writerow(["Comment ID", "User Name", "Comment", "Created At"])
    texts = [f'no {n}{delimiter} "why"?\n\nand, again; {"x" * (n % 97)}|' for n in range(30_000)]
    for number, text in enumerate(texts):
        table.writerow([number, "Cleo", text, "2026-03-03T09:00:00Z"])
    path = a_file(tmp_path, "export.txt", out.getvalue())

    for told in (read(path), follow(watch_on(path), restarts=True)):
        assert told.texts == texts
        assert told.rejects == []
        assert len(told.answers) > 2
        assert told.posts[5].external_id == "5"
        assert told.posts[5].posted_at == NINE


def test_a_stray_quotation_mark_swallows_nothing(tmp_path: Path) -> None:
    """Its line is rejected, whether another mark closes it far below or none ever does."""
    rows = 'id,text\n1,one\n2,"two\n3,three\n4,"four" \n5,five\n6,"six\n7,seven\n'
    told = read(path := a_file(tmp_path, "a.csv", rows))

    assert [p.external_id for p in told.posts] == ["1", "3", "4", "5", "7"]
    assert [reject.where for reject in told.rejects] == [f"{path}:3", f"{path}:7"]


def test_a_row_of_another_width_is_rejected(tmp_path: Path) -> None:
    """A text with bare commas would land in the wrong columns."""
    told = read(a_file(tmp_path, "a.csv", "id,text\n1,a,b\n2\n3,good\n4,empty,,\n\n"))

    assert told.texts == ["good", "empty"]
    assert [reject.reason[:9] for reject in told.rejects] == ["3 columns", "1 columns"]


def test_spreadsheets_write_a_separator_line_and_old_encodings(tmp_path: Path) -> None:
    """Both are understood; the second is said."""
    content = "sep=;\r\nName;Text\r\nJürgen;Café zu\r\n".encode("cp1252")
    told = read(a_file(tmp_path, "a.csv", content))

    assert [(p.author, p.text) for p in told.posts] == [("Jürgen", "Café zu")]
    assert any("isn't UTF-8" in note for note in told.notes)


def test_lines_of_old_macs_are_lines(tmp_path: Path) -> None:
    """Some spreadsheets still end them with a carriage return alone."""
    assert read(a_file(tmp_path, "a.csv", "id,text\r1,one\r2,two\r")).texts == ["one", "two"]


def test_the_guessed_columns_are_shown_and_can_be_overruled(tmp_path: Path) -> None:
    """Guessing is a proposal."""
    path = a_file(tmp_path, "a.csv", "id,text,remark,user.name\n1,5 stars,too slow,cleo\n")

    assert "text from “text”, id from “id”" in read(path).notes[0]
    told = read(path, map="text=remark,author=user.name")
    assert [(p.text, p.author) for p in told.posts] == [("too slow", "cleo")]
    assert "text from “remark”" in told.notes[0]


def test_columns_that_say_nothing_end_in_a_question(tmp_path: Path) -> None:
    """The columns are listed, and how to say which is which."""
    with pytest.raises(SetupError, match="no column looks as if") as caught:
        read(a_file(tmp_path, "a.csv", "alpha,beta\n1,2\n"))
    assert "alpha, beta" in caught.value.remedy
    with pytest.raises(SetupError, match="no column “words”"):
        read(a_file(tmp_path, "b.jsonl", '{"alpha": 1}'), map="text=words")


def test_posts_keep_the_source_they_name(tmp_path: Path) -> None:
    """A name that can't be a source's gives way to the file's."""
    rows = "id,text,platform\n1,a,Facebook\n2,b,Some App for Phones\n3,c,\n"
    told = read(a_file(tmp_path, "a.csv", rows), source="survey")

    assert [p.source for p in told.posts] == ["facebook", "survey", "survey"]
