"""A copy of the database is one moment of it, and put back it is the same again."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.errors import SetupError, StoreError
from models.store import Store
from models.store.backup import Facts, copy, look
from models.store.restore import bring_up_to_date, put_file, put_rows, set_aside
from models.store.schema import NEWEST, metadata
from models.tag import Tag
from tests.battery import times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch
from tests.models.older import take_back
from tests.writing import writing

COPIES = times(20)


def silent(done: int, total: int) -> None:
    """Hear how far it is, and say nothing."""


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, as text where the two databases differ."""
    with store.read() as tx:
        connection = tx.session.connection()
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
        }


def filled(store: Store) -> None:
    """Keep posts, tags by both kinds, a bookmark and odd values."""
    watch = a_watch(store, settings={"a": "ä, “b”"}, terms=["x", "7"])
    posts = [a_post(external_id=f"f{n}", text=f"still no discs {n}", official=n == 3, likes=2**40)
             for n in range(9)]  # fmt: skip
    with store.begin() as tx:
        ids = sorted(tx.posts.add(watch, posts, NOW).ids.values())
        tx.tags.put([Tag(post_id=ids[0], label="complaint", by="ana", put=False)], NOW)
        tx.audit.note("looked", "post", by="bo", now=NOW, detail={"n": [1, None, 0.1]})
        tx.watches.went_on(watch.id, None, "bookmark", NOW)


def last_ids(store: Store, target: Store) -> tuple[int, int]:
    """Return the id of the next new post on both sides."""
    found = []
    for one in (store, target):
        with one.begin() as tx:
            watch = tx.watches.of(1)[0].as_watch()
            found += tx.posts.add(watch, [a_post(external_id="next")], NOW).ids.values()
    return found[0], found[1]


