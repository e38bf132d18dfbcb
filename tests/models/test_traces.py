"""Traces: what was deleted is in no page of SQLite's file and not in its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.store import Store
from tests.factories import NOW, a_post, a_watch

pytestmark = pytest.mark.sqlite("what lies in the pages of SQLite's file")

SIGN = b"murmeltier"


def bytes_of(folder: Path) -> int:
    """Return how often the sign stands in the database's files."""
    return sum(path.read_bytes().lower().count(SIGN) for path in folder.glob("amends.db*"))


def keep(store: Store) -> None:
    """Keep posts of which every second one holds the sign."""
    watch = a_watch(store)
    posts = [
        a_post(text=f"day {n} and no {'murmeltier' if n % 2 else 'disc'} came, again and again")
        for n in range(400)
    ]
    with store.begin() as tx:
        tx.posts.add(watch, posts, NOW)


def delete(store: Store, *, thorough: bool) -> None:
    """Delete the posts with the sign, as any statement would."""
    ids = "(SELECT id FROM post WHERE text LIKE '%murmeltier%')"
    with store.begin(thorough=thorough) as tx:
        connection = tx.session.connection()
        if not thorough:
            # Some builds of SQLite overwrite what they delete without being told.
            connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql(f"DELETE FROM sighting WHERE post_id IN {ids}")
        connection.exec_driver_sql("DELETE FROM post WHERE text LIKE '%murmeltier%'")
        tx.words.scrub()


def test_clearing_leaves_nothing_of_what_was_deleted_before(lite: Store, tmp_path: Path) -> None:
    """Also of what nobody overwrote when it was deleted."""
    keep(lite)
    assert lite.cut_log()
    delete(lite, thorough=False)
    assert lite.cut_log()
    assert bytes_of(tmp_path) > 0, "free pages hold it"

    assert lite.clear_traces(5.0)

    assert bytes_of(tmp_path) == 0


def test_what_is_deleted_thoroughly_is_overwritten(lite: Store, tmp_path: Path) -> None:
    """Once the log is cut nothing is left, though the file isn't written anew."""
    keep(lite)
    assert lite.cut_log()
    delete(lite, thorough=True)

    assert lite.cut_log()

    assert bytes_of(tmp_path) == 0


def test_whoever_reads_keeps_the_log(lite: Store) -> None:
    """It says so instead of waiting for ever, and the next time it is done."""
    keep(lite)
    with lite.read() as tx:
        tx.posts.known([1])
        delete(lite, thorough=True)
        assert not lite.clear_traces(0.2)
    assert lite.clear_traces(5.0)
