"""The audit trail: whatever is done to it afterwards is found, and nothing else is."""

from __future__ import annotations

import random
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection

from models.audit import FIELDS
from models.errors import SetupError, StoreError
from models.home import Home
from models.seal import HEAD, KEY, Head, Seal
from models.store import Store, dialect
from models.store.trail import Proof, prove
from tests.battery import Record, tell, times
from tests.conftest import database
from tests.factories import NOW, a_watch
from tests.models import tampering
from tests.models.older import shaped

OLD = "INSERT INTO audit (id, \"by\", did, about, detail, at) VALUES (?, 'ana', 'tagged', ?, ?, 1000000)"


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """Return a store whose trail is sealed by a home, on each of the two databases."""
    store = Store.open(database_url, Seal(tmp_path))
    yield store
    store.close()


def noted(store: Store, many: int, by: str = "ana") -> None:
    """Let somebody do something, a few posts at a time."""
    done = 0
    while done < many:
        with store.begin() as tx:
            for number in range(done, min(done + 3, many)):
                tx.audit.note("tagged", f"post:{number}", by=by, now=NOW, incident_id=1,
                              detail={"label": "complaint"})  # fmt: skip
        done += 3


def proved(store: Store) -> Proof:
    """Return what looking through the trail shows."""
    with store.read() as tx:
        return prove(tx.session.connection(), store.seal)


def lied(connection: Connection, lie: tampering.Tampering, chance: random.Random) -> None:
    """Tell one lie in the trail."""
    trail = tampering.rows(connection)
    tampering.unlocked(connection)
    tampering.put(connection, lie.tell(trail, chance), mended=chance.random() < 0.7)


def test_security_two_hundred_lies_are_found(
    kept: Store, tmp_path: Path, record_property: Record
) -> None:
    """Edits, deletions, insertions, swaps, cuts and rows written anew, and none where nobody lied."""
    noted(kept, 40)
    many, found = times(200), 0
    for number in range(many):
        chance = random.Random(number)
        lie = tampering.TAMPERINGS[number % len(tampering.TAMPERINGS)]
        with kept.engine.connect() as connection, connection.begin() as told:
            lied(connection, lie, chance)
            proof = prove(connection, Seal(tmp_path))
            assert proof.broken is not None, (number, lie.kind)
            assert proof.broken.what and proof.broken.remedy
            found += 1
            told.rollback()
    tell(record_property, f"{many} random tamperings of the audit trail: {found} found")
    assert proved(kept).broken is None


@pytest.mark.parametrize("field", FIELDS)
def test_security_each_field_is_under_the_seal(kept: Store, field: str) -> None:
    """Whichever is changed, by however little."""
    noted(kept, 3)
    with kept.engine.begin() as connection:
        trail = tampering.rows(connection)
        tampering.unlocked(connection)
        was = trail[-1][field]
        trail[-1][field] = was[:-1] + " }" if field in ("detail", "changed") else was + type(was)(1)
        tampering.put(connection, trail, mended=True)

    assert proved(kept).broken is not None


def test_security_a_tail_cut_off_is_told_by_the_head_outside(kept: Store) -> None:
    """Rows cut off with the database's own head put right: only the home knows better."""
    noted(kept, 9)
    with kept.engine.begin() as connection:
        trail = tampering.rows(connection)
        tampering.unlocked(connection)
        tampering.put(connection, trail[:6], mended=True)

    broken = proved(kept).broken

    assert broken is not None and "this home knows of row 9" in broken.what


def test_security_all_cut_off_is_told(kept: Store) -> None:
    """An empty trail isn't a whole one where rows were known."""
    noted(kept, 3)
    with kept.engine.begin() as connection:
        tampering.unlocked(connection)
        connection.exec_driver_sql("DELETE FROM audit")
        connection.exec_driver_sql("DELETE FROM audit_head")

    assert proved(kept).broken is not None


def test_a_crash_between_commit_and_head_is_no_lie(kept: Store, tmp_path: Path) -> None:
    """The database may be ahead of the head by what came since; the next change catches up."""
    noted(kept, 3)
    before = (tmp_path / HEAD).read_bytes()
    noted(kept, 6)
    (tmp_path / HEAD).write_bytes(before)

    assert proved(kept).broken is None
    noted(kept, 1)
    known = Seal(tmp_path).known()
    assert known is not None and known.last == 10


def test_a_head_never_goes_back(tmp_path: Path) -> None:
    """Who is late writes down nothing; a restore, which begins an era, does."""
    seal = Seal(tmp_path)
    for head in (Head(0, 7, "a" * 64), Head(0, 6, "b" * 64)):
        seal.remember(head)
    assert seal.known() == Head(0, 7, "a" * 64)

    seal.remember(Head(1, 2, "c" * 64))
    assert seal.known() == Head(1, 2, "c" * 64)


