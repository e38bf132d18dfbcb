"""A home moved into another database is there to the last value, or nobody may use it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from models.errors import SetupError, StoreError
from models.person import KnockRow, SessionRow
from models.store import Store
from models.store.dialect import BATCH, engine_for
from models.store.held import held
from models.store.mark import address, name_of
from models.store.move import move
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch
from tests.models.test_backup import everything, filled, last_ids

KINDS = ("sqlite", "postgresql")
MANY = 2 * BATCH + 7


class CutShort(Exception):
    """Somebody pulled the plug."""


def silent(doing: str, done: int, total: int) -> None:
    """Hear how far it is, and say nothing."""


def when(doing: str, act: Callable[[], None], done: int = 0) -> Callable[[str, int, int], None]:
    """Return what hears how far a move is, and acts once, as soon as so much is done."""
    acted = []

    def tell(said: str, count: int, total: int) -> None:
        if said == doing and count >= done and not acted:
            acted.append(said)
            act()

    return tell


def pull() -> None:
    """Pull the plug."""
    raise CutShort


def run(url: str, *statements: str) -> None:
    """Change a database behind everybody's back."""
    engine = engine_for(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database with nothing in it, of each of the two kinds."""
    (tmp_path / "new").mkdir()
    return database(request.param, request, tmp_path / "new")


def full(store: Store) -> None:
    """Keep more rows than are moved in one go, odd letters, and who is logged in under keys of both cases."""
    filled(store)
    with store.begin() as tx:
        watch = tx.watches.of(1)[0].as_watch()
        tx.posts.add(watch, [a_post(text=f"“ø” \\N\t{n}\n😡") for n in range(20)], NOW)
        ana = tx.people.add("ana", "admin", NOW)
        for digest in ("b", "A", "a", "B", "_", "ä"):
            tx.session.add(SessionRow(digest=digest, person_id=ana.id, created_at=NOW, seen_at=NOW))
        knocks = [{"name": f"eve{n}", "place": "::1", "at": NOW} for n in range(MANY)]
        tx.session.execute(insert(KnockRow), knocks)


def test_every_value_and_every_number_goes_over(store: Store, target: str) -> None:
    """From either database into either; search finds the same, and ids go on where they were."""
    full(store)
    with store.begin() as tx:
        tx.session.execute(text("DELETE FROM sighting WHERE post_id = (SELECT MAX(id) FROM post)"))
        tx.session.execute(text("DELETE FROM mention WHERE post_id = (SELECT MAX(id) FROM post)"))
        tx.session.execute(text("DELETE FROM post WHERE id = (SELECT MAX(id) FROM post)"))

    moved = move(store, target, NOW, silent)

    assert (moved.rows["post"], moved.rows["knock"]) == (28, MANY)
    with closing(Store.open(target)) as there:
        assert everything(there) == everything(store)
        assert held(there, digested=True).digests == moved.digests
        assert held(store, digested=True).digests == moved.digests
        mine, theirs = last_ids(store, there)
        assert mine == theirs


def test_a_part_of_a_home_is_nobodys(lite: Store, target: str) -> None:
    """What a move that was cut short has brought can't be taken for the home."""
    full(lite)

    with pytest.raises(CutShort):
        move(lite, target, NOW, when("moving", pull, BATCH + 1))

    with pytest.raises(StoreError, match="only a part of a home"):
        Store.open(target)


@pytest.mark.parametrize("done", [BATCH + 1, MANY + 30])
def test_a_move_goes_on_where_it_was_cut_short(store: Store, target: str, done: int) -> None:
    """Nothing that arrived is sent again, and the end is the same."""
    full(store)
    with pytest.raises(CutShort):
        move(store, target, NOW, when("moving", pull, done))

    moved = move(store, target, NOW + timedelta(hours=1), silent)

    assert (moved.found >= done) and not moved.anew
    with closing(Store.open(target)) as there:
        assert everything(there) == everything(store)


@pytest.mark.parametrize("doing", ["making the indexes", "comparing"])
def test_cut_short_after_the_last_row_it_goes_on_too(lite: Store, target: str, doing: str) -> None:
    """The index of words and the numbering are made again."""
    full(lite)
    with pytest.raises(CutShort):
        move(lite, target, NOW, when(doing, pull))

    moved = move(lite, target, NOW, silent)

    assert moved.found == sum(moved.rows.values())
    with closing(Store.open(target)) as there:
        assert everything(there) == everything(lite)


def test_a_home_that_has_changed_since_begins_anew(lite: Store, target: str) -> None:
    """Old rows are never mixed with new ones."""
    full(lite)
    with pytest.raises(CutShort):
        move(lite, target, NOW, when("making the indexes", pull))
    with lite.begin() as tx:
        tx.session.execute(text("UPDATE post SET likes = 7 WHERE id = 3"))

    moved = move(lite, target, NOW, silent)

    assert moved.anew
    with closing(Store.open(target)) as there:
        assert everything(there) == everything(lite)
        mine, theirs = last_ids(lite, there)
        assert mine == theirs


DAMAGE = {
    "a letter": ("UPDATE post SET text = 'Day 4' WHERE id = 4", "post 4 differs in text"),
    "the last letter": (
        "UPDATE post SET author = 'Cleo' WHERE id = (SELECT MAX(id) FROM post)",
        "differs in author",
    ),
    "a truth": ("UPDATE post SET official = false WHERE id = 4", "post 4 differs in official"),
    "a nothing": ("UPDATE post SET url = '' WHERE id = 4", "post 4 differs in url"),
    "a float": ("UPDATE tag SET score = 0.9999999999999999 WHERE id = 1", "tag 1 differs in score"),
    "a microsecond": ("UPDATE post SET as_of = as_of + 1 WHERE id = 4", "post 4 differs in as_of"),
    "a space in JSON": (
        "UPDATE watch SET settings = '{\"n\": [1, null,0.1]}' WHERE id = 1",
        "watch 1 differs in settings",
    ),
    "a row less": ("DELETE FROM tag WHERE id = 1", "tag 1 is missing"),
    "a row more": (
        "INSERT INTO spent (watch_id, day, requests, reads) VALUES (1, 'x', 1, 1)",
        "spent 1 x is there alone",
    ),
}


def test_what_arrived_otherwise_is_found(lite: Store, target: str) -> None:
    """Whatever is not the same is named, and nobody may use the database; the next move mends it."""
    filled(lite)
    for what, (statement, said) in DAMAGE.items():
        harm = when("comparing", partial(run, target, statement))

        with pytest.raises(StoreError, match="what arrived") as caught:
            move(lite, target, NOW, harm)

        assert said in caught.value.message, what
        with pytest.raises(StoreError, match="only a part"):
            Store.open(target)
    assert move(lite, target, NOW, silent).anew
    with closing(Store.open(target)) as there:
        assert everything(there) == everything(lite)


def test_numbers_that_would_come_twice_are_found(lite: Store, target: str) -> None:
    """A sequence that begins too low gives a new post the number of an old one."""
    full(lite)
    lower = (
        "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'post'"
        if target.startswith("sqlite")
        else "SELECT setval(pg_get_serial_sequence('tag', 'id'), 40)"
    )

    with pytest.raises(StoreError, match="would number"):
        move(lite, target, NOW, when("comparing", lambda: run(target, lower)))


def test_a_search_that_overlooks_a_post_is_found(lite: Store, tmp_path: Path) -> None:
    """SQLite's index of words is a thing of its own, made last."""
    full(lite)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    without = """
        INSERT INTO words_index (words_index, rowid, words)
        SELECT 'delete', by_time, words FROM words WHERE post_id = 4
    """

    with pytest.raises(StoreError, match="index of words"):
        move(lite, url, NOW, when("comparing", lambda: run(url, without)))


def test_a_database_that_is_taken_stays(lite: Store, target: str) -> None:
    """Somebody's posts are never written over, nor a home moved into itself."""
    filled(lite)
    with closing(Store.open(target)) as there:
        a_watch(there)
        was = everything(there)

    with pytest.raises(SetupError, match="there is a home"):
        move(lite, target, NOW, silent)

    with closing(Store.open(target)) as there:
        assert everything(there) == was
    with pytest.raises(SetupError, match="already"):
        move(lite, lite.engine.url.render_as_string(hide_password=False), NOW, silent)


def test_another_homes_move_is_not_gone_on_with(store: Store, lite: Store, target: str) -> None:
    """A part of one home and a part of another make no home."""
    filled(store)
    with pytest.raises(CutShort):
        move(store, target, NOW, when("moving", pull))
    with closing(
        Store.open(f"sqlite:///{Path(lite.engine.url.database or '').parent / 'b.db'}")
    ) as b:
        filled(b)

        with pytest.raises(SetupError, match="another home"):
            move(b, target, NOW, silent)


def test_not_while_somebody_collects(store: Store, target: str) -> None:
    """What comes in meanwhile would be left behind."""
    with store.begin() as tx:
        tx.leases.take("run:1", "ana on desk 7", NOW)

    with pytest.raises(SetupError, match="ana on desk 7 is at work"):
        move(store, target, NOW + timedelta(minutes=1), silent)

    assert move(store, target, NOW + timedelta(minutes=3), silent).rows["lease"] == 1


def test_nobody_writes_meanwhile(store: Store, target: str) -> None:
    """Whoever tries is told so; readers read on."""
    filled(store)
    could = []

    def look() -> None:
        could.append(store.can_write(50))
        with store.read() as tx:
            could.append(len(tx.watches.of(1)) == 1)

    move(store, target, NOW, when("moving", look))

    assert could == [False, True]


@pytest.mark.sqlite("PostgreSQL keeps no NUL")
def test_a_letter_postgresql_cannot_keep_is_named(
    lite: Store, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The person learns which row it is."""
    filled(lite)
    run(str(lite.engine.url), "UPDATE post SET author = 'a' || char(0) WHERE id = 5")

    with pytest.raises(StoreError, match="post 5 holds a NUL"):
        move(lite, database("postgresql", request, tmp_path), NOW, silent)


def test_passwords_stay_off_the_command_line() -> None:
    """Neither taken from there nor shown."""
    for typed in ("postgresql://ana:secret@db/amends", "postgresql:///amends?password=secret"):
        with pytest.raises(SetupError, match="password"):
            address(typed)
        assert "secret" not in name_of(typed)
    assert address("/safe/new.db") == "sqlite:////safe/new.db"
    assert address("postgresql://ana@db/amends") == "postgresql://ana@db/amends"
