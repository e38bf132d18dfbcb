"""Pseudonyms: the same author has the same one, also of a new key, and without the keys nobody knows whose it is."""

from __future__ import annotations

import hashlib
import hmac
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.authors_key import AuthorsKey
from models.errors import SetupError
from models.marks import Marks, made_marks
from models.post import Post, identity
from models.pseudonym import SHAPE, Naming, Pseudonyms, Renaming, is_pseudonym
from models.store import Store
from models.store.erasure import Whose
from models.store.soundness import faults
from tests.factories import NOW, a_post, a_watch

OLD, NEW = b"o" * 32, b"n" * 32
TOOT = "https://social.example/users/cleo/statuses/11"


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    """Return marks of a key of their own."""
    return made_marks(tmp_path / "erasure.key")


@pytest.fixture
def key(tmp_path: Path) -> AuthorsKey:
    """Return the file of keys of a home whose setting asks for pseudonyms."""
    return AuthorsKey(tmp_path / "authors.key", wanted=True)


@pytest.fixture
def kept(database_url: str, marks: Marks, key: AuthorsKey) -> Iterator[Store]:
    """Return an empty store with those keys, on each of the two databases."""
    store = Store.open(database_url, None, lambda: marks, key)
    yield store
    store.close()


def add(store: Store, *posts: Post) -> int:
    """Keep posts; return how many are new."""
    watch = a_watch(store) if not rows(store, "watch") else None
    with store.begin() as tx:
        watch = watch or tx.watches.of(1)[0].as_watch()
        return tx.posts.add(watch, posts, NOW).new


