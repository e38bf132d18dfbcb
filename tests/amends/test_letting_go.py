"""What rounds let go also leaves classifiers that learnt from it, and exports that hold it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amends import exported
from amends.erase import Place
from amends.upkeep import Upkeep
from classify import history, shelf
from classify.labels import Labels
from models.errors import SetupError
from models.home import Home
from models.marks import made_marks
from tests.amends import canaries
from tests.amends.canaries import LABELS, SOURCES, Aviary, furnish
from tests.factories import NOW
from tests.fake import Fake, FakePlaces
from tests.grounds import url_of

LATER = NOW + timedelta(days=400)


@pytest.fixture
def aviary(home: Path, request: pytest.FixtureRequest) -> Aviary:
    """Return the scene, with a classifier that learnt from canaries, and one of before; or with none."""
    taught = getattr(request, "param", True)
    made = furnish(Home(home), url_of(home), 2, 4, taught=taught)
    if not taught:
        return made
    folder = home / "classifiers"
    shutil.copytree(folder / used(folder), folder / "0123456789ab")
    history.write(folder, became("0123456789ab", "live", NOW))
    return made


@pytest.fixture
def place(aviary: Aviary) -> Iterator[Place]:
    """Return the place, open; posts of all sources are kept for 90 days."""
    store = aviary.open()
    with store.begin() as tx:
        for source in SOURCES:
            tx.holds.keep(f"source:{source}", 90, "bo", NOW)
    yield Place(aviary.home, store, made_marks(aviary.home.erasure_key), LABELS, lambda _: None)
    store.close()


def used(folder: Path) -> str:
    """Return which classifier is in use."""
    return (folder / "current").read_text().strip()


def became(fingerprint: str, how: history.Became, at: datetime) -> history.Entry:
    """Return a line of the history."""
    return history.Entry(at=at, fingerprint=fingerprint, became=how, examples=1, corrections=0)


def a_round(place: Place, days: int = 400) -> list[str]:
    """Let go what is due; return what was told."""
    now = NOW + timedelta(days=days)
    return list(Upkeep(lambda: place, {}, lambda: now).round(FakePlaces(Fake())))


def an_export(place: Place, path: Path, what: exported.What = "export") -> Path:
    """Put a file somewhere, and write down that it holds posts."""
    path.write_text("kanari000 said so")
    exported.note(place.home, what, path, NOW, None if what == "backup" else 1)
    return path


@pytest.mark.parametrize("aviary", [False], ids=["untaught"], indirect=True)
def test_exports_go_with_it_and_those_out_of_reach_are_named_once(
    place: Place, tmp_path: Path
) -> None:
    """In the home they go, but backups: a restore erases in them again; the rest is for a person."""
    inside = an_export(place, place.home.path / "mine.csv")
    backup = an_export(place, place.home.path / "older.zst", "backup")
    outside = an_export(place, tmp_path / "theirs.csv")
    now = NOW + timedelta(days=400)
    upkeep = Upkeep(lambda: place, {}, lambda: now)

    told = list(upkeep.round(FakePlaces(Fake())))

    assert not inside.exists()
    assert backup.exists() and outside.exists()
    named = [line for line in told if "out of reach" in line]
    assert [str(backup) in named[0], str(outside) in named[1], len(named)] == [True, True, 2]
    assert [line for line in upkeep.round(FakePlaces(Fake())) if "out of reach" in line] == []


def test_classifiers_that_learnt_from_it_go_and_nobody_goes_back_to_them(
    place: Place, aviary: Aviary
) -> None:
    """An older one at once; the one in use stays in use, until another has been trained without it."""
    folder = aviary.home.classifiers
    old = used(folder)
    history.write(folder, became(old, "rolled back", LATER))

    told = a_round(place)

    assert any("kept as long as they may be" in line for line in told)
    assert not (folder / "0123456789ab").exists()
    assert used(folder) == old, "it was put into use just now, so it isn't replaced again"
    for name in (old, "0123456789ab"):
        with pytest.raises(SetupError, match="was erased"):
            shelf.earlier(folder, Labels.load(), name)

    told = a_round(place, 401)

    fresh = used(folder)
    assert [line for line in told if "trained without what is gone" in line] == [
        f"classifier {fresh} was trained without what is gone, and is in use"
    ]
    assert shelf.current(folder, LABELS) is not None
    assert shelf.condemned(folder) == []
    texts = {canaries.near(post.text) for post in aviary.everything()}
    assert shelf.taught_by(folder, texts, LABELS) == []
    assert a_round(place, 402) == []
