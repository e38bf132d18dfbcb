"""Posts are found by their words, alike on both databases, and by no words they no longer have."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models.errors import StoreError
from models.incident import Watch
from models.store import Store, backup, dialect
from models.store.queue import Sought
from models.store.soundness import faults
from models.store.views import Wanted
from models.store.walk import Limits
from models.store.ways import Search
from models.words import line, terms
from tests.battery import Record, tell, times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch

TEXTS = (
    "Still no discs here", "no DISCS, still!", "The stream is down again", "discs: none", "stream_down",
    "Café crème über naïve Łódź smørrebrød straße", "cafe creme uber naive lodz smorrebrod strasse",
    "CAFE\u0301 with the accent apart", "don’t", "don't stop", "東京で配信が止まった", "配信 東京", "ดูไม่ได้",
    "ИВАН ёлка", "иван елка", "😡😡 no", "a\u00adb soft", "https://x.example/discs?id=7 #RokuDown @cleo_k",
    "100 % sure_ly", "x" * 90, "x" * 64, "ﬁne ﬁlm", "Ａｂｃ", "हिन्दी में", "- * \" ' ( ) OR AND NOT NEAR",
    "or and not near", "İstanbul ISTANBUL ıstanbul", "100%", "|", "a | b", "ß ẞ ss", "5 -5 1e5 3.14 1,000",
)  # fmt: skip
AUTHORS = ("cleo", "dre_asks", None, "Ève", "discs fan")
ROUTES = (Limits(), Limits(items=1, hits=10_000), Limits(items=1, hits=1, step=2))


def keep(store: Store, watch: Watch, *texts: str, **said: Any) -> list[int]:
    """Keep and tag posts with these texts; return their ids."""
    batch = [
        a_post(text=text, **({"author": AUTHORS[n % 5]} | said)) for n, text in enumerate(texts)
    ]
    with store.begin() as tx:
        kept = tx.posts.add(watch, batch, NOW)
        rows = tx.posts.unscored(len(batch))
        tx.tags.put_scored(rows, [], by="classifier:t", at=NOW)
    return [kept.ids[post.source, post.external_id] for post in batch]


def found(store: Store, search: str, *, names: bool = True) -> list[int]:
    """Return the posts a search finds, which are the same in the queue by each route, lists and exports."""
    sought = Sought(search=search, names=names, folded=False)
    wanted = Wanted(search=search, names=names)
    with store.read() as tx:
        connection = tx.session.connection()
        ways = [sorted(Search(connection, 1, sought, limits).keys(None, 500)) for limits in ROUTES]
        ways += [[Search(connection, 1, sought, limits).count(500)] for limits in ROUTES]
        listed = sorted(one.id for one in tx.views.posts(1, wanted))
        exported = [one.id for one in tx.exports.posts(1, wanted)]
        count = tx.views.count(1, wanted)
    assert [*ways[:3], exported] == [listed] * 4
    assert [*ways[3:], [count]] == [[len(listed)]] * 4
    return listed


def sound(store: Store) -> bool:
    """Return whether index, words and posts agree."""
    with store.begin() as tx:
        connection = tx.session.connection()
        return not faults(connection)[1:] and not dialect.words_index_damaged(connection)


@pytest.mark.parametrize(
    ("search", "texts"),
    [
        ("discs", [0, 1, 3, 17]),
        ("DISCS no", [0, 1]),
        ('"no discs"', [0, 1]),
        ('"discs no"', []),
        ("disc*", [0, 1, 3, 17]),
        ('"still no di"*', [0]),
        ("no -still", [15]),
        ('no -"discs here"', [1, 15]),
        ("cafe", [5, 6, 7]),
        ("CAFÉ STRASSE lodz", [5, 6]),
        ("dont", []),
        ("don't", [8, 9]),
        ("東京", [10, 11]),
        ("京東", []),
        ("елка", [13, 14]),
        ("😡", [15]),
        ("ab", [16]),
        ("rokudown", [17]),
        ("sure_ly", [18]),
        ("fine film", [21]),
        ("abc", [22]),
        ("हिन्दी", [23]),
        ("“no discs”", [0, 1]),
        ("!!!", []),
        ("*", []),
        ('"', []),
        ("|", []),
        ("%", []),
    ],
)
def test_what_a_search_finds(store: Store, search: str, texts: list[int]) -> None:
    """Words together, phrases, beginnings, words left out; without case and accents."""
    ids = keep(store, a_watch(store), *TEXTS, author=None)

    assert found(store, search) == [ids[n] for n in texts]


def test_a_name_is_found_only_by_who_may_know_it(store: Store) -> None:
    """Each word in text or name, a phrase in one of the two."""
    watch = a_watch(store)
    (one,) = keep(store, watch, "still no discs", author="Cleo_K")
    (other,) = keep(store, watch, "cleo left", author="dre")

    assert found(store, "cleo") == [one, other]
    assert found(store, "cleo", names=False) == [other]
    assert found(store, "discs cleo") == [one]
    assert found(store, '"discs cleo"') == []
    assert found(store, "-cleo", names=False) == [one]
    assert found(store, "cle*", names=False) == [other]


@pytest.fixture(scope="module")
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Store]]:
    """Return the same posts on both databases."""
    folder = tmp_path_factory.mktemp("both")
    stores = [Store.open(database(kind, request, folder)) for kind in ("sqlite", "postgresql")]
    for one in stores:
        keep(one, a_watch(one), *TEXTS)
    yield stores[0], stores[1]
    for one in stores:
        one.close()


PIECES = some.one_of(
    some.sampled_from([word for text in TEXTS for word in text.split()] + [*filter(None, AUTHORS)]),
    some.text(max_size=8),
    some.sampled_from(['"', "*", "-", " ", "|", "%", "_", "\\", "'", ":*", "&", "!", "<->", "NEAR(", "\x00",
                       "\ud800", "^", "{words}", "words:", ")", "AND", "\u202e"]),
)  # fmt: skip
SEARCHES = some.lists(PIECES, max_size=6).flatmap(
    lambda parts: some.sampled_from(["", " "]).map(lambda between: between.join(parts))
)


def test_both_databases_find_the_same(both: tuple[Store, Store], record_property: Record) -> None:
    """Whatever is typed is words, never an error, and finds what a plain look at every line finds."""
    drawn: set[str] = set()
    lines = {n + 1: line(text, AUTHORS[n % 5]) for n, text in enumerate(TEXTS)}

    @settings(max_examples=times(3_000), deadline=None,
              suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(SEARCHES, some.booleans())
    def look(search: str, names: bool) -> None:
        drawn.add(search)
        said = {n: one if names else one.partition("|")[0] for n, one in lines.items()}
        plain = [n for n, one in said.items()
                 if all((term.piece in one) is not term.out for term in terms(search))]  # fmt: skip
        for store in both:
            assert found(store, search, names=names) == plain

    look()
    tell(record_property, f"{len(drawn):,} searches found the same on both databases: all")


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
def older() -> Callable[[str], Store]:
    """Return a function that opens a store which stood before the words with two posts in it."""

    def opened(url: str) -> Store:
        store = Store.open(url)
        keep(store, a_watch(store), "Café", "other")
        with store.begin() as tx:
            connection = tx.session.connection()
            dialect.drop_words_index(connection)
            for one in ("TABLE words", "INDEX tag_person", "INDEX tag_past", "INDEX post_aside"):
                connection.exec_driver_sql(f"DROP {one}")
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
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