def rows(store: Store, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    """Return what stands in a table."""
    with store.read() as tx:
        sql = f"SELECT {columns} FROM {table} ORDER BY 1"
        return [tuple(row) for row in tx.session.connection().exec_driver_sql(sql)]


def test_a_new_key_goes_over_what_the_old_one_made() -> None:
    """So links last; and the old key with what the new one made tells nothing."""
    old, both = Pseudonyms([OLD]), Pseudonyms([OLD, NEW])
    before = old.of("name", "x", "@Cleo")

    assert before == old.of("name", "x", "cleo")
    assert both.of("name", "x", "cleo") == both.onward(before, 1) == both.current(before)
    assert both.current(both.of("name", "x", "cleo")) == both.of("name", "x", "cleo")
    assert both.of("name", "x", "cleo") not in {before, Pseudonyms([NEW]).of("name", "x", "cleo")}
    assert (
        len(
            {
                old.of("name", "x", "dre"),
                old.of("name", "feed", "cleo"),
                old.of("number", "x", "cleo"),
                before,
            }
        )
        == 4
    )
    assert is_pseudonym(before)
    assert not is_pseudonym("voice-over")


def test_ids_and_addresses_tell_no_name() -> None:
    """What a post of X links to is still found; what would tell the name goes."""
    both = Pseudonyms([OLD, NEW])
    boost = f"{TOOT}/activity"
    made_up = identity("cleo", NOW, "no discs")

    assert both.ids("1234") == ["1234"]
    assert both.ids(TOOT)[-1] == "https://social.example/users/_/statuses/11"
    assert both.ids(boost)[-1] == "https://social.example/users/_/statuses/11/activity"
    assert [one[:5] for one in both.ids(made_up)[1:]] == ["key-a", "key-b"]
    assert both.ids(Pseudonyms([OLD]).ids(made_up)[-1])[-1] == both.ids(made_up)[-1]
    for url, left in (
        ("https://x.com/cleo/status/1", "https://x.com/i/status/1"),
        ("https://x.com/cleo/status/1?by=cleo", None),
        ("https://blog.example/by/Cleo%20Park/1", None),
        ("https://blog.example/cleopatra#comment-1", "https://blog.example/cleopatra#comment-1"),
    ):
        name = "Cleo Park" if "Park" in url else "cleo"
        assert both.over("x", Naming("1", url, name, None, None, None, None)).url == left


def test_texts_of_ours_get_pseudonyms_once() -> None:
    """Ordinary words stay, though somebody calls themselves so."""
    old, both = Pseudonyms([OLD]), Pseudonyms([OLD, NEW])
    renaming = Renaming(old, [("x", "cleo"), ("x", "late"), ("x", "dre_93"), ("blog", "Bo B.")])
    note = "@Cleo, and dre_93: the discs are late (https://x.com/cleo/status/1) voice-q000000000000"
    once = renaming.without(note)
    value = {"post_id": 1, "source": "blog", "author": "Bo B.", "url": "https://a.example/bo-b/1"}

    assert renaming.without_in([value]) == [
        {**value, "author": old.of("name", "blog", "Bo B."), "url": None}
    ]
    assert "are late (https://x.com/i/status/1)" in once
    assert SHAPE.findall(once)[:2] == [old.of("name", "x", "cleo"), old.of("name", "x", "dre_93")]
    assert renaming.without(once) == once
    assert SHAPE.findall(Renaming(both, []).without(once))[:1] == [both.of("name", "x", "cleo")]


def test_whoever_comes_in_has_a_pseudonym_and_is_found_by_name(kept: Store, marks: Marks) -> None:
    """Read again it is the same post; erased it doesn't come back, also under a newer key."""
    sha = identity("Cleo", NOW, "no discs")
    posts = [
        a_post(external_id="1", author="cleo", author_id="7"), a_post(external_id=sha, author="@Cleo"),
        a_post(external_id=TOOT, author="cleo", url="https://social.example/@cleo/11"),
        a_post(external_id="2", author="dre"),
    ]  # fmt: skip
    assert add(kept, *posts) == 4
    assert add(kept, *posts) == 0

    assert "cleo" not in repr(rows(kept, "post")).lower() + repr(rows(kept, "words")).lower()
    with kept.begin() as tx:
        tx.authors.rotate(NOW)
    assert add(kept, *posts) == 0, "also before those kept are renamed"
    for whose in (("x", "CLEO"), ("x", "7")):
        with kept.read() as tx:
            found, _ = tx.erasure.ids(Whose(author=whose))
        assert len(found) == (3 if whose[1] == "CLEO" else 1)
    with kept.begin() as tx:
        ids, _ = tx.erasure.ids(Whose(author=("x", "@cleo")))
        tx.erasure.take_away(tx.erasure.read(ids), marks, "asked", NOW)
        tx.authors.rotate(NOW)
    assert add(kept, *posts) == 0
    with kept.read() as tx:
        assert {one.kind for one in faults(tx.session.connection())} <= {"behind"}


def test_settled_is_what_has_no_older_post_left(kept: Store) -> None:
    """Whoever asks too early is told."""
    add(kept, a_post())
    with kept.begin() as tx:
        assert tx.authors.settled()
        newer = tx.authors.rotate(NOW)
        assert not tx.authors.settle(newer)
        assert not tx.authors.settled()
        tx.authors.rename(0, newer)
        assert tx.authors.settle(newer)
        assert tx.authors.settled()


def test_without_its_key_nothing_comes_in(kept: Store, key: AuthorsKey, tmp_path: Path) -> None:
    """Nor is anybody looked for: none would be found. No other key takes its place unasked."""
    add(kept, a_post())
    assert stat.S_IMODE((tmp_path / "authors.key").stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    other = AuthorsKey(tmp_path / "other" / "authors.key", wanted=True)
    other.made()

    for lost in (AuthorsKey(tmp_path / "none.key", wanted=True), other, AuthorsKey()):
        kept.authors = lost
        with pytest.raises(SetupError, match="key of those is missing"):
            add(kept, a_post())
        with pytest.raises(SetupError, match="is missing"), kept.read() as tx:
            tx.erasure.ids(Whose(author=("x", "cleo")))
    assert not (tmp_path / "none.key").exists()

    (tmp_path / "authors.key").chmod(0o644)
    with pytest.raises(SetupError, match="can be read by others"):
        key.keys()


def test_a_setting_taken_away_brings_no_name_back(kept: Store, tmp_path: Path) -> None:
    """What was begun goes on: nobody stands under two names."""
    add(kept, a_post(author="cleo"))
    kept.authors = AuthorsKey(tmp_path / "authors.key")
    add(kept, a_post(author="cleo"))

    assert len({author for (author,) in rows(kept, "post", "author")}) == 1
    assert SHAPE.fullmatch(str(rows(kept, "post", "author")[0][0]))


def guesses(handle: str) -> Iterator[str]:
    """Yield how the hashes begin that somebody without the key would look for."""
    for said in (
        handle,
        f"@{handle}",
        f"x{handle}",
        f"name\x1fx\x1f{handle}",
        f"number\x1fx\x1fid-{handle}",
    ):
        one = said.encode()
        for made in (hashlib.sha256(one), hashlib.blake2b(one), hmac.new(b"", one, "sha256")):
            yield made.hexdigest()[:12]


def test_a_dictionary_of_handles_matches_nothing(kept: Store) -> None:
    """Neither as they are, nor hashed without a key; nor by ids that were made of who wrote when and what."""
    handles = [f"{('gnu', 'yak', 'emu')[n % 3]}{n * 7919 % 99991:05d}q" for n in range(2_000)]
    posts = [
        a_post(source=("x", "blog")[n % 2], author=handle, author_id=f"id-{handle}", text=f"no discs, {n}",
               url=f"https://x.com/{handle}/status/{n}" if n % 3 else f"https://s.example/@{handle}/{n}",
               external_id=(f"{n}", identity(handle, NOW, f"no discs, {n}"),
                            f"https://s.example/users/{handle}/statuses/{n}")[n % 3])
        for n, handle in enumerate(handles)
    ]  # fmt: skip
    add(kept, *posts)

    with kept.read() as tx:
        connection = tx.session.connection()
        tables = ("post", "words", "generation", "sighting", "mention", "original")
        dump = repr(
            [connection.exec_driver_sql(f"SELECT * FROM {one}").all() for one in tables]
        ).lower()
    assert len(dump) > 100_000
    hashes = {
        run[at : at + 12]
        for run in set(re.findall("[0-9a-f]{12,}", dump))
        for at in range(len(run) - 11)
    }
    assert len(hashes) > len(handles)
    assert [handle for handle in handles if handle in dump or hashes & {*guesses(handle)}] == []
    made_up = [post.external_id for post in posts if post.external_id.startswith("sha-")]
    assert made_up
    assert [one for one in made_up if one.removeprefix("sha-") in dump] == []
