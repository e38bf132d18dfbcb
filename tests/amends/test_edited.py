"""Whoever edits what they wrote: what it said before goes from all that quotes it; the post stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from amends import exported
from amends.erase import Place, erase
from amends.upkeep import Upkeep
from classify import history
from classify.shelf import condemned
from models.home import Home
from models.marks import made_marks
from models.post import Post
from models.store.erasure import Whose
from models.store.views import Wanted
from tests.amends import canaries
from tests.amends.canaries import LABELS, Aviary, furnish, posts_of
from tests.conftest import database
from tests.factories import NOW
from tests.fake import Fake, FakePlaces
from tests.grounds import KINDS

LATER = NOW + timedelta(hours=1)
NEW = "never mind, all is well again"


@pytest.fixture(params=KINDS)
def aviary(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Aviary:
    """Return the scene on each of the two databases, with a classifier that learnt from canaries."""
    url = Home(home).database_url
    if request.param == "postgresql":
        url = database("postgresql", request, tmp_path, request.getfixturevalue("postgresql_mould"))
    made = furnish(Home(home), url, 2, 4, taught=True)
    folder = home / "classifiers"
    used = (folder / "current").read_text().strip()
    # Put into use just now, so rounds don't train another one yet.
    history.write(
        folder,
        history.Entry(at=LATER, fingerprint=used, became="live", examples=1, corrections=0),
    )
    return made


@pytest.fixture
def place(aviary: Aviary) -> Iterator[Place]:
    """Return the place, open."""
    store = aviary.open()
    yield Place(aviary.home, store, made_marks(aviary.home.erasure_key), LABELS, lambda _: None)
    store.close()


def edit(place: Place, aviary: Aviary, text: str) -> str:
    """Let every canary change all that it wrote; return the word by which its posts were known."""
    for bird in aviary.birds:
        with place.store.begin() as tx:
            watch = next(row for row in tx.watches.of(1) if row.source == bird.source).as_watch()
            new = [
                msgspec.structs.replace(
                    post, text=text or post.text + " EDIT: thanks", version=1, as_of=LATER
                )
                for post in posts_of(bird, aviary.songs)
            ]
            if bird == aviary.birds[0]:
                # Who passed it on passes on what it says now.
                new.append(Post(source=bird.source, external_id="rt", author="eve", kind="repost", version=1,
                                origin_id="kanari000-0", text=f"RT @kanari000: {new[0].text}", as_of=LATER,
                                posted_at=NOW))  # fmt: skip
            tx.posts.add(watch, new, LATER)
    return "zwitscherkanari"


def a_round(place: Place) -> list[str]:
    """Let a round do what is due."""
    return list(Upkeep(lambda: place, {}, lambda: LATER).round(FakePlaces(Fake())))


def quoting(place: Place, aviary: Aviary, word: str) -> list[str]:
    """Return the tables and the files beside the database in which a word stands."""
    rows = [row for row in canaries.rows_that_sing(place.store, [word.encode()])
            if not row.startswith("words_index")]  # fmt: skip
    files = [str(path) for path in aviary.home.path.rglob("*") if path.is_file()
             and "amends.db" not in path.name and word.encode() in path.read_bytes()]  # fmt: skip
    return [row.partition(":")[0] for row in rows] + files


def test_what_it_said_before_is_quoted_nowhere(place: Place, aviary: Aviary) -> None:
    """Not in notes, drafts, digests, examples or exports; the posts stay, and no total changes."""
    inside = aviary.home.path / "mine.csv"
    inside.write_text("a copy")
    exported.note(aviary.home, "export", inside, NOW, 1)
    before = canaries.digests_kept(place.store)
    word = edit(place, aviary, NEW)
    assert {"verdict", "outbox", "edited"} <= {*quoting(place, aviary, word)}
    facts = aviary.facts()

    told = a_round(place)

    assert told == ["9 posts say something else now; what they said before is gone"]
    assert quoting(place, aviary, word) == []
    assert not inside.exists()
    assert condemned(aviary.home.classifiers) == [
        (aviary.home.classifiers / "current").read_text().strip()
    ]
    assert aviary.facts() == facts
    assert canaries.digests_kept(place.store) == before
    with place.store.read() as tx:
        texts = [one.text for one in tx.views.posts(1, Wanted())]
    assert texts.count(NEW) == 8
    assert a_round(place) == []


def test_what_it_still_says_stays_where_it_is_quoted(place: Place, aviary: Aviary) -> None:
    """Most edits only add a line."""
    word = edit(place, aviary, "")
    before = sorted(quoting(place, aviary, word))

    a_round(place)

    assert sorted([*quoting(place, aviary, word), *["edited"] * before.count("edited")]) == before


def test_an_erasure_finds_what_was_said_before(place: Place, aviary: Aviary) -> None:
    """Also where no round has been since the edit."""
    edit(place, aviary, NEW)
    for bird in aviary.birds:
        erase(place, Whose(author=(bird.source, bird.name), authors=True), "asked", LATER, by="bo")

    assert canaries.rows_that_sing(place.store) == []
    assert canaries.still_singing(aviary.home.path) == []