def test_copies_while_another_process_writes(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """Each is sound, and its bookmark says exactly as many posts as it has."""
    a_watch(store)
    marks = []
    with writing(database_url):
        for number in range(COPIES):
            place = tmp_path / f"{number}.db"
            facts, _ = copy(store, place, silent)
            assert look(place, facts.rows) == facts
            with closing(Store.open(f"sqlite:///{place}")) as copied, copied.read() as tx:
                mark = int(tx.watches.of(1)[0].bookmark or 0)
            assert mark == facts.rows["post"] == facts.rows["sighting"]
            marks.append(mark)
    assert marks == sorted(marks)
    assert marks[-1] > marks[0], "it went on writing"


def test_the_writer_never_waits_for_a_copy(lite: Store, tmp_path: Path) -> None:
    """A batch can be kept in the middle of a copy, and isn't in it."""
    watch = a_watch(lite)
    with lite.begin() as tx:
        tx.posts.add(watch, [a_post(text="a long text " * 400) for _ in range(2_000)], NOW)
    waited = []

    def write(done: int, total: int) -> None:
        begun = time.monotonic()
        with lite.begin() as tx:
            tx.posts.add(watch, [a_post()], NOW)
        waited.append(time.monotonic() - begun)

    facts, _ = copy(lite, tmp_path / "copy.db", write)

    assert look(tmp_path / "copy.db", facts.rows) == facts
    assert facts.rows["post"] == 2_000
    assert len(waited) > 1 and max(waited) < 5


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_rows_stay_exactly_as_they_were(
    store: Store, target: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """From either database into either, to the last value; ids go on where they were."""
    filled(store)
    gone = a_post(external_id="gone")
    with store.begin() as tx:
        watch = tx.watches.of(1)[0].as_watch()
        post_id = tx.posts.add(watch, [gone], NOW).ids[gone.source, "gone"]
    with store.begin() as tx:
        # As an erasure would; its id must never come back as another post's.
        for table in ("sighting", "post"):
            column = metadata.tables[table].c["post_id" if table == "sighting" else "id"]
            tx.session.execute(metadata.tables[table].delete().where(column == post_id))
    copied = tmp_path / "copy.db"
    copy(store, copied, silent)
    (tmp_path / "new").mkdir()
    url = database(target, request, tmp_path / "new")
    if target == "sqlite":
        put_file(copied, tmp_path / "new" / "amends.db", tmp_path / "aside", replace=False)
    else:
        assert not put_rows(copied, url, "aside", silent)

    with closing(Store.open(url)) as restored:
        assert everything(restored) == everything(store)
        assert last_ids(store, restored) == (post_id + 1, post_id + 1)


def test_old_rows_of_postgresql_lie_in_a_schema_of_their_own(
    request: pytest.FixtureRequest, lite: Store, tmp_path: Path
) -> None:
    """Nothing of them is lost, and nothing of them is in the way."""
    url = database("postgresql", request, tmp_path)
    with closing(Store.open(url)) as old:
        filled(old)
        was = everything(old)["post"]
    a_watch(lite)
    copy(lite, tmp_path / "copy.db", silent)

    assert put_rows(tmp_path / "copy.db", url, "before", silent)

    with closing(Store.open(url)) as now, now.read() as tx:
        assert set_aside(now, "bef") == ["before"]
        assert everything(now) == everything(lite)
        aside = tx.session.connection().exec_driver_sql("SELECT COUNT(*) FROM before.post")
        assert aside.scalar() == len(was)


def test_rows_that_do_not_fit_change_nothing(
    request: pytest.FixtureRequest, lite: Store, tmp_path: Path
) -> None:
    """A copy that PostgreSQL refuses leaves the old rows where they are."""
    filled(lite)
    copied = tmp_path / "copy.db"
    copy(lite, copied, silent)
    with closing(sqlite3.connect(copied)) as raw, raw:
        raw.execute("UPDATE sighting SET post_id = 999 WHERE post_id = 1")
    url = database("postgresql", request, tmp_path)
    with closing(Store.open(url)) as old:
        a_watch(old)
        before = everything(old)

        with pytest.raises(StoreError, match="sighting"):
            put_rows(copied, url, "before", silent)

        assert everything(old) == before


def test_whoever_still_runs_is_fenced_out(
    request: pytest.FixtureRequest, store: Store, tmp_path: Path
) -> None:
    """A lease taken before the rows were put back is good no more, nor once another has it."""
    url = database("postgresql", request, tmp_path)
    copy(store, tmp_path / "copy.db", silent)
    with closing(Store.open(url)) as target:
        with target.begin() as tx:
            old = tx.leases.take("run:1", "ana", NOW)

        put_rows(tmp_path / "copy.db", url, "before", silent)

        with target.begin() as tx:
            assert tx.leases.take("run:1", "bo", NOW).token != old.token


def test_a_damaged_copy_is_no_copy(lite: Store, tmp_path: Path) -> None:
    """An index that misses rows is found, not only a torn page."""
    filled(lite)
    facts, _ = copy(lite, tmp_path / "copy.db", silent)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as raw, raw:
        raw.execute("PRAGMA writable_schema=ON")
        raw.execute("UPDATE sqlite_master SET sql = replace(sql, 'scored_by IS NULL', 'id > 5')"
                    " WHERE name = 'post_unscored'")  # fmt: skip

    with pytest.raises(StoreError, match="damaged"):
        look(tmp_path / "copy.db", facts.rows)


@pytest.mark.sqlite("puts SQLite's file into place")
def test_a_database_that_is_open_elsewhere_stays(lite: Store, tmp_path: Path) -> None:
    """Even a program that only waits for its next round is in the way."""
    filled(lite)
    copy(lite, tmp_path / "copy.db", silent)

    with pytest.raises(SetupError, match="open"):
        put_file(tmp_path / "copy.db", tmp_path / "amends.db", tmp_path / "aside", replace=True)

    assert len(everything(lite)["post"]) == 9


def test_a_log_left_behind_never_meets_the_new_database(lite: Store, tmp_path: Path) -> None:
    """What SQLite had beside a file that is gone is moved aside with it."""
    filled(lite)
    copy(lite, tmp_path / "copy.db", silent)
    (tmp_path / "new").mkdir()
    with closing(sqlite3.connect(tmp_path / "new" / "amends.db")) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("CREATE TABLE other (a)")
        log = (tmp_path / "new" / "amends.db-wal").read_bytes()
    (tmp_path / "new" / "amends.db").unlink()
    (tmp_path / "new" / "amends.db-wal").write_bytes(log)

    put_file(
        tmp_path / "copy.db", tmp_path / "new" / "amends.db", tmp_path / "aside", replace=False
    )

    assert (tmp_path / "aside" / "amends.db-wal").read_bytes() == log
    with closing(Store.open(f"sqlite:///{tmp_path / 'new' / 'amends.db'}")) as restored:
        assert everything(restored) == everything(lite)


def test_a_copy_from_an_older_amends_gets_the_newest_shape(lite: Store, tmp_path: Path) -> None:
    """And stays one file; one from a newer Amends is refused."""
    filled(lite)
    facts, _ = copy(lite, tmp_path / "copy.db", silent)
    copied = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
    gone = take_back(copied, "0002", tmp_path)
    copied.close()
    rows = {name: count for name, count in facts.rows.items() if name not in gone}
    old = Facts(shape="0002", rows=rows, bookmarks=facts.bookmarks)
    assert look(tmp_path / "copy.db", facts.rows) == old

    bring_up_to_date(tmp_path / "copy.db", old)

    assert look(tmp_path / "copy.db", facts.rows).shape == NEWEST
    assert not list(tmp_path.glob("copy.db-*"))
    with closing(sqlite3.connect(tmp_path / "copy.db")) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Amends"):
        bring_up_to_date(tmp_path / "copy.db", Facts(shape="9999", rows={}, bookmarks=""))
