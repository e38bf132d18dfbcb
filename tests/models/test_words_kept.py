"""Words go with their posts: edited, deleted, copied, made anew, kept together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from models.errors import StoreError
from models.store import Store, backup, dialect, words_index
from models.store.queue import Sought
from models.store.soundness import faults
from models.store.views import Wanted
from tests.factories import NOW, a_post, a_watch
from tests.models.older import take_back
from tests.models.wording import TEXTS, found, keep, sound

INDEX_OF_OLD = (
    "CREATE VIRTUAL TABLE words_index USING fts5 (words, content='words', content_rowid='post_id')",
    "CREATE TRIGGER words_gone AFTER DELETE ON words BEGIN SELECT 1; END",
    "CREATE TRIGGER words_changed AFTER UPDATE ON words BEGIN SELECT 1; END",
    "INSERT INTO words_index (words_index) VALUES ('rebuild')",
)
"""SQLite's, as it was before words knew their time."""


def test_who_edits_is_found_by_what_they_say_now(store: Store) -> None:
    """The newest version counts, whatever comes first, within one batch too."""
    watch = a_watch(store)
    old, new = (
        {"external_id": "1", "version": n, "author": name} for n, name in ((0, "cleo"), (1, "bo"))
    )
    batch = [a_post(text="the newest words", **new), a_post(text="the oldest words", **old)]
    with store.begin() as tx:
        tx.posts.add(watch, batch, NOW)
    assert (counted(store, "newest bo"), counted(store, "oldest"), counted(store, "cleo")) == (
        1,
        0,
        0,
    )

    later = new | {"version": 2}
    with store.begin() as tx:
        tx.posts.add(watch, [a_post(text="newer still https://x.example/path", **later)], NOW)
        tx.posts.add(watch, [a_post(text="the oldest words", **old)], NOW)
    assert [counted(store, one) for one in ("newest", "oldest", "still", "path")] == [0, 0, 1, 1]
    assert sound(store)


def counted(store: Store, search: str) -> int:
    """Return how many posts a search finds."""
    with store.read() as tx:
        return tx.views.count(1, Wanted(search=search))


def test_who_turns_out_to_be_older_is_found_where_they_belong(store: Store) -> None:
    """Words stand in the index where their post does in time, whatever it said of itself before."""
    watch = a_watch(store)
    batch = [a_post(text="of a time", external_id=str(n), posted_at=NOW) for n in range(3)]
    older = a_post(text="of a time", external_id="1", posted_at=NOW - timedelta(days=2), version=1)
    with store.begin() as tx:
        tx.posts.add(watch, batch, NOW)
        tx.posts.add(watch, [older], NOW)
        rows = tx.posts.unscored(10)
        tx.tags.put_scored(rows, [], by="classifier:t", at=NOW)

    since = Sought(search="time", since=NOW - timedelta(days=1), folded=False)
    with store.read() as tx:
        assert tx.queue.ids(1, since) == [1, 3]
        assert tx.queue.ids(1, Sought(search="time", folded=False)) == [2, 1, 3]
    assert sound(store)


def test_words_that_stand_elsewhere_in_time_than_their_post_are_told(store: Store) -> None:
    """By `amends doctor`: a search that begins with the first of them would overlook it."""
    keep(store, a_watch(store), "some words", "other words")
    with store.begin() as tx:
        moved = "UPDATE words SET by_time = by_time + 4294967296 WHERE post_id = 1"
        tx.session.connection().exec_driver_sql(moved)

    with store.read() as tx:
        assert "unfound" in {fault.kind for fault in faults(tx.session.connection())}


def test_words_kept_before_they_knew_their_time_are_found(database_url: str) -> None:
    """The migration tells them, and makes SQLite's index anew."""
    store = Store.open(database_url)
    keep(store, a_watch(store), "Café", "other")
    with store.begin() as tx:
        connection = tx.session.connection()
        if dialect.is_sqlite(connection):
            words_index.drop(connection)
        for statement in (
            "ALTER TABLE words DROP COLUMN by_time",
            *(INDEX_OF_OLD if dialect.is_sqlite(connection) else ()),
            "UPDATE alembic_version SET version_num = '0020'",
        ):
            connection.exec_driver_sql(statement)
    store.close()

    store = Store.open(database_url)
    assert (counted(store, "cafe"), counted(store, "other")) == (1, 1)
    assert sound(store)
    store.close()


@pytest.mark.sqlite("PostgreSQL's index can't differ")
def test_a_post_that_only_the_index_lacks_is_told(lite: Store) -> None:
    """By `amends doctor`: the words are there, and no search by them finds the post."""
    keep(lite, a_watch(lite), *(f"words {n}" for n in range(300)))
    assert sound(lite)
    with lite.begin() as tx:
        tx.session.connection().exec_driver_sql("""
            INSERT INTO words_index (words_index, rowid, words)
            SELECT 'delete', by_time, words FROM words WHERE post_id = 4
        """)

    with lite.read() as tx:
        told = [fault.what for fault in faults(tx.session.connection())]
    assert any(what.startswith("1 posts are not in the index of words") for what in told)


