"""What leaves the house: an incident as files, a view of the queue as a sheet, a report on paper."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pyarrow import parquet

from amends.board.place import Place
from amends.dictionary import TABLES
from amends.export import export
from models.alarm import AlarmRow
from models.campaign import ActRow, Terms
from models.coverage import Span
from models.errors import SetupError
from models.incident import Watch
from models.store import Store
from models.store.items import Seen, Verdict
from models.tag import Tag
from tests.amends.board.conftest import posts
from tests.amends.conftest import Amends
from tests.factories import NOW, a_watch

As = Callable[[str | None], TestClient]
EXPORT = "/i/discs-late/queue/export"
EVIL = '=HYPERLINK("https://evil.example","pay")'


@pytest.fixture
def both(store: Store) -> Watch:
    """Return a watch on each of the two databases."""
    return a_watch(store, source="x", terms=["reelpost"])


def filled(store: Store, watch: Watch) -> list[int]:
    """Keep something of every table."""
    ids = posts(store, watch, (EVIL, ("complaint",)), ("zwei\nZeilen “ü”", ()), author="@cleo")
    with store.begin() as tx:
        tx.tags.put([Tag(post_id=ids[1], label="praise", by="ana")], NOW)
        tx.items.decide(
            1, [Seen(ids[0], 0)], Verdict("reply", "why", "https://x.example/1"), "ana", NOW
        )
        tx.coverage.add(watch.id, Span(NOW - timedelta(hours=2), NOW - timedelta(hours=1)))
        tx.holes.lose(watch.id, Span(NOW - timedelta(hours=1), NOW), "too old", NOW)
        tx.alarms.open(
            AlarmRow(incident_id=1, kind="rise", subject="complaint", since=NOW, opened_at=NOW,
                     why="Many.", recorded_at=NOW)
        )  # fmt: skip
        tx.acts.add(
            ActRow(incident_id=1, kind="apology", text="Sorry.", by="ana", at=NOW, recorded_at=NOW)
        )
        offers: dict[str, tuple[str, ...]] = {"": ("3 %",), "Streaming": ("$5",)}
        tx.campaigns.add(1, Terms(text="Sorry.", how="call", offers=offers), "ana", NOW)
    return ids


def write(store: Store, folder: Path) -> Any:
    """Export the incident."""
    return export(store, "discs-late", folder, NOW, lambda *_: None)


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_that_is_kept_is_there(store: Store, both: Watch, tmp_path: Path) -> None:
    """Every table in both forms, with the same rows, counted and measured."""
    filled(store, both)
    folder = tmp_path / "out"

    manifest = write(store, folder)

    counts = {file.name: file.rows for file in manifest.files}
    for one in TABLES:
        rows, names = table(folder, one.name), [column.name for column in one.columns]
        other = parquet.read_table(folder / f"{one.name}.parquet")
        assert rows and list(rows[0]) == names == other.column_names
        assert len(rows) == other.num_rows == counts[f"{one.name}.csv"]
        assert [row["id"] for row in rows] == [str(n) for n in other["id"].to_pylist()]
    kept = json.loads((folder / "manifest.json").read_text())
    for file in kept["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
    assert {path.name for path in folder.iterdir()} == {*counts, "manifest.json"}
    assert list(tmp_path.glob(".amends-export-*")) == []


def test_what_is_written_reads_back(store: Store, both: Watch, tmp_path: Path) -> None:
    """Texts to the letter in Parquet; in CSV nothing is a formula."""
    ids = filled(store, both)
    write(store, tmp_path / "out")

    first, second = table(tmp_path / "out", "posts")
    assert first["text"] == f"'{EVIL}" and first["author"] == "'@cleo"
    assert second["text"] == "zwei\nZeilen “ü”" and json.loads(second["labels"]) == ["praise"]
    assert first["posted_at"] == "2026-03-04T11:58:00Z"
    whole = parquet.read_table(tmp_path / "out" / "posts.parquet").to_pylist()
    assert [row["text"] for row in whole] == [EVIL, "zwei\nZeilen “ü”"]
    assert (whole[0]["id"], whole[0]["posted_at"]) == (ids[0], NOW - timedelta(minutes=2))
    (verdict,) = table(tmp_path / "out", "verdicts")
    assert (verdict["decision"], verdict["url"], verdict["undone_at"]) == (
        "reply", "https://x.example/1", "")  # fmt: skip


def test_every_column_is_explained(store: Store, both: Watch, tmp_path: Path) -> None:
    """In the dictionary beside the files, and none is that isn't there."""
    filled(store, both)
    write(store, tmp_path / "out")

    said = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")

    for one in TABLES:
        part = said.split(f"## {one.name} (")[1].split("## ")[0]
        rows = [
            line.split(" | ")[0].removeprefix("| ") for line in part.splitlines() if "|" in line
        ]
        assert rows[2:] == [column.name for column in one.columns]
        assert all(column.meaning for column in one.columns)


def test_it_holds_one_incident_alone(lite: Store, watch: Watch, tmp_path: Path) -> None:
    """Nothing of another one's posts, tags, verdicts or watches."""
    from tests.factories import an_incident

    with lite.begin() as tx:
        other = tx.incidents.add(an_incident(slug="other")).id
    second = a_watch(lite, source="x", incident_id=other)
    posts(lite, second, ("of another incident", ("praise",)))
    with lite.begin() as tx:
        tx.coverage.add(second.id, Span(NOW - timedelta(hours=2), NOW))
        tx.holes.lose(second.id, Span(NOW - timedelta(hours=1), NOW), "too old", NOW)
    filled(lite, watch)

    write(lite, tmp_path / "out")

    assert len(table(tmp_path / "out", "posts")) == 2
    assert len(table(tmp_path / "out", "tags")) == 2
    assert {row["watch_id"] for row in table(tmp_path / "out", "coverage")} == {str(watch.id)}
    assert {row["watch_id"] for row in table(tmp_path / "out", "holes")} == {str(watch.id)}


