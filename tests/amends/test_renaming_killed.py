"""`amends authors pseudonymise` and `rotate`, killed by the system again and again: nobody is lost, nobody is two."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.home import Home
from models.store import Store
from models.store.authors import BATCH
from tests.amends.test_renaming import links
from tests.battery import Record, tell, times
from tests.conftest import database
from tests.factories import NOW, a_post, a_watch
from tests.grounds import KINDS

KILLS = times(30, 3)
"""Kills of either command."""

POSTS, PEOPLE = BATCH * (KILLS // 2 + 2), 90


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database; SQLite's lies in the home."""
    if request.param == "postgresql":
        return database(
            "postgresql", request, tmp_path, request.getfixturevalue("postgresql_mould")
        )
    return Home(tmp_path / "home").make().database_url


@pytest.fixture
def kept(url: str, tmp_path: Path) -> Iterator[Store]:
    """Return a store full of authors under their names."""
    home = Home(tmp_path / "home").make()
    store = Store.open(url, home.seal, home.marks, home.authors())
    watch = a_watch(store)
    with store.begin() as tx:
        tx.posts.add(watch, [
            a_post(external_id=f"{n}", author=f"gnu{n % PEOPLE:02d}q", text=f"credit {n} please",
                   url=f"https://x.com/gnu{n % PEOPLE:02d}q/status/{n}") for n in range(POSTS)
        ], NOW)  # fmt: skip
        tx.session.connection().exec_driver_sql(
            "INSERT INTO reply (title, text, by, at) VALUES ('like @gnu01q and gnu02q', 'x', 'ana', 0)"
        )
    yield store
    store.close()


def left(store: Store) -> tuple[int, int]:
    """Return how many keys are in use, and how many posts still have none or an older one."""
    with store.read() as tx:
        names = tx.authors.in_use()
        return 0 if names is None else names.generation, tx.authors.left()


def is_done(store: Store, generation: int) -> bool:
    """Return whether all stand under that key, and the database says so."""
    with store.read() as tx:
        return left(store) == (generation, 0) and tx.authors.settled()


def with_kills(
    store: Store, folder: Path, url: str, words: tuple[str, int], moments: random.Random
) -> int:
    """Run the command until all is done; return how often it was killed."""
    word, generation = words
    killed = 0
    command = [sys.executable, "-m", "amends", "--home", str(folder), "authors", word, "--yes"]
    env = os.environ | {"PYTHONWARNINGS": "ignore", "AMENDS_DATABASE_URL": url}
    while not is_done(store, generation):
        running = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        since = left(store)
        if killed < KILLS:
            # Every other time only once it has got a little further; else wherever it is by then.
            while running.poll() is None and killed % 2 and left(store) == since:
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.1) if killed % 2 else moments.uniform(0.5, 1.5))
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
                killed += 1
        running.wait()
    return killed


def test_links_last_whenever_it_is_killed(
    kept: Store, url: str, tmp_path: Path, record_property: Record
) -> None:
    """The same posts are of the same author throughout; no name is left, and there is one key for each command."""
    moments = random.Random(6174)
    before, names = links(kept)
    folder = tmp_path / "home"

    first = with_kills(kept, folder, url, ("pseudonymise", 1), moments)
    once, pseudonyms = links(kept)
    second = with_kills(kept, folder, url, ("rotate", 2), moments)
    twice, newer = links(kept)

    assert before == once == twice
    assert not names & pseudonyms
    assert not pseudonyms & newer
    assert len((folder / "authors.key").read_text().split()) == 2
    assert left(kept) == (2, 0)
    with kept.read() as tx:
        title = tx.session.connection().exec_driver_sql("SELECT title FROM reply").scalar_one()
    assert "gnu" not in title
    assert title.count("voice-") == 2
    assert not list(folder.glob(".authors.key-*"))
    kind = url.partition(":")[0].partition("+")[0]
    tell(
        record_property,
        f"authors on {kind}: {POSTS:,} posts of {PEOPLE} people, {first} kills of pseudonymise, {second} of "
        "rotate: no name left, no author lost, none is two, one key for each",
    )
