"""Whoever was kept under a name gets a pseudonym; a key is changed and nobody is two; a kill in between loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from amends.archive import read_manifest
from amends.renaming import rename
from models.authors_key import AuthorsKey
from models.home import Home
from models.store import Store
from models.store.authors import BATCH
from models.tag import CLASSIFIER, Tag
from tests.amends.canaries import furnish, rows_that_sing
from tests.amends.conftest import Amends
from tests.factories import NOW, a_post, a_watch
from tests.grounds import url_of

MANY = BATCH + 300


class Killed(BaseException):
    """Nobody catches it."""


@pytest.fixture
def kept(database_url: str, tmp_path: Path) -> Iterator[Store]:
    """Return a store full of authors under their names, on each of the two databases."""
    store = Store.open(database_url, authors=AuthorsKey(tmp_path / "authors.key"))
    watch = a_watch(store)
    posts = [
        a_post(external_id=f"{n}", author=f"gnu{n % 90:02d}q", text=f"credit {n} please", url=f"https://x.com/gnu{n % 90:02d}q/status/{n}")
        for n in range(MANY)
    ]  # fmt: skip
    with store.begin() as tx:
        ids = tx.posts.add(watch, posts, NOW).ids
        tx.tags.put(
            [Tag(post_id=one, label="complaint", by=f"{CLASSIFIER}a") for one in ids.values()], NOW
        )
        said = [("like @gnu01q and gnu02q", 1)]
        tx.session.connection().exec_driver_sql(
            f"INSERT INTO reply (title, text, by, at) VALUES ('{said[0][0]}', 'x', 'ana', 0)"
        )
    yield store
    store.close()


def links(store: Store) -> tuple[list[list[int]], set[str]]:
    """Return which posts are of the same author, and what the authors are called."""
    groups: dict[str, list[int]] = {}
    with store.read() as tx:
        sql = "SELECT id, author FROM post ORDER BY id"
        for number, author in tx.session.connection().exec_driver_sql(sql):
            groups.setdefault(author, []).append(number)
    return sorted(groups.values()), set(groups)


def killed(store: Store, *, new_key: bool) -> None:
    """Begin, and be killed after the first batch."""

    def tell(doing: str, done: int, total: int) -> None:
        if done:
            assert (doing, total) == (f"{BATCH:,} of {MANY:,} posts renamed", MANY)
            raise Killed

    with pytest.raises(Killed):
        rename(store, NOW, by="ana", new_key=new_key, tell=tell)


def finished(store: Store, *, new_key: bool) -> None:
    """Rename to the end."""
    assert rename(store, NOW, by="ana", new_key=new_key, tell=lambda *_: None).clean


def test_links_last_over_pseudonyms_and_keys_and_kills(kept: Store, tmp_path: Path) -> None:
    """One author is one before, after, and after a new key; no name and no older pseudonym is left."""
    before, names = links(kept)
    killed(kept, new_key=False)
    with kept.read() as tx:
        assert tx.authors.left() == MANY - BATCH
    finished(kept, new_key=False)
    first, pseudonyms = links(kept)
    killed(kept, new_key=True)
    with kept.read() as tx:
        assert not tx.authors.settled()
    finished(kept, new_key=False)
    second, newer = links(kept)

    assert before == first == second
    assert not names & pseudonyms
    assert not pseudonyms & newer
    assert len((tmp_path / "authors.key").read_text().split()) == 2
    with kept.read() as tx:
        connection = tx.session.connection()
        assert tx.authors.generations() == [(2, MANY)]
        tables = ("post", "words", "reply", "audit")
        dump = repr([connection.exec_driver_sql(f"SELECT * FROM {one}").all() for one in tables])
    files = b"".join(path.read_bytes() for path in tmp_path.glob("amends.db*"))
    for one in names | pseudonyms:
        assert one not in dump
        assert one.encode() not in files
        assert one.removeprefix("voice-").encode() not in files, "the index over words"


def test_an_older_database_goes_on_with_its_own_key(kept: Store) -> None:
    """And takes the newest once asked to, without another one being made."""
    finished(kept, new_key=False)
    kept.authors.add()
    with kept.begin() as tx:
        tx.posts.add(tx.watches.of(1)[0].as_watch(), [a_post(author="gnu01q")], NOW)
    assert len(links(kept)[1]) == 90

    finished(kept, new_key=True)
    with kept.begin() as tx:
        tx.posts.add(tx.watches.of(1)[0].as_watch(), [a_post(author="gnu01q")], NOW)

    assert len(links(kept)[1]) == 90, "also with who comes in later"
    assert len(kept.authors.keys()) == 2


def test_digests_tell_the_same_numbers(home: Path) -> None:
    """Voices too: under names, under pseudonyms, after a new key, and once all was read again."""
    aviary = furnish(Home(home), url_of(home), 7, 3)
    before = aviary.facts()
    store = Store.open(aviary.url, aviary.home.seal, aviary.home.marks, aviary.home.authors())
    for new_key in (False, True):
        finished(store, new_key=new_key)
        aviary.sing(store)
        assert aviary.facts() == before
    ours = [one for one in rows_that_sing(store) if not one.startswith(("post", "words"))]
    store.close()

    assert ours, "they quote what was said"
    assert not [one for one in ours if "@kanari" in one or "'kanari00" in one]


def test_the_command_line_finds_by_name_and_backs_up_no_key(
    amends: Amends, incident: str, home: Path, tmp_path: Path
) -> None:
    """What is said of an author is found and goes, though no name is kept; an unknown setting is refused."""
    line = {"id": "1", "text": "no discs for a week", "author": "gnu77q"}
    (tmp_path / "p.jsonl").write_text(json.dumps(line) + "\n" + json.dumps(line | {"id": "2"}))
    assert amends("authors", "show", AMENDS_PSEUDONYMS="maybe").code == 2
    said = amends("backfill", incident, "file", str(tmp_path / "p.jsonl"), AMENDS_PSEUDONYMS="on")
    assert said.code == 0
    assert json.loads(amends("authors", "show", "--as", "json").out) == [
        {"authors": "pseudonyms of key 1", "posts": 2}
    ]
    assert "gnu77q" not in amends("posts", incident).out
    assert amends("authors", "rotate", "--yes").code == 0
    assert len(json.loads(amends("export", "--author", "file:gnu77q").out)["posts"]) == 2

    assert amends("backup", str(tmp_path / "b.amends")).code == 0
    parts = [part.name for part in read_manifest(tmp_path / "b.amends").parts]
    assert "amends.db" in parts
    assert not [part for part in parts if "key" in part]
    (home / "authors.key").rename(tmp_path / "away")
    lost = amends("erase", "--author", "file:gnu77q", "--yes")
    assert lost.code == 2
    assert "authors.key" in lost.err
    assert "E18" in amends("doctor").out
    (tmp_path / "away").rename(home / "authors.key")
    assert amends("erase", "--author", "file:gnu77q", "--yes").code == 0
    assert json.loads(amends("authors", "show", "--as", "json").out) == []