def test_a_folder_that_holds_something_is_left_alone(
    lite: Store, watch: Watch, tmp_path: Path
) -> None:
    """Nothing is written over."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "diary.txt").write_text("mine")

    with pytest.raises(SetupError, match="is there already"):
        write(lite, tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["diary.txt"]


def test_half_an_export_is_never_left(lite: Store, watch: Watch, tmp_path: Path) -> None:
    """Whatever stops it."""
    filled(lite, watch)

    def stop(name: str, _: int) -> None:
        if name == "verdicts":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(lite, "discs-late", tmp_path / "out", NOW, stop)

    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".amends-export-*")) == []


def test_memory_stays_flat(lite: Store, watch: Watch, tmp_path: Path) -> None:
    """Three times as many posts take no more of it."""

    def peak(folder: str) -> int:
        tracemalloc.start()
        write(lite, tmp_path / folder)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    posts(lite, watch, *[(f"post number {n} " + "x" * 300, ()) for n in range(4_000)])
    first = peak("one")
    for batch in range(2):
        posts(lite, watch, *[(f"more {batch} {n} " + "x" * 300, ()) for n in range(4_000)])

    assert peak("three") < first * 1.3


def test_by_command(amends: Amends, incident: str, tmp_path: Path) -> None:
    """It says what it wrote, and that it holds people's posts."""
    said = amends("export", incident, str(tmp_path / "out"), "--as", "json")

    assert said.code == 0 and "people's posts" in said.err
    assert {row["name"] for row in json.loads(said.out)} >= {
        "posts.csv",
        "posts.parquet",
        "README.md",
    }
    assert amends("export", incident, str(tmp_path / "out")).code == 2
    assert amends("export", "nix", str(tmp_path / "other")).code == 2
    assert not (tmp_path / "other").exists()


def test_a_view_of_the_queue_as_a_sheet(as_: As, place: Place, watch: Watch) -> None:
    """With the filters of the address; formula-safe, and named safely."""
    filled(place.store, watch)
    posts(place.store, watch, ("still down", ("complaint",)), ("is it back", ()))

    got = as_("ana").get(EXPORT, params={"label": "complaint", "state": "all"})

    assert got.headers["content-disposition"] == (
        'attachment; filename="discs-late-queue-2026-03-04.csv"')  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(got.text, newline="")))
    assert {row["text"] for row in rows} == {f"'{EVIL}", "still down"}
    assert {row["labels"] for row in rows} == {"complaint"}


def test_all_forms_hold_the_same(as_: As, place: Place, watch: Watch) -> None:
    """More than a leaf of them, each once, in the queue's order."""
    ids = posts(place.store, watch, *[(f"post number {n}", ()) for n in range(1_203)])
    ana = as_("ana")

    plain = csv.DictReader(io.StringIO(ana.get(EXPORT).text, newline=""))
    lines = ana.get(EXPORT, params={"form": "jsonl"}).text.splitlines()
    book = zipfile.ZipFile(io.BytesIO(ana.get(EXPORT, params={"form": "xlsx"}).content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert [int(row["post_id"]) for row in plain] == ids
    assert [json.loads(line)["post_id"] for line in lines] == ids
    assert sheet.count("<row ") == len(ids) + 1


def test_no_cell_of_a_workbook_is_a_formula_or_a_link(as_: As, place: Place, watch: Watch) -> None:
    """Whatever people write."""
    posts(place.store, watch, (EVIL, ()), ("https://evil.example", ()), ("{=1+1}", ()))

    got = as_("ana").get(EXPORT, params={"form": "xlsx"})

    book = zipfile.ZipFile(io.BytesIO(got.content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet.lower().replace("hyperlink(", "")
    assert "'=HYPERLINK(" in sheet


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_viewers_take_no_handles_along(as_: As, place: Place, watch: Watch, form: str) -> None:
    """Neither names nor links nor who is spoken to."""
    posts(place.store, watch, ("@cleo_b where is it", ()), author="cleo",
          url="https://x.example/cleo/1")  # fmt: skip

    got = as_("eve").get(EXPORT, params={"form": form}).content
    if form == "xlsx":
        got = zipfile.ZipFile(io.BytesIO(got)).read("xl/worksheets/sheet1.xml")

    assert b"where is it" in got and b"cleo" not in got


def test_a_view_that_cant_be_read_is_refused(as_: As, watch: Watch) -> None:
    """Before any of a file leaves."""
    ana = as_("ana")

    assert ana.get(EXPORT, params={"form": "exe"}).status_code == 422
    assert ana.get(EXPORT, params={"label": "nix"}).status_code == 404
    assert ana.get("/i/nix/queue/export").status_code == 404


def test_the_report_tells_what_was_said_and_done(as_: As, place: Place, watch: Watch) -> None:
    """Acts, days, numbers and how well we listened, without drafts or handles."""
    filled(place.store, watch)
    with place.store.begin() as tx:
        tx.acts.add(ActRow(incident_id=1, kind="statement", text="Secret.", recorded_at=NOW))

    page = as_("eve").get("/i/discs-late/report").text

    assert "Sorry." in page and "Secret." not in page and "cleo" not in page
    assert "/static/print.css" in page and "digest?day=2026-03-04" in page
    assert "<dt>Answered</dt><dd>1</dd>" in page
