"""`amends doctor` finds what is wrong with the posts, and what SQLite is known for."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from amends.cli.doctor import has_log_fault
from models.home import Home
from models.store import Store
from tests.amends.conftest import Amends
from tests.factories import NOW, a_post, a_watch


def findings(amends: Amends) -> dict[str, dict[str, str]]:
    """Return what doctor finds, by number."""
    return {one["finding"]: one for one in json.loads(amends("doctor", "--as", "json").out)}


@pytest.fixture
def heard(home: Path) -> Path:
    """Return the home's database, in which one answer was kept."""
    store = Store.open(Home(home).database_url)
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(), a_post()], NOW)
        tx.watches.went_on(watch.id, None, "bookmark", NOW)
    store.close()
    return home / "amends.db"


@pytest.mark.parametrize(
    ("number", "faulty"),
    [
        ("3.6.23", False), ("3.7.0", True), ("3.7.17", True), ("3.40.1", True), ("3.44.5", True),
        ("3.44.6", False), ("3.44.7", False), ("3.45.0", True), ("3.46.1", True), ("3.50.6", True),
        ("3.50.7", False), ("3.51.0", True), ("3.51.2", True), ("3.51.3", False),
        ("3.52.0", False), ("3.53.1", False), ("4.0.0", False),
    ],
)  # fmt: skip
def test_which_sqlite_has_the_wal_reset_fault(number: str, faulty: bool) -> None:
    """3.7.0 to 3.51.2, but for the two releases it was mended in later."""
    assert has_log_fault(number) is faulty


@pytest.mark.sqlite(
    "is about SQLite, or damages its file; rows of both are in tests/models/test_soundness.py"
)
def test_the_fault_is_a_warning_with_a_way_out(amends: Amends, heard: Path) -> None:
    """It names the release that mends it and what to do until then, and ends well."""
    found = findings(amends)

    assert ("W12" in found) is has_log_fault(sqlite3.sqlite_version)
    if "W12" in found:
        assert found["W12"]["level"] == "warning"
        assert "3.51.3" in found["W12"]["remedy"] and "amends backup" in found["W12"]["remedy"]
    assert amends("doctor").code == 0


@pytest.mark.sqlite(
    "is about SQLite, or damages its file; rows of both are in tests/models/test_soundness.py"
)
@pytest.mark.parametrize(
    ("statement", "number", "code"),
    [
        ("DELETE FROM post WHERE id = 1", "E13", 1),
        ("DELETE FROM sighting WHERE post_id = 1", "E13", 1),
        ("UPDATE watch SET asked_at = NULL", "E14", 1),
        ("UPDATE sighting SET seen_at = seen_at + 7200000000", "W15", 0),
    ],
)
def test_rows_and_bookmarks_are_held_against_each_other(
    amends: Amends, heard: Path, statement: str, number: str, code: int
) -> None:
    """What is lost is an error, what only costs a question a warning; each has its remedy."""
    assert number not in findings(amends)
    with closing(sqlite3.connect(heard)) as raw, raw:
        raw.execute(statement)

    found = findings(amends)

    assert found[number]["remedy"]
    assert amends("doctor").code == code


@pytest.mark.sqlite(
    "is about SQLite, or damages its file; rows of both are in tests/models/test_soundness.py"
)
def test_a_damaged_index_is_found(amends: Amends, heard: Path) -> None:
    """Which a quick look would miss, and which the fault above leaves behind."""
    with closing(sqlite3.connect(heard)) as raw, raw:
        raw.execute("PRAGMA writable_schema=ON")
        raw.execute("UPDATE sqlite_master SET sql = replace(sql, 'scored_by IS NULL', 'id > 1')"
                    " WHERE name = 'post_unscored'")  # fmt: skip

    found = findings(amends)

    assert "post_unscored" in found["E11"]["what"]
    assert "restore" in found["E11"]["remedy"]


def test_what_a_killed_restore_left_is_named(amends: Amends, heard: Path, home: Path) -> None:
    """With the command that clears it away."""
    left = home / ".amends-restore-abc"
    left.mkdir()
    (left / ".held").touch()

    assert "amends restore" in findings(amends)["W05"]["remedy"]
