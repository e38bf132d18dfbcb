"""Tombstones: what was erased doesn't come in again; how long posts are kept, and what is held."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.errors import SetupError
from models.marks import Marks, made_marks, marks_at
from models.store import Store
from models.store.erasure import Whose
from models.store.soundness import faults
from models.tag import Tag
from tests.factories import NOW, a_post, a_watch

DAY = timedelta(days=1)


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    """Return marks of a key of their own."""
    return made_marks(tmp_path / "erasure.key")


@pytest.fixture
def kept(database_url: str, marks: Marks) -> Iterator[Store]:
    """Return an empty store that knows the key, on each of the two databases."""
    store = Store.open(database_url, None, lambda: marks)
    yield store
    store.close()


def take(store: Store, marks: Marks, whose: Whose) -> int:
    """Take posts away; return how many."""
    with store.begin() as tx:
        ids, _ = tx.erasure.ids(whose)
        doomed = tx.erasure.read(ids)
        tx.erasure.take_away(doomed, marks, "asked", NOW)
    return len(doomed)


def test_a_tombstone_keeps_a_post_out_of_a_batch(kept: Store, marks: Marks) -> None:
    """The others of the batch come in; an erased author's new posts do too."""
    watch = a_watch(kept)
    old = [a_post(external_id=f"{n}", author="cleo" if n < 3 else "dre") for n in range(6)]
    with kept.begin() as tx:
        tx.posts.add(watch, old, NOW)
    assert take(kept, marks, Whose(author=("x", "Cleo"))) == 3

    with kept.begin() as tx:
        again = tx.posts.add(watch, [*old, a_post(external_id="new", author="cleo")], NOW)

    assert again.new == 1
    assert sorted(key for _, key in again.ids) == ["3", "4", "5", "new"]
    with kept.read() as tx:
        connection = tx.session.connection()
        assert {fault.kind for fault in faults(connection)} <= {"behind"}


def test_without_the_key_nothing_comes_in(kept: Store, marks: Marks, tmp_path: Path) -> None:
    """Neither with none nor with another one: what was erased could be among it."""
    watch = a_watch(kept)
    with kept.begin() as tx:
        tx.posts.add(watch, [a_post(external_id="1")], NOW)
    take(kept, marks, Whose(post=1))

    (tmp_path / "other").mkdir()
    for other in (None, made_marks(tmp_path / "other" / "erasure.key")):
        kept.marks = lambda given=other: given
        with pytest.raises(SetupError, match="posts were erased here"), kept.begin() as tx:
            tx.posts.add(watch, [a_post(external_id="2")], NOW)


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    """And it is made once, whoever asks."""
    path = tmp_path / "erasure.key"
    first = made_marks(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made_marks(path).of("x", "1") == first.of("x", "1")
    assert Marks(os.urandom(32)).of("x", "1") != first.of("x", "1")
    path.chmod(0o644)
    with pytest.raises(SetupError):
        marks_at(path)


def test_a_correction_stays_with_those_who_say_the_same(kept: Store, marks: Marks) -> None:
    """What Ana said of Cleo's words is said of Dre's, who used the same ones, and is learnt from."""
    watch = a_watch(kept)
    same = [a_post(external_id=f"{n}", author=who, text="where is my disc, Reelpost?")
            for n, who in enumerate(("cleo", "dre", "eve"))]  # fmt: skip
    with kept.begin() as tx:
        tx.posts.add(watch, same, NOW)
        tx.tags.put([Tag(post_id=1, label="complaint", by="ana")], NOW)
    take(kept, marks, Whose(author=("x", "cleo")))

    with kept.read() as tx:
        assert [(one.post_id, one.label, one.by) for one in tx.tags.said()] == [
            (2, "complaint", "ana")
        ]


def test_posts_go_when_they_were_kept_long_enough(kept: Store) -> None:
    """Each by its source's days or its incident's, the oldest first; what is held stays."""
    watch = a_watch(kept)
    with kept.begin() as tx:
        for age in (1, 50, 400):
            tx.posts.add(watch, [a_post(external_id=f"{age}")], NOW - age * DAY)
        tx.posts.add(watch, [a_post(external_id="f", source="feed")], NOW - 400 * DAY)

    def due(of: str, days: int | None, *, held: bool | None = None) -> list[int]:
        with kept.begin() as tx:
            tx.holds.keep(of, days, "bo", NOW)
            if held is not None:
                tx.holds.hold(of, "bo", NOW, held=held)
            return tx.holds.due(NOW, 100)

    assert due("source:x", 90) == [3]
    assert due("source:x", 30) == [3, 2]
    assert due("source:x", 30, held=True) == []
    assert due("source:x", None, held=False) == []
    assert due("incident:1", 300) == [3, 4]
    assert due("incident:1", 300, held=True) == []
    with kept.read() as tx:
        assert tx.erasure.ids(Whose(source="x")) == ([], 3)
