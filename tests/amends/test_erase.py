"""What people wrote stays theirs: erased it is in no file, doesn't come back, and no past total changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from amends.erase import Place, erase, planned
from amends.erase.written import read
from models.home import Home
from models.marks import made_marks
from models.store.erasure import Whose
from models.store.soundness import faults
from tests.amends import canaries
from tests.amends.canaries import LABELS, Aviary, furnish
from tests.conftest import database
from tests.factories import NOW
from tests.grounds import KINDS

BIRDS, SONGS = 3, 6


@pytest.fixture(params=KINDS)
def aviary(request: pytest.FixtureRequest, home: Path, tmp_path: Path) -> Aviary:
    """Return the scene on each of the two databases; SQLite's lies in the home."""
    url = Home(home).database_url
    if request.param == "postgresql":
        url = database("postgresql", request, tmp_path, request.getfixturevalue("postgresql_mould"))
    return furnish(Home(home), url, BIRDS, SONGS)


@pytest.fixture
def place(aviary: Aviary) -> Iterator[Place]:
    """Return the place, open."""
    store = aviary.open()
    yield Place(aviary.home, store, made_marks(aviary.home.erasure_key), LABELS, lambda _: None)
    store.close()


def gone(place: Place, aviary: Aviary) -> None:
    """Erase every canary."""
    for bird in aviary.birds:
        whose = Whose(author=(bird.source, bird.name), authors=True)
        assert erase(place, whose, "asked", NOW, by="bo").clean


def test_no_byte_of_an_erased_author_is_left(place: Place, aviary: Aviary) -> None:
    """Not in the database's files, not in anything beside it; the others' words are all there."""
    assert canaries.rows_that_sing(place.store)

    gone(place, aviary)

    assert canaries.rows_that_sing(place.store) == []
    assert canaries.still_singing(aviary.home.path) == []
    with place.store.read() as tx:
        assert tx.views.count(1) == 61
        kinds = {fault.kind for fault in faults(tx.session.connection())}
        assert not kinds & {"loose", "unfound"}


def test_totals_of_past_digests_stay_true(place: Place, aviary: Aviary) -> None:
    """Both in digests that were sent and in those made now."""
    before = aviary.facts()
    assert before[0].posts > 30
    assert canaries.digests_kept(place.store) == before

    gone(place, aviary)

    assert aviary.facts() == before
    assert canaries.digests_kept(place.store) == before


def test_what_was_erased_never_comes_in_again(place: Place, aviary: Aviary) -> None:
    """A backfill brings it, and nothing of it is kept; what is new of them comes in."""
    gone(place, aviary)

    aviary.sing(place.store)

    assert canaries.rows_that_sing(place.store) == []
    assert len(read(aviary.home.erased)) >= BIRDS * SONGS


def test_a_dry_run_says_what_would_go(place: Place, aviary: Aviary) -> None:
    """And nothing goes."""
    bird = aviary.birds[0]
    plan = planned(place, Whose(author=(bird.source, bird.name), authors=True))

    assert plan.posts == SONGS + 1, "and one that only passes one of them on"
    assert plan.rows["words"] == SONGS + 1
    assert plan.texts["verdict"] >= 1
    assert plan.rejects == 1
    assert plan.examples >= 1
    with place.store.read() as tx:
        assert tx.tombstones.count() == 0
