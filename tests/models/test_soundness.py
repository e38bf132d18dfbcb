"""What can't be true of a whole database is found, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from models.coverage import Span
from models.store import Store
from models.store.soundness import Fault, damage, faults
from tests.factories import NOW, a_post, a_watch

HOUR = timedelta(hours=1)


def found(store: Store) -> list[Fault]:
    """Return the faults of a store."""
    with store.read() as tx:
        return faults(tx.session.connection())


def heard(store: Store) -> int:
    """Keep one answer as a collector does; return the watch's id."""
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(), a_post()], NOW)
        tx.coverage.add(watch.id, Span(NOW - HOUR, NOW))
        tx.watches.went_on(watch.id, None, "bookmark", NOW)
    return watch.id


def change(store: Store, *statements: str) -> None:
    """Do to a database what nothing of ours does."""
    with store.begin() as tx:
        for statement in statements:
            tx.session.connection().exec_driver_sql(statement)


def test_what_a_collector_keeps_is_sound(store: Store) -> None:
    """Answers, troubles and silence make no fault."""
    heard(store)
    quiet = a_watch(store, incident_id=1, source="feed")
    with store.begin() as tx:
        tx.watches.in_trouble(1, "busy", "wait", NOW + HOUR, NOW + 2 * HOUR)
        tx.watches.went_on(quiet.id, "{}", None, NOW)

    assert found(store) == []


@pytest.mark.parametrize(
    ("statement", "kind", "said"),
    [
        ("DELETE FROM sighting WHERE post_id = 1", "loose", "1 posts were seen by no watch"),
        ("UPDATE watch SET asked_at = NULL", "ahead", "no answer was ever kept"),
        (
            "UPDATE coverage SET until = until + 7200000000",
            "ahead",
            "claims all until 04 Mar 14:00",
        ),
        ("UPDATE sighting SET seen_at = seen_at + 7200000000", "behind", "after the last answer"),
    ],
)
def test_rows_and_bookmarks_that_do_not_fit(
    store: Store, statement: str, kind: str, said: str
) -> None:
    """Each way of not fitting has its name and sentence."""
    heard(store)
    change(store, statement)

    assert kind in {fault.kind for fault in found(store)}
    assert said in " ".join(fault.what for fault in found(store))


@pytest.mark.sqlite("PostgreSQL lets no row point at nothing")
def test_rows_that_point_at_nothing(lite: Store) -> None:
    """A lost page of posts shows by what still names them."""
    heard(lite)
    with lite.engine.connect() as raw:
        raw.exec_driver_sql("ROLLBACK")
        raw.exec_driver_sql("PRAGMA foreign_keys=OFF")
        raw.exec_driver_sql("DELETE FROM post WHERE id = 1")
        raw.exec_driver_sql("PRAGMA foreign_keys=ON")

    gone = "1 rows of {} name a row of post that is gone"
    assert found(lite) == [Fault("loose", gone.format(table)) for table in ("words", "sighting")]


def test_a_watch_taken_away_is_nobodys_trouble(store: Store) -> None:
    """It is never asked again, so its bookmark means nothing."""
    heard(store)
    change(store, "UPDATE watch SET asked_at = NULL, removed_at = 1")

    assert found(store) == []


@pytest.mark.sqlite("damages SQLite's file")
def test_an_index_without_its_rows_is_damage(lite: Store, tmp_path: Path) -> None:
    """What the WAL-reset fault leaves behind: a quick look would miss it."""
    heard(lite)
    with lite.engine.connect() as raw:
        raw.exec_driver_sql("PRAGMA writable_schema=ON")
        raw.exec_driver_sql("UPDATE sqlite_master SET sql = replace(sql, 'scored_by IS NULL',"
                            " 'id > 1') WHERE name = 'post_unscored'")  # fmt: skip
        raw.exec_driver_sql("COMMIT")
    again = Store.open(f"sqlite:///{tmp_path / 'amends.db'}")
    with again.read() as tx:
        said = damage(tx.session.connection())
    again.close()

    assert said is not None and "post_unscored" in said