def test_a_transaction_that_fails_leaves_no_row(kept: Store) -> None:
    """Neither in the database nor in the home."""
    noted(kept, 2)
    with pytest.raises(RuntimeError), kept.begin() as tx:
        tx.audit.note("tagged", "post:1", by="ana", now=NOW)
        raise RuntimeError

    proof = proved(kept)
    assert (proof.rows, proof.head, proof.broken) == (2, proof.known, None)


def test_many_writers_make_one_chain(kept: Store, database_url: str, tmp_path: Path) -> None:
    """Six at once, each with a connection and a seal of its own: no row lost, none out of line."""

    def work(person: int) -> None:
        store = Store.open(database_url, Seal(tmp_path))
        for _ in range(5):
            noted(store, 3, by=f"agent {person}")
        store.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))

    proof = proved(kept)
    assert (proof.rows, proof.broken, proof.known) == (90, None, proof.head)


def test_the_database_itself_refuses_to_change_the_trail(kept: Store) -> None:
    """Nobody changes or takes out a row by mistake."""
    noted(kept, 2)
    for statement in ("UPDATE audit SET did = 'x'", "DELETE FROM audit"):
        with pytest.raises(StoreError, match="only added to"), kept.begin() as tx:
            tx.session.connection().exec_driver_sql(statement)


def test_before_and_after_are_told_and_no_text(kept: Store) -> None:
    """Numbers and settled words as they are, whatever people wrote as a keyed hash."""
    watch = a_watch(kept)
    with kept.begin() as tx:
        row = tx.incidents.find("discs-late")
        row.status, row.title = "identified", "Cleo’s discs are late"
        tx.incidents.save(row)
        tx.audit.note("status", f"incident:{row.id}", by="bo", now=NOW, incident_id=row.id)
        tx.audit.note("added", f"watch:{watch.id}", by="bo", now=NOW, incident_id=row.id,
                      detail={"address": "https://blog.example/?token=abc", "new": True})  # fmt: skip

    with kept.read() as tx:
        first, second = tx.audit.newest(9, incident_id=1, since=None, by="bo")
    changed = first.changed[f"incident:{watch.incident_id}"]
    assert changed["status"] == ["investigating", "identified"]
    assert [value[0] for value in changed["title"]] == ["#", "#"]
    assert second.detail["address"].startswith("#") and second.detail["new"] is True
    assert "Cleo" not in str(first.changed) and "blog" not in str(second.detail)


def test_security_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    """Made with the first row, 0600; one that others can read is refused."""
    home = Home(tmp_path)
    assert len(home.seal.keys) == 1
    path = tmp_path / KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    path.chmod(0o644)
    with pytest.raises(SetupError, match="read by others"):
        _ = home.seal.keys


def test_rows_of_another_home_need_its_key(kept: Store, tmp_path: Path) -> None:
    """A home with a key of its own can't prove them, and says which key is missing; with it, it can."""
    noted(kept, 3)
    (tmp_path / "other").mkdir()
    other = Seal(tmp_path / "other")
    with kept.read() as tx:
        broken = prove(tx.session.connection(), other).broken
    assert broken is not None and "key that isn't here" in broken.what

    both = (tmp_path / "other" / KEY).read_text() + (tmp_path / KEY).read_text()
    (tmp_path / "other" / KEY).write_text(both)
    with kept.read() as tx:
        assert prove(tx.session.connection(), Seal(tmp_path / "other")).broken is None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_written_before_there_were_seals_is_sealed(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """An older trail becomes a chain, in its order, its gaps closed, and goes on."""
    url = database(kind, request, tmp_path)
    engine = shaped(tmp_path, "0011", url)
    with engine.begin() as connection:
        dialect.many(
            connection, OLD, [(n, f"post:{n}", '{"label": "praise"}') for n in (1, 2, 5, 9)]
        )
    engine.dispose()

    store = Store.open(url, Seal(tmp_path))
    before = proved(store)
    noted(store, 2)
    after = proved(store)
    with store.read() as tx:
        rows = tx.audit.newest(9, incident_id=None, since=None, by=None)
    store.close()

    assert (before.rows, before.broken, after.rows, after.broken) == (4, None, 6, None)
    assert [row.about for row in rows] == [
        "post:1",
        "post:2",
        "post:5",
        "post:9",
        "post:0",
        "post:1",
    ]
    assert rows[0].detail == {"label": "praise"} and after.known == after.head