def test_a_transaction_that_fails_leaves_no_words(store: Store) -> None:
    """Posts, words and index are kept together, or nothing."""
    watch = a_watch(store)
    keep(store, watch, "kept before")
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.posts.add(watch, [a_post(text="never kept", external_id="1")], NOW)
        tx.posts.add(watch, [a_post(text="never kept either", external_id="1", version=1)], NOW)
        raise ZeroDivisionError

    assert (counted(store, "never"), counted(store, "before")) == (0, 1)
    assert sound(store)


def deleted(store: Store, post_id: int) -> None:
    """Delete a post and all that names it, but its words."""
    with store.begin() as tx:
        connection = tx.session.connection()
        for table in ("tag", "item", "sighting"):
            dialect.many(connection, f"DELETE FROM {table} WHERE post_id = ?", [(post_id,)])
        dialect.many(connection, "DELETE FROM post WHERE id = ?", [(post_id,)])
        tx.words.scrub()


def test_who_is_deleted_is_found_no_more(store: Store) -> None:
    """Words go with their post, and the index lets go of them."""
    gone, stays = keep(store, a_watch(store), "zanzibarian words", "other words")
    deleted(store, gone)

    assert found(store, "zanzibarian") == [] and found(store, "words") == [stays]
    assert sound(store)


@pytest.mark.sqlite("looks into SQLite's file")
def test_no_word_of_a_deleted_post_is_left_in_the_file(lite: Store, tmp_path: Path) -> None:
    """Neither in the rows nor in the index, once the file is written anew."""
    gone, _ = keep(lite, a_watch(lite), "zanzibarian words", "other words")
    assert b"zanzib" in written(lite, tmp_path)
    deleted(lite, gone)

    assert b"zanzib" not in written(lite, tmp_path)


def written(store: Store, folder: Path) -> bytes:
    """Return all that stands in a SQLite store's file, written anew."""
    store.close()
    with closing(sqlite3.connect(folder / "amends.db", isolation_level=None)) as raw:
        raw.execute("VACUUM")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "amends.db").read_bytes()


def test_posts_kept_before_there_were_words_are_found(
    database_url: str, older: Callable[[str], Store]
) -> None:
    """The migration folds them all."""
    store = older(database_url)

    assert (counted(store, "cafe"), counted(store, "cleo")) == (1, 1)
    assert sound(store)
    store.close()


@pytest.fixture
def older(tmp_path: Path) -> Callable[[str], Store]:
    """Return a function that opens a store which stood before the words with two posts in it."""

    def opened(url: str) -> Store:
        store = Store.open(url)
        keep(store, a_watch(store), "Café", "other")
        take_back(store, "0005", tmp_path)
        store.close()
        return Store.open(url)

    return opened


def test_what_the_index_lacks_is_told_and_made_anew(store: Store) -> None:
    """By `amends doctor` with its remedy."""
    watch = a_watch(store)
    keep(store, watch, "lost words", "other words")
    with store.begin() as tx:
        tx.session.connection().exec_driver_sql("DELETE FROM words WHERE post_id = 1")
    assert counted(store, "lost") == 0
    with store.read() as tx:
        assert "unfound" in {fault.kind for fault in faults(tx.session.connection())}

    with store.begin() as tx:
        tx.words.anew()

    assert counted(store, "lost") == 1
    assert sound(store)


@pytest.mark.sqlite("damages SQLite's file")
def test_a_copy_whose_index_says_something_else_is_refused(lite: Store, tmp_path: Path) -> None:
    """A backup's search would overlook posts and nobody would know."""
    keep(lite, a_watch(lite), "some words", "other words")
    with lite.begin() as tx:
        connection = tx.session.connection()
        connection.exec_driver_sql("DROP TRIGGER words_changed")
        connection.exec_driver_sql(
            "UPDATE words SET words = ' something else | ' WHERE post_id = 1"
        )
    facts, _ = backup.copy(lite, tmp_path / "copy.db", lambda done, all_: None)

    with pytest.raises(StoreError, match="index of words"):
        backup.look(tmp_path / "copy.db", facts.rows)


def test_a_copy_finds_what_the_original_finds(store: Store, tmp_path: Path) -> None:
    """From either database into a file."""
    keep(store, a_watch(store), *TEXTS)
    facts, _ = backup.copy(store, tmp_path / "copy.db", lambda done, all_: None)
    assert backup.look(tmp_path / "copy.db", facts.rows) == facts

    copied = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
    assert found(copied, "discs") == found(store, "discs") != []
    copied.close()
