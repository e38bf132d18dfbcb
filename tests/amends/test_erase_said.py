"""`amends erase`, `retention` and `export --author` as people use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classify import history, shelf
from classify.labels import Labels
from models.home import Home
from models.post import Post
from models.store import Store, dialect
from models.store.erasure import Whose
from models.voice import near
from tests.amends import canaries
from tests.amends.canaries import Aviary, furnish
from tests.amends.conftest import Amends
from tests.factories import NOW
from tests.grounds import url_of


@pytest.fixture
def aviary(home: Path) -> Aviary:
    """Return the scene."""
    return furnish(Home(home), url_of(home), 2, 4)


def counts(said: str) -> dict[str, int]:
    """Return what a command counted."""
    return {line["what"]: line["count"] for line in json.loads(said)}


def test_a_dry_run_first_then_the_erasure(amends: Amends, aviary: Aviary, tmp_path: Path) -> None:
    """It names exports that are out of reach, and deletes those in the home."""
    bird = aviary.birds[1]
    outside, inside = tmp_path / "outside", aviary.home.path / "inside"
    assert amends("export", "discs-late", str(outside)).code == 0
    assert amends("digest", "show", "discs-late", "--out", str(inside)).code == 0

    dry = amends("erase", "--author", bird.said, "--as", "json")
    assert (dry.code, counts(dry.out)["posts"]) == (0, 4)
    assert canaries.still_singing(aviary.home.path)
    done = amends("erase", "--author", bird.said, "--yes", "--as", "json")

    assert (done.code, counts(done.out)["posts"]) == (0, 4)
    assert str(outside) in done.err
    assert not inside.exists()
    assert "posts of others name them" not in done.err
    again = amends("erase", "--author", bird.said, "--yes", "--as", "json")
    assert (again.code, counts(again.out)["posts"]) == (0, 0)


@pytest.mark.sqlite("a restore moves SQLite's file aside")
def test_what_a_restore_moved_aside_is_erased_too(
    amends: Amends, aviary: Aviary, tmp_path: Path
) -> None:
    """By an author's name, and by a post's number, which means another post there."""
    backup = str(tmp_path / "b.zst")
    assert amends("backup", backup).code == 0
    assert amends("restore", backup, "--replace").code == 0
    (aside,) = aviary.home.path.glob("before-restore-*")
    first, second = aviary.birds
    store = Store.open(Home(aside).database_url)
    with store.begin() as tx:
        # The same post has another number there, and its old number is Cleo's.
        ours = tx.erasure.ids(Whose(author=(first.source, first.name)))[0][0]
        cleos = tx.erasure.ids(Whose(author=("x", "cleo")))[0][0]
        swap = "UPDATE post SET source = ?, external_id = ? WHERE id = ?"
        rows = [(first.source, "another", ours), (first.source, f"{first.name}-0", cleos)]
        dialect.many(tx.session.connection(), swap, rows)
    store.close()

    assert amends("erase", "--post", str(ours), "--yes").code == 0
    store = Store.open(Home(aside).database_url)
    with store.read() as tx:
        assert tx.posts.known([ours, cleos]) == {ours}
    store.close()
    for bird in (first, second):
        assert amends("erase", "--author", bird.said, "--yes").code == 0
    assert canaries.still_singing(aviary.home.path) == []


def test_posts_of_others_that_name_them_are_told(amends: Amends, aviary: Aviary) -> None:
    """They are somebody else's, so they stay until somebody decides."""
    bird = aviary.birds[0]
    store = aviary.open()
    with store.begin() as tx:
        watch = next(row for row in tx.watches.of(1) if row.source == bird.source).as_watch()
        said = Post(
            source=bird.source, external_id="to", author="dre", text=f"@{bird.name} same here"
        )
        number = tx.posts.add(watch, [said], NOW).ids[bird.source, "to"]
    store.close()

    dry = amends("erase", "--author", bird.said)

    assert f"1 posts of others name them: {number}" in dry.err


def test_what_is_held_stays(amends: Amends, aviary: Aviary) -> None:
    """Whoever asks, until it is released; the exit code says so."""
    bird = aviary.birds[0]
    assert amends("retention", "hold", "--incident", "discs-late").code == 0

    held = amends("erase", "--author", bird.said, "--yes", "--as", "json")
    assert held.code == 1
    assert counts(held.out)["held, so they stay"] == 4
    assert amends("retention", "release", "--incident", "discs-late").code == 0
    assert amends("erase", "--author", bird.said, "--yes").code == 0


def test_all_that_is_held_about_an_author(amends: Amends, aviary: Aviary) -> None:
    """Every post with every row beside it, and what quotes it; a legal hold hides nothing."""
    assert amends("retention", "hold", "--source", aviary.birds[0].source).code == 0
    said = amends("export", "--author", aviary.birds[0].said)
    held = json.loads(said.out)

    mine = canaries.posts_of(aviary.birds[0], 4)
    assert {one["text"] for one in held["posts"]} == {post.text for post in mine}
    assert all(one["sighting"] and one["words"] and one["item"] for one in held["posts"])
    assert {one["table"] for one in held["quoted"]} >= {"verdict", "outbox", "act"}
    assert len(held["rejects"]) == 1
    assert "kanari001" not in " ".join(held["rejects"])


@pytest.mark.parametrize(
    "words", [(), ("--author", "cleo"), ("--author", ":cleo"), ("--incident", "nowhere")]
)
def test_nothing_goes_without_saying_whose(
    amends: Amends, incident: str, words: tuple[str, ...]
) -> None:
    """A slip of the pen erases nothing."""
    said = amends("erase", *words, "--yes")

    assert said.code == 2
    assert "→" in said.err


def test_a_classifier_that_learnt_from_them_goes(home: Path) -> None:
    """And nobody can go back to it; one that learnt only from the shipped examples stays."""
    folder, labels = home / "classifiers", Labels.load()
    name = (folder / "current").read_text().strip()
    text = "a complaint of nobody's in the corpus"
    assert shelf.taught_by(folder, {near(text)}, labels) == []
    (folder / name / "learnt").unlink()

    assert shelf.taught_by(folder, {near(text)}, labels) == [name], "it doesn't say: the worst"
    shelf.drop(folder, name, NOW)

    assert not (folder / name).exists()
    assert shelf.is_bereft(folder)
    assert history.read(folder)[-1].became == "erased"
    with pytest.raises(Exception, match="was erased"):
        shelf.earlier(folder, labels, name)
